"""Modifying an instance by hand, on both databases: the dry run tells the truth and changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed, NotFound, Stale
from engine.history import HistoryLine, verify
from engine.instances import modify_instance, suspend
from engine.instances.models import Instance
from engine.instances.modify import Modification
from engine.interpreter import InterpreterError
from engine.interpreter.contract import Start
from engine.interpreter.waits import live_tokens
from engine.runtime import Engine
from engine.store import Database
from tests.support.rows import everything
from tests.support.turning import ADMIN, begin, instance_of, line, make_engine, open_slots, process, run, user

REASON = "现场已改派"
SUB = (
    '<subProcess id="sub" name="整改"><startEvent id="is"/>'
    + user("fix", "3", due="PT8H")
    + user("check", "4")
    + '<endEvent id="ie"/><sequenceFlow id="i1" sourceRef="is" targetRef="fix"/>'
    '<sequenceFlow id="i2" sourceRef="fix" targetRef="check"/><sequenceFlow id="i3" sourceRef="check" targetRef="ie"/>'
    "</subProcess>"
)
EACH = (
    '<callActivity id="each" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="items"'
    ' camunda:elementVariable="item"/></callActivity>'
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _modify(engine: Engine, number: int, *, dry_run: bool = False, **what: object) -> list[str]:
    modification = Modification(**what)  # type: ignore[arg-type]
    result = modify_instance(
        engine, instance_id=number, actor_id=ADMIN, reason=REASON, modification=modification, dry_run=dry_run
    )
    return [change.sentence.partition(" / ")[0] for change in result.changes]


def test_the_dry_run_says_what_will_happen_and_changes_nothing(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1", due="PT4H"), SUB, user("B", "2")), {"level": "一般"})
    what = {"cancel_at": ["A"], "start": [Start(element_id="check")], "variables": {"level": "严重"}}
    before = everything(engine.db)
    said = _modify(engine, number, dry_run=True, **what)
    assert said == ["取消“A”", "打开“check”，由 P4 办理", "变量 level：一般 → 严重"]
    assert everything(engine.db) == before
    assert _modify(engine, number, **what) == said
    assert list(open_slots(engine)) == [("check", 4)]
    tasks.complete(engine, slot_id=open_slots(engine)["check", 4].id, actor_id=4)
    assert list(open_slots(engine)) == [("B", 2)]


def test_the_history_keeps_who_what_and_why(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1"), user("B", "2")), {"n": 1})
    _modify(engine, number, cancel_at=["A"], start=[Start(element_id="B")], variables={"n": 2})
    with engine.db.read() as session:
        query = select(HistoryLine).where(HistoryLine.instance_id == number).order_by(HistoryLine.sequence)
        lines = list(session.scalars(query))
        assert verify(session) == []
    (found,) = [one for one in lines if one.operation == "modify"]
    assert (found.actor_id, found.opinion) == (ADMIN, REASON)
    assert found.detail["variables"] == {"n": {"from": 1, "to": 2}}
    assert [one["element"] for one in found.detail["cancelled"]] == ["A"]
    assert [one["element"] for one in found.detail["started"]] == ["B"]
    after = [(one.operation, one.element_id) for one in lines[lines.index(found) + 1 :]]
    assert after == [("withdraw", "A"), ("enter", "B")]


def test_starting_and_cancelling_a_fan_out_begins_and_ends_its_children(engine: Engine) -> None:
    child = process("child", line(user("C", "5")))
    body = line(user("A", "1"), EACH, user("B", "2"))
    number = begin(engine, body, {"items": [1, 2, 3]}, child=child)
    assert _modify(engine, number, cancel_at=["A"], start=[Start(element_id="each")]) == [
        "取消“A”", "“each”启动 3 个子流程",
    ]  # fmt: skip
    run(engine)
    with engine.db.read() as session:
        assert session.scalar(select(func.count()).where(Instance.parent_id == number)) == 3
    said = _modify(engine, number, cancel_at=["each"], start=[Start(element_id="B")])
    assert sorted(said) == ["取消“each”", "取消“each”的 3 个子流程", "打开“B”，由 P2 办理"]
    run(engine)
    assert list(open_slots(engine)) == [("B", 2)]


def test_deadlines_of_what_is_cancelled_fall_no_more(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(SUB, user("B", "2")))
    _modify(engine, number, cancel_at=["sub"], start=[Start(element_id="B")])
    clock.advance(timedelta(days=3))
    assert run(engine) == 0


def test_a_join_that_can_never_be_reached_is_told_beforehand(engine: Engine) -> None:
    flows = "".join(
        f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in (
            ("s", "split"),
            ("split", "L"),
            ("split", "R"),
            ("L", "join"),
            ("R", "join"),
            ("join", "e"),
        )
    )
    body = '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
    number = begin(engine, body + user("L", "1") + user("R", "2") + flows)
    tasks.complete(engine, slot_id=open_slots(engine)["L", 1].id, actor_id=1)
    said = _modify(engine, number, cancel_at=["R"], dry_run=True)
    assert said[0] == "取消“R”"
    assert said[1].startswith("“join”会出错")


def test_what_cannot_be_done_is_refused_with_a_sentence(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1"), user("B", "2")))
    version = instance_of(engine, number).version
    before = everything(engine.db)
    with pytest.raises(InvalidInput, match="没有指明"):
        _modify(engine, number)
    with pytest.raises(InvalidInput, match="没有进行中"):
        _modify(engine, number, cancel_at=["B"])
    with pytest.raises(InterpreterError, match="终止"):
        _modify(engine, number, cancel_at=["A"])
    with pytest.raises(InterpreterError, match="没有元素"):
        _modify(engine, number, start=[Start(element_id="Z")])
    with pytest.raises(Stale):
        _modify(engine, number, cancel=["99"])
    with pytest.raises(InvalidInput, match="变量名"):
        _modify(engine, number, variables={" ": 1})
    with pytest.raises(Stale, match="前进"):
        modify_instance(
            engine, instance_id=number, actor_id=ADMIN, reason=REASON, expected_version=version - 1,
            modification=Modification(cancel_at=["A"], start=[Start(element_id="B")]),
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="原因"):
        modify_instance(
            engine, instance_id=number, actor_id=ADMIN, reason="", modification=Modification(variables={"a": 1})
        )
    with pytest.raises(NotFound):
        modify_instance(
            engine, instance_id=number, actor_id=1, reason=REASON, modification=Modification(variables={"a": 1})
        )
    assert everything(engine.db) == before
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等")
    with pytest.raises(NotAllowed, match="挂起"):
        _modify(engine, number, variables={"a": 1})


def test_an_operator_sees_the_tokens_with_what_they_wait_for(engine: Engine) -> None:
    number = begin(engine, line(SUB, user("B", "2")))
    seen = [
        (one.element_id, one.state, one.wait, one.inside) for one in live_tokens(instance_of(engine, number).snapshot)
    ]
    scope = next(one.token for one in live_tokens(instance_of(engine, number).snapshot) if one.element_id == "sub")
    assert seen == [("sub", "scope", "", None), ("fix", "waiting", "user", scope)]
