"""Every page of the room, under its one blueprint."""

from web.operations import drawings, failures, heating, listing, migrating, notifying, one
from web.operations.room import operations

PAGES = (listing, one, failures, migrating, heating, drawings, notifying)

__all__ = ["PAGES", "operations"]
