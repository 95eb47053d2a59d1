"""Values on their way into the sandbox and out of it; js/values.js is the other end."""

import json
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import isodate

from engine.calendars import SHANGHAI

TAG = "\u0001"


def _outgoing(value: Any) -> Any:
    """Give JSON what it does not know. Called by json for such values only, so plain data costs nothing."""
    if isinstance(value, datetime):
        instant = value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
        return {TAG: ["datetime", instant.astimezone(UTC).isoformat()]}
    if isinstance(value, date):
        return {TAG: ["date", value.isoformat()]}
    if isinstance(value, time):
        return {TAG: ["time", value.isoformat()]}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (timedelta, isodate.Duration)):
        return {TAG: ["duration", isodate.duration_isoformat(value)]}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a value that an expression can see")


def encode(value: Any) -> str:
    """Write a value as JSON. Raises ValueError, TypeError, RecursionError or OverflowError for what has no JSON."""
    return json.dumps(value, default=_outgoing, allow_nan=False)


def _incoming(value: dict[str, Any]) -> Any:
    if TAG not in value:
        return value
    kind, content = value[TAG]
    if kind == "date":
        return date.fromisoformat(content)
    if kind == "datetime":
        moment = datetime.fromisoformat(content)
        return moment.astimezone(SHANGHAI) if moment.utcoffset() == timedelta(hours=8) else moment
    if kind == "time":
        return time.fromisoformat(content)
    months, millis = content
    rest = timedelta(milliseconds=millis)
    return (
        isodate.Duration(years=int(months / 12), months=int(months - int(months / 12) * 12)) + rest if months else rest
    )


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e300 else number


def decode(text: str) -> Any:
    """Read what the sandbox answered: whole numbers come back as int."""
    if "\\u0001" in text:
        return json.loads(text, object_hook=_incoming, parse_float=_number)
    return json.loads(text, parse_float=_number)
