"""The schedule that a launch would have: each phase with its days, for what is typed so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.errors import InvalidInput
from web.language import side
from workflows.organisation.tree import LOCAL
from workflows.plans.phases import PhaseDates, phase_dates


@dataclass(frozen=True, slots=True)
class Schedule:
    """Phases with their days, and what is wrong with them; ``today`` tells those that are over."""

    phases: tuple[PhaseDates, ...]
    today: date
    sentence: str = ""


def schedule_for(plan: Mapping[str, Any], given: Mapping[str, Any], now: datetime) -> Schedule:
    """Work out the days of a plan; what is not typed yet, or not readable, leaves its day open."""
    today = now.astimezone(LOCAL).date()
    typed = {one["name"]: value for one in plan["launch"]["parameters"] if (value := _value(one, given)) is not None}
    try:
        year = int(typed.get("year") or today.year)
        return Schedule(phase_dates(plan, year, launched=today, parameters=typed), today)
    except (InvalidInput, ValueError, OverflowError) as error:
        undated = tuple(PhaseDates(one["code"], one["name"], one["name_en"], None, None) for one in plan["phases"])
        return Schedule(undated, today, side(str(error)) if isinstance(error, InvalidInput) else "")


def _value(parameter: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    value = given.get(parameter["name"])
    if value in (None, ""):
        value = parameter["default"]
    if parameter["type"] == "date" and value is not None:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            return None
    return value
