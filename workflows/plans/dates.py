"""Dates of a plan: without a year, by the month, by a third of a month, relative to other dates (docs/plans.md).

``--09-05`` takes the year chosen at launch, ``--01-31 next year`` the one after. ``--06`` is the whole month,
``--07 early`` its first ten days (上旬), ``mid`` the next ten (中旬), ``late`` the rest (下旬): the first day where
something starts, the last where it ends. ``10 working days after survey.ends`` and ``7 days before {kick_off}`` follow
what they name.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.calendars import SHANGHAI, WorkingCalendar
from engine.errors import InvalidInput
from engine.wording import say

STARTS, ENDS = "starts", "ends"
OPEN = "open"
"""Written where a phase has no end of its own."""

EXPECTED = (
    "日期应写成 --MM-DD、YYYY-MM-DD、--MM、--MM early/mid/late，或“10 working days after 阶段.ends” / "
    "expected --MM-DD, YYYY-MM-DD, --MM, --MM early/mid/late, or '10 working days after PHASE.ends'"
)
_FIXED = re.compile(r"^(\d{4}|-)-(\d\d)(?:-(\d\d))?(?: (early|mid|late))?( next year)?$")
_RELATIVE = re.compile(r"^(\d+) (working days?|days?|weeks?|months?) (after|before) (\S+)$")
_REFERENCE = re.compile(r"^(?:launch|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*(?:\.(?:starts|ends))?)$")
_THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}


class EndsBeforeStart(InvalidInput):
    """A phase ends before it starts."""


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A date as a plan writes it, parsed."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    third: str | None = None
    next_year: bool = False
    amount: int = 0
    unit: str = ""
    reference: str = ""

    @property
    def without_year(self) -> bool:
        """Whether the year is chosen at launch."""
        return self.month is not None and self.year is None


def parse_day(text: str) -> PlanDay:
    """Read a date of a plan; raises ValueError with what was expected."""
    text = text.strip()
    if match := _FIXED.match(text):
        year, month, day, third, following = match.groups()
        parsed = PlanDay(
            None if year == "-" else int(year), int(month), int(day) if day else None, third, bool(following)
        )
        if not 1 <= int(month) <= 12 or (day and third) or (following and year != "-"):
            raise ValueError(EXPECTED)
        if day and not 1 <= int(day) <= monthrange(parsed.year or 2024, int(month))[1]:
            raise ValueError(f"没有 {text} 这一天 / there is no such day")
        return parsed
    if match := _RELATIVE.match(text):
        amount, unit, side, reference = match.groups()
        if _REFERENCE.match(reference):
            sign = 1 if side == "after" else -1
            return PlanDay(amount=sign * int(amount), unit=unit.rstrip("s"), reference=reference)
    if _REFERENCE.match(text) and text != OPEN:
        return PlanDay(reference=text)
    raise ValueError(EXPECTED)


@dataclass
class Days:
    """The days of one campaign, each worked out when it is first asked for.

    Parameters
    ----------
    texts
        What the plan writes, by name: ``survey.starts``, ``survey.ends``, or the code of a named date.
    year
        Year of dates without one.
    launched
        The day of the launch.
    parameters
        Launch parameters, for ``{name}``.
    moved
        Days that were decided later, by name; they go before the plan's.

    """

    texts: Mapping[str, str]
    year: int
    launched: date
    parameters: Mapping[str, Any] = field(default_factory=dict)
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    moved: Mapping[str, date] = field(default_factory=dict)
    _known: dict[str, date | None] = field(default_factory=dict)
    _asked: list[str] = field(default_factory=list)

    def day(self, name: str) -> date | None:
        """Return a named day, None where the plan leaves it to the course of things.

        Raises InvalidInput for dates that refer to each other in a circle, to nothing, or to a day that the year lacks.
        """
        if name in self.moved:
            return self.moved[name]
        if name in self._known:
            return self._known[name]
        if name in self._asked:
            circle = " → ".join([*self._asked[self._asked.index(name) :], name])
            raise InvalidInput(f"日期互相引用：{circle} / dates refer to each other", {name: circle})
        self._asked.append(name)
        try:
            found = self._resolve(name)
        finally:
            self._asked.pop()
        self._known[name] = found
        return found

    def _resolve(self, name: str) -> date | None:
        text = self.texts.get(name)
        if text is None or text == OPEN:
            return None
        edge = ENDS if name.endswith(f".{ENDS}") or "." not in name else STARTS
        parsed = parse_day(text)
        found = self.resolve(parsed, edge)
        if edge == ENDS and found is not None and "." in name:
            found = self._not_before_start(name, parsed, found)
        return found

    def _not_before_start(self, name: str, parsed: PlanDay, found: date) -> date:
        start = f"{name.partition('.')[0]}.{STARTS}"
        if parse_day(self.texts.get(start, "launch")).reference == name:
            return found
        starts = self.day(start)
        if starts is None or found >= starts:
            return found
        if parsed.without_year and not parsed.next_year:
            return self._fixed(parsed, self.year + 1, ENDS)
        phase = name.partition(".")[0]
        raise EndsBeforeStart(
            f"阶段“{phase}”的结束日早于开始日 / ends before it starts", {phase: say("结束日早于开始日")}
        )

    def resolve(self, parsed: PlanDay, edge: str) -> date | None:
        """Return the day that a parsed date means at an edge; None where it hangs on a day that is open."""
        if parsed.month is not None:
            return self._fixed(parsed, parsed.year or self.year + parsed.next_year, edge)
        base = self._reference(parsed.reference)
        return None if base is None else self._shifted(base, parsed)

    def _fixed(self, parsed: PlanDay, year: int, edge: str) -> date:
        month = parsed.month or 1
        last = monthrange(year, month)[1]
        first_day, last_day = _THIRDS[parsed.third] if parsed.third else (1, last)
        day = parsed.day or (first_day if edge == STARTS else min(last_day, last))
        try:
            return date(year, month, day)
        except ValueError as error:
            sentence = f"{year} 年没有 {month} 月 {day} 日 / there is no such day"
            raise InvalidInput(sentence, {f"--{month:02}-{day:02}": sentence}) from error

    def _reference(self, reference: str) -> date | None:
        if reference == "launch":
            return self.launched
        if reference.startswith("{"):
            value = self.parameters.get(reference[1:-1])
            return None if value in (None, "") else date.fromisoformat(str(value))
        if reference not in self.texts and reference not in self.moved:
            if "." in reference:
                return None
            raise InvalidInput(
                f"没有日期“{reference}” / there is no date {reference}", {reference: say("没有这个日期")}
            )
        return self.day(reference)

    def _shifted(self, base: date, parsed: PlanDay) -> date:
        match parsed.unit:
            case "working day":
                noon = datetime.combine(base, time(12), SHANGHAI)
                return self.calendar.add_working_days(noon, parsed.amount).astimezone(SHANGHAI).date()
            case "day":
                return base + timedelta(days=parsed.amount)
            case "week":
                return base + timedelta(weeks=parsed.amount)
            case "month":
                months = base.year * 12 + base.month - 1 + parsed.amount
                year, month = divmod(months, 12)
                return date(year, month + 1, min(base.day, monthrange(year, month + 1)[1]))
            case _:
                return base
