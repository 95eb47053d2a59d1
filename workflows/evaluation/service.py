"""From ratings to scores, from scores to consequences; every figure carries the rows it was made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.tasks.models import Submission
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.campaigns.visibility import view
from workflows.evaluation.models import GRADE_NAMES, Award, Grade, Rating
from workflows.findings.models import Finding, FindingState
from workflows.organisation.models import Unit
from workflows.organisation.names import name_of

CENT = Decimal("0.01")
MOST_POINTS = Decimal(100)


def rate(
    session: Session,
    *,
    campaign: Campaign,
    unit_id: int,
    group_code: str,
    submission: Submission,
    at: datetime,
) -> Rating:
    """Enter a group's rating from a submission (``grade``, optional ``points`` and ``reason``).

    The same task handed in again replaces its former rating. Without points the grade's points of the plan count.
    """
    grade = _grade(submission.data.get("grade"))
    points = _points(submission.data.get("points"), campaign, grade)
    session.execute(
        delete(Rating).where(
            Rating.campaign_id == campaign.id,
            Rating.unit_id == unit_id,
            Rating.instance_id == submission.instance_id,
            Rating.element_id == submission.element_id,
        ),
        execution_options={"synchronize_session": False},
    )
    rating = Rating(
        campaign_id=campaign.id,
        unit_id=unit_id,
        instance_id=submission.instance_id,
        element_id=submission.element_id,
        submission_id=submission.id,
        group_code=group_code,
        grade=grade,
        points=points,
        reason=str(submission.data.get("reason") or "")[:4000],
        rated_by=submission.person_id,
        rated_at=at,
    )
    session.add(rating)
    session.flush()
    return rating


@dataclass(frozen=True, slots=True)
class Collected:
    """Units with and without a score."""

    rated: tuple[int, ...]
    unrated: tuple[int, ...]
    average: Decimal | None


def collect(session: Session, *, campaign: Campaign, open_finding_deduction: Decimal = Decimal(0)) -> Collected:
    """Compute every unit's score: the mean of its groups' points less deductions, never below 0, half up to 0.01.

    The grade shown is the one whose points the score reaches.
    """
    ratings: dict[int, list[Rating]] = {}
    for rating in session.scalars(
        select(Rating).where(Rating.campaign_id == campaign.id).order_by(Rating.rated_at, Rating.id)
    ):
        ratings.setdefault(rating.unit_id, []).append(rating)
    open_findings = _open_findings(session, campaign.id)
    rated, unrated, scores = [], [], []
    statement = select(CampaignUnit).where(CampaignUnit.campaign_id == campaign.id).order_by(CampaignUnit.position)
    for unit in session.scalars(statement):
        own = ratings.get(unit.unit_id, [])
        if not own:
            unit.score = unit.rating = None
            unit.reasons = [{"rule": "no-rating", "text": say("没有考核小组评定")}]
            unrated.append(unit.unit_id)
            continue
        mean = (sum((one.points for one in own), Decimal(0)) / len(own)).quantize(CENT, ROUND_HALF_UP)
        reasons: list[dict[str, Any]] = [_reason(one) for one in own]
        deducted = open_finding_deduction * open_findings.get(unit.unit_id, 0)
        if deducted:
            number = open_findings[unit.unit_id]
            text = say(
                "{number} 条问题未销号，每条扣 {open_finding_deduction} 分",
                number=number,
                open_finding_deduction=open_finding_deduction,
            )
            reasons.append({"rule": "open-findings", "points": str(-deducted), "count": number, "text": text})
        unit.score = max(Decimal(0), mean - deducted)
        unit.rating = _grade_of(campaign, unit.score)
        unit.reasons = reasons
        rated.append(unit.unit_id)
        scores.append(unit.score)
    session.flush()
    average = (sum(scores, Decimal(0)) / len(scores)).quantize(CENT, ROUND_HALF_UP) if scores else None
    return Collected(tuple(rated), tuple(unrated), average)


@dataclass(frozen=True, slots=True)
class Decided:
    """Units above the line and units below the other one."""

    commended: tuple[int, ...]
    poor: tuple[int, ...]


Decision = Callable[[Decimal, str], tuple[str | None, str]]
"""Says for a score and its grade which award follows (None for none), and why."""


def by_lines(commend_line: Decimal, poor_line: Decimal) -> Decision:
    """Commend from ``commend_line`` on; below ``poor_line`` a unit is named and rectifies in time."""
    if poor_line > commend_line:
        raise InvalidInput(say("通报线不得高于表彰线"), {"poor_line": say("不得高于表彰线")})

    def decide(score: Decimal, _grade: str) -> tuple[str | None, str]:
        if score >= commend_line:
            return Award.COMMENDED, say(
                "得分 {score} 达到表彰线 {commend_line}", score=score, commend_line=commend_line
            )
        if score < poor_line:
            return Award.POOR, say("得分 {score} 低于通报线 {poor_line}", score=score, poor_line=poor_line)
        return None, ""

    return decide


def decide_awards(session: Session, *, campaign: Campaign, decision: Decision, rectification_due: datetime) -> Decided:
    """Decide what follows from every unit's score; a unit without a score gets nothing.

    The reason is added to the unit's reasons; deciding again replaces it.
    """
    units: dict[str | None, list[int]] = {}
    statement = select(CampaignUnit).where(CampaignUnit.campaign_id == campaign.id).order_by(CampaignUnit.position)
    for unit in session.scalars(statement):
        reasons = [one for one in unit.reasons or [] if one.get("rule") != "award"]
        unit.award, text = decision(unit.score, unit.rating or "") if unit.score is not None else (None, "")
        if unit.award is not None:
            reason = {"rule": "award", "award": unit.award, "text": text}
            reasons.append(reason | ({"due": rectification_due.isoformat()} if unit.award == Award.POOR else {}))
        unit.reasons = reasons
        units.setdefault(unit.award, []).append(unit.unit_id)
    session.flush()
    return Decided(tuple(units.get(Award.COMMENDED, ())), tuple(units.get(Award.POOR, ())))


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place in the ranking. Equal scores share a rank, and the next rank counts on (1, 1, 3)."""

    rank: int | None
    unit_id: int
    unit_name: str
    kind: str
    score: Decimal | None
    rating: str | None
    award: str | None
    reasons: tuple[dict[str, Any], ...]
    findings: int
    closed_findings: int


def standings(session: Session, *, campaign_id: int) -> list[Standing]:
    """Return all units by score, those without one last; two statements."""
    numbers = {
        unit_id: (total, closed)
        for unit_id, total, closed in session.execute(
            select(Finding.unit_id, func.count(), func.count().filter(Finding.state == FindingState.CLOSED))
            .where(Finding.campaign_id == campaign_id)
            .group_by(Finding.unit_id)
        )
    }
    rows = session.execute(
        select(CampaignUnit, name_of(Unit))
        .join(Unit, Unit.id == CampaignUnit.unit_id)
        .where(CampaignUnit.campaign_id == campaign_id)
    ).all()
    ordered = sorted(rows, key=lambda row: (row[0].score is None, -(row[0].score or 0), row[0].position))
    ranks: dict[Decimal | None, int] = {}
    for place, (unit, _) in enumerate(ordered, start=1):
        ranks.setdefault(unit.score, place)
    return [
        Standing(
            rank=None if unit.score is None else ranks[unit.score],
            unit_id=unit.unit_id,
            unit_name=name,
            kind=unit.kind,
            score=unit.score,
            rating=unit.rating,
            award=unit.award,
            reasons=tuple(unit.reasons or ()),
            findings=numbers.get(unit.unit_id, (0, 0))[0],
            closed_findings=numbers.get(unit.unit_id, (0, 0))[1],
        )
        for unit, name in ordered
    ]


def visible_standings(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> list[Standing]:
    """Return the ranking within what the viewer may see; ranks are those of all units."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    return [one for one in standings(session, campaign_id=campaign_id) if seen.sees(one.unit_id)]


def _open_findings(session: Session, campaign_id: int) -> dict[int, int]:
    statement = (
        select(Finding.unit_id, func.count())
        .where(Finding.campaign_id == campaign_id, Finding.state != FindingState.CLOSED)
        .group_by(Finding.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _reason(rating: Rating) -> dict[str, Any]:
    text = say("{grade_name}，{points} 分", grade_name=GRADE_NAMES[Grade(rating.grade)], points=rating.points)
    return {
        "rule": "rating",
        "group": rating.group_code,
        "grade": rating.grade,
        "points": str(rating.points),
        "text": say("{text}：{reason}", text=text, reason=rating.reason) if rating.reason else text,
        "rating_id": str(rating.id),
        "submission_id": str(rating.submission_id),
    }


def _grade(value: object) -> Grade:
    try:
        return Grade(str(value))
    except ValueError as error:
        raise InvalidInput(say("请给出等次：优、良、中、差"), {"grade": say("请选择等次")}) from error


def _points(value: object, campaign: Campaign, grade: Grade) -> Decimal:
    if value is None or value == "":
        grades = campaign.plan["evaluation"]["grades"]
        if grade not in grades:
            raise InvalidInput(
                say("方案没有规定“{grade_name}”的分值", grade_name=GRADE_NAMES[grade]), {"points": say("请填写分值")}
            )
        value = grades[grade]
    try:
        points = Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation as error:
        raise InvalidInput(say("分值须为数字"), {"points": say("须为数字")}) from error
    if not 0 <= points <= MOST_POINTS:
        raise InvalidInput(
            say("分值须在 0 与 {most} 之间", most=MOST_POINTS),
            {"points": say("须在 0 与 {most} 之间", most=MOST_POINTS)},
        )
    return points


def _grade_of(campaign: Campaign, score: Decimal) -> str:
    """Return the best grade whose points the score reaches, the lowest where it reaches none."""
    grades = sorted(campaign.plan["evaluation"]["grades"].items(), key=lambda item: -item[1])
    return next((str(grade) for grade, points in grades if score >= Decimal(str(points))), str(grades[-1][0]))
