"""Every page and answer of the room, under its one blueprint."""

from web.designer import checking, comparing, drafting, exchange, listing, releasing, reviewing, talking, trial
from web.designer.room import designer

PAGES = (listing, drafting, exchange, checking, releasing, trial, talking, reviewing, comparing)

__all__ = ["PAGES", "designer"]
