"""Every page and answer of the room, under its one blueprint."""

from web.designer import checking, drafting, exchange, listing, releasing, trial
from web.designer.room import designer

PAGES = (listing, drafting, exchange, checking, releasing, trial)

__all__ = ["PAGES", "designer"]
