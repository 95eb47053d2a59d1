"""Service tasks of inspections and lots: ``inspection.plan``, ``.share``, ``.finish``, ``register.draw``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.calendars import resolve_due
from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.inputs import called_campaign, called_people, called_unit_ids, given, identifier, needed
from workflows.organisation.models import Person, Unit
from workflows.sampling.inspections import FEWEST, finish, plan_inspections
from workflows.sampling.models import Inspection
from workflows.sampling.service import draw_entries
from workflows.sampling.teams import share_out

Result = Mapping[str, Any]


def plan(call: ServiceCall) -> Result:
    """``inspection.plan``: a team for every unit; an unannounced inspection stays hidden until it starts."""
    campaign = called_campaign(call)
    planned = plan_inspections(
        call.session,
        campaign=campaign,
        name=str(given(call, "name", "inspection")),
        unit_ids=_unit_ids(call),
        inspectors=called_people(call, needed(call, "inspectors")),
        seed=_seed(call, campaign),
        starts=_instant(call, "starts", call.at),
        ends=_instant(call, "ends", call.at) if given(call, "ends") else None,
        at=call.at,
        announced=given(call, "announced", True) is not False,
        size=identifier(call, "team_size", given(call, "team_size", FEWEST)),
        again=given(call, "again") is True,
    )
    people = call.session.execute(select(Person.id, Person.login))
    logins = {row.id: row.login for row in people}
    return {
        "inspection_ids": [row.id for row in planned],
        "inspection_count": len(planned),
        "inspection_short": sum(row.short for row in planned),
        "inspection_teams": [
            {"inspection_id": row.id, "unit_id": row.unit_id, "logins": [logins[one] for one in row.team]}
            for row in planned
        ],
        "inspection_starts": planned[0].starts.isoformat() if planned else None,
    }


def move_inspections(call: ServiceCall, ids: Sequence[int]) -> Result:
    """Give planned inspections that have not started the days that the step's inputs name now."""
    rows = call.session.scalars(select(Inspection).where(Inspection.id.in_(ids)).order_by(Inspection.id)).all()
    for row in rows:
        if row.starts > call.at:
            row.starts = _instant(call, "starts", row.starts)
            row.ends = _instant(call, "ends", call.at) if given(call, "ends") else row.ends
    call.session.flush()
    return {"inspection_starts": rows[0].starts.isoformat() if rows else None}


def share(call: ServiceCall) -> Result:
    """``inspection.share``: units divided among so many teams."""
    ids = _unit_ids(call)
    units = call.session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(ids)))
    shares = share_out(
        seed=_seed(call, called_campaign(call)),
        units=[(row.id, row.code) for row in units],
        teams=identifier(call, "teams", needed(call, "teams")),
    )
    return {"team_unit_ids": shares, "team_count": len(shares)}


def done(call: ServiceCall) -> Result:
    """``inspection.finish``: the visit has taken place."""
    inspection_id = given(call, "inspection_id", call.instance.variables.get("inspection_id", ""))
    row = finish(
        call.session,
        campaign=called_campaign(call),
        inspection_id=identifier(call, "inspection_id", inspection_id),
        at=call.at,
        result=str(given(call, "result", "")),
    )
    return {"inspection_done": row.id}


def lots(call: ServiceCall) -> Result:
    """``register.draw``: lots among the entries of a register, reproducible from the seed."""
    campaign = called_campaign(call)
    record, stratum = draw_entries(
        call.session,
        campaign=campaign,
        instance_id=call.instance.id,
        register=needed(call, "register"),
        state=str(given(call, "state", "")),
        count=identifier(call, "count", needed(call, "count")),
        seed=_seed(call, campaign),
        becomes=str(given(call, "becomes", "")),
        at=call.at,
    )
    drawn = [one.code for one in stratum.drawn]
    return {"drawn_keys": drawn, "drawn_count": len(drawn), "drawn_short": stratum.short, "draw_id": str(record.id)}


def _unit_ids(call: ServiceCall) -> list[int]:
    ids = called_unit_ids(call)
    if ids is None:
        known = call.instance.variables.get("sample_unit_ids") or call.instance.variables.get("unit_ids") or []
        ids = [int(one) for one in known]
    if not ids:
        raise InvalidInput(
            say("服务步骤“{element_id}”不知道检查哪些单位", element_id=call.element_id), {"unit_ids": say("缺少此项")}
        )
    return ids


def _seed(call: ServiceCall, campaign: Campaign) -> str:
    seed = given(call, "seed") or campaign.parameters.get("seed")
    return str(seed or f"{campaign.package_key}-{campaign.year}")


def _instant(call: ServiceCall, name: str, default: datetime) -> datetime:
    value = given(call, name)
    if value is None:
        return default
    calendar = call.engine.calendars.of_unit(call.session, None)
    if len(str(value)) == len("2026-09-05"):
        day = datetime.fromisoformat(str(value)).replace(tzinfo=calendar.timezone)
        return calendar.end_of_day(day.date()) if name == "ends" else day
    return resolve_due(value, call.at, calendar)


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "inspection.plan": plan,
    "inspection.share": share,
    "inspection.finish": done,
    "register.draw": lots,
}
