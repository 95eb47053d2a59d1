"""Deadlines of steps that are dates of the plan: each becomes a named day that follows when phases move."""

import re
from collections.abc import Mapping
from typing import Any

from workflows.plans.dates import parse_day
from workflows.plans.walking import steps_of


def step_days(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the deadlines and waits of steps that are dates of the plan, by the variable that carries each.

    A named date that has this very name carries it already.
    """
    found: dict[str, str] = {}
    for step in steps_of(plan):
        for key in ("due", "until"):
            text = step.get(key)
            name = f"{step.get('code')}_{key}"
            if text and step.get("code") and str(text) != name and is_day(plan, str(text)):
                found[name] = str(text)
        for number, one in enumerate(step.get("after") or (), start=1):
            if step.get("code") and one["until"] and is_day(plan, one["until"]):
                found[border_day(step["code"], number)] = one["until"]
    return found


def border_day(code: str, number: int) -> str:
    """Return the variable that carries the day of a step's timer on its border."""
    return f"{code}_after_{number}_until"


def cascade_days(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the days of the campaign's own plan that units tighten, by the variable that carries each."""
    cascade = plan.get("cascade")
    return {f"cascade_{one['code']}": one["on"] for one in cascade["days"]} if cascade else {}


def is_day(plan: Mapping[str, Any], text: str) -> bool:
    """Say whether a text is a date of the plan rather than a duration or an expression."""
    try:
        parsed = parse_day(text)
    except ValueError:
        return False
    if parsed.reference and not parsed.unit:
        names = {one["code"] for one in (*plan["dates"], *plan["phases"])}
        return parsed.reference.startswith("{") or parsed.reference.partition(".")[0] in names
    return True


_LENGTH = re.compile(r"^(\d+) (day|week|month|hour|minute)s?$")
_ISO = {"day": "P{}D", "week": "P{}W", "month": "P{}M", "hour": "PT{}H", "minute": "PT{}M"}


def timer_text(text: str) -> str:
    """Return a length of time as timers take it: calendar time in ISO 8601, working time as it is written."""
    match = _LENGTH.match(text.strip())
    return _ISO[match.group(2)].format(match.group(1)) if match else text


_SPOKEN = {"day": "天", "week": "周", "month": "个月", "hour": "小时", "minute": "分钟"}
_WORKING = re.compile(r"^(\d+) working (day|hour)s?$")


def spoken_length(text: str) -> str:
    """Return a length of time in Chinese, or the text itself where it is none."""
    if match := _LENGTH.match(text.strip()):
        return f"{match.group(1)}{_SPOKEN[match.group(2)]}"
    if match := _WORKING.match(text.strip()):
        return f"{match.group(1)}个工作{'日' if match.group(2) == 'day' else '小时'}"
    return text
