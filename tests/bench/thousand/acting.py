"""What people do in the campaign: launch it, and complete or agree to the tasks that are open."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from engine import tasks
from engine.instances.models import Instance
from engine.tasks.models import Activation, Slot, SlotState
from engine.work.drain import drain
from tests.bench.thousand.field import FIRST_UNIT, KEY, OFFICE, Field
from workflows.campaigns.launch import launch
from workflows.campaigns.models import Campaign

LONGEST_SECONDS = 1200.0


def launched(field: Field) -> tuple[Campaign, float]:
    """Launch the campaign; tell it, and the seconds. Its units' tasks open as work is done."""
    begun = time.perf_counter()
    campaign = launch(field.engine, package_key=KEY, parameters={"year": 2026}, initiator_id=OFFICE)
    return campaign, time.perf_counter() - begun


def settle(field: Field, *, budget_seconds: float = LONGEST_SECONDS) -> tuple[int, float]:
    """Do the work that is due, by one worker; tell how many pieces were done, and the seconds it took."""
    begun = time.perf_counter()
    done = drain(field.engine, budget_seconds=budget_seconds)
    return done, time.perf_counter() - begun


def open_tasks(field: Field, campaigns: list[Campaign], element: str) -> deque[tuple[int, int]]:
    """Return the open tasks of an element, slot and owner, in the units' order."""
    roots = [campaign.instance_id for campaign in campaigns]
    query = (
        select(Slot.id, Slot.owner_id)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .where(Instance.root_id.in_(roots), Activation.element_id == element, Slot.state == SlotState.READY)
        .order_by(Instance.unit_id, Slot.id)
    )
    with field.engine.db.read() as session:
        return deque((slot_id, int(owner_id or 0)) for slot_id, owner_id in session.execute(query))


Act = Callable[[Field, tuple[int, int]], None]


def completing(data: Mapping[str, Any]) -> Act:
    """Return what completes a task with this form."""

    def act(field: Field, task: tuple[int, int]) -> None:
        slot_id, owner_id = task
        tasks.complete(field.engine, slot_id=slot_id, actor_id=owner_id, data=data)

    return act


def agreeing(field: Field, task: tuple[int, int]) -> None:
    """Agree to an approval."""
    slot_id, owner_id = task
    tasks.agree(field.engine, slot_id=slot_id, actor_id=owner_id)


def findings_of(unit: int, number: int) -> list[dict[str, str]]:
    """Return the rows of a unit's submission."""
    levels = ("general", "general", "general", "severe")
    return [
        {"item": f"item-{(unit + n) % 20}", "level": levels[n % 4], "text": f"单位{unit}的第{n}条问题"}
        for n in range(number)
    ]


def self_checking(number: int) -> Act:
    """Return what hands in a self-check with so many findings."""

    def act(field: Field, task: tuple[int, int]) -> None:
        data = {"note": "已自查", "findings": findings_of(task[1], number)}
        completing(data)(field, task)

    return act


def unit_code(number: int) -> str:
    """Return the name of a unit as a workbook has it."""
    return f"enterprise-{number - FIRST_UNIT}"
