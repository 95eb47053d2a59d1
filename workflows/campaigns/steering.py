"""What those do who steer a running campaign (行动办公室): who they are, and urging everybody who is late."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.errors import DubanError, NotAllowed
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.tasks.models import Activation, Slot
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view

MOST_URGED = 300
"""Tasks that are urged at once; each is a turn of its own."""


def may_steer(engine: Engine, session: Session, campaign: Campaign, person_id: int, at: datetime) -> bool:
    """Say whether a person steers a campaign: who launched it, its office, the leading group."""
    return person_id == campaign.initiator_id or campaign.instance_id in engine.people.oversees(session, person_id, at)


@dataclass(frozen=True, slots=True)
class Urged:
    """How many late tasks were urged, and how many not because somebody did within the last hours."""

    tasks: int
    waiting: int


def urge_late(engine: Engine, *, campaign_id: int, actor_id: int) -> Urged:
    """Urge every late task of a campaign, the oldest first, at most :data:`MOST_URGED`.

    Raises NotFound for strangers and NotAllowed for those who do not steer the campaign.
    """
    with engine.db.read() as session:
        now = engine.clock.now()
        campaign = view(session, campaign_id=campaign_id, viewer_id=actor_id, at=now).campaign
        if not may_steer(engine, session, campaign, actor_id, now):
            raise NotAllowed("只有行动办公室和领导小组可以催办 / only the campaign's office and leaders can urge")
        slots = session.scalars(
            select(Slot.id)
            .join(Activation, Activation.id == Slot.activation_id)
            .join(Instance, Instance.id == Activation.instance_id)
            .where(Instance.root_id == campaign.instance_id, Slot.closed_at.is_(None), Activation.due < now)
            .order_by(Activation.due, Slot.id)
            .limit(MOST_URGED)
        ).all()
    done = sum(_urged(engine, slot_id, actor_id) for slot_id in slots)
    return Urged(done, len(slots) - done)


def _urged(engine: Engine, slot_id: int, actor_id: int) -> bool:
    """Urge one; a task that was urged just now, or done meanwhile, stays as it is."""
    try:
        tasks.urge(engine, slot_id=slot_id, actor_id=actor_id)
    except DubanError:
        return False
    return True
