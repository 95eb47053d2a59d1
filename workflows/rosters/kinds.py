"""Service tasks of rosters and checklists."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.inputs import called_campaign, called_day, called_form, called_people, given, needed
from workflows.organisation.models import Person
from workflows.parts.sections import chosen
from workflows.parts.subjects import called_subject
from workflows.rosters.checklists import check_off, checklists_of, due_items, read_answers
from workflows.rosters.models import Duty
from workflows.rosters.service import duties_of, hand_over, make_roster, rosters_of, swap

Result = Mapping[str, Any]


def make(call: ServiceCall) -> Result:
    """``roster.make``: duties of some days for the people of the roster's rule."""
    campaign, roster = called_campaign(call), needed(call, "roster")
    rule = chosen(rosters_of(campaign), roster, say("值班表"))
    duties = make_roster(
        call.session,
        campaign=campaign,
        roster=roster,
        people=called_people(call, rule["people"]),
        first=called_day(call, "from"),
        last=called_day(call, "to"),
        calendar=call.engine.calendars.of_unit(call.session, call.instance.unit_id),
    )
    return {"duty_count": len(duties), "duty_people": len({duty.person_id for duty in duties})}


def today(call: ServiceCall) -> Result:
    """``roster.today``: who is on duty, so that a task can be given to ``person(duty_login)``."""
    duties = _duties(call)
    logins = [call.session.get_one(Person, duty.person_id).login for duty in duties]
    return {
        "duty_login": logins[0] if logins else "",
        "duty_logins": logins,
        "duty_person_ids": [duty.person_id for duty in duties],
        "duty_shift": duties[0].shift if duties else "",
    }


def record(call: ServiceCall) -> Result:
    """``roster.handover``: the duty is over; its note goes to the next one."""
    duties = _duties(call)
    if not duties:
        raise InvalidInput(say("这一天没有排班"))
    form = called_form(call)
    note = str((form.data if form else call.inputs).get("note") or "")
    following = hand_over(call.session, duty=duties[0], note=note, at=call.at)
    login = call.session.get_one(Person, following.person_id).login if following else ""
    return {"duty_next_login": login, "duty_note": note[:500]}


def exchange(call: ServiceCall) -> Result:
    """``roster.swap``: somebody else takes a duty."""
    duties = _duties(call)
    person_id = call.session.scalar(select(Person.id).where(Person.login == needed(call, "person"), Person.active))
    if not duties or person_id is None:
        raise InvalidInput(say("没有这一班或这个人"), {"person": say("不存在")})
    swap(call.session, duty=duties[0], person_id=person_id, at=call.at)
    return {"duty_login": needed(call, "person")}


def items(call: ServiceCall) -> Result:
    """``checklist.due``: the items that are due for a subject on a day."""
    due = due_items(
        call.session,
        campaign=called_campaign(call),
        checklist=needed(call, "checklist"),
        subject=called_subject(call),
        day=called_day(call, "day"),
    )
    return {"checklist_due": [item["code"] for item in due], "checklist_due_count": len(due)}


def check(call: ServiceCall) -> Result:
    """``checklist.record``: what a form says of the items."""
    campaign, checklist = called_campaign(call), needed(call, "checklist")
    rule = chosen(checklists_of(campaign), checklist, say("检查清单"))
    form = called_form(call)
    said: Any = form.data if form else given(call, "answers", {})
    rows, left = check_off(
        call.session,
        campaign=campaign,
        checklist=checklist,
        subject=called_subject(call),
        answers=read_answers(said, {item["code"]: item for item in rule["items"]}),
        day=called_day(call, "day"),
        at=call.at,
        instance_id=call.instance.id,
        person_id=form.person_id if form else call.instance.initiator_id,
        complete=given(call, "complete") is True,
    )
    failed = [row.item for row in rows if row.result == "fail"]
    return {
        "checklist_failed": failed,
        "checklist_failed_count": len(failed),
        "checklist_missing": left,
        "checklist_complete": not left,
    }


def _duties(call: ServiceCall) -> list[Duty]:
    return duties_of(
        call.session,
        campaign=called_campaign(call),
        roster=needed(call, "roster"),
        day=called_day(call, "day"),
        shift=str(given(call, "shift", "")),
    )


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "roster.make": make,
    "roster.today": today,
    "roster.handover": record,
    "roster.swap": exchange,
    "checklist.due": items,
    "checklist.record": check,
}
