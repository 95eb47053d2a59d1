"""Least frequencies (最低频次): what happened is counted, what is short is named, misses in a row are noticed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen, loaded
from workflows.parts.subjects import Subject, subjects_of
from workflows.registers.models import Event
from workflows.registers.sections import FrequencySchema
from workflows.registers.service import entries


@dataclass(frozen=True, slots=True)
class Watch:
    """How a subject stands in a period: ``least`` demanded, ``done``, and the latest misses in a row."""

    subject: Subject
    least: int
    done: int
    misses: int

    @property
    def left(self) -> int:
        """How many are still missing."""
        return max(self.least - self.done, 0)


def frequencies_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's frequencies with its launch parameters filled in."""
    return loaded(FrequencySchema, campaign.plan.get("frequencies"), campaign.parameters)


def record(
    session: Session,
    *,
    campaign: Campaign,
    frequency: str,
    subject: Subject,
    day: date,
    done: bool,
    at: datetime,
    instance_id: int,
    count: int = 1,
    note: str = "",
    evidence: tuple[str, ...] = (),
) -> Watch:
    """Record that it happened (or was missed) and return how the subject stands in that day's period."""
    if count < 1:
        raise InvalidInput(say("次数须大于 0"), {"count": say("须大于 0")})
    rule = chosen(frequencies_of(campaign), frequency, say("频次要求"))
    session.add(
        Event(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            frequency=frequency,
            day=day,
            done=done,
            count=count,
            note=note[:4000],
            evidence=list(evidence),
            instance_id=instance_id,
            recorded_at=at,
        )
    )
    session.flush()
    return standing(session, campaign=campaign, rule=rule, subject=subject, day=day)


def standing(session: Session, *, campaign: Campaign, rule: Mapping[str, Any], subject: Subject, day: date) -> Watch:
    """Return how a subject stands in the period of a day; misses in a row are counted over all periods."""
    period = periods_of(campaign).of(day, Every(rule["every"]))
    first, last = periods_of(campaign).bounds(period)
    own = (Event.campaign_id == campaign.id, Event.frequency == rule["code"], Event.subject == subject.code)
    done = session.scalar(
        select(func.coalesce(func.sum(Event.count), 0)).where(*own, Event.done, Event.day >= first, Event.day <= last)
    )
    misses = 0
    for happened in session.scalars(select(Event.done).where(*own).order_by(Event.day.desc(), Event.id.desc())):
        if happened:
            break
        misses += 1
    return Watch(subject, _least(rule, subject.category), int(done or 0), misses)


def short(session: Session, *, campaign: Campaign, frequency: str, period: str) -> list[Watch]:
    """Return the subjects that have not yet reached the least number of a period."""
    rule = chosen(frequencies_of(campaign), frequency, say("频次要求"))
    return [one for one in watches(session, campaign=campaign, rule=rule, period=period) if one.left]


def watches(session: Session, *, campaign: Campaign, rule: Mapping[str, Any], period: str) -> list[Watch]:
    """Return how everybody stands in a period; one statement beside the subjects, whatever their number."""
    first, last = periods_of(campaign).bounds(period)
    done: dict[str, int] = {}
    misses: dict[str, int] = {}
    events = select(Event.subject, Event.day, Event.done, Event.count).where(
        Event.campaign_id == campaign.id, Event.frequency == rule["code"]
    )
    for subject, day, happened, count in session.execute(events.order_by(Event.day, Event.id)):
        misses[subject] = 0 if happened else misses.get(subject, 0) + 1
        if happened and first <= day <= last:
            done[subject] = done.get(subject, 0) + count
    return [
        Watch(one, _least(rule, one.category), done.get(one.code, 0), misses.get(one.code, 0))
        for one in watched_subjects(session, campaign, rule).values()
    ]


def watched_subjects(session: Session, campaign: Campaign, rule: Mapping[str, Any]) -> dict[str, Subject]:
    """Return whom a frequency is about: the units, or the open entries of a register."""
    if rule["of"] == "units":
        return subjects_of(session, campaign)
    rows = entries(session, campaign=campaign, register=rule["of"], open_only=True)
    return {row.key: Subject(row.key, row.name, row.category, row.unit_id) for row in rows}


def _least(rule: Mapping[str, Any], category: str) -> int:
    number = rule["at_least"].get(category, rule["at_least"].get("", Fraction(0)))
    return ceil(Fraction(number))
