"""Giving awards by the plan's rules, confirming or cancelling them, and the history that they leave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import say
from workflows.awards.models import AwardState, Grant, MoneyLine
from workflows.awards.ranking import places_of, rankings_of
from workflows.awards.rules import AwardSchema
from workflows.awards.selection import Chosen, choose
from workflows.campaigns.models import Campaign
from workflows.counters.service import count
from workflows.organisation.tree import LOCAL
from workflows.parts.amounts import rounded, shared
from workflows.parts.sections import chosen, loaded
from workflows.parts.subjects import Subject, subjects_of
from workflows.scoring.models import Score

_BULK = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Given:
    """The grants of one award and the money that goes with them."""

    grants: tuple[Grant, ...]
    money: tuple[MoneyLine, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the money; negative for fines."""
        return sum((line.amount for line in self.money), Decimal(0))


def awards_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's awards with its launch parameters filled in."""
    return loaded(AwardSchema, campaign.plan.get("awards"), campaign.parameters)


def give(
    session: Session,
    *,
    campaign: Campaign,
    award: str,
    period: str,
    at: datetime,
    instance_id: int,
    heads: Mapping[str, int] | None = None,
) -> Given:
    """Give an award of the plan to those whom its rule chooses; giving it again replaces what was proposed.

    Parameters
    ----------
    heads
        Registered heads by subject, for money per head. Raises InvalidInput when one is missing.

    """
    rule = chosen(awards_of(campaign), award, say("奖项"))
    picked = _picked(session, campaign, rule, period)
    before = _holders(session, campaign, [award], period)
    _withdraw(session, campaign, award, period)
    who = subjects_of(session, campaign, [one.place.candidate.code for one in picked]) if picked else {}
    grants = [
        _grant(campaign, rule, one, subject=who[one.place.candidate.code], period=period, at=at) for one in picked
    ]
    money = [
        line
        for one in picked
        if one.money
        for line in money_lines(
            campaign,
            who[one.place.candidate.code],
            code=award,
            amount=_paid(rule, one, heads),
            split=rule["split"],
            period=period,
            reason=one.reason,
            instance_id=instance_id,
            at=at,
        )
    ]
    session.add_all([*grants, *money])
    session.flush()
    if rule["counter"]:
        for subject in (one for code, one in who.items() if code not in before):
            count(
                session,
                campaign=campaign,
                counter=rule["counter"],
                subject=subject,
                amount=Fraction(1),
                day=at.astimezone(LOCAL).date(),
                at=at,
                instance_id=instance_id,
                reason=f"{rule['name'] or award} {period}".strip(),
            )
    return Given(tuple(grants), tuple(money))


def _picked(session: Session, campaign: Campaign, rule: Mapping[str, Any], period: str) -> Sequence[Chosen]:
    places = places_of(session, campaign, rule["ranking"], period)
    ranking = chosen(rankings_of(campaign), rule["ranking"], say("排名"))
    barred = _holders(session, campaign, rule["lacking"], period)
    if rule["kind"] == "honour":
        barred |= _vetoed(session, campaign, ranking["scheme"], period)
    among = _holders(session, campaign, [rule["among"]], period) if rule["among"] else None
    return choose(rule, places, per_category=ranking["per_category"], barred=barred, among=among)


def grant_to(
    session: Session,
    *,
    campaign: Campaign,
    award: str,
    name: str,
    subjects: Collection[Subject],
    at: datetime,
    period: str = "",
    kind: str = "honour",
    reason: str = "",
) -> list[Grant]:
    """Give an award that people chose (a vote, a recommendation) instead of a rule; repeating it changes nothing."""
    known = _holders(session, campaign, [award], period)
    grants = [
        Grant(
            campaign_id=campaign.id,
            subject=one.code,
            unit_id=one.unit_id,
            award=award,
            name=name or award,
            kind=kind,
            period=period,
            year=at.astimezone(LOCAL).year,
            reason=reason,
            made_at=at,
        )
        for one in subjects
        if one.code not in known
    ]
    session.add_all(grants)
    session.flush()
    return grants


def settle(
    session: Session,
    *,
    campaign: Campaign,
    award: str,
    state: AwardState,
    at: datetime,
    period: str | None = None,
    subjects: Collection[str] = (),
) -> int:
    """Confirm or cancel proposed grants (of some subjects); returns how many changed. Cancelled, the money goes too."""
    conditions = [Grant.campaign_id == campaign.id, Grant.award == award, Grant.state != AwardState.CANCELLED]
    conditions += [Grant.period == period] if period is not None else []
    conditions += [Grant.subject.in_(subjects)] if subjects else []
    rows = session.scalars(select(Grant).where(*conditions)).all()
    for row in rows:
        row.state, row.decided_at = state, at
    if state is AwardState.CANCELLED and rows:
        session.execute(
            delete(MoneyLine).where(
                MoneyLine.campaign_id == campaign.id,
                MoneyLine.code == award,
                MoneyLine.subject.in_([row.subject for row in rows]),
                MoneyLine.period.in_({row.period for row in rows}),
            ),
            execution_options=_BULK,
        )
    session.flush()
    return len(rows)


def history(
    session: Session, *, subject: str, year: int, states: Collection[str] = (AwardState.CONFIRMED,)
) -> list[Grant]:
    """Return a subject's honours and penalties of a year in all campaigns, for the yearly appraisal."""
    statement = select(Grant).where(Grant.subject == subject, Grant.year == year, Grant.state.in_(states))
    return list(session.scalars(statement.order_by(Grant.made_at, Grant.id)))


def money_lines(
    campaign: Campaign,
    subject: Subject,
    *,
    code: str,
    amount: Decimal,
    at: datetime,
    instance_id: int,
    split: Mapping[str, Fraction] | None = None,
    beneficiary: str = "",
    period: str = "",
    pool: str = "",
    reason: str = "",
) -> list[MoneyLine]:
    """Return the lines of an amount, one for each share; together they are the amount to the cent."""
    shares = shared(amount, split) if split else {beneficiary: amount}
    return [
        MoneyLine(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            code=code,
            period=period,
            beneficiary=name,
            amount=share,
            pool=pool,
            reason=reason,
            instance_id=instance_id,
            made_at=at,
        )
        for name, share in shares.items()
    ]


def _paid(rule: Mapping[str, Any], one: Chosen, heads: Mapping[str, int] | None) -> Decimal:
    amount = one.money or Decimal(0)
    if rule["per_head"]:
        number = (heads or {}).get(one.place.candidate.code)
        if number is None:
            raise InvalidInput(say("缺少“{code}”的在册人数", code=one.place.candidate.code), {"heads": say("缺少人数")})
        amount = rounded(amount * number)
    return -amount if rule["kind"] == "penalty" else amount


def _grant(
    campaign: Campaign, rule: Mapping[str, Any], one: Chosen, *, subject: Subject, period: str, at: datetime
) -> Grant:
    return Grant(
        campaign_id=campaign.id,
        subject=subject.code,
        unit_id=subject.unit_id,
        award=rule["code"],
        name=rule["name"] or rule["code"],
        kind=rule["kind"],
        period=period,
        year=int(period[:4]) if period[:4].isdigit() else at.astimezone(LOCAL).year,
        rank=one.place.rank,
        reason=one.reason,
        made_at=at,
    )


def _withdraw(session: Session, campaign: Campaign, award: str, period: str) -> None:
    """Drop what was proposed before, so that an award decided again is not given twice."""
    confirmed = session.scalars(
        select(Grant.subject)
        .where(Grant.campaign_id == campaign.id, Grant.award == award, Grant.period == period)
        .where(Grant.state == AwardState.CONFIRMED)
    ).all()
    if confirmed:
        raise InvalidInput(say("这个奖项已经确定，不能重新评定；请先撤销"), {"award": say("已确定")})
    of_award = (Grant.campaign_id == campaign.id, Grant.award == award, Grant.period == period)
    session.execute(delete(Grant).where(*of_award), execution_options=_BULK)
    session.execute(
        delete(MoneyLine).where(
            MoneyLine.campaign_id == campaign.id, MoneyLine.code == award, MoneyLine.period == period
        ),
        execution_options=_BULK,
    )


def _holders(session: Session, campaign: Campaign, awards: Sequence[str], period: str) -> set[str]:
    if not awards:
        return set()
    statement = select(Grant.subject).where(
        Grant.campaign_id == campaign.id,
        Grant.award.in_(awards),
        Grant.period == period,
        Grant.state != AwardState.CANCELLED,
    )
    return set(session.scalars(statement))


def _vetoed(session: Session, campaign: Campaign, scheme: str, period: str) -> set[str]:
    statement = select(Score.subject).where(
        Score.campaign_id == campaign.id, Score.scheme == scheme, Score.period == period, Score.veto != ""
    )
    return set(session.scalars(statement))


def award_names(session: Session, campaign_id: int) -> dict[int, list[str]]:
    """Return the names of the awards and penalties of each unit of a campaign; cancelled ones are left out."""
    query = select(Grant.unit_id, Grant.name).where(Grant.campaign_id == campaign_id)
    names: dict[int, list[str]] = {}
    for unit_id, name in session.execute(query.where(Grant.state != AwardState.CANCELLED).order_by(Grant.id)):
        if unit_id is not None:
            names.setdefault(unit_id, []).append(name)
    return names
