"""What somebody can do with an instance as a whole, without a task of one's own open: take back, withdraw, urge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.instances.models import Instance
from engine.tasks.desk import open_desk
from engine.tasks.legality import refusal
from engine.tasks.models import Activation, Slot, SlotState

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_TRIED = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose turn it is: how often urged and when, and why not now (empty when they may be urged)."""

    slot_id: int
    step: str
    person: str
    urges: int
    urged_at: datetime | None
    refused: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Operations by name with the slot to name in them, and whom one waits for."""

    operations: Mapping[str, int]
    waiting: list[Waiting]


def offers(engine: "Engine", session: Session, *, instance: Instance, person_id: int) -> Offers:
    """Return what a person can do with an instance; nothing for those whose business it is not."""
    mine = select(Slot.id).where(Slot.instance_id == instance.id, Slot.actor_id == person_id)
    every = select(Slot.id).where(Slot.instance_id == instance.id)
    found: dict[str, int] = {}
    try:
        for name, query in (("retrieve", mine), ("withdraw", every), ("copy", mine), ("copy", every)):
            for slot_id in session.scalars(query.order_by(Slot.closed_at.desc(), Slot.id.desc()).limit(MOST_TRIED)):
                if name in found:
                    break
                desk = open_desk(engine, session, slot_id=slot_id, actor_id=person_id, lock=False)
                if not refusal(desk, name):
                    found[name] = slot_id
                if name != "retrieve":
                    break
        return Offers(found, _waiting(engine, session, instance, person_id))
    except NotFound:
        return Offers({}, [])


def _waiting(engine: "Engine", session: Session, instance: Instance, person_id: int) -> list[Waiting]:
    query = (
        select(Slot, Activation.name)
        .join(Activation, Activation.id == Slot.activation_id)
        .where(Slot.instance_id == instance.id, Slot.state == SlotState.READY)
        .order_by(Slot.opened_at, Slot.id)
        .limit(MOST_TRIED)
    )
    rows = [(slot, step) for slot, step in session.execute(query)]
    people = [slot.owner_id for slot, _step in rows if slot.owner_id is not None]
    names = engine.people.names(session, people) if people else {}
    waiting = []
    for slot, step in rows:
        desk = open_desk(engine, session, slot_id=slot.id, actor_id=person_id, lock=False)
        waiting.append(
            Waiting(slot.id, step, names.get(slot.owner_id or 0, ""), slot.urges, slot.urged_at, refusal(desk, "urge"))
        )
    return waiting
