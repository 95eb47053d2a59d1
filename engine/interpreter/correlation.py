"""By which values a message finds its instance (BPMN 2.0.2, 8.4.2, "Correlation").

A catching event or receive task asks for values, a throwing one sends them along. In the simple form they are those of
one FEEL expression (``correlationKey`` of the message or the element); an expression that gives a context asks for
several.

In the standard's form they are correlation properties: taken from what is sent, and asked for as a correlation
subscription says, else as the first message that was sent or received had them. These are remembered in the
multi-instance item that the conversation is about, else in the instance.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter.errors import ElementFailed
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import CorrelatedValue, EventDefinition
    from engine.interpreter.run import Run
    from engine.interpreter.tokens import Token

KEYS = "keys"
"""Where a scope remembers the correlation properties of its conversations, by property."""

_PATH = re.compile(r"=?\s*(?:[^\W\d]\w*\s*\.\s*)*(?P<last>[^\W\d]\w*)\s*")
"""A name, or a path such as ``order.id``: its last part is what the value is called."""


def asked(token: "Token", event: "EventDefinition", name: str) -> dict[str, Any] | None:
    """Return the values that a message for a waiting token must carry, None when any will do."""
    expression = event.details.get("correlationKey")
    if expression is not None:
        return _simple(token, expression, {})
    for key in _keys(token.run_, name):
        values = {value.id: _expected(token, value) for value in key}
        if all(_is_part(value) for value in values.values()):
            return values
    return None


def carried(token: "Token", event: "EventDefinition", name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a message carries, and remember those of its conversation."""
    expression = event.details.get("correlationKey")
    if expression is not None:
        return _simple(token, expression, payload)
    values = {
        value.id: plain(token.run_.evaluate(token, value.message_path, payload))
        for key in _keys(token.run_, name)
        for value in key
    }
    found = _found(values)
    _remember(token, {**_memory(token).get(KEYS, {}), **found})
    return found


def learn(token: "Token", name: str, payload: Mapping[str, Any]) -> None:
    """Remember the values of the first message of a conversation; later ones have been asked for by them."""
    run = token.run_
    values = {
        value.id: plain(run.environment.evaluate(value.message_path, payload))
        for key in _keys(run, name)
        for value in key
    }
    _remember(token, {**_found(values), **_memory(token).get(KEYS, {})})


def _keys(run: "Run", name: str) -> "tuple[tuple[CorrelatedValue, ...], ...]":
    return run.process_spec.process.correlations.get(name, ())


def _expected(token: "Token", value: "CorrelatedValue") -> Any:
    """Return a property's value in the process: by its subscription, else as its conversation has it."""
    if value.data_path is not None:
        return plain(token.run_.evaluate(token, value.data_path))
    return next((memory[KEYS][value.id] for memory in _memories(token) if value.id in memory.get(KEYS, {})), None)


def _memories(token: "Token") -> Iterator[dict[str, Any]]:
    """Return where conversations are remembered, the nearest first."""
    at = token
    while not at.is_root:
        if "scope" in at.memory:
            yield at.memory
        at = at.scope
    yield at.memory


def _memory(token: "Token") -> dict[str, Any]:
    return next(_memories(token))


def _remember(token: "Token", known: Mapping[str, Any]) -> None:
    if known:
        _memory(token)[KEYS] = dict(known)


def _found(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _is_part(value)}


def _simple(token: "Token", expression: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    value = plain(token.run_.evaluate(token, expression, payload))
    match = _PATH.fullmatch(expression)
    values = value if isinstance(value, Mapping) else {match["last"] if match else "": value}
    for part in values.values():
        if not _is_part(part):
            raise ElementFailed(
                "correlation-key",
                f"消息的关联值“{expression}”是空的，或不是文字、数字 / The correlation key {expression} gave {part!r}: "
                "it has to be a text or a number",
            )
    return dict(values)


def _is_part(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""
