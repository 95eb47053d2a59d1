"""Service tasks of scoring: ``score.enter``, ``score.compute``, ``score.read``, ``appeal.open``, ``appeal.decide``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.inputs import called_campaign, called_form, given, identifier, needed
from workflows.organisation.tree import LOCAL
from workflows.parts.amounts import exact, rounded
from workflows.parts.calendar import current_period
from workflows.parts.sections import chosen
from workflows.parts.subjects import called_subject, called_subjects
from workflows.scoring.appeals import decide_appeal, raise_appeal
from workflows.scoring.models import Score, ScoreEntry
from workflows.scoring.service import Given, Origin, compute, enter, entry_by_id, schemes_of

Result = Mapping[str, Any]
APPEAL_LIMIT = "15 working days"
"""S1-06: objection within 15 working days after the written notice."""


def enter_marks(call: ServiceCall) -> Result:
    """``score.enter``: marks on a sheet, from a form or from the step's inputs."""
    campaign, subject = called_campaign(call), called_subject(call)
    scheme = chosen(schemes_of(campaign), needed(call, "scheme"), say("评分"))
    submission = called_form(call)
    marks = _marks(given(call, "marks"), scheme) if given(call, "marks") is not None else []
    if submission is not None:
        marks += _marks(submission.data, scheme)
    elif given(call, "item") is not None:
        marks.append(_one(call, scheme))
    factor = exact(given(call, "factor", 1), "factor") / exact(given(call, "authors", 1), "authors")
    marks = [Given(m.item, None if m.amount is None else m.amount * factor, m.reason, m.evidence) for m in marks]
    if not marks:
        raise InvalidInput(
            say("服务步骤“{element_id}”没有任何评分记录", element_id=call.element_id), {"marks": say("缺少此项")}
        )
    entries = enter(
        call.session,
        campaign=campaign,
        scheme=str(scheme["code"]),
        subject=subject,
        marks=marks,
        origin=Origin(
            call.instance.id,
            str(given(call, "element", call.element_id)),
            submission.person_id if submission else call.instance.initiator_id,
            call.at,
        ),
        period=_period(call, campaign, scheme),
        round_=identifier(call, "round", given(call, "round", 1)),
        replace=given(call, "add") is not True,
    )
    return {"score_entry_ids": [str(entry.id) for entry in entries], "score_entry_id": str(entries[-1].id)}


def compute_scores(call: ServiceCall) -> Result:
    """``score.compute``: results of a scheme for all subjects, kept with their lines."""
    campaign = called_campaign(call)
    scheme = chosen(schemes_of(campaign), needed(call, "scheme"), say("评分"))
    results = compute(
        call.session,
        campaign=campaign,
        scheme=str(scheme["code"]),
        subjects=_subjects(call, campaign),
        at=call.at,
        period=_period(call, campaign, scheme),
        weights=_weights(given(call, "weights")),
    )
    values = [one.value for one in results.values() if one.value is not None]
    mean = rounded(sum((Fraction(value) for value in values), Fraction(0)) / len(values)) if values else None
    return {
        "scored_count": len(values),
        "unscored_subjects": [code for code, one in results.items() if one.value is None],
        "vetoed_subjects": [code for code, one in results.items() if one.veto],
        "score_mean": None if mean is None else float(mean),
        "score_value": float(values[0]) if len(results) == 1 and values else None,
    }


def read_score(call: ServiceCall) -> Result:
    """``score.read``: one subject's result for routing."""
    campaign, subject = called_campaign(call), called_subject(call)
    scheme = chosen(schemes_of(campaign), needed(call, "scheme"), say("评分"))
    score = call.session.scalars(
        select(Score).where(
            Score.campaign_id == campaign.id,
            Score.scheme == scheme["code"],
            Score.subject == subject.code,
            Score.period == _period(call, campaign, scheme),
        )
    ).one_or_none()
    if score is None:
        return {"score_value": None, "score_grade": "", "score_veto": ""}
    value = None if score.value is None else float(score.value)
    return {"score_value": value, "score_grade": score.grade, "score_veto": score.veto}


def open_appeal(call: ServiceCall) -> Result:
    """``appeal.open``: an appeal against a mark, refused after its working days."""
    campaign = called_campaign(call)
    entry_id = given(call, "entry_id", call.instance.variables.get("score_entry_id"))
    entry = entry_by_id(call.session, campaign, identifier(call, "entry_id", entry_id)) if entry_id else _last(call)
    submission = called_form(call)
    appeal = raise_appeal(
        call.session,
        campaign=campaign,
        entry=entry,
        reason=str((submission.data if submission else call.inputs).get("reason") or ""),
        limit=str(given(call, "limit", APPEAL_LIMIT)),
        told_at=_told_at(call) or entry.entered_at,
        at=submission.submitted_at if submission else call.at,
        calendar=call.engine.calendars.of_unit(call.session, entry.unit_id),
    )
    return {"appeal_id": str(appeal.id), "appeal_until": appeal.until.isoformat()}


def _told_at(call: ServiceCall) -> datetime | None:
    """Return when the subject was told; an instant without a zone, as FEEL's ``now()`` gives it, is local."""
    told = given(call, "told_at")
    if not told:
        return None
    instant = datetime.fromisoformat(str(told))
    return instant if instant.tzinfo else instant.replace(tzinfo=LOCAL)


def close_appeal(call: ServiceCall) -> Result:
    """``appeal.decide``: what becomes of an appeal; upheld or amended, the scheme is computed again."""
    campaign = called_campaign(call)
    appeal_id = given(call, "appeal_id", call.instance.variables.get("appeal_id"))
    submission = called_form(call)
    said: Mapping[str, Any] = submission.data if submission else call.inputs
    amount = said.get("amount")
    appeal = decide_appeal(
        call.session,
        campaign=campaign,
        appeal_id=identifier(call, "appeal_id", appeal_id),
        outcome=str(given(call, "outcome") or said.get("outcome") or ""),
        at=call.at,
        answer=str(said.get("answer") or ""),
        amount=None if amount in (None, "") else exact(amount, "amount"),
    )
    return {"appeal_outcome": appeal.state}


def _last(call: ServiceCall) -> ScoreEntry:
    campaign, subject = called_campaign(call), called_subject(call)
    statement = select(ScoreEntry).where(ScoreEntry.campaign_id == campaign.id, ScoreEntry.subject == subject.code)
    if given(call, "scheme") is not None:
        statement = statement.where(ScoreEntry.scheme == needed(call, "scheme"))
    if given(call, "item") is not None:
        statement = statement.where(ScoreEntry.item == needed(call, "item"))
    found = call.session.scalars(statement.order_by(ScoreEntry.entered_at.desc(), ScoreEntry.id.desc())).first()
    if found is None:
        raise InvalidInput(say("{name}没有可申诉的评分记录", name=subject.name))
    return found


def _subjects(call: ServiceCall, campaign: Campaign) -> dict[str, Any]:
    if given(call, "subject") is not None or given(call, "unit_id") is not None:
        subject = called_subject(call)
        return {subject.code: subject}
    return called_subjects(call, campaign)


def _period(call: ServiceCall, campaign: Campaign, scheme: Mapping[str, Any]) -> str:
    period = given(call, "period")
    return str(period) if period is not None else current_period(campaign, call.at, scheme["every"])


def _weights(value: Any) -> dict[str, Fraction] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidInput(say("weights 须写成 {{评分代码: 权重}}"), {"weights": say("应是键值对")})
    weights = {str(source): exact(weight, "weights") for source, weight in value.items()}
    if sum(weights.values()) != 100:
        raise InvalidInput(
            say("权重之和是 {sum}，须为 100", sum=sum(weights.values())), {"weights": say("之和须为 100")}
        )
    return weights


def _one(call: ServiceCall, scheme: Mapping[str, Any]) -> Given:
    """Read the step's own mark. An amount that was drawn and came out empty is an error, not a mark of nothing."""
    amount = given(call, "amount")
    if amount is None and "amount" in call.inputs and needed(call, "item") not in _vetoes(scheme):
        raise InvalidInput(
            say("服务步骤“{element_id}”的分值是空的", element_id=call.element_id), {"amount": say("缺少此项")}
        )
    evidence = given(call, "evidence", [])
    return Given(
        needed(call, "item"),
        None if amount is None else exact(amount, "amount"),
        str(given(call, "reason", "")),
        tuple(str(one) for one in evidence) if isinstance(evidence, list) else (),
    )


def _marks(said: Any, scheme: Mapping[str, Any]) -> list[Given]:
    """Read marks: a list of {item, amount, reason, evidence}, or a form whose fields are called like the items.

    A form may hold a list under ``marks``, reasons under ``reason_<item>`` and files under ``evidence_<item>``.
    """
    if isinstance(said, Sequence) and not isinstance(said, str):
        return [_mark(row) for row in said if isinstance(row, Mapping) and row.get("item")]
    if not isinstance(said, Mapping):
        raise InvalidInput(say("marks 须为列表或键值对"), {"marks": say("应是列表")})
    vetoes = _vetoes(scheme)
    marks = []
    for code in [*(item["code"] for item in scheme["items"]), *vetoes]:
        value = said.get(code)
        given_nothing = value is None or value == "" or value is False or (code in vetoes and not value)
        if given_nothing:
            continue
        marks.append(_mark({"item": code, "amount": None if code in vetoes else value} | _beside(said, code)))
    return marks + (_marks(said["marks"], scheme) if isinstance(said.get("marks"), list) else [])


def _vetoes(scheme: Mapping[str, Any]) -> set[str]:
    return {veto["code"] for veto in scheme["vetoes"]}


def _beside(said: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {name: said.get(f"{name}_{code}") for name in ("reason", "evidence")}


def _mark(row: Mapping[str, Any]) -> Given:
    amount, evidence = row.get("amount"), row.get("evidence")
    return Given(
        str(row["item"]),
        None if amount in (None, "") else exact(amount, str(row["item"])),
        str(row.get("reason") or ""),
        tuple(str(one) for one in evidence) if isinstance(evidence, list) else (),
    )


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "score.enter": enter_marks,
    "score.compute": compute_scores,
    "score.read": read_score,
    "appeal.open": open_appeal,
    "appeal.decide": close_appeal,
}
