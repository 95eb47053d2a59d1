"""Entries of registers: entered once by their key, moved between states, read by diagrams."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import listed, say
from workflows.campaigns.models import Campaign
from workflows.parts.sections import chosen, loaded
from workflows.registers.models import RegisterEntry
from workflows.registers.sections import RegisterSchema


def registers_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's registers with its launch parameters filled in."""
    return loaded(RegisterSchema, campaign.plan.get("registers"), campaign.parameters)


def put(
    session: Session,
    *,
    campaign: Campaign,
    register: str,
    key: str,
    at: datetime,
    name: str = "",
    category: str = "",
    unit_id: int | None = None,
    values: Mapping[str, Any] | None = None,
    person_id: int | None = None,
) -> tuple[RegisterEntry, bool]:
    """Enter something, or add to what is known of it; returns the entry and whether it is new.

    Values that the register does not name are dropped. Without a key it gets the register's next number.
    """
    rule = chosen(registers_of(campaign), register, say("登记簿"))
    # The campaign's row orders those who number at the same instant.
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    of_register = (RegisterEntry.campaign_id == campaign.id, RegisterEntry.register == register)
    entry = session.scalars(select(RegisterEntry).where(*of_register, RegisterEntry.key == key)).one_or_none()
    kept = {field: value for field, value in (values or {}).items() if field in rule["fields_"] and value is not None}
    if entry is not None:
        entry.fields = entry.fields | kept
        entry.name, entry.category = name or entry.name, category or entry.category
        entry.changed_at = at
        session.flush()
        return entry, False
    number = (session.scalar(select(func.max(RegisterEntry.number)).where(*of_register)) or 0) + 1
    entry = RegisterEntry(
        campaign_id=campaign.id,
        register=register,
        key=(key or f"{register}-{number}")[:120],
        number=number,
        name=name[:200],
        category=category[:80],
        state=rule["states"][0],
        unit_id=unit_id,
        fields=kept,
        entered_by=person_id,
        entered_at=at,
        changed_at=at,
    )
    session.add(entry)
    session.flush()
    return entry, True


def entry_of(session: Session, *, campaign: Campaign, register: str, key: str) -> RegisterEntry:
    """Return an entry by its key; raises NotFound."""
    entry = session.scalars(
        select(RegisterEntry).where(
            RegisterEntry.campaign_id == campaign.id, RegisterEntry.register == register, RegisterEntry.key == key
        )
    ).one_or_none()
    if entry is None:
        raise NotFound(say("登记簿里没有“{key}”", key=key))
    return entry


def move(
    session: Session,
    *,
    campaign: Campaign,
    entry: RegisterEntry,
    state: str,
    at: datetime,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Move an entry to another state of its register and keep what a form says of it.

    Raises InvalidInput for a state that the register does not have, or that may not follow.
    """
    rule = chosen(registers_of(campaign), entry.register, say("登记簿"))
    if state not in rule["states"]:
        raise InvalidInput(
            say("登记簿没有“{state}”这个状态；有：{states}", state=state, states=listed(rule["states"])),
            {"state": say("不存在")},
        )
    allowed = rule["moves"].get(entry.state)
    if state != entry.state and allowed is not None and state not in allowed:
        raise InvalidInput(
            say(
                "“{name}”处于“{current}”，不能改为“{wanted}”",
                name=entry.name or entry.key,
                current=_name(rule, entry.state),
                wanted=_name(rule, state),
            )
        )
    kept = {field: value for field, value in (values or {}).items() if field in rule["fields_"] and value is not None}
    entry.fields = entry.fields | kept
    entry.state, entry.changed_at = state, at
    entry.closed_at = at if state in rule["closed"] else None
    session.flush()


def entries(
    session: Session, *, campaign: Campaign, register: str, state: str = "", open_only: bool = False
) -> list[RegisterEntry]:
    """Return the entries of a register by number."""
    statement = select(RegisterEntry).where(
        RegisterEntry.campaign_id == campaign.id, RegisterEntry.register == register
    )
    if state:
        statement = statement.where(RegisterEntry.state == state)
    if open_only:
        statement = statement.where(RegisterEntry.closed_at.is_(None))
    return list(session.scalars(statement.order_by(RegisterEntry.number)))


def _name(rule: Mapping[str, Any], state: str) -> str:
    return str(rule["state_names"].get(state, state))
