"""Suspend, resume and terminate with everything below, on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import NotAllowed
from engine.history import HistoryLine, verify
from engine.instances import resume, suspend, terminate
from engine.instances.lifecycle import CHILDREN_CHUNK, FamilyEffects
from engine.instances.models import FanOut, Instance
from engine.ports import ServiceCall, ServiceKind
from engine.runtime import Engine
from engine.store import Database
from engine.work.models import Work
from tests.support.services import Flaky, service, services
from tests.support.turning import ADMIN, begin, instance_of, line, make_engine, open_slots, process, run, user

HOUR = timedelta(hours=1)
TIMER = (
    '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>"
)
MANY = (
    '<callActivity id="each" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="items"'
    ' camunda:elementVariable="item"/></callActivity>'
)
ONE = '<callActivity id="one" calledElement="leaf"/>'


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _family(engine: Engine, children: int) -> int:
    """Start a parent whose children each have a child with a task."""
    leaf, child = process("leaf", line(user("A", "1"))), process("child", line(ONE))
    number = begin(engine, line(MANY, user("B", "2")), {"items": list(range(children))}, leaf=leaf, child=child)
    run(engine)
    return number


def _statuses(engine: Engine) -> dict[str, int]:
    with engine.db.read() as session:
        return dict(session.execute(select(Instance.status, func.count()).group_by(Instance.status)).all())


def test_a_suspended_family_stands_still_and_goes_on_whole(engine: Engine, clock: FakeClock) -> None:
    wide = CHILDREN_CHUNK + 20
    number = _family(engine, wide)
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    assert _statuses(engine)["suspended"] == CHILDREN_CHUNK + 1
    run(engine)
    assert _statuses(engine) == {"suspended": 2 * wide + 1}
    slot = next(iter(open_slots(engine).values()))
    with pytest.raises(NotAllowed, match="挂起"):
        tasks.complete(engine, slot_id=slot.id, actor_id=1)
    clock.advance(HOUR)
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    run(engine)
    assert _statuses(engine) == {"running": 2 * wide + 1}
    tasks.complete(engine, slot_id=slot.id, actor_id=1)
    with engine.db.read() as session:
        assert verify(session) == []
        operations = ("suspend", "resume")
        lines = session.scalar(select(func.count()).where(HistoryLine.operation.in_(operations)))
        assert lines == 2 * (2 * wide + 1)


def test_resuming_at_once_takes_back_what_the_suspension_still_wanted(engine: Engine) -> None:
    wide = CHILDREN_CHUNK + 20
    number = _family(engine, wide)
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    resume(engine, instance_id=number, actor_id=ADMIN, reason="误操作")
    run(engine)
    assert _statuses(engine) == {"running": 2 * wide + 1}


def test_due_timers_wait_and_keep_the_time_they_had_left(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(TIMER, user("B", "1")))
    clock.advance(HOUR)
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    clock.advance(5 * HOUR)
    assert run(engine) == 0
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    assert run(engine) == 0
    clock.advance(HOUR)
    run(engine)
    assert ("B", 1) in open_slots(engine)


def test_a_suspended_service_is_not_called(engine: Engine) -> None:
    flaky = Flaky(0)
    engine.services = services(flaky, external=True)
    number = begin(engine, line(service("A"), user("B", "1")))
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    run(engine)
    assert flaky.keys == []
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    run(engine)
    assert ("B", 1) in open_slots(engine)


def test_an_answer_that_comes_while_suspended_waits(engine: Engine) -> None:
    number = 0

    def call(_: ServiceCall) -> dict[str, object]:
        suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
        return {"answer": 1}

    engine.services = {"test.flaky": ServiceKind("test.flaky", call, external=True)}
    number = begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    assert instance_of(engine, number).variables == {}
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    run(engine)
    assert instance_of(engine, number).variables == {"answer": 1}
    assert ("B", 1) in open_slots(engine)


def test_a_returned_instance_is_returned_again_after_a_suspension(engine: Engine) -> None:
    number = begin(engine, line(user("Draft", "7"), user("Check", "8")))
    tasks.complete(engine, slot_id=open_slots(engine)["Draft", 7].id, actor_id=7)
    slot = open_slots(engine)["Check", 8]
    tasks.return_task(engine, slot_id=slot.id, actor_id=8, target="initiator", reason="数字不对")
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    assert instance_of(engine, number).status == "returned"


def test_terminating_ends_every_descendant_with_its_work(engine: Engine, clock: FakeClock) -> None:
    number = _family(engine, 30)
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    run(engine)
    assert _statuses(engine) == {"terminated": 61}
    assert open_slots(engine) == {}
    with engine.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Work)) == 0
        assert set(session.scalars(select(FanOut.status))) == {"cancelled"}
        assert verify(session) == []
    with pytest.raises(NotAllowed, match="结束"):
        terminate(engine, instance_id=number, actor_id=ADMIN, reason="再来")


def test_a_suspended_instance_can_be_terminated(engine: Engine) -> None:
    number = _family(engine, 3)
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    run(engine)
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    run(engine)
    assert _statuses(engine) == {"terminated": 7}


def test_a_terminated_child_counts_for_its_parent(engine: Engine) -> None:
    number = _family(engine, 2)
    with engine.db.read() as session:
        children = list(session.scalars(select(Instance.id).where(Instance.parent_id == number)))
    for child in children:
        terminate(engine, instance_id=child, actor_id=ADMIN, reason="作废")
    run(engine)
    assert ("B", 2) in open_slots(engine)


def test_what_is_not_running_cannot_be_suspended(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1")))
    with pytest.raises(NotAllowed):
        resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    with pytest.raises(NotAllowed):
        suspend(engine, instance_id=number, actor_id=ADMIN, reason="再来")


@pytest.mark.parametrize("operation", [suspend, terminate])
def test_trying_it_out_tells_whom_it_reaches_and_changes_nothing_I4(
    engine: Engine, operation: Callable[..., FamilyEffects]
) -> None:
    number = begin(engine, line(user("A", "1", due="2 working days"), user("B", "2")))
    before = instance_of(engine, number)
    foreseen = operation(engine, instance_id=number, actor_id=ADMIN, reason="核查", dry_run=True)
    assert (foreseen.instances, foreseen.tasks) == (1, 1)
    after = instance_of(engine, number)
    assert (after.version, after.status, after.history_sequence) == (before.version, "running", before.history_sequence)
    assert operation(engine, instance_id=number, actor_id=ADMIN, reason="核查") == foreseen
    assert instance_of(engine, number).status != "running"
