"""What a sheet is: columns with kinds, rows with the unit whose people may see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import View, view
from workflows.parts.subjects import names_of

Cell = str | int | bool | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``code`` names its heading, ``kind`` how a cell is shown.

    ``text``, ``subject`` (a code that is shown by its name), ``number``, ``money`` (yuan), ``instant``, ``day``,
    ``word`` (a code with words of its own), ``yes`` (yes or no).
    """

    code: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``unit_id`` none is for those who see the whole campaign. ``details`` unfold: how it came about.

    ``trial`` are the arguments with which its figure can be tried out with other marks; ``id`` is its row's in the
    table that it comes from, where it comes from one."""

    cells: tuple[Cell, ...]
    unit_id: int | None = None
    period: str = ""
    details: tuple[str, ...] = ()
    trial: tuple[tuple[str, str], ...] = ()
    id: int | None = None


Rights = Callable[..., Mapping[int, int]]
"""Takes ``session``, ``seen``, ``viewer_id`` and ``at`` by name. Returns the ids of what may be seen, each with its
number of rows."""

Tally = Callable[[Campaign], Sequence[Select[Any, Any]]]
"""Returns statements of two columns that count a sheet's rows without making them: the unit whose people may see them
(none: who sees the whole campaign), and how many rows each line stands for."""

Build = Callable[[Session, Campaign, datetime], list[Row]]


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of sheet. ``sections`` are the plan's sections that make it worth showing while it has no rows.

    ``open`` rows are for everybody who takes part, such as a public list; ``rights`` decide where a row's unit alone
    does not, and count instead of ``tally``.
    """

    code: str
    columns: tuple[Column, ...]
    build: Build
    tally: Tally | None
    sections: tuple[str, ...] = ()
    open: bool = False
    rights: Rights | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet that one person sees; ``names`` are of the subjects in it."""

    kind: SheetKind
    campaign: Campaign
    rows: list[Row]
    names: Mapping[str, str] = field(default_factory=dict)

    def periods(self) -> list[str]:
        """Return the periods in it, the latest first."""
        return sorted({row.period for row in self.rows if row.period}, reverse=True)

    def of_period(self, period: str) -> "Sheet":
        """Return the rows of one period, all where none is given."""
        return replace(self, rows=[row for row in self.rows if row.period == period]) if period else self


def read_sheet(
    session: Session,
    *,
    kind: SheetKind,
    campaign_id: int,
    viewer_id: int,
    at: datetime,
    period: str = "",
    search: str = "",
) -> Sheet:
    """Return what the viewer may see of a sheet, of a period, with a text in it. Raises NotFound for strangers."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    rows = rows_seen(session, kind=kind, seen=seen, viewer_id=viewer_id, at=at)
    places = [number for number, column in enumerate(kind.columns) if column.kind == "subject"]
    codes = {str(row.cells[place]) for row in rows for place in places if row.cells[place]}
    names = names_of(session, seen.campaign, codes) if codes else {}
    if search:
        rows = [row for row in rows if _has(row, names, search.strip().lower()[:100])]
    return Sheet(kind, seen.campaign, rows, names).of_period(period)


def rows_seen(session: Session, *, kind: SheetKind, seen: View, viewer_id: int, at: datetime) -> list[Row]:
    """Return the rows of a sheet within what the viewer may see of the campaign."""
    rows = kind.build(session, seen.campaign, at)
    if kind.rights is not None:
        allowed = kind.rights(session, seen=seen, viewer_id=viewer_id, at=at)
        return [row for row in rows if row.id in allowed]
    return rows if kind.open else [row for row in rows if _sees(seen, row)]


def numbers_seen(
    session: Session, *, kinds: Sequence[SheetKind], seen: View, viewer_id: int, at: datetime
) -> list[int]:
    """Return the number of rows of each sheet that :func:`rows_seen` would return; one statement beside the rights."""
    tallied = session.execute(select(*(_number(kind, seen) for kind in kinds))).one()
    return [
        number if kind.rights is None else sum(kind.rights(session, seen=seen, viewer_id=viewer_id, at=at).values())
        for kind, number in zip(kinds, tallied, strict=True)
    ]


def each_of(model: Any, *conditions: ColumnElement[bool], unit: Any = None) -> Tally:
    """Return the tally of a sheet with a row for each of a table's; ``unit`` where it is not the table's column."""
    column = model.unit_id if unit is None else unit
    return lambda campaign: [select(column, literal(1)).where(model.campaign_id == campaign.id, *conditions)]


def _number(kind: SheetKind, seen: View) -> ColumnElement[int]:
    number: ColumnElement[int] = literal(0)
    for statement in kind.tally(seen.campaign) if kind.tally else ():
        unit, rows = statement.subquery().columns
        query = select(func.coalesce(func.sum(rows), 0))
        if seen.unit_ids is not None and not kind.open:
            query = query.where(unit.in_(seen.unit_ids))
        number += query.scalar_subquery()
    return number


def _sees(seen: View, row: Row) -> bool:
    return seen.everything or (row.unit_id is not None and seen.sees(row.unit_id))


def _has(row: Row, names: Mapping[str, str], sought: str) -> bool:
    texts: list[Any] = [*row.cells, *(names.get(cell, "") for cell in row.cells if isinstance(cell, str))]
    return any(sought in text.lower() for text in texts if isinstance(text, str))
