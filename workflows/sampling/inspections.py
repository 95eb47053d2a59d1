"""Planning inspections with their teams, and who may see them before they start."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import View, view
from workflows.organisation.models import Holding, Person, Unit
from workflows.organisation.tree import LOCAL, holds_on
from workflows.sampling.models import Draw, Inspection
from workflows.sampling.teams import Inspector, make_teams

FEWEST = 2
"""S2-08: at least two officers."""


def plan_inspections(
    session: Session,
    *,
    campaign: Campaign,
    name: str,
    unit_ids: Sequence[int],
    inspectors: Sequence[int],
    seed: str,
    starts: datetime,
    at: datetime,
    ends: datetime | None = None,
    announced: bool = True,
    size: int = FEWEST,
    again: bool = False,
) -> list[Inspection]:
    """Plan an inspection of every unit; with ``again`` the same inspector may come twice in a row."""
    if size < FEWEST:
        raise InvalidInput(
            say("每次检查至少 {least} 人", least=FEWEST), {"team_size": say("至少 {least} 人", least=FEWEST)}
        )
    units = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(unit_ids))).all()
    teams = make_teams(
        seed=seed,
        units=[(row.id, row.code) for row in units],
        inspectors=_inspectors(session, inspectors, at),
        size=size,
        last={} if again else _last(session, campaign, name, unit_ids),
    )
    planned = [
        Inspection(
            campaign_id=campaign.id,
            name=name,
            unit_id=team.unit_id,
            team=[one.person_id for one in team.people],
            excluded=dict(team.excluded),
            short=team.short,
            announced=announced,
            seed=seed,
            starts=starts,
            ends=ends,
            planned_at=at,
        )
        for team in teams
    ]
    session.add_all(planned)
    session.flush()
    return planned


def visible_inspections(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> list[Inspection]:
    """Return the inspections that somebody may see, the earliest first. Raises NotFound for strangers."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    allowed = inspections_seen(session, seen=seen, viewer_id=viewer_id, at=at)
    rows = select(Inspection).where(Inspection.campaign_id == campaign_id).order_by(Inspection.starts, Inspection.id)
    return [row for row in session.scalars(rows) if row.id in allowed]


def inspections_seen(session: Session, *, seen: View, viewer_id: int, at: datetime) -> frozenset[int]:
    """Return the ids of the inspections that somebody may see.

    Who sees the whole campaign or is on the team sees all of them; a unit sees its own, an unannounced one only from
    its start on. To everybody else it does not exist.
    """
    table = Inspection
    columns = (table.id, table.unit_id, table.team, table.announced, table.starts)
    rows = session.execute(select(*columns).where(table.campaign_id == seen.campaign.id)).all()
    at_home = _homes(session, viewer_id, at) if rows else set()
    return frozenset(row.id for row in rows if _sees(row, seen.sees(row.unit_id), at_home, viewer_id, at))


def draws_seen(session: Session, *, seen: View, viewer_id: int, at: datetime) -> list[Draw]:
    """Return the draws that somebody may see, the earliest first, with their seeds.

    A draw tells where the inspectors go: it is hidden while an inspection that was planned after it is hidden.
    """
    campaign_id = seen.campaign.id
    coming = select(Inspection.id, Inspection.planned_at).where(
        Inspection.campaign_id == campaign_id, Inspection.announced.is_(False), Inspection.starts > at
    )
    unannounced = session.execute(coming).all()
    allowed = inspections_seen(session, seen=seen, viewer_id=viewer_id, at=at) if unannounced else frozenset()
    hidden = [row.planned_at for row in unannounced if row.id not in allowed]
    draws = session.scalars(select(Draw).where(Draw.campaign_id == campaign_id).order_by(Draw.drawn_at, Draw.id))
    return [one for one in draws if not any(planned >= one.drawn_at for planned in hidden)]


def _sees(row: Any, in_view: bool, at_home: set[int], viewer_id: int, at: datetime) -> bool:
    if viewer_id in row.team:
        return True
    if not in_view:
        return False
    return row.announced or at >= row.starts or row.unit_id not in at_home


def finish(session: Session, *, campaign: Campaign, inspection_id: int, at: datetime, result: str) -> Inspection:
    """Note that an inspection was done; raises NotFound for one of another campaign, InvalidInput before its start."""
    row = session.get(Inspection, inspection_id)
    if row is None or row.campaign_id != campaign.id:
        raise NotFound(say("没有这次检查"))
    if at < row.starts:
        raise InvalidInput(say("检查还没有开始"))
    row.done_at, row.result = at, result[:4000]
    session.flush()
    return row


def _homes(session: Session, person_id: int, at: datetime) -> set[int]:
    rows = session.scalars(
        select(Holding.unit_id).where(Holding.person_id == person_id, *holds_on(at.astimezone(LOCAL).date()))
    )
    return set(rows)


def _inspectors(session: Session, ids: Sequence[int], at: datetime) -> list[Inspector]:
    homes: dict[int, set[int]] = {}
    held = select(Holding.person_id, Holding.unit_id).where(
        Holding.person_id.in_(ids), *holds_on(at.astimezone(LOCAL).date())
    )
    for person_id, unit_id in session.execute(held):
        homes.setdefault(person_id, set()).add(unit_id)
    logins = session.execute(select(Person.id, Person.login).where(Person.id.in_(ids)).order_by(Person.id))
    return [Inspector(row.id, row.login, frozenset(homes.get(row.id, ()))) for row in logins]


def _last(session: Session, campaign: Campaign, name: str, unit_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    rows = session.scalars(
        select(Inspection)
        .where(Inspection.campaign_id == campaign.id, Inspection.name == name, Inspection.unit_id.in_(unit_ids))
        .order_by(Inspection.starts, Inspection.id)
    )
    return {row.unit_id: frozenset(row.team) for row in rows}
