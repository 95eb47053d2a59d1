"""Service tasks of polls, pledges and attendance."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.inputs import called_campaign, called_form, called_people, given, identifier, listed, needed
from workflows.opinions.service import attend, cast, count, make_pledges, pledges_of, review_pledge
from workflows.organisation.models import Person
from workflows.parts.amounts import rounded
from workflows.parts.subjects import Subject, called_subject, subjects_of

Result = Mapping[str, Any]


def cast_ballot(call: ServiceCall) -> Result:
    """``poll.cast``: one person's answers from a form (or ``rows`` of answers collected on paper)."""
    campaign, poll = called_campaign(call), needed(call, "poll")
    form = called_form(call)
    rows: Any = given(call, "rows")
    if rows is None and form is not None:
        rows = form.data.get(str(given(call, "field", "rows")))
    about, group = _about(call), str(given(call, "group", ""))
    if not isinstance(rows, list):
        said: Any = form.data if form else given(call, "answers", {})
        rows = [said | {"voter": str(form.person_id if form else given(call, "voter", call.instance.id))}]
    for number, row in enumerate(rows):
        cast(
            call.session,
            campaign=campaign,
            poll=poll,
            answers=row,
            voter=str(row.get("voter") or f"{call.instance.id}-{call.element_id}-{number}"),
            at=call.at,
            about=about,
            group=str(row.get("group") or group),
        )
    return {"poll_cast": len(rows)}


def count_poll(call: ServiceCall) -> Result:
    """``poll.count``: turnout, weighted score, shares of the answers, and whether it passed."""
    electorate = given(call, "electorate")
    found = count(
        call.session,
        campaign=called_campaign(call),
        poll=needed(call, "poll"),
        about=_about(call),
        electorate=None if electorate is None else identifier(call, "electorate", electorate),
    )
    first = next(iter(found.shares.values()), {})
    numbers = next(iter(found.answers.values()), {})
    return {
        "poll_people": found.people,
        "poll_turnout": None if found.turnout is None else float(rounded(found.turnout)),
        "poll_valid": found.valid,
        "poll_passed": found.passed,
        "poll_score": None if found.score is None else float(rounded(found.score)),
        "poll_shares": {answer: float(rounded(share)) for answer, share in first.items()},
        "poll_counts": dict(numbers),
        "poll_first": max(numbers, key=lambda answer: numbers[answer]) if numbers else "",
    }


def pledge(call: ServiceCall) -> Result:
    """``pledge.make``: public pledges of a subject."""
    form = called_form(call)
    said: Any = form.data.get(str(given(call, "field", "pledges"))) if form else given(call, "texts")
    texts = [row.get("text") if isinstance(row, Mapping) else row for row in said] if isinstance(said, list) else [said]
    made = make_pledges(
        call.session,
        campaign=called_campaign(call),
        subject=called_subject(call),
        texts=[str(text or "") for text in texts],
        at=call.at,
        person_id=form.person_id if form else call.instance.initiator_id,
    )
    return {"pledge_ids": [str(one.id) for one in made], "pledge_count": len(made)}


def review(call: ServiceCall) -> Result:
    """``pledge.review``: each pledge of a subject compared with what was done."""
    campaign, form = called_campaign(call), called_form(call)
    rows: Any = form.data.get(str(given(call, "field", "reviews"))) if form else given(call, "rows")
    subject = called_subject(call)
    own = pledges_of(call.session, campaign=campaign, subject=subject.code)
    if isinstance(rows, list):
        for number, row in enumerate(rows):
            index = identifier(call, "number", row.get("number", number + 1)) - 1
            if not 0 <= index < len(own):
                raise InvalidInput(say("没有第 {index} 条承诺", index=index + 1), {"number": say("不存在")})
            outcome, note = str(row.get("outcome") or ""), str(row.get("note") or "")
            review_pledge(
                call.session, campaign=campaign, pledge_id=own[index].id, outcome=outcome, at=call.at, note=note
            )
    else:
        for one in own:
            review_pledge(
                call.session, campaign=campaign, pledge_id=one.id, outcome=needed(call, "outcome"), at=call.at
            )
    states = [one.state for one in pledges_of(call.session, campaign=campaign, subject=subject.code)]
    return {
        "pledges_kept": states.count("kept"),
        "pledges_broken": states.count("broken"),
        "pledges_open": states.count("made"),
    }


def record_meeting(call: ServiceCall) -> Result:
    """``meeting.record``: who was there of those expected, and the attendance rate in percent."""
    campaign, form = called_campaign(call), called_form(call)
    said: Mapping[str, Any] = form.data if form else call.inputs
    expected = _expected(call)
    present = listed(said.get("present")) if said.get("present") is not None else list(expected)
    absent = set(listed(said.get("absent")))
    rows = attend(
        call.session,
        campaign=campaign,
        meeting=str(given(call, "meeting", call.element_id)),
        expected=expected,
        present=[code for code in present if code not in absent],
        at=call.at,
    )
    here = sum(row.present for row in rows)
    return {
        "meeting_expected": len(rows),
        "meeting_present": here,
        "meeting_absent": [row.subject for row in rows if not row.present],
        "meeting_rate": here * 100 / len(rows) if rows else None,
    }


def _about(call: ServiceCall) -> Subject | None:
    if given(call, "subject") is None and given(call, "unit_id") is None:
        return None
    return called_subject(call)


def _expected(call: ServiceCall) -> dict[str, Subject]:
    """Return who is expected: the people of a rule, or ``subjects``, or all units."""
    campaign, rule = called_campaign(call), given(call, "people")
    if rule is None:
        subjects = given(call, "subjects")
        return subjects_of(call.session, campaign, None if subjects is None else listed(subjects))
    ids = called_people(call, str(rule))
    logins = call.session.scalars(select(Person.login).where(Person.id.in_(ids)).order_by(Person.id))
    return subjects_of(call.session, campaign, list(logins))


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "poll.cast": cast_ballot,
    "poll.count": count_poll,
    "pledge.make": pledge,
    "pledge.review": review,
    "meeting.record": record_meeting,
}
