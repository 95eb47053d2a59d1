"""The head of a campaign's pages: the campaign, or 404, and the day of its schedule."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.context import person, running_engine
from workflows.campaigns.models import Phase
from workflows.campaigns.visibility import view
from workflows.organisation.tree import LOCAL


def head_of(session: Session, campaign_id: int) -> dict[str, Any]:
    """Return the campaign (or 404) and the day of its schedule, for the pages beside the board."""
    now = running_engine().clock.now()
    seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=now)
    phases = list(session.scalars(select(Phase).where(Phase.campaign_id == campaign_id)))
    today = now.astimezone(LOCAL).date()
    first = min((phase.starts for phase in phases if phase.starts), default=today)
    last = max((phase.ends for phase in phases if phase.ends), default=first)
    return {
        "section": "campaigns",
        "campaign": seen.campaign,
        "everything": seen.everything,
        "day": (today - first).days + 1 if phases else 0,
        "days": (last - first).days + 1 if phases else 0,
        "now": now,
    }
