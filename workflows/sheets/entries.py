"""Rows of sheets from the entries that a campaign keeps in a table of its own, one row for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.wording import named
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Person
from workflows.organisation.names import name_of
from workflows.sheets.sheet import Cell, Column, Row

PERIOD, SUBJECT, REASON = Column("period"), Column("subject", "subject"), Column("reason")


class Titles(dict[str, str]):
    """Names by code; a code that the plan does not name stands for itself."""

    def __missing__(self, code: str) -> str:
        return code


def titles(section: Sequence[Mapping[str, Any]]) -> Titles:
    """Return the names of a section's entries by code, in the reader's language where the plan has both."""
    return Titles(
        (str(one["code"]), named(str(one["name"] or one["code"]), str(one.get("name_en", "")))) for one in section
    )


def entries_of(session: Session, campaign: Campaign, model: Any, *order: Any) -> Sequence[Any]:
    """Return the entries of a table that belong to a campaign, in the order of these columns."""
    return session.scalars(select(model).where(model.campaign_id == campaign.id).order_by(*order, model.id)).all()


def row_of(entry: Any, *cells: Cell, details: Sequence[str] = (), trial: Sequence[tuple[str, str]] = ()) -> Row:
    """Return the row of an entry, of its unit and its period if it has one; ``cells`` in the order of the columns."""
    period = getattr(entry, "period", "")
    return Row(cells, entry.unit_id, period, details=tuple(details), trial=tuple(trial), id=entry.id)


def people_of(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of people, in the reader's language."""
    rows = session.execute(select(Person.id, name_of(Person)).where(Person.id.in_(set(ids))))
    return {row.id: row.name for row in rows}
