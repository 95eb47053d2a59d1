"""The board: day n of m, phase cards, the unit × phase matrix; five statements beside the visibility check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.runtime import Engine
from workflows.campaigns.launch import span_of
from workflows.campaigns.models import Campaign, CampaignUnit, CellState, Phase, UnitPhase
from workflows.campaigns.visibility import view
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
class Board:
    """What one person sees of a campaign. ``day`` is 0 before the first day and ``days`` + 1 after the last."""

    campaign: Campaign
    day: int
    days: int
    today: date
    phases: tuple[PhaseCard, ...]
    rows: tuple[BoardRow, ...]
    everything: bool


def board(session: Session, engine: Engine, campaign_id: int, viewer_id: int) -> Board:
    """Build the board for one viewer; the number of statements does not depend on the number of units.

    Raises NotFound when the viewer has no business with the campaign.
    """
    now = engine.clock.now()
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=now)
    today = now.astimezone(LOCAL).date()
    phases = list(session.scalars(select(Phase).where(Phase.campaign_id == campaign_id).order_by(Phase.position)))
    units = (
        select(CampaignUnit, Unit.name, Unit.name_en)
        .join(Unit, Unit.id == CampaignUnit.unit_id)
        .where(CampaignUnit.campaign_id == campaign_id)
        .order_by(CampaignUnit.position, CampaignUnit.unit_id)
    )
    cells = select(
        UnitPhase.unit_id, UnitPhase.phase_code, UnitPhase.state, UnitPhase.percent, UnitPhase.due, UnitPhase.done_at
    ).where(UnitPhase.campaign_id == campaign_id)
    findings = (
        select(Finding.unit_id, Finding.state, func.count())
        .where(Finding.campaign_id == campaign_id)
        .group_by(Finding.unit_id, Finding.state)
    )
    if seen.unit_ids is not None:
        units = units.where(CampaignUnit.unit_id.in_(seen.unit_ids))
        cells = cells.where(UnitPhase.unit_id.in_(seen.unit_ids))
        findings = findings.where(Finding.unit_id.in_(seen.unit_ids))
    counted: dict[int, list[int]] = {}
    for unit_id, state, number in session.execute(findings):
        counted.setdefault(unit_id, [0, 0])[1 if state == FindingState.CLOSED else 0] += number
    open_of = {unit_id: numbers[0] for unit_id, numbers in counted.items()}
    shown_in = _findings_phase(phases, today)
    matrix: dict[int, dict[str, Cell]] = {}
    for unit_id, phase_code, state, percent, due, done_at in session.execute(cells):
        late = state != CellState.DONE and due is not None and now > due
        matrix.setdefault(unit_id, {})[phase_code] = Cell(
            CellState.LATE if late else state,
            percent,
            open_of.get(unit_id, 0) if phase_code == shown_in else 0,
            _lamp(state, due, now),
            done_at,
        )
    rows = tuple(
        BoardRow(
            unit_id=unit.unit_id,
            unit_name=name,
            unit_name_en=name_en,
            kind=unit.kind,
            instance_id=unit.instance_id,
            cells=matrix.get(unit.unit_id, {}),
            open_findings=open_of.get(unit.unit_id, 0),
            findings=sum(counted.get(unit.unit_id, ())),
            rating=unit.rating,
            score=unit.score,
            award=unit.award,
        )
        for unit, name, name_en in session.execute(units)
    )
    first, last = span_of(phases, today)
    days = (last - first).days + 1
    return Board(
        campaign=seen.campaign,
        day=min(max((today - first).days + 1, 0), days + 1),
        days=days,
        today=today,
        phases=tuple(_card(phase, rows, today) for phase in phases),
        rows=rows,
        everything=seen.everything,
    )


def _card(phase: Phase, rows: tuple[BoardRow, ...], today: date) -> PhaseCard:
    states = [row.cells[phase.code].state for row in rows if phase.code in row.cells]
    return PhaseCard(
        phase.code,
        phase.name,
        phase.name_en,
        phase.starts,
        phase.ends,
        done=states.count(CellState.DONE),
        doing=states.count(CellState.DOING),
        late=states.count(CellState.LATE),
        total=len(states),
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
