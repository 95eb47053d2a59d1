"""Whom a row is about. A campaign rates units, people, and whatever a register lists (works, projects, groups)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.inputs import called_campaign, given, identifier, listed
from workflows.organisation.models import Person, Unit
from workflows.organisation.names import name_of
from workflows.registers.models import RegisterEntry


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about. ``category`` is the unit's kind or the register entry's category."""

    code: str
    name: str
    category: str = ""
    unit_id: int | None = None


def subjects_of(session: Session, campaign: Campaign, codes: Collection[str] | None = None) -> dict[str, Subject]:
    """Return subjects by code, in the campaign's order; without ``codes`` all units that take part.

    Raises InvalidInput for a code that is no unit of the campaign, no register entry and no login.
    """
    units = (
        select(Unit.code, Unit.name, CampaignUnit.kind, Unit.id)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id)
        .order_by(CampaignUnit.position, CampaignUnit.unit_id)
    )
    if codes is None:
        return {row.code: Subject(row.code, row.name, row.kind, row.id) for row in session.execute(units)}
    wanted = list(dict.fromkeys(codes))
    found = {
        row.code: Subject(row.code, row.name, row.kind, row.id)
        for row in session.execute(units.where(Unit.code.in_(wanted)))
    }
    found |= _entries(session, campaign, [code for code in wanted if code not in found])
    found |= _people(session, [code for code in wanted if code not in found])
    lost = [code for code in wanted if code not in found]
    if lost:
        raise InvalidInput(say("“{lost}”不是参加单位、登记项或人员", lost=lost[0]), {"subject": say("不存在")})
    return {code: found[code] for code in wanted}


def _entries(session: Session, campaign: Campaign, codes: Sequence[str]) -> dict[str, Subject]:
    if not codes:
        return {}
    rows = session.scalars(
        select(RegisterEntry).where(RegisterEntry.campaign_id == campaign.id, RegisterEntry.key.in_(codes))
    )
    return {row.key: Subject(row.key, row.name, row.category, row.unit_id) for row in rows}


def _people(session: Session, codes: Sequence[str]) -> dict[str, Subject]:
    if not codes:
        return {}
    rows = session.execute(select(Person.login, Person.name).where(Person.login.in_(codes)))
    return {row.login: Subject(row.login, row.name) for row in rows}


def called_subject(call: ServiceCall) -> Subject:
    """Return whom a step is about: its ``subject``, its ``unit_id``, else the calling instance's unit."""
    campaign = called_campaign(call)
    code = given(call, "subject")
    if code is None:
        unit_id = given(call, "unit_id", call.instance.unit_id)
        if unit_id is None:
            raise InvalidInput(
                say("服务步骤“{element_id}”没有说明是谁的", element_id=call.element_id), {"subject": say("缺少此项")}
            )
        code = call.session.scalar(select(Unit.code).where(Unit.id == identifier(call, "unit_id", unit_id)))
    return subjects_of(call.session, campaign, [str(code)])[str(code)]


def called_subjects(call: ServiceCall, campaign: Campaign) -> dict[str, Subject]:
    """Return the subjects of a step: ``subjects``, the open entries of ``register``, else all units (of ``kinds``)."""
    codes, register = given(call, "subjects"), given(call, "register")
    if codes is not None:
        return subjects_of(call.session, campaign, listed(codes))
    if register is not None:
        rows = call.session.scalars(
            select(RegisterEntry)
            .where(RegisterEntry.campaign_id == campaign.id, RegisterEntry.register == str(register))
            .where(RegisterEntry.closed_at.is_(None))
            .order_by(RegisterEntry.number)
        )
        return {row.key: Subject(row.key, row.name, row.category, row.unit_id) for row in rows}
    kinds = listed(given(call, "kinds"))
    everybody = subjects_of(call.session, campaign)
    return {code: one for code, one in everybody.items() if not kinds or one.category in kinds}


def names_of(session: Session, campaign: Campaign, codes: Collection[str]) -> Mapping[str, str]:
    """Return names for showing; a code that nobody has any more stays itself."""
    units = session.execute(select(Unit.code, name_of(Unit)).where(Unit.code.in_(codes)))
    named = {row.code: row.name for row in units}
    named |= {one.code: one.name for one in _entries(session, campaign, list(codes)).values()}
    rest = [code for code in codes if code not in named]
    return {code: code for code in rest} | {one.code: one.name for one in _people(session, rest).values()} | named
