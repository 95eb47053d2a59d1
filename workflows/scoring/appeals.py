"""Appeals (申诉) against marks, raised in time and decided once."""

from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.parts.amounts import rounded
from workflows.scoring.models import Appeal, AppealState, ScoreEntry
from workflows.scoring.service import entry_by_id


def raise_appeal(
    session: Session,
    *,
    campaign: Campaign,
    entry: ScoreEntry,
    reason: str,
    limit: str,
    told_at: datetime,
    at: datetime,
    calendar: WorkingCalendar,
) -> Appeal:
    """Raise an appeal.

    Parameters
    ----------
    limit
        How long after ``told_at`` it may be raised, as :func:`resolve_due` reads it (S1-06: 15 working days after
        the written notice); the last day counts to its end.

    Raises
    ------
    InvalidInput
        Too late, without a reason, or another appeal against the entry is open.

    """
    if not reason.strip():
        raise InvalidInput(say("请写明申诉理由"), {"reason": say("请写明申诉理由")})
    due = resolve_due(limit, told_at, calendar)
    until = calendar.end_of_day(due.astimezone(calendar.timezone).date())
    if at > until:
        raise InvalidInput(say("申诉期已于 {day} 届满", day=f"{until.astimezone(calendar.timezone):%Y-%m-%d}"))
    if session.scalar(
        select(func.count()).where(Appeal.entry_id == entry.id, Appeal.state == AppealState.OPEN).select_from(Appeal)
    ):
        raise InvalidInput(say("这条评分已有申诉在处理"))
    appeal = Appeal(
        campaign_id=campaign.id,
        subject=entry.subject,
        unit_id=entry.unit_id,
        entry_id=entry.id,
        scheme=entry.scheme,
        period=entry.period,
        reason=reason[:4000],
        until=until,
        raised_at=at,
    )
    session.add(appeal)
    session.flush()
    return appeal


def decide_appeal(
    session: Session,
    *,
    campaign: Campaign,
    appeal_id: int,
    outcome: str,
    at: datetime,
    answer: str = "",
    amount: Fraction | None = None,
) -> Appeal:
    """Decide an appeal: ``upheld`` voids the entry, ``amended`` gives it another amount, ``rejected`` keeps it.

    The scheme is to be computed again afterwards. Raises NotFound, or InvalidInput when it was decided already.
    """
    appeal = session.get(Appeal, appeal_id)
    if appeal is None or appeal.campaign_id != campaign.id:
        raise NotFound(say("没有这份申诉"))
    if appeal.state != AppealState.OPEN:
        raise InvalidInput(say("这份申诉已有结论"))
    if outcome not in (AppealState.UPHELD, AppealState.AMENDED, AppealState.REJECTED):
        raise InvalidInput(say("申诉结论须为 upheld、amended 或 rejected"), {"outcome": say("不存在")})
    entry = entry_by_id(session, campaign, appeal.entry_id)
    if outcome == AppealState.UPHELD:
        entry.voided_at = at
    elif outcome == AppealState.AMENDED:
        if amount is None:
            raise InvalidInput(say("改判须给出新的分值"), {"amount": say("缺少此项")})
        entry.amount = rounded(amount, 4)
    appeal.state, appeal.answer, appeal.decided_at = outcome, answer[:4000], at
    session.flush()
    return appeal
