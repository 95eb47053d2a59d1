"""Who may see what of a campaign. A stranger gets NotFound: that it exists is none of their business."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.organisation.models import Group, GroupMember, Holding, Person, Unit
from workflows.organisation.people import LEADING_GROUPS
from workflows.organisation.tree import LOCAL, holds_on


@dataclass(frozen=True, slots=True)
class View:
    """What one person sees: ``unit_ids`` is None for everything, else the person's own units."""

    campaign: Campaign
    unit_ids: frozenset[int] | None

    @property
    def everything(self) -> bool:
        """Whether all units are seen."""
        return self.unit_ids is None

    def sees(self, unit_id: int) -> bool:
        """Say whether this unit's rows are seen."""
        return self.unit_ids is None or unit_id in self.unit_ids


def view(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> View:
    """Return what the viewer may see, in at most four statements.

    Leaders, the office, the campaign's groups, the units that its units report to, its initiator and
    administrators see all; people of a taking-part unit see their own rows. Raises NotFound otherwise.
    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound(say("没有这个专项行动"))
    viewer = session.get(Person, viewer_id)
    if viewer is None or not viewer.active:
        raise NotFound(say("没有这个专项行动"))
    if viewer.is_administrator or viewer_id == campaign.initiator_id or _in_groups(session, campaign, viewer_id):
        return View(campaign, None)
    held = set(
        session.scalars(
            select(Holding.unit_id).where(Holding.person_id == viewer_id, *holds_on(at.astimezone(LOCAL).date()))
        )
    )
    rows = session.execute(
        select(Unit.id, Unit.parent_id)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id, or_(Unit.id.in_(held), Unit.parent_id.in_(held)))
    ).all()
    if any(row.parent_id in held for row in rows):
        return View(campaign, None)
    own = frozenset(row.id for row in rows if row.id in held)
    if not own:
        raise NotFound(say("没有这个专项行动"))
    return View(campaign, own)


def _in_groups(session: Session, campaign: Campaign, viewer_id: int) -> bool:
    codes = {*LEADING_GROUPS, *(group["code"] for group in campaign.plan["groups"])}
    statement = (
        select(GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.person_id == viewer_id, Group.code.in_(codes))
        .where(or_(Group.campaign_id.is_(None), Group.campaign_id == campaign.id))
        .limit(1)
    )
    return session.scalar(statement) is not None


def visible_campaigns(session: Session, *, viewer_id: int, at: datetime) -> list[Campaign]:
    """Return the campaigns that the viewer may see, newest first."""
    found = []
    for campaign in session.scalars(select(Campaign).order_by(Campaign.created_at.desc(), Campaign.id.desc())):
        try:
            view(session, campaign_id=campaign.id, viewer_id=viewer_id, at=at)
        except NotFound:
            continue
        found.append(campaign)
    return found
