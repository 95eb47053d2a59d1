"""Every page of the room, under its one blueprint."""

from web.operations import drawings, failures, heating, listing, migrating, one
from web.operations.room import operations

PAGES = (listing, one, failures, migrating, heating, drawings)

__all__ = ["PAGES", "operations"]
