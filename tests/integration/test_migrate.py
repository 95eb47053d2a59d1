"""Migration of instances to another version, on both databases."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Event
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed, NotFound, Stale
from engine.history import HistoryLine, Visit, element_times, verify
from engine.instances import (
    migrate_instance,
    migrate_instances,
    retry_incident,
    start_instance,
    suspend,
    terminate,
    work,
)
from engine.instances.batches import QUEUE_CHUNK, batch_progress
from engine.instances.migrate import descendants, judge_instances
from engine.instances.models import BatchMember, FanOut, Instance, MemberState
from engine.instances.plans import MigrationPlan, generate_plan
from engine.messages.models import Subscription
from engine.messages.service import correlate_message
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Activation, Draft, Slot
from engine.work.drain import drain
from engine.work.models import Work
from tests.support.rows import everything
from tests.support.together import at_once
from tests.support.turning import (
    ADMIN,
    diagram,
    incidents,
    instance_of,
    line,
    make_engine,
    open_slots,
    process,
    publish,
    run,
    user,
)

HOUR = timedelta(hours=1)
FORM = {"check.form": orjson.dumps({"components": [{"key": "note", "type": "textfield", "label": "说明"}]})}
REASON = "新方案自本周起执行"
MANY = (
    '<callActivity id="each" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="items"'
    ' camunda:elementVariable="item"/></callActivity>'
)


def edge(key: str, host: str, hours: int) -> str:
    """Return a timer on the edge of an activity, and where it leads."""
    return (
        f'<boundaryEvent id="{key}" attachedToRef="{host}"><timerEventDefinition>'
        f'<timeDuration>PT{hours}H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="{key}_end"/>'
        f'<sequenceFlow id="{key}_flow" sourceRef="{key}" targetRef="{key}_end"/>'
    )


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _version(engine: Engine, body: str, *, files: Mapping[str, bytes] | None = None, **children: str) -> int:
    bodies = [process("main", body), *(process(key, text) for key, text in children.items())]
    return publish(engine, {"main.bpmn": diagram(*bodies), **(files or {})})


def _start(engine: Engine, version: int, variables: Mapping[str, Any] | None = None) -> int:
    return start_instance(
        engine, version_id=version, process_id="main", variables=dict(variables or {}), title="一件事", initiator_id=7
    )


def _plan(engine: Engine, source: int, target: int, elements: Mapping[str, str | None] | None = None) -> MigrationPlan:
    with engine.db.read() as session:
        changed = {"main": elements} if elements else None
        return generate_plan(engine, session, source_version_id=source, target_version_id=target, elements=changed)


def _migrate(engine: Engine, number: int, plan: MigrationPlan, **more: Any) -> list[str]:
    result = migrate_instance(engine, instance_id=number, plan=plan, actor_id=ADMIN, reason=REASON, **more)
    return [one.sentence.partition(" / ")[0] for one in (*result.verdict.findings, *result.changes)]


def test_task_draft_deadline_and_timer_survive_under_another_id(engine: Engine, clock: FakeClock) -> None:
    both = user("A", "1|2", due="PT8H", policy="all", form="check")
    old = _version(engine, line(both, user("B", "3")) + edge("late", "A", 4), files=FORM)
    new = _version(engine, line(user("A9", "5", due="PT99H"), user("C", "4")) + edge("late9", "A9", 90), files=FORM)
    number = _start(engine, old)
    slots = open_slots(engine, number)
    tasks.agree(engine, slot_id=slots["A", 1].id, actor_id=1)
    tasks.save_draft(engine, slot_id=slots["A", 2].id, actor_id=2, data={"note": "半份"})
    with engine.db.read() as session:
        works = {one.id: one.due for one in session.scalars(select(Work))}
    clock.advance(HOUR)
    plan = _plan(engine, old, new, {"A": "A9", "late": "late9"})
    before = everything(engine.db)
    _migrate(engine, number, plan, dry_run=True)
    assert everything(engine.db) == before
    _migrate(engine, number, plan)
    moved = instance_of(engine, number)
    assert (moved.package_version_id, moved.rounds) == (new, {"A9": 1})
    assert {key: one.id for key, one in open_slots(engine, number).items()} == {("A9", 2): slots["A", 2].id}
    with engine.db.read() as session:
        assert {one.id: one.due for one in session.scalars(select(Work))} == works
        assert {one.payload.get("element_id") for one in session.scalars(select(Work))} == {"late9", None}
        assert session.scalars(select(Draft)).one().data == {"note": "半份"}
        assert session.scalars(select(Activation)).one().policy == "all"
        assert [one.element_id for one in session.scalars(select(Visit).where(Visit.lasted.is_(None)))] == ["A9"]
        assert element_times(session, version_id=new, process_id="main")["A9"].here == 1
    tasks.agree(engine, slot_id=slots["A", 2].id, actor_id=2)
    assert list(open_slots(engine, number)) == [("C", 4)]
    with engine.db.read() as session:
        assert verify(session) == []
        (told,) = session.scalars(select(HistoryLine).where(HistoryLine.operation == "migrate"))
        assert (told.actor_id, told.opinion) == (ADMIN, REASON)
        assert told.detail["renamed"] == {"A": "A9", "late": "late9"}


def test_a_timer_fires_when_it_was_due_before(engine: Engine, clock: FakeClock) -> None:
    old = _version(engine, line(user("A", "1"), user("B", "3")) + edge("late", "A", 4))
    new = _version(engine, line(user("A", "1"), user("B", "3")) + edge("late", "A", 90))
    number = _start(engine, old)
    clock.advance(3 * HOUR)
    _migrate(engine, number, _plan(engine, old, new))
    clock.advance(HOUR)
    run(engine)
    assert instance_of(engine, number).status == "completed"


def test_what_is_blocked_is_refused_with_a_sentence_and_nothing_is_changed(engine: Engine) -> None:
    old, new = _version(engine, line(user("A", "1"))), _version(engine, line(user("B", "1")))
    number, plan = _start(engine, old), _plan(engine, old, new)
    before = everything(engine.db)
    with pytest.raises(NotAllowed, match="“A”正在进行，但新图没有对应的环节"):
        _migrate(engine, number, plan)
    assert _migrate(engine, number, plan, dry_run=True) == ["“A”正在进行，但新图没有对应的环节"]
    with pytest.raises(InvalidInput, match="原因"):
        migrate_instance(engine, instance_id=number, plan=plan, actor_id=ADMIN, reason="")
    with pytest.raises(NotFound):
        migrate_instance(engine, instance_id=number, plan=plan, actor_id=1, reason=REASON)
    with pytest.raises(Stale, match="前进"):
        _migrate(engine, number, plan, expected_version=0)
    with pytest.raises(InvalidInput, match="新图没有"):
        _plan(engine, old, new, {"A": "Z"})
    with pytest.raises(InvalidInput, match="相同"):
        _plan(engine, old, old)
    assert everything(engine.db) == before


def test_a_task_whose_form_the_target_lacks_blocks(engine: Engine) -> None:
    old, new = _version(engine, line(user("A", "1", form="check"))), _version(engine, line(user("A", "1")))
    number = _start(engine, old)
    assert _migrate(engine, number, _plan(engine, old, new), dry_run=True) == ["新版本没有表单“check”"]


def test_children_stay_attached_and_finish_for_their_migrated_parent(engine: Engine) -> None:
    child = line(user("C", "5"))
    old = _version(engine, line(MANY, user("B", "2")), child=child)
    renamed = MANY.replace('id="each"', 'id="each9"')
    new = _version(engine, line(renamed, user("Z", "2")), child=child)
    number = _start(engine, old, {"items": [1, 2]})
    run(engine)
    _migrate(engine, number, _plan(engine, old, new, {"each": "each9"}))
    with engine.db.read() as session:
        assert session.scalars(select(FanOut.element_id)).one() == "each9"
        children = session.scalars(select(Instance).where(Instance.parent_id == number)).all()
        assert {one.package_version_id for one in children} == {old}
        slots = list(session.scalars(select(Slot.id).where(Slot.state == "ready")))
    for slot in slots:
        tasks.complete(engine, slot_id=slot, actor_id=5)
    run(engine)
    assert list(open_slots(engine, number)) == [("Z", 2)]


def test_children_can_be_taken_along(engine: Engine) -> None:
    old = _version(engine, line(MANY), child=line(user("C", "5")))
    new = _version(engine, line(MANY), child=line(user("C", "5"), user("D", "6")))
    number = _start(engine, old, {"items": [1, 2]})
    run(engine)
    plan = _plan(engine, old, new)
    batch = migrate_instances(
        engine, instance_ids=[number], plan=plan, actor_id=ADMIN, reason=REASON, with_children=True
    )
    run(engine)
    with engine.db.read() as session:
        assert batch_progress(session, batch).done == 3
        assert set(session.scalars(select(Instance.package_version_id))) == {new}
        assert descendants(session, [number], new) != []


def test_many_are_migrated_with_progress_and_each_refusal_has_its_sentence(engine: Engine) -> None:
    old = _version(engine, line(user("A", "1"), user("B", "3")))
    new = _version(engine, line(user("A", "1"), user("C", "3")))
    numbers = [_start(engine, old) for _ in range(6)]
    terminate(engine, instance_id=numbers[1], actor_id=ADMIN, reason="作废")
    suspend(engine, instance_id=numbers[2], actor_id=ADMIN, reason="等")
    slot = next(one for one in _slots(engine) if one.instance_id == numbers[3])
    tasks.complete(engine, slot_id=slot.id, actor_id=1)
    plan = _plan(engine, old, new)
    with engine.db.read() as session:
        verdicts = {one.instance_id: one for one in judge_instances(engine, session, plan, numbers)}
    assert [verdicts[one].blocked for one in numbers] == [False, True, False, True, False, False]
    batch = migrate_instances(engine, instance_ids=numbers, plan=plan, actor_id=ADMIN, reason=REASON)
    with engine.db.read() as session:
        assert batch_progress(session, batch).waiting == 6
    run(engine)
    with engine.db.read() as session:
        progress = batch_progress(session, batch)
    assert (progress.done, progress.failed, progress.waiting, progress.percent) == (4, 2, 0, 100)
    said = {one.instance_id: one.sentence for one in progress.refusals}
    assert said[numbers[1]].startswith("流程已经结束")
    assert said[numbers[3]].startswith("“B”正在进行")
    assert instance_of(engine, numbers[2]).package_version_id == new
    assert instance_of(engine, numbers[3]).package_version_id == old
    assert incidents(engine) == []


def test_an_interrupted_batch_goes_on_where_it_stopped(engine: Engine, clock: FakeClock) -> None:
    old, new = _version(engine, line(user("A", "1"))), _version(engine, line(user("A", "1"), user("B", "2")))
    numbers = [_start(engine, old) for _ in range(QUEUE_CHUNK + 5)]
    batch = migrate_instances(engine, instance_ids=numbers, plan=_plan(engine, old, new), actor_id=ADMIN, reason=REASON)
    stopping = _Stopping(after=20)
    drain(engine, stop=stopping.stop, performer=stopping)
    with engine.db.read() as session:
        part = batch_progress(session, batch)
    assert part.waiting > 0
    again = make_engine(engine.db, clock)
    run(again)
    with engine.db.read() as session:
        progress = batch_progress(session, batch)
        assert (progress.total, progress.done) == (len(numbers), len(numbers))
        migrated = session.scalars(select(HistoryLine.instance_id).where(HistoryLine.operation == "migrate")).all()
        assert sorted(migrated) == sorted(numbers)
        assert set(session.scalars(select(BatchMember.state))) == {MemberState.DONE}
        assert session.scalars(select(Work)).all() == []


def test_two_people_migrate_at_once_and_one_is_refused(engine: Engine) -> None:
    old, new = _version(engine, line(user("A", "1"))), _version(engine, line(user("A", "1"), user("B", "2")))
    number, plan = _start(engine, old), _plan(engine, old, new)
    answers = sorted(type(one).__name__ for one in at_once([lambda: _migrate(engine, number, plan)] * 2))
    assert answers == ["NotAllowed", "list"]


def test_an_incident_goes_along_and_its_retry_runs_what_the_target_draws(engine: Engine) -> None:
    broken = '<scriptTask id="S" scriptFormat="javascript"><script>throw new Error("x")</script></scriptTask>'
    mended = '<scriptTask id="S9" scriptFormat="javascript"><script>n = 1;</script></scriptTask>'
    old = _version(engine, line(broken, user("B", "2")))
    new = _version(engine, line(mended, user("B", "2")))
    number = _start(engine, old)
    _migrate(engine, number, _plan(engine, old, new, {"S": "S9"}))
    (incident,) = incidents(engine)
    assert incident.element_id == "S9"
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert list(open_slots(engine, number)) == [("B", 2)]
    assert instance_of(engine, number).variables == {"n": 1}


def test_an_identical_version_changes_nothing_but_the_version(engine: Engine) -> None:
    body = line(MANY, user("B", "2")) + edge("late", "each", 4)
    old = _version(engine, body, child=line(user("C", "5", due="PT4H")))
    new = _version(engine, body, child=line(user("C", "5", due="PT4H")))
    number = _start(engine, old, {"items": [1, 2]})
    run(engine)
    changed = ("instance", "history_line", "visit")
    before, row = everything(engine.db, without=changed), instance_of(engine, number)
    assert _migrate(engine, number, _plan(engine, old, new)) == []
    assert everything(engine.db, without=changed) == before
    after = instance_of(engine, number)
    assert orjson.loads(after.snapshot)["tokens"] == orjson.loads(row.snapshot)["tokens"]
    columns = {column.key for column in Instance.__table__.columns} - {
        "package_version_id", "version", "snapshot", "history_sequence", "history_digest",
    }  # fmt: skip
    assert {key: getattr(after, key) for key in columns} == {key: getattr(row, key) for key in columns}


def test_a_message_is_found_under_the_name_that_the_target_has(engine: Engine) -> None:
    def waiting(name: str) -> int:
        catch = '<intermediateCatchEvent id="M"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        body = process("main", line(catch, user("B", "2")))
        return publish(engine, {"main.bpmn": diagram(f'<message id="m" name="{name}"/>', body)})

    old, new = waiting("first"), waiting("second")
    number = _start(engine, old)
    run(engine)
    assert "“M”改为等待“second”" in _migrate(engine, number, _plan(engine, old, new))
    with engine.db.read() as session:
        assert [one.name for one in session.scalars(select(Subscription))] == ["second"]
    correlate_message(engine, name="second")
    run(engine)
    assert list(open_slots(engine, number)) == [("B", 2)]


class _Stopping:
    """Does what the engine does, and asks for a stop after some pieces of work: a process that is ended part-way."""

    def __init__(self, *, after: int) -> None:
        self.stop, self._left = Event(), after

    def perform_work(self, *arguments: Any) -> None:
        self._left -= 1
        if self._left <= 0:
            self.stop.set()
        work.perform_work(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(work, name)


def _slots(engine: Engine) -> list[Slot]:
    with engine.db.read() as session:
        return list(session.scalars(select(Slot).where(Slot.state == "ready")))
