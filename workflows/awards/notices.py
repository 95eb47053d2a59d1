"""Public notices (公示): a list is shown for some days, people object, somebody decides each objection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.errors import Conflict, InvalidInput, NotFound
from engine.wording import say
from workflows.awards.models import AwardState, Grant, Objection, ObjectionState, PublicNotice
from workflows.campaigns.models import Campaign
from workflows.parts.subjects import names_of


def open_notice(
    session: Session,
    *,
    campaign: Campaign,
    title: str,
    lasts: str,
    at: datetime,
    calendar: WorkingCalendar,
    award: str = "",
    period: str = "",
    rows: Sequence[str] = (),
) -> PublicNotice:
    """Publish the proposed holders of an award (or ``rows`` of text) until the end of the last day of ``lasts``."""
    due = resolve_due(lasts, at, calendar)
    shown: list[Any] = [{"text": row} for row in rows]
    if award:
        grants = _holders(session, campaign.id, award, period)
        names = names_of(session, campaign, [one.subject for one in grants])
        shown += [{"subject": one.subject, "text": names[one.subject], "reason": one.reason} for one in grants]
    notice = PublicNotice(
        campaign_id=campaign.id,
        title=title[:300],
        award=award,
        period=period,
        rows=shown,
        opens=at,
        closes=calendar.end_of_day(due.astimezone(calendar.timezone).date()),
    )
    session.add(notice)
    session.flush()
    return notice


def _holders(session: Session, campaign_id: int, award: str, period: str) -> Sequence[Grant]:
    """Return an award's grants that are not cancelled, by rank."""
    return session.scalars(
        select(Grant)
        .where(Grant.campaign_id == campaign_id, Grant.award == award, Grant.period == period)
        .where(Grant.state != AwardState.CANCELLED)
        .order_by(Grant.rank, Grant.id)
    ).all()


def names_left(session: Session, *, campaign: Campaign, notice: PublicNotice) -> list[str]:
    """Return who is still on a notice's list when the objections are decided."""
    if not notice.award:
        return [str(row["text"]) for row in notice.rows]
    grants = _holders(session, campaign.id, notice.award, notice.period)
    names = names_of(session, campaign, [one.subject for one in grants])
    return [names[one.subject] for one in grants]


def notice_by_id(session: Session, campaign_id: int, notice_id: int) -> PublicNotice:
    """Return a notice of this campaign; raises NotFound for others."""
    notice = session.get(PublicNotice, notice_id)
    if notice is None or notice.campaign_id != campaign_id:
        raise NotFound(say("没有这份公示"))
    return notice


def notices_of(session: Session, *, campaign_id: int) -> list[PublicNotice]:
    """Return a campaign's notices, the latest first; they are for everybody who takes part."""
    query = select(PublicNotice).where(PublicNotice.campaign_id == campaign_id)
    return list(session.scalars(query.order_by(PublicNotice.opens.desc(), PublicNotice.id.desc())))


def objections_of(session: Session, *, campaign_id: int) -> list[Objection]:
    """Return the objections to a campaign's notices, the oldest first."""
    query = select(Objection).where(Objection.campaign_id == campaign_id)
    return list(session.scalars(query.order_by(Objection.raised_at, Objection.id)))


def object_to(
    session: Session, *, notice: PublicNotice, text: str, at: datetime, person_id: int | None, subject: str = ""
) -> Objection:
    """Raise an objection while the notice is open; raises InvalidInput afterwards or without a text.

    Said again by the same person while it is open, it is still one objection.
    """
    if not text.strip():
        raise InvalidInput(say("请写明异议内容"), {"text": say("请写明异议内容")})
    # Two clicks at one instant come after each other, and no notice is closed over an objection that is being raised.
    session.refresh(notice, with_for_update=True)
    if notice.closed_at is not None or at > notice.closes:
        raise InvalidInput(say("公示已经结束，不再受理异议"))
    same = select(Objection).where(
        Objection.notice_id == notice.id,
        Objection.raised_by == person_id,
        Objection.subject == subject,
        Objection.text == text[:4000],
        Objection.state == ObjectionState.OPEN,
    )
    if person_id is not None and (earlier := session.scalars(same.limit(1)).one_or_none()) is not None:
        return earlier
    objection = Objection(
        campaign_id=notice.campaign_id,
        notice_id=notice.id,
        subject=subject,
        text=text[:4000],
        raised_by=person_id,
        raised_at=at,
    )
    session.add(objection)
    session.flush()
    return objection


def decide_objection(
    session: Session, *, campaign: Campaign, objection_id: int, upheld: bool, answer: str, at: datetime
) -> Objection:
    """Decide an objection; upheld, the subject's award is cancelled. Raises Conflict when somebody decided it."""
    objection = session.get(Objection, objection_id, with_for_update=True, populate_existing=True)
    if objection is None or objection.campaign_id != campaign.id:
        raise NotFound(say("没有这条异议"))
    if objection.state != ObjectionState.OPEN:
        raise Conflict(say("这条异议已有结论"))
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.REJECTED
    objection.answer, objection.decided_at = answer[:4000], at
    notice = notice_by_id(session, campaign.id, objection.notice_id)
    if upheld and notice.award and objection.subject:
        from workflows.awards.service import settle

        settle(
            session,
            campaign=campaign,
            award=notice.award,
            state=AwardState.CANCELLED,
            at=at,
            period=notice.period,
            subjects=[objection.subject],
        )
    session.flush()
    return objection


def close_notice(session: Session, *, notice: PublicNotice, at: datetime) -> dict[str, int]:
    """Close a notice whose time is over; returns the objections by state.

    Raises InvalidInput while the time runs or an objection is open.
    """
    session.refresh(notice, with_for_update=True)
    counted = select(Objection.state, func.count()).where(Objection.notice_id == notice.id).group_by(Objection.state)
    numbers = {str(row[0]): row[1] for row in session.execute(counted)}
    if at < notice.closes:
        raise InvalidInput(say("公示期未满"))
    if numbers.get(ObjectionState.OPEN):
        raise InvalidInput(say("还有 {number} 条异议没有结论", number=numbers[ObjectionState.OPEN]))
    notice.closed_at = at
    session.flush()
    return numbers
