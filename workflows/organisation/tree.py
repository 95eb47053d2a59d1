"""The tree of units, and who holds a post on a day."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from workflows.organisation.models import Holding, Unit

LOCAL = ZoneInfo("Asia/Shanghai")
DEEPEST = 20
"""Levels of the tree that anything looks up or down."""


def holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a holding is valid on a day."""
    return (
        or_(Holding.valid_from.is_(None), Holding.valid_from <= day),
        or_(Holding.valid_to.is_(None), Holding.valid_to >= day),
    )


def lineage(session: Session, unit_id: int, *columns: Any) -> Sequence[Row[Any]]:
    """Return columns of a unit and of the units above it, the nearest first, in one statement."""
    return session.execute(_lineage(columns), {"line_from": unit_id}).all()


@cache
def _lineage(columns: tuple[Any, ...]) -> Select[Any]:
    """Make the statement once: every turn asks for its unit's calendar, and building it cost more than running it."""
    here = select(Unit.id, Unit.parent_id, literal(0).label("level")).where(Unit.id == bindparam("line_from"))
    line = here.cte("line", recursive=True)
    above = select(Unit.id, Unit.parent_id, line.c.level + 1).join(line, Unit.id == line.c.parent_id)
    line = line.union_all(above.where(line.c.level < DEEPEST))
    return select(*columns).join(line, line.c.id == Unit.id).order_by(line.c.level)


def ancestors(session: Session, unit_id: int) -> list[int]:
    """Return a unit and the units above it, the nearest first, in one statement."""
    return [row.id for row in lineage(session, unit_id, Unit.id)]


def below(unit_id: int) -> Select[tuple[int]]:
    """Select a unit and every unit below it."""
    tree = select(Unit.id, literal(0).label("level")).where(Unit.id == unit_id).cte("tree", recursive=True)
    under = select(Unit.id, tree.c.level + 1).join(tree, Unit.parent_id == tree.c.id)
    tree = tree.union_all(under.where(tree.c.level < DEEPEST))
    return select(tree.c.id)
