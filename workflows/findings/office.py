"""What the office of a campaign may do with its findings, and while the campaign goes on."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.errors import NotAllowed
from engine.instances.models import Instance, InstanceStatus
from engine.wording import say
from workflows.campaigns.cases import OPEN
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view


def office_campaign(session: Session, campaign_id: int, actor_id: int, at: datetime) -> Campaign:
    """Return a campaign whose findings the actor may handle in bulk: who sees all of it.

    Raises NotFound for strangers and NotAllowed for those who see a part.
    """
    seen = view(session, campaign_id=campaign_id, viewer_id=actor_id, at=at)
    if not seen.everything:
        raise NotAllowed(say("只有行动的领导小组和办公室可以批量办理问题"))
    return seen.campaign


def going_on(session: Session, campaign_id: int, actor_id: int, at: datetime) -> tuple[Campaign, Instance]:
    """Return a campaign that takes findings in and handles them, with its instance; raises as above, or NotAllowed."""
    campaign = office_campaign(session, campaign_id, actor_id, at)
    root = session.get_one(Instance, campaign.instance_id)
    if campaign.status not in OPEN:
        raise NotAllowed(say("专项行动已经结束"))
    if root.status == InstanceStatus.SUSPENDED:
        raise NotAllowed(say("专项行动已暂停，恢复后才能办理"))
    return campaign, root
