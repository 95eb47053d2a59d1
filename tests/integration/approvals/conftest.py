"""A real engine on both databases, and short words for what people do."""

from collections.abc import Callable
from typing import Any

import pytest

from engine import tasks
from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from engine.tasks import OperationResult
from tests.support.turning import make_engine, open_slots


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


@pytest.fixture
def act(engine: Engine) -> Callable[..., OperationResult]:
    """Do an operation as a person on the one slot that the person holds at a node."""

    def do(person: int, operation: str, element: str, *, owner: int | None = None, **more: Any) -> OperationResult:
        slots = open_slots(engine)
        slot = slots.get((element, owner if owner is not None else person)) or slots[element, None]
        result: OperationResult = getattr(tasks, operation)(engine, slot_id=slot.id, actor_id=person, **more)
        return result

    return do
