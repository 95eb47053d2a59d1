"""Who sees an instance: its own people (the engine knows them), and whoever oversees its campaign."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.errors import NotFound
from engine.instances.models import Instance
from web.context import person, running_engine
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view


def seen_instance(session: Session, instance_id: int) -> Any:
    """Return the instance's detail for the person who asks; a stranger gets NotFound."""
    running = running_engine()
    try:
        return human_tasks.instance_detail(running, session, instance_id=instance_id, person_id=person().id)
    except NotFound:
        if not _oversees(session, instance_id):
            raise
    return human_tasks.instance_detail(running, session, instance_id=instance_id, person_id=None)


def _oversees(session: Session, instance_id: int) -> bool:
    """Say whether the person sees this instance's unit on the board of its campaign."""
    instance = session.get(Instance, instance_id)
    if instance is None:
        return False
    campaign_id = session.scalar(select(Campaign.id).where(Campaign.instance_id == instance.root_id))
    if campaign_id is None:
        return False
    try:
        seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=running_engine().clock.now())
    except NotFound:
        return False
    return seen.everything or (instance.unit_id is not None and seen.sees(instance.unit_id))
