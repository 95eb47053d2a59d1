"""Checklists: which items are due on a day, what was found, and whether nothing was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import listed, say
from workflows.campaigns.models import Campaign
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen, loaded
from workflows.parts.subjects import Subject
from workflows.rosters.models import CheckResult
from workflows.rosters.sections import ChecklistSchema

RESULTS = {"ok": "ok", "fail": "fail", "none": "none", "met": "ok", "problem": "fail", "true": "ok", "false": "fail"}
"""Answers of forms and what they mean."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found at an item."""

    result: str
    note: str = ""
    evidence: tuple[str, ...] = ()


def checklists_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's checklists with its launch parameters filled in."""
    return loaded(ChecklistSchema, campaign.plan.get("checklists"), campaign.parameters)


def due_items(
    session: Session, *, campaign: Campaign, checklist: str, subject: Subject, day: date
) -> list[Mapping[str, Any]]:
    """Return the items that nobody has checked yet in their period (day, week, month, term) of a day."""
    rule = chosen(checklists_of(campaign), checklist, say("检查清单"))
    done = session.execute(
        select(CheckResult.item, CheckResult.day).where(
            CheckResult.campaign_id == campaign.id,
            CheckResult.checklist == checklist,
            CheckResult.subject == subject.code,
        )
    ).all()
    days: dict[str, list[date]] = {}
    for row in done:
        days.setdefault(row.item, []).append(row.day)
    periods = periods_of(campaign)
    due = []
    for item in rule["items"]:
        if item["kinds"] and subject.category not in item["kinds"]:
            continue
        first, last = periods.bounds(periods.of(day, Every(item["every"])))
        if not any(first <= one <= last for one in days.get(item["code"], ())):
            due.append(item)
    return due


def check_off(
    session: Session,
    *,
    campaign: Campaign,
    checklist: str,
    subject: Subject,
    answers: Mapping[str, Answer],
    day: date,
    at: datetime,
    instance_id: int,
    person_id: int | None,
    complete: bool = False,
) -> tuple[list[CheckResult], list[str]]:
    """Keep answers; returns them and the items that are still due.

    What the same instance found at an item on that day is replaced; what others found stays. With ``complete`` nothing
    due may be left out (S2-05: no item may be missing when the group leaves): InvalidInput names what is missing, and
    nothing is kept.
    """
    rule = chosen(checklists_of(campaign), checklist, say("检查清单"))
    names = {item["code"]: str(item["name"] or item["code"]) for item in rule["items"]}
    unknown = [item for item in answers if item not in names]
    if unknown:
        raise InvalidInput(say("检查清单没有“{unknown}”这一项", unknown=unknown[0]), {unknown[0]: say("不存在")})
    due = due_items(session, campaign=campaign, checklist=checklist, subject=subject, day=day)
    left = [item["code"] for item in due if item["code"] not in answers]
    if complete and left:
        raise _unchecked(left, names)
    session.execute(
        delete(CheckResult).where(
            CheckResult.campaign_id == campaign.id,
            CheckResult.checklist == checklist,
            CheckResult.subject == subject.code,
            CheckResult.day == day,
            CheckResult.instance_id == instance_id,
            CheckResult.item.in_(list(answers)),
        ),
        execution_options={"synchronize_session": False},
    )
    rows = [
        CheckResult(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            checklist=checklist,
            item=item,
            day=day,
            result=answer.result,
            note=answer.note[:4000],
            evidence=list(answer.evidence),
            instance_id=instance_id,
            checked_by=person_id,
            checked_at=at,
        )
        for item, answer in answers.items()
    ]
    session.add_all(rows)
    session.flush()
    return rows, left


def _unchecked(left: Sequence[str], names: Mapping[str, str]) -> InvalidInput:
    sentence = say("还有 {number} 项没有检查：{names}", number=len(left), names=listed(names[code] for code in left))
    return InvalidInput(sentence, dict.fromkeys(left, say("还没有检查")))


def read_answers(said: Mapping[str, Any], items: Mapping[str, Any]) -> dict[str, Answer]:
    """Read a form whose fields are called like the items, with ``note_<item>`` and ``evidence_<item>`` beside them."""
    answers = {}
    for code in items:
        value = said.get(code)
        if value is None or value == "":
            continue
        result = RESULTS.get(str(value).lower())
        if result is None:
            raise InvalidInput(
                say("检查结果“{value}”不存在，应为 ok、fail 或 none", value=value), {code: say("不存在")}
            )
        evidence = said.get(f"evidence_{code}")
        files = tuple(str(one) for one in evidence) if isinstance(evidence, list) else ()
        answers[code] = Answer(result, str(said.get(f"note_{code}") or ""), files)
    return answers
