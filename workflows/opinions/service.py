"""Answers to polls, pledges and their review, attendance."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import listed, say
from workflows.campaigns.models import Campaign
from workflows.opinions.models import Attendance, Ballot, Pledge, PledgeState
from workflows.opinions.section import PollSchema
from workflows.opinions.tally import Answered, Tally, tally
from workflows.parts.amounts import rounded
from workflows.parts.sections import chosen, loaded
from workflows.parts.subjects import Subject


def polls_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's polls with its launch parameters filled in."""
    return loaded(PollSchema, campaign.plan.get("polls"), campaign.parameters)


def cast(
    session: Session,
    *,
    campaign: Campaign,
    poll: str,
    answers: Mapping[str, Any],
    voter: str,
    at: datetime,
    about: Subject | None = None,
    group: str = "",
) -> list[Ballot]:
    """Keep somebody's answers.

    Parameters
    ----------
    voter
        What is the same for the same person; only a digest of it is kept.
    about
        Whom the answers are about, none for the campaign as a whole.

    Raises
    ------
    InvalidInput
        An answer that the question does not offer, a question left out, an unknown group, or answered already.

    """
    rule = chosen(polls_of(campaign), poll, say("问卷"))
    if rule["groups"] and group not in rule["groups"]:
        raise InvalidInput(
            say("问卷没有“{group}”这个评价主体；有：{groups}", group=group, groups=listed(rule["groups"])),
            {"group": say("不存在")},
        )
    digest = _digest(campaign, poll, about, voter)
    known = session.scalar(
        select(func.count())
        .select_from(Ballot)
        .where(Ballot.campaign_id == campaign.id, Ballot.poll == poll, Ballot.voter == digest)
    )
    if known:
        raise InvalidInput(say("已经答过这份问卷"))
    ballots = [
        Ballot(
            campaign_id=campaign.id,
            subject=about.code if about else "",
            unit_id=about.unit_id if about else None,
            poll=poll,
            question=question["code"],
            voters=group,
            voter=digest,
            answer=str(answers.get(question["code"]) or ""),
            value=_value(question, answers.get(question["code"])),
            cast_at=at,
        )
        for question in rule["questions"]
    ]
    session.add_all(ballots)
    session.flush()
    return ballots


def _digest(campaign: Campaign, poll: str, about: Subject | None, voter: str) -> str:
    text = f"{campaign.id}|{poll}|{about.code if about else ''}|{voter}"
    return blake2b(text.encode(), key=str(campaign.instance_id).encode()[:64], digest_size=32).hexdigest()


def _value(question: Mapping[str, Any], answer: Any) -> Any:
    if answer is None or answer == "":
        raise InvalidInput(
            say("请回答“{name}”", name=question["name"] or question["code"]), {question["code"]: say("请回答")}
        )
    offered = list(question["scale"]) or question["choices"]
    if offered and str(answer) not in offered:
        raise InvalidInput(say("“{answer}”不在选项内", answer=answer), {question["code"]: say("不在选项内")})
    return rounded(question["scale"][str(answer)], 4) if question["scale"] else None


def count(
    session: Session, *, campaign: Campaign, poll: str, about: Subject | None = None, electorate: int | None = None
) -> Tally:
    """Count a poll, about somebody or as a whole."""
    rule = chosen(polls_of(campaign), poll, say("问卷"))
    query = select(Ballot).where(Ballot.campaign_id == campaign.id, Ballot.poll == poll)
    if about is not None:
        query = query.where(Ballot.subject == about.code)
    rows = session.scalars(query).all()
    answers = [
        Answered(row.question, row.voters, row.answer, None if row.value is None else Fraction(row.value))
        for row in rows
    ]
    return tally(rule, answers, people=len({(row.subject, row.voter) for row in rows}), electorate=electorate)


def make_pledges(
    session: Session, *, campaign: Campaign, subject: Subject, texts: Sequence[str], at: datetime, person_id: int | None
) -> list[Pledge]:
    """Publish pledges of a subject."""
    if not any(text.strip() for text in texts):
        raise InvalidInput(say("请写明承诺内容"), {"text": say("请写明承诺内容")})
    pledges = [
        Pledge(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            text=text.strip()[:4000],
            made_by=person_id,
            made_at=at,
        )
        for text in texts
        if text.strip()
    ]
    session.add_all(pledges)
    session.flush()
    return pledges


def review_pledge(
    session: Session, *, campaign: Campaign, pledge_id: int, outcome: str, at: datetime, note: str = ""
) -> Pledge:
    """Compare a pledge with what was done; a kept one is cancelled (销号)."""
    pledge = session.get(Pledge, pledge_id)
    if pledge is None or pledge.campaign_id != campaign.id:
        raise NotFound(say("没有这条承诺"))
    if outcome not in (PledgeState.KEPT, PledgeState.PARTLY, PledgeState.BROKEN):
        raise InvalidInput(say("践诺结果须为 kept、partly 或 broken"), {"outcome": say("不存在")})
    pledge.state, pledge.note, pledge.reviewed_at = outcome, note[:4000], at
    session.flush()
    return pledge


def pledges_of(session: Session, *, campaign: Campaign, subject: str = "") -> list[Pledge]:
    """Return the pledges (of a subject) in the order in which they were made."""
    query = select(Pledge).where(Pledge.campaign_id == campaign.id)
    return list(session.scalars((query.where(Pledge.subject == subject) if subject else query).order_by(Pledge.id)))


def attend(
    session: Session,
    *,
    campaign: Campaign,
    meeting: str,
    expected: Mapping[str, Subject],
    present: Sequence[str],
    at: datetime,
    proof: Mapping[str, Sequence[str]] | None = None,
) -> list[Attendance]:
    """Record who was there of those expected; recording a meeting again corrects it.

    Somebody who was not expected but came counts as present too.
    """
    rows = {
        row.subject: row
        for row in session.scalars(
            select(Attendance).where(Attendance.campaign_id == campaign.id, Attendance.meeting == meeting)
        )
    }
    for code in dict.fromkeys([*expected, *present]):
        subject = expected.get(code)
        row = rows.get(code)
        if row is None:
            row = rows[code] = Attendance(
                campaign_id=campaign.id,
                subject=code,
                unit_id=subject.unit_id if subject else None,
                meeting=meeting,
                proof=[],
            )
            session.add(row)
        row.present = code in present
        row.proof = list((proof or {}).get(code, row.proof))
        row.recorded_at = at
    session.flush()
    return list(rows.values())
