"""Column types and identifiers that mean the same on SQLite and on PostgreSQL."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, String, Text, TypeDecorator

from engine.wording import packed, unpacked

Id = BigInteger().with_variant(Integer, "sqlite")
"""A 63-bit identifier made by :func:`new_id`; show it as text to browsers (JavaScript keeps 53 bits)."""

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
_RANDOM_BITS = 22


class _Identifiers:
    """The last identifier given, so that the next one is greater."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def following(self, candidate: int) -> int:
        with self._lock:
            self._last = max(candidate, self._last + 1)
            return self._last


_identifiers = _Identifiers()


def new_id() -> int:
    """Return a new 63-bit identifier, growing with time within one process.

    41 bits of milliseconds since 2025 and 22 random bits: rows can be written in bulk without asking
    the database for their keys, and keys made at about the same time lie together in the index.
    """
    milliseconds = time.time_ns() // 1_000_000 - _EPOCH_MS
    candidate = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return _identifiers.following(candidate)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. Naive values are refused: they would mean another instant elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON document as bytes in the order it was written (never JSONB: SpiffWorkflow reads key order)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class SentenceJson(Json):
    """A JSON document among whose texts are sentences for people; they come back as what they were."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return super().process_bind_param(_each_text(value, packed), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return _each_text(super().process_result_value(value, dialect), unpacked)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _each_text(one, change) for name, one in value.items()}
    return [_each_text(one, change) for one in value] if isinstance(value, (list, tuple)) else value


class SentenceText(TypeDecorator[str]):
    """A sentence for people: it comes back as what it was, so that each reader gets it in his language.

    Of a sentence that is too long for a column of limited ``length``, the Chinese text is kept, cut to it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length
        if length is not None:
            self.impl = String(length)  # type: ignore[assignment]

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        whole = packed(value)
        return whole if self.length is None or len(whole) <= self.length else packed(value[: self.length])

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unpacked(value)
