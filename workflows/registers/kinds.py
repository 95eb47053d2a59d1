"""Service tasks of registers and frequencies."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.instances.start import Start, start_in
from engine.ports import ServiceCall
from engine.tasks.models import Submission
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.inputs import called_campaign, called_day, called_form, given, identifier, listed, needed
from workflows.parts.calendar import periods_of
from workflows.parts.periods import Every
from workflows.parts.sections import chosen
from workflows.parts.subjects import called_subject
from workflows.registers.frequency import Watch, frequencies_of, record, short
from workflows.registers.models import RegisterEntry
from workflows.registers.service import entries, entry_of, move, put, registers_of

Result = Mapping[str, Any]
MOST_ROWS = 2_000
"""Entries of one step."""


def enter(call: ServiceCall) -> Result:
    """``register.enter``: one entry from a form or from inputs, or a row each of a list; each may get an instance."""
    campaign, register = called_campaign(call), needed(call, "register")
    rule = chosen(registers_of(campaign), register, say("登记簿"))
    submission = called_form(call)
    process = str(given(call, "process", rule["process"]))
    found, fresh = [], 0
    for row in _rows(call, submission):
        entry, new = put(
            call.session,
            campaign=campaign,
            register=register,
            key=str(row.get("key") or ""),
            at=call.at,
            name=str(row.get("name") or ""),
            category=str(row.get("category") or ""),
            unit_id=_unit_of(call, row),
            values=row,
            person_id=submission.person_id if submission else call.instance.initiator_id,
        )
        if new and process:
            _start(call, campaign, entry, process)
        fresh += new
        found.append(entry)
    if not found:
        raise InvalidInput(
            say("服务步骤“{element_id}”没有可登记的内容", element_id=call.element_id), {"register": say("没有内容")}
        )
    return {
        "register_key": found[-1].key,
        "register_keys": [one.key for one in found],
        "register_count": len(found),
        "register_new": fresh,
    }


def update(call: ServiceCall) -> Result:
    """``register.update``: an entry moves to a state, and what a form says of it is kept."""
    campaign, entry = _entry(call)
    submission = called_form(call)
    values = dict(submission.data) if submission else {}
    extra = given(call, "values", {})
    move(
        call.session,
        campaign=campaign,
        entry=entry,
        state=str(given(call, "state", entry.state)),
        at=call.at,
        values=values | (dict(extra) if isinstance(extra, Mapping) else {}),
    )
    return {"register_state": entry.state}


def read(call: ServiceCall) -> Result:
    """``register.read``: an entry's state, category and fields for routing."""
    _, entry = _entry(call)
    return {
        "register_key": entry.key,
        "register_name": entry.name,
        "register_state": entry.state,
        "register_category": entry.category,
        "register_fields": {name: value for name, value in entry.fields.items() if not isinstance(value, list | dict)},
    }


def list_entries(call: ServiceCall) -> Result:
    """``register.list``: keys of a register's entries, for a fan-out or a count."""
    rows = entries(
        call.session,
        campaign=called_campaign(call),
        register=needed(call, "register"),
        state=str(given(call, "state", "")),
        open_only=given(call, "open_only") is True,
    )
    return {"register_keys": [row.key for row in rows], "register_count": len(rows)}


def record_event(call: ServiceCall) -> Result:
    """``frequency.record``: it happened, or was missed; the outputs say how the subject stands."""
    watch = record(
        call.session,
        campaign=called_campaign(call),
        frequency=needed(call, "frequency"),
        subject=called_subject(call),
        day=called_day(call),
        done=given(call, "done", True) is not False,
        at=call.at,
        instance_id=call.instance.id,
        count=identifier(call, "count", given(call, "count", 1)),
        note=str(given(call, "note", "")),
        evidence=tuple(listed(given(call, "evidence"))),
    )
    return _stands(call, watch)


def check_frequency(call: ServiceCall) -> Result:
    """``frequency.check``: who is short in a period (the current one by default)."""
    campaign, frequency = called_campaign(call), needed(call, "frequency")
    rule = chosen(frequencies_of(campaign), frequency, say("频次要求"))
    period = str(given(call, "period") or periods_of(campaign).of(called_day(call), Every(rule["every"])))
    missing = short(call.session, campaign=campaign, frequency=frequency, period=period)
    return {
        "short_subjects": [one.subject.code for one in missing],
        "short_unit_ids": [one.subject.unit_id for one in missing if one.subject.unit_id is not None],
        "short_count": len(missing),
        "short_left": sum(one.left for one in missing),
    }


def _stands(call: ServiceCall, watch: Watch) -> Result:
    rule = chosen(frequencies_of(called_campaign(call)), needed(call, "frequency"), say("频次要求"))
    return {
        "frequency_done": watch.done,
        "frequency_left": watch.left,
        "frequency_misses": watch.misses,
        "frequency_lost": bool(rule["misses"]) and watch.misses >= rule["misses"],
    }


def _rows(call: ServiceCall, submission: Submission | None) -> list[Mapping[str, Any]]:
    field = given(call, "field")
    if field is not None:
        listed_rows = submission.data.get(str(field)) if submission else given(call, "rows")
        rows = [row for row in listed_rows or [] if isinstance(row, Mapping)]
    elif isinstance(given(call, "rows"), list):
        rows = [row for row in given(call, "rows") if isinstance(row, Mapping)]
    else:
        said = dict(submission.data) if submission else {}
        extra = given(call, "values", {})
        said |= dict(extra) if isinstance(extra, Mapping) else {}
        rows = [said | {name: call.inputs[name] for name in ("key", "name", "category") if given(call, name)}]
    if len(rows) > MOST_ROWS:
        raise InvalidInput(say("一次最多登记 {most} 条", most=MOST_ROWS))
    return rows


def _unit_of(call: ServiceCall, row: Mapping[str, Any]) -> int | None:
    value = row.get("unit_id") or given(call, "unit_id", call.instance.unit_id)
    return None if value is None else identifier(call, "unit_id", value)


def _entry(call: ServiceCall) -> tuple[Campaign, RegisterEntry]:
    campaign = called_campaign(call)
    key = given(call, "key", call.instance.variables.get("register_key"))
    if key is None:
        raise InvalidInput(
            say("服务步骤“{element_id}”没有说明是哪一条登记", element_id=call.element_id), {"key": say("缺少此项")}
        )
    return campaign, entry_of(call.session, campaign=campaign, register=needed(call, "register"), key=str(key))


def _start(call: ServiceCall, campaign: Campaign, entry: RegisterEntry, process: str) -> None:
    start = Start(
        version_id=call.instance.package_version_id,
        process_id=process,
        variables={
            "register_key": entry.key,
            "register_name": entry.name,
            "register_category": entry.category,
            "unit_id": entry.unit_id,
        },
        title=f"{campaign.title}：{entry.name or entry.key}",
        initiator_id=call.instance.initiator_id,
        unit_id=entry.unit_id,
        root_id=call.instance.root_id,
    )
    entry.instance_id = start_in(call.engine, call.session, start).id


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "register.enter": enter,
    "register.update": update,
    "register.read": read,
    "register.list": list_entries,
    "frequency.record": record_event,
    "frequency.check": check_frequency,
}
