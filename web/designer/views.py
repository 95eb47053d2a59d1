"""Every page and answer of the room, under its one blueprint."""

from web.designer import checking, drafting, exchange, listing, releasing
from web.designer.room import designer

PAGES = (listing, drafting, exchange, checking, releasing)

__all__ = ["PAGES", "designer"]
