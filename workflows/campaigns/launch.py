"""Launching a campaign: parameters checked, the instance started, the campaign's row written, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput, NotFound
from engine.instances.idempotency import once
from engine.instances.start import Start, start_in, start_instance
from engine.runtime import Engine
from engine.wording import listed, say
from workflows.campaigns.models import Campaign, CampaignStatus, CampaignUnit, Phase, UnitPhase
from workflows.campaigns.units import eligible_units, planned_units
from workflows.organisation.tree import LOCAL
from workflows.plans.parameters import read_parameters
from workflows.plans.phases import PhaseDates, date_variables, phase_dates, plan_days
from workflows.plans.schema import read_plan
from workflows.scoring.schemes import check_launched

_NO_UNITS = "请勾选参加的单位 / choose the units that take part"
_OTHER_UNITS = "没有这个单位 / there is no such unit"
_NO_CAMPAIGN = "只有专项行动才选择参加的单位 / only a campaign has units that take part"


def launch(
    engine: Engine, *, package_key: str, parameters: Mapping[str, Any], initiator_id: int, key: str | None = None,
    unit_ids: Sequence[int] | None = None,
) -> Campaign:  # fmt: skip
    """Start a campaign of a package's live version.

    Parameters
    ----------
    parameters
        Values for the plan's ``launch.parameters``; defaults fill the rest.
    unit_ids
        The units that take part; None means all that the plan's kinds allow.
    key
        Idempotency key: the same launch again (a double click) returns the first campaign.

    Raises
    ------
    InvalidInput
        With one sentence a field; nothing was started.
    IdempotencyConflict
        The key was used for another request.

    """
    chosen = None if unit_ids is None else sorted(set(unit_ids))
    request = ["launch", package_key, dict(parameters), initiator_id, *([chosen] if chosen else [])]

    def act(session: Session) -> dict[str, int]:
        campaign = _launch_in(engine, session, package_key, parameters, initiator_id, chosen=chosen)
        return {"instance_id": campaign.instance_id}

    launched = once(engine, act, key=key, actor_id=initiator_id, request=request)
    engine.bell.ring()
    with engine.db.read() as session:
        return campaign_of(session, int(launched["instance_id"]))


def start_package(
    engine: Engine, *, package_key: str, variables: Mapping[str, Any], initiator_id: int, title: str = "",
    key: str | None = None, unit_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """Start what a package is: a campaign where its plan has phases, else its main process; returns the instance's id.

    ``unit_ids`` are the units of the campaign, as :func:`launch` has them; a process that is no campaign refuses them.

    Raises what :func:`launch` and :func:`engine.instances.start_instance` raise.
    """
    with engine.db.read() as session:
        version = engine.packages.live(session, package_key)
        plan = read_plan(engine.packages.get(session, version.id).plan)
    if plan["phases"]:
        return launch(
            engine, package_key=package_key, parameters=variables, initiator_id=initiator_id, key=key, unit_ids=unit_ids
        ).instance_id
    if unit_ids is not None:
        raise InvalidInput(_NO_CAMPAIGN, {"unit_ids": _NO_CAMPAIGN})
    return start_instance(
        engine, package_key=package_key, variables=variables, title=title or version.name,
        initiator_id=initiator_id, key=key,
    )  # fmt: skip


def _launch_in(
    engine: Engine, session: Session, package_key: str, parameters: Mapping[str, Any], initiator_id: int, *,
    chosen: list[int] | None,
) -> Campaign:  # fmt: skip
    version = engine.packages.live(session, package_key)
    plan = read_plan(engine.packages.get(session, version.id).plan)
    checked = read_parameters(plan, parameters)
    _check_units(session, plan, chosen)
    check_launched(plan, checked)
    at = engine.clock.now()
    year = int(checked.get("year") or at.astimezone(LOCAL).year)
    launched = at.astimezone(LOCAL).date()
    days = plan_days(plan, year, launched=launched, parameters=checked)
    phases = phase_dates(plan, year, launched=launched, parameters=checked)
    title = _title(plan, checked | {"year": year}, version.name)
    start = Start(
        version_id=version.id,
        variables={**checked, "year": year, "campaign_title": title, **date_variables(plan, days)},
        title=title,
        initiator_id=initiator_id,
    )
    campaign = Campaign(
        instance_id=start_in(engine, session, start).id,
        package_key=package_key,
        title=title,
        year=year,
        parameters=checked,
        plan=plan,
        chosen_units=chosen,
        initiator_id=initiator_id,
        created_at=at,
    )
    session.add(campaign)
    session.flush()
    session.add_all(_phases(campaign, phases))
    return campaign


def _check_units(session: Session, plan: Mapping[str, Any], chosen: list[int] | None) -> None:
    """Refuse a choice without units, and units that the plan does not speak of."""
    if chosen is None:
        return
    known = {unit.id for unit in eligible_units(session, plan["units"]["kinds"])}
    if not chosen or not known.issuperset(chosen):
        sentence = _NO_UNITS if not chosen else _OTHER_UNITS
        raise InvalidInput(sentence, {"units": sentence})


def _title(plan: Mapping[str, Any], values: Mapping[str, Any], fallback: str) -> str:
    pattern = str(plan["launch"]["title"] or plan["name"] or fallback)
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", str(value))
    return pattern[:300]


def _phases(campaign: Campaign, phases: tuple[PhaseDates, ...]) -> list[Phase]:
    return [
        Phase(
            campaign_id=campaign.id,
            code=phase.code,
            name=phase.name,
            name_en=phase.name_en,
            starts=phase.starts,
            ends=phase.ends,
            position=position,
        )
        for position, phase in enumerate(phases)
    ]


def campaign_of(session: Session, root_id: int) -> Campaign:
    """Return the campaign whose root instance this is; raises NotFound outside a campaign.

    The database is asked once in a session for it: a turn asks for it in many places.
    """
    known: dict[int, int] = session.info.setdefault("campaigns", {})
    if (known_id := known.get(root_id)) is not None:
        return session.get_one(Campaign, known_id)
    campaign = session.scalars(select(Campaign).where(Campaign.instance_id == root_id)).one_or_none()
    if campaign is None:
        raise NotFound(say("这个流程不属于任何专项行动"))
    known[root_id] = campaign.id
    return campaign


def phases_of(session: Session, campaign_id: int) -> list[Phase]:
    """Return a campaign's phases in order."""
    return list(session.scalars(select(Phase).where(Phase.campaign_id == campaign_id).order_by(Phase.position)))


def prepare(session: Session, campaign: Campaign) -> list[int]:
    """Enter the plan's units and the empty matrix; returns the unit ids. Running it again adds nothing.

    A plan without kinds of units has none, and no matrix.

    Raises InvalidInput when the organisation has no unit of the plan's kinds.
    """
    kinds = campaign.plan["units"]["kinds"]
    units = planned_units(session, campaign)
    if not units and kinds:
        raise InvalidInput(say("组织里没有参加的单位（类别：{kinds}）", kinds=listed(kinds)))
    known = set(session.scalars(select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign.id)))
    phases = [(phase.code, end_of(phase)) for phase in phases_of(session, campaign.id)]
    for position, unit in enumerate(units):
        if unit.id in known:
            continue
        session.add(CampaignUnit(campaign_id=campaign.id, unit_id=unit.id, kind=unit.kind, position=position))
        session.add_all(
            UnitPhase(campaign_id=campaign.id, unit_id=unit.id, phase_code=code, due=due) for code, due in phases
        )
    campaign.status = CampaignStatus.RUNNING
    session.flush()
    return [unit.id for unit in units]


def end_of(phase: Phase) -> datetime | None:
    """Return the last instant of a phase, None while its end is open."""
    return None if phase.ends is None else WorkingCalendar().end_of_day(phase.ends)


def assessing_group(plan: Mapping[str, Any], kind: str) -> str:
    """Return the code of the group that assesses units of a kind, empty when the plan names none."""
    return next((str(group["code"]) for group in plan["groups"] if kind in group["rates"]), "")


def span_of(phases: Sequence[Phase], today: date) -> tuple[date, date]:
    """Return the first and the last day of a campaign's dated phases; today where none has a date."""
    first = min((phase.starts for phase in phases if phase.starts), default=today)
    return first, max((phase.ends for phase in phases if phase.ends), default=max(first, today))
