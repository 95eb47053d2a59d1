"""Values of variables: plain JSON, so that what is stored is what was computed."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import isodate

from engine.interpreter.errors import ElementFailed

_INT64 = 2**63

MAX_DEPTH = 100
"""Lists and contexts inside each other in one value; the JSON writer ends at 254."""


def plain(value: Any, depth: int = 0) -> Any:
    """Return the JSON value for a computed one; dates, times and durations become ISO 8601 texts.

    What JSON or the database has no place for is replaced: numbers that are not finite by null, characters that are
    no text (lone surrogates, NUL) by U+FFFD. Raises :class:`ElementFailed` for a value nested too deep.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return _number(value)
    if depth > MAX_DEPTH:
        raise ElementFailed("value-too-deep", f"数据嵌套超过 {MAX_DEPTH} 层 / Values are nested too deep")
    if isinstance(value, Mapping):
        return {_text(str(key)): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry, depth + 1) for entry in value]
    return _scalar(value)


def _text(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(number: float) -> float | None:
    if isinstance(number, int) and -_INT64 <= number < _INT64:
        return number
    try:
        converted = float(number)
    except OverflowError:
        return None
    return converted if isfinite(converted) else None


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | isodate.Duration):
        return isodate.duration_isoformat(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
