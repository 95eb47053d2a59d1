"""What a scenario can look at in findings' ways, inspections, targets, rosters, checklists, polls and pledges."""

from collections.abc import Mapping
from typing import Any

from marshmallow import validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.findings.models import Finding
from workflows.opinions.models import Attendance, Pledge
from workflows.opinions.service import count
from workflows.organisation.models import Person
from workflows.parts.subjects import subjects_of
from workflows.rosters.models import CheckResult, Duty
from workflows.sampling.inspections import visible_inspections
from workflows.sampling.models import Inspection
from workflows.scenarios.schemas import Strict, Texts, Units, text
from workflows.scenarios.subject import Subject, in_units, last_campaign, narrowed, number_of, one_of, same_or_all
from workflows.scenarios.world import World, local
from workflows.targets.assess import score
from workflows.targets.service import assessed, targets_of


class _FindingWay(Strict):
    what = text(
        required=True,
        validate=validate.OneOf(("due", "escalation", "liable", "urged", "extended", "recurrences", "recheck_due")),
    )
    unit = Units(load_default=dict)
    number = text(load_default=None)


class _Inspections(Strict):
    name = text(load_default=None)
    unit = Units(load_default=dict)
    viewer = text(load_default=None)
    what = one_of("count", "teams", "least", "short", "done")


class _Target(Strict):
    target = text(load_default=None)
    subject = text(required=True)
    period = text(load_default="")
    what = one_of("met", "rate", "actual", "verified", "contradiction", "score")


class _Duty(Strict):
    roster = text(required=True)
    day = text(load_default=None)
    shift = text(load_default=None)
    what = one_of("people", "count", "spread", "note")


class _Checklist(Strict):
    checklist = text(required=True)
    result = Texts(load_default=list)
    subject = text(load_default=None)
    item = text(load_default=None)


class _Poll(Strict):
    poll = text(required=True)
    subject = text(load_default=None)
    electorate = text(load_default=None)
    what = one_of("score", "people", "turnout", "valid", "passed")


class _Pledges(Strict):
    subject = text(load_default=None)
    state = Texts(load_default=list)


class _Attendance(Strict):
    meeting = text(load_default=None)
    what = one_of("rate", "present", "absent")


def _finding_way(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = in_units(select(Finding).order_by(Finding.number), world, want, Finding.unit_id)
    if want["number"]:
        query = query.where(Finding.number == int(want["number"]))
    rows = session.scalars(query).all()
    match want["what"]:
        case "recurrences":
            return sum(row.recurrence_of is not None for row in rows)
        case "due" | "recheck_due" as name:
            return same_or_all([local(getattr(row, name)) for row in rows])
        case "urged" | "extended" as name:
            return same_or_all([getattr(row, f"{name}_count") for row in rows])
        case name:
            return same_or_all([getattr(row, name) for row in rows])


def _inspections(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    units = world.unit_ids(want["unit"])
    if want["viewer"]:
        campaign, viewer, at = last_campaign(session), world.person(want["viewer"]), world.clock.now()
        try:
            rows = visible_inspections(session, campaign_id=campaign.id, viewer_id=viewer, at=at)
        except NotFound:
            rows = []
    else:
        rows = list(session.scalars(select(Inspection).order_by(Inspection.starts, Inspection.id)))
    rows = [row for row in rows if want["name"] in (None, row.name) and (units is None or row.unit_id in units)]
    match want["what"]:
        case "teams":
            return [sorted(world.login(one) or "" for one in row.team) for row in rows]
        case "least":
            return min((len(row.team) for row in rows), default=0)
        case "short":
            return sum(row.short for row in rows)
        case "done":
            return sum(row.done_at is not None for row in rows)
    return len(rows)


def _target(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    campaign = last_campaign(session)
    results = assessed(session, campaign=campaign, subject=want["subject"], period=want["period"])
    if want["what"] == "score":
        total = score(targets_of(campaign), results)
        return None if total is None else float(total)
    found = next((one for one in results if one.code == want["target"]), None)
    if found is None:
        return None
    if want["what"] in ("met", "contradiction"):
        return getattr(found, want["what"])
    value = found.rate if want["what"] == "rate" else getattr(found.figures, want["what"])
    return None if value is None else float(value)


def _duty(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = select(Duty).where(Duty.roster == want["roster"]).order_by(Duty.starts, Duty.position)
    rows = [
        row
        for row in session.scalars(query)
        if want["day"] in (None, row.day.isoformat()) and want["shift"] in (None, row.shift)
    ]
    if want["what"] == "count":
        return len(rows)
    if want["what"] == "note":
        return rows[-1].note if rows else None
    logins = [session.get_one(Person, row.person_id).login for row in rows]
    if want["what"] == "spread":
        loads = [logins.count(login) for login in set(logins)]
        return max(loads) - min(loads) if loads else 0
    return logins[0] if len(logins) == 1 else logins


def _checklist(world: World, session: Session, want: Mapping[str, Any]) -> int:
    names = ("checklist", "result", "subject", "item")
    return number_of(session, narrowed(select(CheckResult.id), CheckResult, want, *names))


def _poll(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    campaign = last_campaign(session)
    about = subjects_of(session, campaign, [want["subject"]])[want["subject"]] if want["subject"] else None
    electorate = int(want["electorate"]) if want["electorate"] else None
    found = count(session, campaign=campaign, poll=want["poll"], about=about, electorate=electorate)
    value = getattr(found, want["what"])
    return float(value) if want["what"] in ("score", "turnout") and value is not None else value


def _pledges(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return number_of(session, narrowed(select(Pledge.id), Pledge, want, "subject", "state"))


def _attendance(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    rows = session.scalars(narrowed(select(Attendance), Attendance, want, "meeting")).all()
    present = sum(row.present for row in rows)
    if want["what"] == "rate":
        return present * 100 / len(rows) if rows else None
    return present if want["what"] == "present" else sorted(row.subject for row in rows if not row.present)


SUBJECTS: Mapping[str, Subject] = {
    "finding": Subject(_FindingWay, _finding_way),
    "inspections": Subject(_Inspections, _inspections),
    "target": Subject(_Target, _target),
    "duty": Subject(_Duty, _duty),
    "checklist": Subject(_Checklist, _checklist),
    "poll": Subject(_Poll, _poll),
    "pledges": Subject(_Pledges, _pledges),
    "attendance": Subject(_Attendance, _attendance),
}
