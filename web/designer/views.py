"""Every page and answer of the room, under its one blueprint."""

from web.designer import drafting, exchange, listing
from web.designer.room import designer

PAGES = (listing, drafting, exchange)

__all__ = ["PAGES", "designer"]
