"""The working calendar of a unit: Chinese public holidays and 调休 make-up days, with exceptions of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from chinese_calendar import constants

from engine.errors import InvalidInput
from engine.wording import say

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE_HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))

# A count beyond this is a mistake in a diagram, and would keep a turn busy walking days one by one.
MOST_DAYS = 5_000


@lru_cache(maxsize=1)
def known_years() -> frozenset[int]:
    """Return the years whose holidays the State Council's notices, as packaged, cover."""
    return frozenset(day.year for day in constants.holidays)


def holiday_name(day: date, *, english: bool = False) -> str:
    """Return the holiday that a day belongs to or makes up for, empty for every other day."""
    name = constants.holidays.get(day) or constants.workdays.get(day)
    if not name:
        return ""
    return str(name) if english else str(constants.Holiday(name).chinese)


Hours = tuple[tuple[time, time], ...]
"""Working hours of a day: ascending, not overlapping (begin, end) pairs of local time."""


@dataclass(frozen=True, slots=True)
class Season:
    """Hours of a part of every year (夏令、冬令作息): from a day to a day as (month, day), both inclusive.

    A season whose last day lies before its first one goes over New Year.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    hours: Hours

    def __post_init__(self) -> None:
        check_hours(self.hours)

    def covers(self, day: date) -> bool:
        """Say whether the season holds on this day."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


def check_hours(hours: Hours) -> None:
    """Raise InvalidInput unless there are hours, one after the other."""
    edges = [edge for span in hours for edge in span]
    if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
        sentence = "工作时间段必须按先后排列，且不得重叠。 / Working hours come one after the other without overlap."
        raise InvalidInput(sentence, {"hours": sentence})


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days and hours that count as working time.

    Parameters
    ----------
    timezone
        The zone in which days begin and end.
    hours
        Working hours of a working day.
    exceptions
        Days on which the unit itself decides: True is a working day, False a day off.
    seasons
        Hours of parts of the year; the first one that covers a day wins over ``hours``.
    """

    timezone: tzinfo = SHANGHAI
    hours: Hours = CHINESE_HOURS
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        check_hours(self.hours)

    def hours_on(self, day: date) -> Hours:
        """Return the working hours of a day, should people work on it."""
        return next((season.hours for season in self.seasons if season.covers(day)), self.hours)

    def knows(self, year: int) -> bool:
        """Say whether the year's public holidays are published; otherwise Monday to Friday count."""
        return year in known_years()

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on this day, make-up days included."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in constants.workdays:
            return True
        if day in constants.holidays:
            return False
        return day.weekday() < 5

    def add_working_days(self, instant: datetime, days: int) -> datetime:
        """Return the same time of day ``days`` working days later (earlier when negative), in UTC.

        The starting day itself never counts: from Friday 10:00, one working day leads to Monday 10:00.
        """
        local = self._local(instant)
        if abs(days) > MOST_DAYS:
            raise InvalidInput(say("期限过长：最多 {most} 个工作日。", most=MOST_DAYS))
        step = timedelta(days=1 if days > 0 else -1)
        day, left = local.date(), abs(days)
        while left:
            day = self._shift(day, step)
            left -= self.is_working_day(day)
        return self._at(day, local.timetz().replace(tzinfo=None)) if days else instant.astimezone(UTC)

    def add_working_hours(self, instant: datetime, hours: float) -> datetime:
        """Return the instant after so many working hours (before, when negative), in UTC."""
        if abs(hours) > MOST_DAYS * 24:
            raise InvalidInput(say("期限过长：最多 {most} 个工作小时。", most=MOST_DAYS * 24))
        left = timedelta(hours=abs(hours))
        now = self._local(instant).astimezone(UTC)
        if not left:
            return now
        for begin, end in self._spans(now, forward=hours > 0):
            length = end - begin
            if left <= length:
                return begin + left if hours > 0 else end - left
            left -= length
        raise InvalidInput(say("期限超出了日历的范围。"))

    def end_of_day(self, day: date) -> datetime:
        """Return the last second of a local day, in UTC."""
        return self._at(day, time(23, 59, 59))

    def working_days_between(self, first: date, second: date) -> int:
        """Count the working days after ``first`` up to and including ``second``; negative when it lies before."""
        low, high = sorted((first, second))
        days = sum(self.is_working_day(low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
        return days if first <= second else -days

    def _local(self, instant: datetime) -> datetime:
        if instant.tzinfo is None:
            raise ValueError("an instant carries its time zone")
        return instant.astimezone(self.timezone)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.timezone).astimezone(UTC)

    @staticmethod
    def _shift(day: date, step: timedelta) -> date:
        try:
            return day + step
        except OverflowError as error:
            raise InvalidInput(say("期限超出了日历的范围。")) from error

    def _spans(self, now: datetime, *, forward: bool) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working spans from ``now`` on (or back from it), the first one cut at ``now``."""
        step = timedelta(days=1 if forward else -1)
        day = now.astimezone(self.timezone).date()
        while True:
            if self.is_working_day(day):
                hours = self.hours_on(day)
                for begin_time, end_time in hours if forward else hours[::-1]:
                    begin, end = self._at(day, begin_time), self._at(day, end_time)
                    begin, end = (max(begin, now), end) if forward else (begin, min(end, now))
                    if begin < end:
                        yield begin, end
            day = self._shift(day, step)
