"""Orders of lists that page by the last row seen, so that a page costs the same however far it lies behind."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import ColumnElement, and_, or_

from engine.errors import InvalidInput
from engine.tasks.models import Slot
from engine.wording import say


class Order(Protocol):
    """An order of rows, with the cursor of a row and the condition for what lies behind it."""

    @property
    def columns(self) -> Sequence[Any]:
        """What to order by."""

    def cursor(self, row: Any) -> str:
        """Return the place of a row, for an address."""

    def after(self, cursor: str) -> ColumnElement[bool]:
        """Return the condition for rows behind a place; raises InvalidInput for one that is none."""


class ByDue:
    """Earliest due first, what has no deadline last; among those by arrival. The row's first column is the slot."""

    @property
    def columns(self) -> Sequence[Any]:
        return Slot.due.asc().nulls_last(), Slot.opened_at, Slot.id

    def cursor(self, row: Any) -> str:
        slot = row[0]
        return _write([slot.due, slot.opened_at, slot.id])

    def after(self, cursor: str) -> ColumnElement[bool]:
        due, opened, number = _read(cursor, (datetime, datetime, int), nullable=1)
        later = or_(Slot.opened_at > opened, and_(Slot.opened_at == opened, Slot.id > number))
        if due is None:
            return and_(Slot.due.is_(None), later)
        return or_(Slot.due > due, Slot.due.is_(None), and_(Slot.due == due, later))


@dataclass(frozen=True, slots=True)
class Newest:
    """Newest first by an instant and an id of the entity in ``column`` of the row."""

    at: Any
    number: Any
    column: int

    @property
    def columns(self) -> Sequence[Any]:
        return self.at.desc(), self.number.desc()

    def cursor(self, row: Any) -> str:
        entity = row[self.column]
        return _write([getattr(entity, self.at.key), getattr(entity, self.number.key)])

    def after(self, cursor: str) -> ColumnElement[bool]:
        at, number = _read(cursor, (datetime, int))
        return or_(self.at < at, and_(self.at == at, self.number < number))


BY_DUE = ByDue()


def _write(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _read(cursor: str, kinds: Sequence[type], *, nullable: int = 0) -> list[Any]:
    """Read a cursor; the first ``nullable`` values may be null."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError(cursor)
        return [
            None if value is None and index < nullable else _typed(value, kind)
            for index, (value, kind) in enumerate(zip(values, kinds, strict=True))
        ]
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput(say("翻页位置不对")) from error


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(value)
    return value
