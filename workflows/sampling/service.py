"""Drawing a sample of a campaign's units and keeping how it came about."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.launch import assessing_group
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.organisation.models import Group, GroupMember, Holding, Unit
from workflows.organisation.tree import LOCAL, holds_on
from workflows.parts.sections import chosen
from workflows.registers.service import entries, move, registers_of
from workflows.sampling.draw import Candidate, Quota, Stratum, draw_stratum
from workflows.sampling.models import Draw

WHOLE = "all"
"""Name of the one stratum when units are not divided."""


def draw_sample(
    session: Session,
    *,
    campaign: Campaign,
    instance_id: int,
    quota: Quota,
    seed: str,
    at: datetime,
    name: str = "spot-check",
    by_kind: bool = True,
    kinds: Collection[str] | None = None,
    exclude_members: bool = True,
    avoid_last: bool = False,
) -> tuple[Draw, list[Stratum]]:
    """Draw units of the campaign, stratum by stratum.

    A unit where a member of its own assessing group holds a post is left out: nobody inspects colleagues. With
    ``avoid_last`` a unit drawn by the last draw of this name is left out too: never the same twice in a row.
    """
    units = session.execute(
        select(Unit.id, Unit.code, Unit.name, CampaignUnit.kind)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id)
        .order_by(CampaignUnit.position)
    ).all()
    asked = [unit for unit in units if not kinds or unit.kind in kinds]
    homes = _homes(session, campaign, at)
    before = _drawn_last(session, campaign, name) if avoid_last else set()
    strata: dict[str, list[Candidate]] = {}
    excluded: dict[str, str] = {}
    for unit in asked:
        stratum = unit.kind if by_kind else WHOLE
        strata.setdefault(stratum, []).append(Candidate(unit.id, unit.code, unit.name))
        if exclude_members and unit.id in homes.get(assessing_group(campaign.plan, unit.kind), ()):
            excluded[unit.code] = say("考核小组成员在本单位任职")
        elif unit.code in before:
            excluded[unit.code] = say("上次已抽中")
    drawn = [
        draw_stratum(seed=seed, name=stratum, candidates=candidates, quota=quota, excluded=excluded)
        for stratum, candidates in strata.items()
    ]
    record = Draw(
        campaign_id=campaign.id,
        instance_id=instance_id,
        name=name,
        seed=seed,
        strata=[_as_json(stratum) for stratum in drawn],
        drawn_at=at,
    )
    session.add(record)
    session.flush()
    return record, drawn


def draw_entries(
    session: Session, *, campaign: Campaign, instance_id: int, register: str, state: str, count: int, seed: str,
    becomes: str, at: datetime,
) -> tuple[Draw, Stratum]:  # fmt: skip
    """Draw lots (抽签) among the entries of a register in ``state``; those drawn get the state ``becomes``.

    Draws are published with their candidates: a private register is refused with InvalidInput.
    """
    if chosen(registers_of(campaign), register, say("登记簿"))["private"]:
        raise InvalidInput("抽签要公开，不能在保密的登记簿里进行 / Lots are public: not from a private register")
    found = {one.key: one for one in entries(session, campaign=campaign, register=register, state=state)}
    candidates = [Candidate(one.unit_id or 0, one.key, one.name) for one in found.values()]
    stratum = draw_stratum(seed=seed, name=register, candidates=candidates, quota=Quota(count=count))
    for one in stratum.drawn:
        move(session, campaign=campaign, entry=found[one.code], state=becomes or found[one.code].state, at=at)
    record = Draw(
        campaign_id=campaign.id, instance_id=instance_id, name=register, seed=seed, strata=[_as_json(stratum)],
        drawn_at=at,
    )  # fmt: skip
    session.add(record)
    session.flush()
    return record, stratum


def _drawn_last(session: Session, campaign: Campaign, name: str) -> set[str]:
    last = session.scalars(
        select(Draw)
        .where(Draw.campaign_id == campaign.id, Draw.name == name)
        .order_by(Draw.drawn_at.desc(), Draw.id.desc())
    ).first()
    return {code for stratum in last.strata for code in stratum["drawn"]} if last else set()


def _homes(session: Session, campaign: Campaign, at: datetime) -> dict[str, set[int]]:
    """Return for each group the units where its members hold posts."""
    rows = session.execute(
        select(Group.code, Holding.unit_id)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(Holding, Holding.person_id == GroupMember.person_id)
        .where(or_(Group.campaign_id.is_(None), Group.campaign_id == campaign.id))
        .where(*holds_on(at.astimezone(LOCAL).date()))
    )
    found: dict[str, set[int]] = {}
    for code, unit_id in rows:
        found.setdefault(code, set()).add(unit_id)
    return found


def _as_json(stratum: Stratum) -> dict[str, object]:
    return {
        "stratum": stratum.name,
        "candidates": [one.code for one in stratum.candidates],
        "excluded": dict(stratum.excluded),
        "wanted": stratum.wanted,
        "drawn": [one.code for one in stratum.drawn],
    }
