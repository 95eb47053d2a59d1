"""The board: day n of m, phase cards, the unit × phase matrix; six statements beside the visibility check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from engine.runtime import Engine
from workflows.campaigns.launch import span_of
from workflows.campaigns.models import Campaign, CampaignUnit, CellState, Phase, UnitPhase
from workflows.campaigns.visibility import View, view
from workflows.findings.models import Finding, FindingState
from workflows.organisation.models import Unit
from workflows.organisation.tree import LOCAL


@dataclass(frozen=True, slots=True)
class PhaseCard:
    """A phase with how many of the seen units are done, at it, late."""

    code: str
    name: str
    name_en: str
    starts: date | None
    ends: date | None
    done: int
    doing: int
    late: int
    total: int
    current: bool

    @property
    def percent(self) -> int:
        """Share of units that are done."""
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit in a phase. ``lamp`` is green, yellow (due today or tomorrow), red (late) or None (not begun)."""

    state: str
    percent: int
    open_findings: int
    lamp: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A unit's line of the matrix; ``cells`` by phase code."""

    unit_id: int
    unit_name: str
    unit_name_en: str
    kind: str
    instance_id: int | None
    cells: Mapping[str, Cell]
    open_findings: int
    findings: int
    rating: str | None
    score: Decimal | None
    award: str | None

    @property
    def late(self) -> bool:
        """Whether any phase is late."""
        return any(cell.state == CellState.LATE for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """Which rows of the matrix to return, and which part of them; without ``limit`` all.

    ``late`` leaves units that are late in some phase, ``search`` those with these words in their names.
    """

    late: bool = False
    kind: str = ""
    search: str = ""
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """What one person sees of a campaign. ``day`` is 0 before the first day and ``days`` + 1 after the last.

    The phase cards and ``kinds`` are of all units that the viewer sees, ``total`` is the number of those that fit the
    filters, and ``rows`` the part of them that was asked for.
    """

    campaign: Campaign
    day: int
    days: int
    today: date
    phases: tuple[PhaseCard, ...]
    rows: tuple[BoardRow, ...]
    total: int
    kinds: tuple[str, ...]
    everything: bool


def board(
    session: Session, engine: Engine, campaign_id: int, viewer_id: int, filters: BoardFilters = BoardFilters()
) -> Board:
    """Build the board for one viewer; the number of statements does not depend on the number of units.

    Raises NotFound when the viewer has no business with the campaign.
    """
    now = engine.clock.now()
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=now)
    today = now.astimezone(LOCAL).date()
    phases = list(session.scalars(select(Phase).where(Phase.campaign_id == campaign_id).order_by(Phase.position)))
    numbers = _numbers(session, seen, now)
    kinds, total = _kinds(session, seen, filters, now)
    first, last = span_of(phases, today)
    days = (last - first).days + 1
    return Board(
        campaign=seen.campaign,
        day=min(max((today - first).days + 1, 0), days + 1),
        days=days,
        today=today,
        phases=tuple(_card(phase, numbers.get(phase.code, (0, 0, 0, 0)), today) for phase in phases),
        rows=_rows(session, seen, filters, now, _findings_phase(phases, today)) if filters.limit != 0 else (),
        total=total,
        kinds=kinds,
        everything=seen.everything,
    )


Numbers = tuple[int, int, int, int]
"""Units of a phase: done, at it, late, all."""


def _is_late(now: datetime) -> ColumnElement[bool]:
    return and_(UnitPhase.state != CellState.DONE, UnitPhase.due < now)


def _numbers(session: Session, seen: View, now: datetime) -> dict[str, Numbers]:
    """Count the units that the viewer sees, by phase."""
    in_time = or_(UnitPhase.due.is_(None), UnitPhase.due >= now)
    statement = (
        select(
            UnitPhase.phase_code,
            func.count().filter(UnitPhase.state == CellState.DONE),
            func.count().filter(UnitPhase.state == CellState.DOING, in_time),
            func.count().filter(_is_late(now)),
            func.count(),
        )
        .where(UnitPhase.campaign_id == seen.campaign.id, *_seen(seen, UnitPhase.unit_id))
        .group_by(UnitPhase.phase_code)
    )
    return {code: (done, doing, late, total) for code, done, doing, late, total in session.execute(statement)}


def _kinds(session: Session, seen: View, filters: BoardFilters, now: datetime) -> tuple[tuple[str, ...], int]:
    """Return the kinds of the units that the viewer sees, and how many units fit the filters."""
    fits = and_(true(), *_conditions(filters, now))
    statement = (
        select(CampaignUnit.kind, func.count().filter(fits))
        .join(Unit, Unit.id == CampaignUnit.unit_id)
        .where(CampaignUnit.campaign_id == seen.campaign.id, *_seen(seen, CampaignUnit.unit_id))
        .group_by(CampaignUnit.kind)
        .order_by(CampaignUnit.kind)
    )
    rows = session.execute(statement).all()
    return tuple(kind for kind, _ in rows), sum(number for _, number in rows)


def _seen(seen: View, column: Any) -> list[ColumnElement[bool]]:
    return [] if seen.unit_ids is None else [column.in_(seen.unit_ids)]


def _conditions(filters: BoardFilters, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(CampaignUnit.kind == filters.kind)
    if filters.search:
        sought = filters.search[:100]
        named = Unit.name.icontains(sought, autoescape=True), Unit.name_en.icontains(sought, autoescape=True)
        conditions.append(or_(*named))
    if filters.late:
        cell = (UnitPhase.campaign_id == CampaignUnit.campaign_id, UnitPhase.unit_id == CampaignUnit.unit_id)
        conditions.append(exists().where(*cell, _is_late(now)))
    return conditions


def _rows(
    session: Session, seen: View, filters: BoardFilters, now: datetime, findings_phase: str | None
) -> tuple[BoardRow, ...]:
    """Return the rows that were asked for; the cells and findings of no other unit are read."""
    statement = (
        select(
            CampaignUnit.unit_id, Unit.name, Unit.name_en, CampaignUnit.kind, CampaignUnit.instance_id,
            CampaignUnit.rating, CampaignUnit.score, CampaignUnit.award,
        )
        .join(Unit, Unit.id == CampaignUnit.unit_id)
        .where(CampaignUnit.campaign_id == seen.campaign.id, *_seen(seen, CampaignUnit.unit_id))
        .where(*_conditions(filters, now))
        .order_by(CampaignUnit.position, CampaignUnit.unit_id)
        .limit(filters.limit)
        .offset(filters.offset)
    )  # fmt: skip
    units = session.execute(statement).all()
    ids = [unit.unit_id for unit in units]
    counted = _findings(session, seen.campaign.id, ids)
    open_of = {unit_id: numbers[0] for unit_id, numbers in counted.items()}
    matrix = _cells(session, seen.campaign.id, ids, now, {findings_phase: open_of} if findings_phase else {})
    return tuple(
        BoardRow(
            unit_id=unit.unit_id,
            unit_name=unit.name,
            unit_name_en=unit.name_en,
            kind=unit.kind,
            instance_id=unit.instance_id,
            cells=matrix.get(unit.unit_id, {}),
            open_findings=open_of.get(unit.unit_id, 0),
            findings=sum(counted.get(unit.unit_id, ())),
            rating=unit.rating,
            score=unit.score,
            award=unit.award,
        )
        for unit in units
    )


def _findings(session: Session, campaign_id: int, unit_ids: Sequence[int]) -> dict[int, list[int]]:
    """Count the findings of units: open ones and closed ones."""
    counted: dict[int, list[int]] = {}
    statement = (
        select(Finding.unit_id, Finding.state, func.count())
        .where(Finding.campaign_id == campaign_id, Finding.unit_id.in_(unit_ids))
        .group_by(Finding.unit_id, Finding.state)
    )
    for unit_id, state, number in session.execute(statement):
        counted.setdefault(unit_id, [0, 0])[1 if state == FindingState.CLOSED else 0] += number
    return counted


def _cells(
    session: Session,
    campaign_id: int,
    unit_ids: Sequence[int],
    now: datetime,
    open_findings: Mapping[str, Mapping[int, int]],
) -> dict[int, dict[str, Cell]]:
    """Return the cells of units by phase; ``open_findings`` are shown in the cells of their phase."""
    matrix: dict[int, dict[str, Cell]] = {}
    columns = UnitPhase.unit_id, UnitPhase.phase_code, UnitPhase.state, UnitPhase.percent, UnitPhase.due
    statement = select(*columns, UnitPhase.done_at).where(UnitPhase.campaign_id == campaign_id)
    for unit_id, phase, state, percent, due, done_at in session.execute(
        statement.where(UnitPhase.unit_id.in_(unit_ids))
    ):
        late = state != CellState.DONE and due is not None and now > due
        matrix.setdefault(unit_id, {})[phase] = Cell(
            CellState.LATE if late else state,
            percent,
            open_findings.get(phase, {}).get(unit_id, 0),
            _lamp(state, due, now),
            done_at,
        )
    return matrix


def _card(phase: Phase, numbers: Numbers, today: date) -> PhaseCard:
    done, doing, late, total = numbers
    return PhaseCard(
        phase.code,
        phase.name,
        phase.name_en,
        phase.starts,
        phase.ends,
        done=done,
        doing=doing,
        late=late,
        total=total,
        current=is_current(phase, today),
    )


def is_current(phase: Phase, today: date) -> bool:
    """Say whether a phase has begun and is not over; one with an open end goes on."""
    return phase.starts is not None and phase.starts <= today and (phase.ends is None or today <= phase.ends)


def _findings_phase(phases: list[Phase], today: date) -> str | None:
    """Return the phase whose cells carry the number of open findings: rectification, else the current one."""
    codes = [phase.code for phase in phases]
    if "rectify" in codes:
        return "rectify"
    begun = (phase.code for phase in reversed(phases) if phase.starts and phase.starts <= today)
    return next(begun, codes[0] if codes else None)


def _lamp(state: str, due: datetime | None, now: datetime) -> str | None:
    if state == CellState.DONE:
        return "green"
    if due is None:
        return "green" if state == CellState.DOING else None
    if now > due:
        return "red"
    if (due.astimezone(LOCAL).date() - now.astimezone(LOCAL).date()).days <= 1:
        return "yellow"
    return "green" if state == CellState.DOING else None
