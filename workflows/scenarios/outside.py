"""What comes from outside in a scenario: answers of services that it plays itself, messages, signals."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.instances.models import Instance
from engine.interpreter.errors import BpmnError
from engine.messages.service import broadcast_signal, correlate_message
from engine.testing.moves import fail, finish
from engine.testing.observed import OpenItem, open_items
from engine.wording import say
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.world import World


def waiting_services(world: World) -> list[OpenItem]:
    """Return the services that wait for the scenario's answer, the oldest instance first."""
    with world.engine.db.read() as session:
        rows = session.scalars(select(Instance).where(Instance.ended_at.is_(None)).order_by(Instance.id))
        return [item for row in rows for item in open_items(world.engine, session, row) if _is_asked(world, item)]


def answer(world: World, step: Mapping[str, Any]) -> None:
    """Let a service answer with variables, or fail with an error that the diagram may catch."""
    found = [item for item in waiting_services(world) if item.element_id == step["task"]]
    units = world.unit_ids(step["unit"])
    if units is not None:
        with world.engine.db.read() as session:
            found = [one for one in found if session.get_one(Instance, one.instance_id).unit_id in units]
    if step["nth"] is not None:
        found = found[step["nth"] - 1 : step["nth"]]
    if len(found) != 1:
        raise ScenarioError(
            say("有 {number} 个服务步骤“{task}”在等回答，应恰有一个", number=len(found), task=step["task"])
        )
    if step["fails"]:
        fail(world.engine, found[0], BpmnError(step["fails"], ""))
    else:
        finish(world.engine, found[0], step["values"])
    world.settle()


def send_message(world: World, step: Mapping[str, Any]) -> None:
    """Send a message to the one instance that it is meant for, or start a process with it."""
    correlate_message(world.engine, name=step["name"], payload=step["payload"], correlation=step["correlation"])
    world.settle()


def send_signal(world: World, step: Mapping[str, Any]) -> None:
    """Send a signal to everybody."""
    broadcast_signal(world.engine, step["name"], step["payload"])
    world.settle()


def _is_asked(world: World, item: OpenItem) -> bool:
    return item.kind == "service" and f"service:{item.name}" in world.engine.by_hand
