"""Takes back what was counted by mistake, or what an objection overturned, and the measure that it alone led to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.counters.ladder import reached
from workflows.counters.models import CounterEntry, Measure
from workflows.counters.service import counters_of, total_of
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen
from workflows.parts.subjects import Subject


@dataclass(frozen=True, slots=True)
class Voided:
    """The amount taken back, the total of its period now, and the codes of the measures that fell with it."""

    amount: Decimal
    total: Decimal
    lifted: tuple[str, ...]


def void_last(session: Session, *, campaign: Campaign, counter: str, subject: Subject, at: datetime) -> Voided:
    """Void the last occurrence of a subject. A measure that the others do not reach is lifted, as if never taken.

    Raises NotFound when nothing is counted.
    """
    rule = chosen(counters_of(campaign), counter, say("计数器"))
    counted = select(CounterEntry).where(
        CounterEntry.campaign_id == campaign.id,
        CounterEntry.counter == counter,
        CounterEntry.subject == subject.code,
        CounterEntry.voided_at.is_(None),
    )
    entry = session.scalars(counted.order_by(CounterEntry.recorded_at.desc(), CounterEntry.id.desc()).limit(1)).first()
    if entry is None:
        raise NotFound(say("没有可以撤销的计数"))
    entry.voided_at = at
    session.flush()
    period = periods_of(campaign).of(entry.day, Every(rule["every"]))
    first, last = periods_of(campaign).bounds(period)
    left = [one for one in session.scalars(counted.order_by(CounterEntry.id)) if first <= one.day <= last]
    due, running = set(), Fraction(0)
    for one in left:
        running += Fraction(one.amount)
        if (step := reached(rule, running, one.found_by)) is not None:
            due.add(step["code"])
    taken = (
        Measure.campaign_id == campaign.id,
        Measure.counter == counter,
        Measure.subject == subject.code,
        Measure.period == period,
    )
    lifted = [code for code in session.scalars(select(Measure.code).where(*taken)) if code not in due]
    session.execute(
        delete(Measure).where(*taken, Measure.code.in_(lifted)), execution_options={"synchronize_session": False}
    )
    total = total_of(session, campaign=campaign, rule=rule, subject=subject.code, period=period)
    return Voided(entry.amount, total, tuple(lifted))
