"""When a timer is due, and when again (BPMN 2.0.2, 10.5.5, "Timer").

A repeating timer that starts something beside what goes on (a boundary event or an event subprocess that does not
interrupt, a start event) is due again and again; anywhere else its first occurrence is the only one, because the
event is over then. Rounds that were slept through (the clock jumped, the system was down) are not made up for one by
one: the timer is due once, and from then on again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.definitions.cycles import Cycle, parse_cycle
from engine.interpreter.contract import Environment
from engine.interpreter.errors import ElementFailed

if TYPE_CHECKING:
    from engine.definitions.model import EventDefinition
    from engine.interpreter.tokens import Token

ENDLESS = -1


@dataclass(frozen=True, slots=True)
class Occurrence:
    """When a timer is due; ``left`` is how often after that (:data:`ENDLESS` for a cycle without a count)."""

    due: datetime
    left: int = 0


def first(
    environment: Environment, details: Mapping[str, str], variables: Mapping[str, Any], at: datetime
) -> Occurrence:
    """Return the first occurrence of a timer that begins to wait at an instant.

    Raises :class:`ElementFailed` for a cycle that is none, and what the environment raises for other times.
    """
    if "cycle" not in details:
        kind = "date" if "date" in details else "duration"
        return Occurrence(environment.due(kind, details[kind], variables, at))
    cycle = _cycle(environment, details, variables)
    if cycle.start:
        due = environment.due("date", cycle.start, variables, at)
    else:
        due = environment.due("duration", cycle.every, variables, at)
    if _is_after_end(environment, cycle, variables, due):
        raise ElementFailed("timer-cycle", "循环定时在开始前已结束 / The repetition ends before it begins")
    return Occurrence(due, ENDLESS if cycle.count is None else max(cycle.count - 1, 0))


def following(
    environment: Environment,
    details: Mapping[str, str],
    variables: Mapping[str, Any],
    last: Occurrence,
    at: datetime,
) -> Occurrence | None:
    """Return the occurrence after the last one, counted from when that was due; None when the timer is spent."""
    if "cycle" not in details or last.left == 0:
        return None
    cycle = _cycle(environment, details, variables)
    due = environment.due("duration", cycle.every, variables, last.due)
    if due <= at:
        due = environment.due("duration", cycle.every, variables, at)
        if due <= at:
            raise ElementFailed("timer-cycle", f"循环间隔“{cycle.every}”没有长度 / The interval takes no time")
    if _is_after_end(environment, cycle, variables, due):
        return None
    return Occurrence(due, last.left if last.left == ENDLESS else last.left - 1)


def set_first(token: "Token", event: "EventDefinition") -> None:
    """Set the timer of an event; one that repeats remembers when it was due and how often it will be."""
    run = token.run_
    occurrence = first(run.environment, event.details, run.view(token), run.at)
    _set(token, occurrence, repeats="cycle" in event.details)


def set_next(token: "Token", event: "EventDefinition") -> bool:
    """Set a timer that was due for its next round; False when it is spent."""
    run, memory = token.run_, token.memory
    if "rounds" not in memory:
        return False
    last = Occurrence(datetime.fromisoformat(memory["due"]), memory["rounds"])
    occurrence = following(run.environment, event.details, run.view(token), last, run.at)
    if occurrence is not None:
        _set(token, occurrence, repeats=True)
    return occurrence is not None


def _set(token: "Token", occurrence: Occurrence, *, repeats: bool) -> None:
    if repeats:
        token.memory.update(due=occurrence.due.isoformat(), rounds=occurrence.left)
    token.run_.set_timer(token, occurrence.due)


def _cycle(environment: Environment, details: Mapping[str, str], variables: Mapping[str, Any]) -> Cycle:
    text = details["cycle"].strip()
    value = text if parse_cycle(text) else environment.evaluate(text, variables)
    cycle = parse_cycle(str(value))
    if cycle is None:
        raise ElementFailed("timer-cycle", f"不是有效的循环时间：{value} / Not a repeating interval")
    return cycle


def _is_after_end(environment: Environment, cycle: Cycle, variables: Mapping[str, Any], due: datetime) -> bool:
    return cycle.end is not None and due > environment.due("date", cycle.end, variables, due)
