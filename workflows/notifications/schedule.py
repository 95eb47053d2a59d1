"""When a message may go out: quiet hours, working days, digests. Pure; local time is the organisation's."""

from datetime import date, datetime, time, timedelta

from engine.calendars import SHANGHAI, WorkingCalendar
from workflows.notifications.models import Preference

DAY = timedelta(days=1)
MORNING = 8 * 60
"""Minutes: when a day begins for those who want messages on working days only and have no quiet hours."""
LONGEST_SEARCH_DAYS = 60


def earliest(preference: Preference, now: datetime, *, urgent: bool, calendar: WorkingCalendar) -> datetime:
    """Return when a message that is ready now may go out: at once, or after quiet hours and days that are not worked.

    What is urgent passes where the person lets it.
    """
    if urgent and preference.urgent_passes:
        return now
    local = now.astimezone(SHANGHAI)
    for _ in range(LONGEST_SEARCH_DAYS):
        end = _quiet_until(preference, local)
        if end is not None:
            local = end
        if not preference.working_days_only or calendar.is_working_day(local.date()):
            if end is None or _quiet_until(preference, local) is None:
                break
            continue
        start = preference.quiet_to if preference.quiet_to is not None else MORNING
        local = _at(local.date() + DAY, start)
    return max(now, local.astimezone(now.tzinfo))


def digest_due(preference: Preference, now: datetime, *, calendar: WorkingCalendar) -> datetime:
    """Return when the next digest goes out, strictly after now."""
    local = now.astimezone(SHANGHAI)
    day = local.date()
    for _ in range(LONGEST_SEARCH_DAYS):
        candidate = _at(day, preference.digest_at)
        wanted = preference.digest_day is None or day.weekday() == preference.digest_day
        works = not preference.working_days_only or preference.digest_day is not None or calendar.is_working_day(day)
        if candidate > local and wanted and works:
            return candidate.astimezone(now.tzinfo)
        day += DAY
    return _at(day, preference.digest_at).astimezone(now.tzinfo)


def _quiet_until(preference: Preference, local: datetime) -> datetime | None:
    """Return the end of the quiet hours that this moment lies in, None outside of them; they may span midnight."""
    begin, end = preference.quiet_from, preference.quiet_to
    if begin is None or end is None or begin == end:
        return None
    minute = local.hour * 60 + local.minute
    if begin < end:
        return _at(local.date(), end) if begin <= minute < end else None
    if minute >= begin:
        return _at(local.date() + DAY, end)
    return _at(local.date(), end) if minute < end else None


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), SHANGHAI)
