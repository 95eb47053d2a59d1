"""Counting an occurrence, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.counters.ladder import CounterSchema, reached
from workflows.counters.models import CounterEntry, Measure
from workflows.parts.amounts import rounded
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen, loaded
from workflows.parts.subjects import Subject


@dataclass(frozen=True, slots=True)
class Counted:
    """The total of the period after counting, and the measure newly reached, if any."""

    total: Decimal
    period: str
    times: int
    measure: Measure | None


def counters_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's counters with its launch parameters filled in."""
    return loaded(CounterSchema, campaign.plan.get("counters"), campaign.parameters)


def count(
    session: Session,
    *,
    campaign: Campaign,
    counter: str,
    subject: Subject,
    amount: Fraction,
    day: date,
    at: datetime,
    instance_id: int,
    reason: str = "",
    found_by: str = "",
    evidence: tuple[str, ...] = (),
) -> Counted:
    """Count an occurrence; a measure is taken once in a period, the gravest that the new total reaches.

    A period's total never exceeds the counter's ``full``.
    """
    if amount <= 0:
        raise InvalidInput(say("计数须大于 0"), {"amount": say("须大于 0")})
    rule = chosen(counters_of(campaign), counter, say("计数器"))
    period = periods_of(campaign).of(day, Every(rule["every"]))
    before = total_of(session, campaign=campaign, rule=rule, subject=subject.code, period=period)
    counted = amount if rule["full"] is None else min(amount, max(rule["full"] - Fraction(before), Fraction(0)))
    session.add(
        CounterEntry(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            counter=counter,
            day=day,
            amount=rounded(counted, 4),
            reason=reason[:4000],
            found_by=found_by[:80],
            evidence=list(evidence),
            instance_id=instance_id,
            recorded_at=at,
        )
    )
    session.flush()
    total = total_of(session, campaign=campaign, rule=rule, subject=subject.code, period=period)
    step = reached(rule, Fraction(total), found_by)
    measure = (
        None if step is None else _taken(session, campaign, subject, step, Totalled(rule["code"], period, total, at))
    )
    return Counted(total, period, _times(session, campaign, rule, subject.code, period), measure)


def total_of(session: Session, *, campaign: Campaign, rule: Mapping[str, Any], subject: str, period: str) -> Decimal:
    """Return the total of a period."""
    total = session.scalar(
        select(func.coalesce(func.sum(CounterEntry.amount), 0)).where(
            *_of(campaign, rule, subject), *_within(campaign, period)
        )
    )
    return rounded(Decimal(str(total or 0)), 4).normalize() + 0


def totals(session: Session, *, campaign: Campaign, counter: str, period: str) -> dict[str, Decimal]:
    """Return the totals of a period by subject."""
    rule = chosen(counters_of(campaign), counter, say("计数器"))
    statement = (
        select(CounterEntry.subject, func.sum(CounterEntry.amount))
        .where(*_of(campaign, rule, None), *_within(campaign, period))
        .group_by(CounterEntry.subject)
    )
    return {subject: Decimal(str(total)) for subject, total in session.execute(statement)}


def times_reached(session: Session, *, campaign: Campaign, counter: str, measure: str, subject: str) -> int:
    """Count how often a measure was taken in the subject's life, in all campaigns of the process package.

    S1-06: twelve points in a year for the first, second and third time have different consequences.
    """
    statement = (
        select(func.count())
        .select_from(Measure)
        .join(Campaign, Campaign.id == Measure.campaign_id)
        .where(Campaign.package_key == campaign.package_key)
        .where(Measure.counter == counter, Measure.code == measure, Measure.subject == subject)
    )
    return session.scalar(statement) or 0


def _times(session: Session, campaign: Campaign, rule: Mapping[str, Any], subject: str, period: str) -> int:
    statement = select(func.count()).select_from(CounterEntry)
    return session.scalar(statement.where(*_of(campaign, rule, subject), *_within(campaign, period))) or 0


def _of(campaign: Campaign, rule: Mapping[str, Any], subject: str | None) -> list[Any]:
    campaigns = (
        CounterEntry.campaign_id.in_(select(Campaign.id).where(Campaign.package_key == campaign.package_key))
        if rule["whole_package"]
        else CounterEntry.campaign_id == campaign.id
    )
    conditions = [campaigns, CounterEntry.counter == rule["code"], CounterEntry.voided_at.is_(None)]
    return conditions if subject is None else [*conditions, CounterEntry.subject == subject]


def _within(campaign: Campaign, period: str) -> list[Any]:
    if not period:
        return []
    first, last = periods_of(campaign).bounds(period)
    return [CounterEntry.day >= first, CounterEntry.day <= last]


@dataclass(frozen=True, slots=True)
class Totalled:
    """The total of a counter's period at an instant."""

    counter: str
    period: str
    total: Decimal
    at: datetime


def _taken(
    session: Session, campaign: Campaign, subject: Subject, step: Mapping[str, Any], now: Totalled
) -> Measure | None:
    """Take a measure unless it was taken in this period already."""
    before = session.scalar(
        select(func.count())
        .select_from(Measure)
        .where(Measure.campaign_id == campaign.id, Measure.counter == now.counter, Measure.subject == subject.code)
        .where(Measure.period == now.period, Measure.code == step["code"])
    )
    if before:
        return None
    measure = Measure(
        campaign_id=campaign.id,
        subject=subject.code,
        unit_id=subject.unit_id,
        counter=now.counter,
        period=now.period,
        code=step["code"],
        name=step["name"],
        total=now.total,
        taken_at=now.at,
        until=resolve_due(step["lasts"], now.at, WorkingCalendar()) if step["lasts"] else None,
    )
    session.add(measure)
    session.flush()
    return measure
