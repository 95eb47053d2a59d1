"""Every sheet by its code, and which of them a campaign has."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view
from workflows.sheets.levels import LEVELS
from workflows.sheets.results import RESULTS
from workflows.sheets.rounds import ROUNDS
from workflows.sheets.sheet import SheetKind, numbers_seen
from workflows.sheets.visits import VISITS

SHEETS: tuple[SheetKind, ...] = (*RESULTS, *ROUNDS, *VISITS, *LEVELS)


def sheet_kind(code: str) -> SheetKind:
    """Return a kind by its code; raises NotFound."""
    for kind in SHEETS:
        if kind.code == code:
            return kind
    raise NotFound(say("没有这张表"))


def sheets_of(session: Session, *, campaign: Campaign, viewer_id: int, at: datetime) -> list[tuple[SheetKind, int]]:
    """Return the sheets that the campaign's plan has rules for, or that hold something, with how many rows of it.

    Rows are those that the viewer sees.
    """
    seen = view(session, campaign_id=campaign.id, viewer_id=viewer_id, at=at)
    numbers = numbers_seen(session, kinds=SHEETS, seen=seen, viewer_id=viewer_id, at=at)
    return [
        (kind, number)
        for kind, number in zip(SHEETS, numbers, strict=True)
        if number or any(campaign.plan.get(name) for name in kind.sections)
    ]
