"""Correlation keys as texts: what a wait asks for, and all that a message could answer to.

A key is a value or several named values. Numbers, texts and truth values are compared as texts, so that ``7`` sent as a
number finds the wait for ``"7"``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from itertools import combinations
from typing import Any

import orjson

from engine.errors import DubanError
from engine.messages.models import KEY_LENGTH

BUSINESS_KEY = "businessKey"
"""Name of the variable, and of the correlation value, that Camunda 7 calls business key."""

MOST_COMBINED = 6
"""Values of a message whose combinations are all tried; of more, single ones and all together."""


class UnusableKey(DubanError):
    """A correlation key came out empty, or as something that is no text, number, date or truth value."""

    code = "correlation-key"


@dataclass(frozen=True, slots=True)
class Key:
    """What a wait asks for: ``text`` is looked up; ``name`` is that of a single value, empty where it has none."""

    text: str
    name: str = ""


def key_of(correlation: Mapping[str, Any] | None) -> Key | None:
    """Return the key of a wait that asks for these values, None of one that asks for none.

    Raises :class:`UnusableKey` for a value that cannot be compared.
    """
    if not correlation:
        return None
    named = sorted((str(name), text_of(value)) for name, value in correlation.items())
    if len(named) == 1:
        return Key(_single(named[0][1]), named[0][0])
    return Key(_combined(named))


def keys_of(correlation: Mapping[str, Any]) -> set[str]:
    """Return the texts of all the keys that a message with these values could answer to."""
    named = sorted((str(key), text_of(value)) for key, value in correlation.items() if comparable(value))
    single = {_single(text) for _, text in named}
    return single | {_combined(part) for part in _several(named)}


def values_of(key: Key) -> dict[str, str]:
    """Return values, as texts, that a message would have to carry; none for a key that is kept as a digest."""
    if key.text.startswith("="):
        return {key.name: key.text[1:]}
    try:
        values: dict[str, str] = orjson.loads(key.text)
    except orjson.JSONDecodeError:
        return {}
    return values


def answers(key: Key, correlation: Mapping[str, Any], *, by_name: bool) -> bool:
    """Say whether a message with these values is one that the wait asks for, its key having been found.

    The name of a single value counts among several values, and where ``by_name`` says that it must.
    """
    if key.text.startswith("{"):
        return True
    if len(correlation) == 1 and not by_name:
        return True
    value = correlation.get(key.name)
    return comparable(value) and _single(text_of(value)) == key.text


def comparable(value: Any) -> bool:
    """Say whether a value can be part of a key."""
    return isinstance(value, str | int | float | date | time) and value != ""


def text_of(value: Any) -> str:
    """Return the text by which a value is compared. Raises :class:`UnusableKey`."""
    if not comparable(value):
        shown = str(value)[:60]
        raise UnusableKey(
            f"“{shown}”不能用作消息的关联值 / {shown} cannot correlate a message: give a text or a number"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _several(named: list[tuple[str, str]]) -> Iterable[Iterable[tuple[str, str]]]:
    if len(named) > MOST_COMBINED:
        yield named
        return
    for size in range(2, len(named) + 1):
        yield from combinations(named, size)


def _single(text: str) -> str:
    return _bounded(f"={text}")


def _combined(named: Iterable[tuple[str, str]]) -> str:
    return _bounded(orjson.dumps(dict(named)).decode())


def _bounded(text: str) -> str:
    """A text too long for the index is known by its digest; the first character tells one value from several."""
    return text if len(text) <= KEY_LENGTH else text[0] + sha256(text.encode()).hexdigest()
