"""Working time: which days and hours count, and when something is due."""

from engine.calendars.calendar import CHINESE_HOURS, SHANGHAI, Hours, Season, WorkingCalendar, check_hours, holiday_name
from engine.calendars.due import resolve_due, warn_instant

__all__ = [
    "CHINESE_HOURS",
    "SHANGHAI",
    "Hours",
    "Season",
    "WorkingCalendar",
    "check_hours",
    "holiday_name",
    "resolve_due",
    "warn_instant",
]
