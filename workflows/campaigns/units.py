"""The units of a campaign."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignStatus, CampaignUnit
from workflows.organisation.models import Unit

ANY = "any"
"""The kind by which a plan leaves the choice of units to whoever launches it."""


def eligible_units(session: Session, kinds: Sequence[str]) -> list[Unit]:
    """Return the active units of some kinds, kind by kind as the plan lists them; of :data:`ANY` kind all units."""
    statement = select(Unit).where(Unit.active).order_by(Unit.id)
    if ANY not in kinds:
        statement = statement.where(Unit.kind.in_(kinds))
    order = {kind: position for position, kind in enumerate(kinds)}
    return sorted(session.scalars(statement), key=lambda unit: order.get(unit.kind, len(order)))


def campaign_unit_ids(session: Session, campaign_id: int, *, kinds: Collection[str] = ()) -> list[int]:
    """Return the ids of units that take part (of some kinds, when given), in the board's order."""
    statement = select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign_id)
    if kinds:
        statement = statement.where(CampaignUnit.kind.in_(kinds))
    return list(session.scalars(statement.order_by(CampaignUnit.position, CampaignUnit.unit_id)))


def planned_units(session: Session, campaign: Campaign) -> list[Unit]:
    """Return the active units of the plan's kinds that were chosen at launch: who takes part once the campaign runs."""
    kinds, chosen = campaign.plan["units"]["kinds"], campaign.chosen_units
    return [unit for unit in eligible_units(session, kinds) if chosen is None or unit.id in chosen] if kinds else []


def _may_take_part(campaign: Campaign, unit: Unit) -> bool:
    kinds, chosen = campaign.plan["units"]["kinds"], campaign.chosen_units
    return unit.active and (ANY in kinds or unit.kind in kinds) and (chosen is None or unit.id in chosen)


def units_now(session: Session, campaign: Campaign, *, kinds: Collection[str] = ()) -> list[int]:
    """Return the ids of the units of a campaign; of one whose plan is not approved yet, those that will take part."""
    if campaign.status != CampaignStatus.DRAFT:
        return campaign_unit_ids(session, campaign.id, kinds=kinds)
    return [unit.id for unit in planned_units(session, campaign) if not kinds or unit.kind in kinds]


def campaign_unit(session: Session, campaign: Campaign, unit_id: int) -> Unit:
    """Return a unit that takes part, or will when the plan is approved; raises NotFound for others."""
    if campaign.status == CampaignStatus.DRAFT:
        unit = session.get(Unit, unit_id)
        takes_part = unit is not None and _may_take_part(campaign, unit)
    else:
        unit = _entered_unit(session, campaign.id, unit_id)
        takes_part = unit is not None
    if unit is None or not takes_part:
        raise NotFound(say("这个单位没有参加本次专项行动"))
    return unit


def _entered_unit(session: Session, campaign_id: int, unit_id: int) -> Unit | None:
    return session.scalars(
        select(Unit)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign_id, Unit.id == unit_id)
    ).one_or_none()


def campaign_unit_of_code(session: Session, campaign_id: int, code: str) -> Unit | None:
    """Return the unit that takes part under this code, None when there is none."""
    return session.scalars(
        select(Unit)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign_id, Unit.code == code)
    ).one_or_none()
