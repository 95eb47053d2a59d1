"""Service tasks of counters: ``counter.add``, ``counter.read``, ``counter.void``."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.ports import ServiceCall
from engine.wording import say
from workflows.counters.service import count, counters_of, times_reached, total_of
from workflows.counters.voiding import void_last
from workflows.inputs import called_campaign, called_day, given, listed, needed
from workflows.parts.amounts import exact
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen
from workflows.parts.subjects import called_subject

Result = Mapping[str, Any]


def add(call: ServiceCall) -> Result:
    """``counter.add``: count an occurrence; the outputs say what follows now."""
    campaign, subject, counter = called_campaign(call), called_subject(call), needed(call, "counter")
    counted = count(
        call.session,
        campaign=campaign,
        counter=counter,
        subject=subject,
        amount=exact(given(call, "amount", 1), "amount"),
        day=called_day(call),
        at=call.at,
        instance_id=call.instance.id,
        reason=str(given(call, "reason", "")),
        found_by=str(given(call, "found_by", "")),
        evidence=tuple(listed(given(call, "evidence"))),
    )
    measure = counted.measure
    times = 0
    if measure is not None:
        times = times_reached(
            call.session, campaign=campaign, counter=counter, measure=measure.code, subject=subject.code
        )
    return {
        "counter_total": float(counted.total),
        "counter_times": counted.times,
        "counter_measure": measure.code if measure else "",
        "counter_measure_name": measure.name if measure else "",
        "counter_measure_until": measure.until.isoformat() if measure and measure.until else None,
        "counter_measure_times": times,
    }


def read(call: ServiceCall) -> Result:
    """``counter.read``: the total of a period for routing."""
    campaign, subject = called_campaign(call), called_subject(call)
    rule = chosen(counters_of(campaign), needed(call, "counter"), say("计数器"))
    period = given(call, "period")
    name = str(period) if period is not None else periods_of(campaign).of(called_day(call), Every(rule["every"]))
    total = total_of(call.session, campaign=campaign, rule=rule, subject=subject.code, period=name)
    left = None if rule["full"] is None else float(rule["full"] - exact(total))
    return {"counter_total": float(total), "counter_left": left}


def void(call: ServiceCall) -> Result:
    """``counter.void``: the last occurrence of a subject is taken back, with the measure that it alone led to."""
    voided = void_last(
        call.session,
        campaign=called_campaign(call),
        counter=needed(call, "counter"),
        subject=called_subject(call),
        at=call.at,
    )
    return {
        "counter_voided": float(voided.amount),
        "counter_total": float(voided.total),
        "counter_lifted": list(voided.lifted),
    }


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "counter.add": add,
    "counter.read": read,
    "counter.void": void,
}
