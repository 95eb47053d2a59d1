"""The kinds of service task that compiled diagrams use: phases begin and end, rounds, people, units, processes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput, NotFound
from engine.instances.start import Start, start_in
from engine.ports import AssignmentContext, ServiceCall
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignUnit, CellState, Phase, UnitPhase
from workflows.campaigns.schedule import campaign_days, write_days
from workflows.campaigns.units import campaign_unit_of_code, units_now
from workflows.inputs import called_campaign, given, listed, needed
from workflows.organisation.models import Person, Unit
from workflows.organisation.tree import LOCAL
from workflows.plans.phases import date_variables
from workflows.plans.rounds import read_rhythm, rounds

Result = Mapping[str, Any]
_BULK = {"synchronize_session": False}


def begin_phase(call: ServiceCall) -> Result:
    """``phase.begin``: a phase begins; one without a date begins today, and what follows it gets its days."""
    campaign, phase = _phase(call)
    today = call.at.astimezone(LOCAL).date()
    if phase.starts is None:
        campaign.moved = {**campaign.moved, f"{phase.code}.starts": today.isoformat()}
    days = campaign_days(campaign)
    write_days(call.session, campaign, days)
    call.session.execute(
        update(UnitPhase)
        .where(UnitPhase.campaign_id == campaign.id, UnitPhase.phase_code == phase.code)
        .where(UnitPhase.state == CellState.TODO)
        .values(state=CellState.DOING),
        execution_options=_BULK,
    )
    return date_variables(campaign.plan, days)


def end_phase(call: ServiceCall) -> Result:
    """``phase.end``: everything in a phase is done; an open end is today, and what hangs on it gets its days."""
    campaign, phase = _phase(call)
    today = call.at.astimezone(LOCAL).date()
    if phase.ends is None:
        campaign.moved = {**campaign.moved, f"{phase.code}.ends": today.isoformat()}
    days = campaign_days(campaign)
    write_days(call.session, campaign, days)
    call.session.execute(
        update(UnitPhase)
        .where(UnitPhase.campaign_id == campaign.id, UnitPhase.phase_code == phase.code)
        .where(UnitPhase.state != CellState.DONE)
        .values(state=CellState.DONE, percent=100, done_at=call.at),
        execution_options=_BULK,
    )
    return date_variables(campaign.plan, days)


def _phase(call: ServiceCall) -> tuple[Campaign, Phase]:
    campaign, code = called_campaign(call), needed(call, "phase")
    phase = call.session.get(Phase, (campaign.id, code))
    if phase is None:
        raise NotFound(say("这次行动没有阶段“{code}”", code=code))
    return campaign, phase


def list_rounds(call: ServiceCall) -> Result:
    """``schedule.rounds``: the rounds of a rhythm from ``begins`` (else today) to ``until`` (else the year's end).

    Each is ``{number, name, opens, due, period}``, the days as ISO texts.
    """
    rhythm = read_rhythm({key: call.inputs[key] for key in _RHYTHM if given(call, key) is not None})
    today = call.at.astimezone(LOCAL).date()
    year = int(call.instance.variables.get("year") or today.year)
    first = _day(call, "begins") or today
    last = _day(call, "until") or date(year, 12, 31)
    found = rounds(rhythm, first, last, WorkingCalendar())
    return {
        "rounds": [
            {
                "number": one.number,
                "name": one.name,
                "opens": one.opens.isoformat(),
                "due": one.due.isoformat(),
                "period": one.period,
            }
            for one in found
        ],
        "round_count": len(found),
    }


_RHYTHM = ("period", "days", "step", "only", "months", "opens", "most")


def _day(call: ServiceCall, name: str) -> date | None:
    value = given(call, name)
    try:
        return None if value is None else date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise InvalidInput(
            say("服务步骤“{element_id}”的输入“{name}”须为日期", element_id=call.element_id, name=name),
            {name: say("须为日期")},
        ) from error


def list_people(call: ServiceCall) -> Result:
    """``people.list``: the people of a rule, each with the unit in which the rule found them.

    In an instance of a unit it is asked of that unit, else of every unit that takes part (of some kinds, if given);
    a rule that needs no unit finds everybody once.
    """
    rule = needed(call, "rule")
    own = call.instance.unit_id
    units: Sequence[int | None]
    if own is not None:
        units = [own]
    else:
        kinds = listed(given(call, "kinds"))
        units = units_now(call.session, called_campaign(call), kinds=kinds) or [None]
    found: dict[int, int | None] = {}
    for unit_id in units:
        context = AssignmentContext(
            at=call.at,
            instance_id=call.instance.id,
            root_id=call.instance.root_id,
            unit_id=unit_id,
            initiator_id=call.instance.initiator_id,
            variables=call.instance.variables,
        )
        for person_id in call.engine.people.find(call.session, rule, context):
            found.setdefault(person_id, unit_id)
    rows = call.session.execute(select(Person.id, Person.login, Person.name).where(Person.id.in_(found)))
    named = {row.id: (row.login, row.name) for row in rows}
    people = [
        {"person": named[one][0], "person_name": named[one][1], "unit_id": unit_id}
        for one, unit_id in found.items()
        if one in named
    ]
    return {"people": people, "people_count": len(people)}


def list_units_below(call: ServiceCall) -> Result:
    """``units.below``: the units right below this instance's unit that take part (of some kinds, if given)."""
    campaign = called_campaign(call)
    statement = (
        select(Unit.id)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id, Unit.parent_id == call.instance.unit_id)
        .order_by(CampaignUnit.position, Unit.id)
    )
    if kinds := listed(given(call, "kinds")):
        statement = statement.where(Unit.kind.in_(kinds))
    found = list(call.session.scalars(statement))
    return {"unit_ids": found, "unit_count": len(found)}


def find_unit(call: ServiceCall) -> Result:
    """``units.find``: the unit that takes part under a code; ``unit_id`` is null when there is none."""
    unit = campaign_unit_of_code(call.session, called_campaign(call).id, needed(call, "code").strip())
    if unit is None:
        return {"unit_id": None, "unit_code": "", "unit_name": "", "unit_kind": ""}
    return {"unit_id": unit.id, "unit_code": unit.code, "unit_name": unit.name, "unit_kind": unit.kind}


def start_process(call: ServiceCall) -> Result:
    """``process.start``: a process of the package starts in this campaign, and nobody waits for it."""
    process = needed(call, "process")
    variables = {name: value for name, value in call.inputs.items() if name != "process"}
    package = call.engine.packages.get(call.session, call.instance.package_version_id)
    name = package.process(process)[1].name or process
    start = Start(
        version_id=call.instance.package_version_id,
        process_id=process,
        variables={**_campaign_variables(call), **variables},
        title=str(variables.get("title") or f"{call.instance.title} · {name}"),
        initiator_id=call.instance.initiator_id,
        unit_id=call.instance.unit_id,
        root_id=call.instance.root_id,
    )
    return {"started_id": str(start_in(call.engine, call.session, start).id)}


def _campaign_variables(call: ServiceCall) -> dict[str, Any]:
    from workflows.campaigns.cases import campaign_variables

    return campaign_variables(called_campaign(call))


PLAN_KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "phase.begin": begin_phase,
    "phase.end": end_phase,
    "schedule.rounds": list_rounds,
    "people.list": list_people,
    "units.below": list_units_below,
    "units.find": find_unit,
    "process.start": start_process,
}
