"""Every page of the room, under its one blueprint."""

from web.admin import calendars, editing, exchange, leaving, people, tables, units
from web.admin.room import admin

PAGES = (units, people, leaving, tables, editing, exchange, calendars)

__all__ = ["PAGES", "admin"]
