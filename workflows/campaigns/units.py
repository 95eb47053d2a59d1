"""The units of a campaign."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.campaigns.models import CampaignUnit
from workflows.organisation.models import Unit


def campaign_unit_ids(session: Session, campaign_id: int, *, kinds: Collection[str] = ()) -> list[int]:
    """Return the ids of units that take part (of some kinds, when given), in the board's order."""
    statement = select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign_id)
    if kinds:
        statement = statement.where(CampaignUnit.kind.in_(kinds))
    return list(session.scalars(statement.order_by(CampaignUnit.position, CampaignUnit.unit_id)))


def campaign_unit(session: Session, campaign_id: int, unit_id: int) -> Unit:
    """Return a unit that takes part; raises NotFound for others."""
    unit = session.scalars(
        select(Unit)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign_id, Unit.id == unit_id)
    ).one_or_none()
    if unit is None:
        raise NotFound("这个单位没有参加本次专项行动")
    return unit


def campaign_unit_of_code(session: Session, campaign_id: int, code: str) -> Unit | None:
    """Return the unit that takes part under this code, None when there is none."""
    return session.scalars(
        select(Unit)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign_id, Unit.code == code)
    ).one_or_none()
