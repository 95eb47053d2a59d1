"""Making rosters, handing over, swapping, and the duty of today."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.parts.sections import chosen, loaded
from workflows.rosters.models import Duty
from workflows.rosters.rotation import turns
from workflows.rosters.sections import RosterSchema

LONGEST = 400
"""Days of one roster."""


def rosters_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's rosters with its launch parameters filled in."""
    return loaded(RosterSchema, campaign.plan.get("rosters"), campaign.parameters)


def make_roster(
    session: Session,
    *,
    campaign: Campaign,
    roster: str,
    people: list[int],
    first: date,
    last: date,
    calendar: WorkingCalendar,
) -> list[Duty]:
    """Make the duties of some days; days that have duties already keep them.

    Raises InvalidInput without people, or for a span that is none or longer than a year.
    """
    rule = chosen(rosters_of(campaign), roster, say("值班表"))
    if not people:
        raise InvalidInput(say("没有可排班的人员"), {"people": say("没有人")})
    if not 0 <= (last - first).days < LONGEST:
        raise InvalidInput(say("排班起止日期有误"), {"from": say("有误")})
    of_roster = (Duty.campaign_id == campaign.id, Duty.roster == roster)
    before = session.scalars(
        select(Duty.person_id)
        .where(*of_roster, Duty.day < first)
        .order_by(Duty.day.desc(), Duty.starts.desc(), Duty.position.desc())
    ).first()
    taken = set(session.scalars(select(Duty.day).where(*of_roster, Duty.day >= first, Duty.day <= last)))
    after = people.index(before) if before in people else -1
    duties = [
        Duty(
            campaign_id=campaign.id,
            roster=roster,
            day=turn.day,
            shift=turn.shift,
            position=turn.position,
            person_id=turn.person,
            starts=turn.starts,
            ends=turn.ends,
        )
        for turn in turns(rule, people, first, last, calendar, after=after)
        if turn.day not in taken
    ]
    session.add_all(duties)
    session.flush()
    return duties


def duties_of(session: Session, *, campaign: Campaign, roster: str, day: date, shift: str = "") -> list[Duty]:
    """Return the duties of a day, by shift."""
    statement = select(Duty).where(Duty.campaign_id == campaign.id, Duty.roster == roster, Duty.day == day)
    if shift:
        statement = statement.where(Duty.shift == shift)
    return list(session.scalars(statement.order_by(Duty.starts, Duty.position)))


def hand_over(session: Session, *, duty: Duty, note: str, at: datetime) -> Duty | None:
    """Close a duty with what is to be known next (交接); returns the duty that takes over, if there is one.

    Raises InvalidInput before its beginning or when it was handed over already.
    """
    if duty.done_at is not None:
        raise InvalidInput(say("这一班已经交接"))
    if at < duty.starts:
        raise InvalidInput(say("这一班还没有开始"))
    duty.note, duty.done_at = note[:4000], at
    session.flush()
    return session.scalars(
        select(Duty)
        .where(Duty.campaign_id == duty.campaign_id, Duty.roster == duty.roster, Duty.starts > duty.starts)
        .order_by(Duty.starts, Duty.position)
    ).first()


def swap(session: Session, *, duty: Duty, person_id: int, at: datetime) -> None:
    """Give a duty to somebody else (换班); it is kept whose it was. Raises InvalidInput once it has begun."""
    if at >= duty.starts:
        raise InvalidInput(say("这一班已经开始，不能换班"))
    duty.swapped_from = duty.swapped_from or duty.person_id
    duty.person_id = person_id
    session.flush()
