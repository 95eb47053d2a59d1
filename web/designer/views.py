"""Every page and answer of the room, under its one blueprint."""

from web.designer import checking, comparing, drafting, exchange, listing, owning, releasing, reviewing, talking, trial
from web.designer.room import designer

PAGES = (listing, drafting, exchange, checking, releasing, trial, talking, reviewing, comparing, owning)

__all__ = ["PAGES", "designer"]
