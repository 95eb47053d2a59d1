"""What the trends page draws: findings over time, what they are about, scores over periods."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.wording import named
from workflows.campaigns.models import Phase as CampaignPhase
from workflows.campaigns.models import UnitPhase
from workflows.campaigns.visibility import view
from workflows.findings.items import item_names
from workflows.findings.models import Finding
from workflows.organisation.tree import LOCAL
from workflows.parts.amounts import rounded
from workflows.scoring.models import Score
from workflows.scoring.service import schemes_of
from workflows.sheets.entries import titles

MOST_BARS = 12
"""Bars of the Pareto diagram; the rest are one bar."""


@dataclass(frozen=True, slots=True)
class Trends:
    """Series for the diagrams.

    ``days`` with the number of findings opened and closed up to each; ``items`` by number, greatest first, with the
    running share in percent; ``scores`` by scheme the mean of each period; ``phases`` planned and done shares.
    """

    days: Sequence[tuple[date, int, int]]
    items: Sequence[tuple[str, int, float]]
    scores: Mapping[str, Sequence[tuple[str, float]]]
    phases: Sequence[tuple[str, int, int]]


def trends(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> Trends:
    """Return what the viewer may see; six statements whatever the campaign's size."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    own = [] if seen.unit_ids is None else [Finding.unit_id.in_(seen.unit_ids)]
    findings = session.execute(
        select(Finding.found_at, Finding.closed_at, Finding.item).where(Finding.campaign_id == campaign_id, *own)
    ).all()
    names = item_names(seen.campaign.plan)
    items = Counter(names.get(row.item, row.item) or "—" for row in findings)
    return Trends(
        _days([row.found_at for row in findings], [row.closed_at for row in findings if row.closed_at]),
        _pareto(items),
        _scores(session, campaign_id, titles(schemes_of(seen.campaign))),
        _phases(session, campaign_id, seen.unit_ids, at.astimezone(LOCAL).date()),
    )


def _days(opened: Sequence[datetime], closed: Sequence[datetime]) -> list[tuple[date, int, int]]:
    found = Counter(one.astimezone(LOCAL).date() for one in opened)
    done = Counter(one.astimezone(LOCAL).date() for one in closed)
    days: list[tuple[date, int, int]] = []
    total = over = 0
    for day in sorted({*found, *done}):
        total, over = total + found[day], over + done[day]
        days.append((day, total, over))
    return days


def _pareto(items: Counter[str]) -> list[tuple[str, int, float]]:
    ordered = items.most_common()
    if len(ordered) > MOST_BARS:
        ordered = [*ordered[: MOST_BARS - 1], ("…", sum(number for _, number in ordered[MOST_BARS - 1 :]))]
    total, running, bars = sum(items.values()), 0, []
    for name, number in ordered:
        running += number
        bars.append((name, number, round(running * 100 / total, 1)))
    return bars


def _scores(session: Session, campaign_id: int, names: Mapping[str, str]) -> dict[str, list[tuple[str, float]]]:
    rows = session.execute(
        select(Score.scheme, Score.period, func.avg(Score.value))
        .where(Score.campaign_id == campaign_id, Score.value.is_not(None), Score.period != "")
        .group_by(Score.scheme, Score.period)
        .order_by(Score.scheme, Score.period)
    )
    found: dict[str, list[tuple[str, float]]] = {}
    for scheme, period, mean in rows:
        found.setdefault(names.get(scheme, scheme), []).append((period, float(rounded(Decimal(str(mean))))))
    return found


def _phases(
    session: Session, campaign_id: int, unit_ids: frozenset[int] | None, today: date
) -> list[tuple[str, int, int]]:
    """Return for each phase the share of its days that have passed and the units' mean progress, in percent."""
    progress = select(UnitPhase.phase_code, func.avg(UnitPhase.percent)).where(UnitPhase.campaign_id == campaign_id)
    if unit_ids is not None:
        progress = progress.where(UnitPhase.unit_id.in_(unit_ids))
    reached = {code: int(mean or 0) for code, mean in session.execute(progress.group_by(UnitPhase.phase_code))}
    phases = session.scalars(
        select(CampaignPhase).where(CampaignPhase.campaign_id == campaign_id).order_by(CampaignPhase.position)
    )
    return [(named(phase.name, phase.name_en), _passed(phase, today), reached.get(phase.code, 0)) for phase in phases]


def _passed(phase: CampaignPhase, today: date) -> int:
    if phase.starts is None or phase.ends is None:
        return 0
    days = (phase.ends - phase.starts).days + 1
    return max(0, min(100, ((today - phase.starts).days + 1) * 100 // days))
