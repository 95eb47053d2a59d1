"""Lets everybody in a scenario do what comes to them, with plausible forms, while time goes on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.instances.models import Instance
from engine.tasks.models import Activation, Slot, SlotCandidate, SlotState
from engine.work.sweeper import next_due
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.forms import filled_form
from workflows.scenarios.report import Check
from workflows.scenarios.world import World, instant_of

END = "end"
MOST_ROUNDS = 20_000


def play_on(world: World, step: Mapping[str, Any]) -> list[Check]:
    """Do every open task but those left alone, go to whatever is due next, and so on."""
    until = None if step["until"] == END else instant_of(step["until"])
    left: set[int] = set()
    for _ in range(MOST_ROUNDS):
        world.settle()
        if _do_one_round(world, step, left):
            continue
        due = next_due(world.engine)
        if due is None or (until is not None and due > until):
            break
        world.clock.advance_to(max(due, world.clock.now()))
    else:
        raise ScenarioError("play_on 一直做不完 / play_on does not come to an end")
    if until is not None:
        world.move_to(until)
    return []


def _do_one_round(world: World, step: Mapping[str, Any], left: set[int]) -> bool:
    """Do the tasks that are open now; says whether there were any."""
    with world.engine.db.read() as session:
        query = (
            select(Slot.id, Activation.element_id, Activation.kind)
            .join(Activation, Activation.id == Slot.activation_id)
            .where(Slot.state == SlotState.READY)
            .order_by(Slot.opened_at, Slot.position, Slot.id)
        )
        found = [row for row in session.execute(query) if row.id not in left]
    for row in found:
        if row.element_id in step["leave"] or not _do(world, row.id, row.element_id, row.kind, step):
            left.add(row.id)
    return any(row.id not in left for row in found)


def _do(world: World, slot_id: int, element_id: str, kind: str, step: Mapping[str, Any]) -> bool:
    with world.engine.db.read() as session:
        slot = session.get(Slot, slot_id)
        if slot is None or slot.state != SlotState.READY:
            return True
        actor = slot.owner_id or _candidate(session, slot_id)
        instance = session.get(Instance, slot.instance_id)
        pooled, version = slot.owner_id is None, instance.version if instance else 0
    if actor is None:
        return False
    if pooled:
        version = tasks.claim(world.engine, slot_id=slot_id, actor_id=actor, version=version).version
    common: dict[str, Any] = {"slot_id": slot_id, "actor_id": actor, "version": version}
    data = filled_form(world, slot_id, actor, dict(step["values"].get(element_id, {})))
    if kind == "approval":
        if element_id in step["reject"]:
            tasks.reject(world.engine, **common, opinion="不同意", data={})
        else:
            tasks.agree(world.engine, **common, opinion="同意", data=data)
    else:
        tasks.complete(world.engine, **common, data=data, opinion="")
    world.settle()
    return True


def _candidate(session: Session, slot_id: int) -> int | None:
    query = select(SlotCandidate.person_id).where(SlotCandidate.slot_id == slot_id)
    return session.scalars(query.order_by(SlotCandidate.person_id)).first()
