"""Running: timers, messages, depth, moves and migration."""

from datetime import timedelta
from typing import Any

import pytest
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances import migrate_instance, start_instance
from engine.instances.plans import generate_plan
from engine.interpreter.contract import MessageArrived, Moved
from engine.messages.service import correlate_message
from engine.store import Database
from engine.testing import Playground
from engine.testing.stage import TESTER
from tests.support.conversing import catch, deploy, states
from tests.support.drawing import AT, ENDS, Played, document, draw, flows, node, timer, user
from tests.support.stock import Stock, row
from tests.support.turning import line, make_engine, process, run

MESSAGE = '<message id="M1" name="paid"/>'
CAUGHT = '<messageEventDefinition messageRef="M1"/>'


@row("running", "a due timer needs two passes")
def test_a_due_timer_fires_in_one_turn_and_its_instant_is_known(stock: Stock) -> None:
    def body(text: str) -> str:
        return ENDS + node("intermediateCatchEvent", "t", timer(text, "timeDate")) + user("a") + flows("s > t > a > e")

    workflow = stock.start(document(body('"2999-01-01T00:00:00Z"')))
    (waiting,) = workflow.event_manager.tasks.values()
    waiting.internal_data["event_value"] = "2020-01-01T00:00:00+00:00"
    workflow.do_engine_steps()
    assert stock.open(workflow) == []
    workflow.do_engine_steps()
    assert stock.open(workflow) == ["a"]

    playground = Playground()
    playground.deploy(document(body("2026-03-01T00:00:00Z")))
    instance = playground.start("P")
    (item,) = instance.open_items
    assert (item.kind, item.due.isoformat() if item.due else None) == ("timer", "2026-03-01T00:00:00+00:00")
    instance.trigger("t")
    assert [item.element_id for item in instance.open_items] == ["a"]


@row("running", "message payloads and correlation")
def test_a_message_finds_its_instance_and_sets_what_is_mapped(
    stock: Stock, sqlite_database: Database, clock: FakeClock
) -> None:
    properties = (
        '<correlationProperty id="cp" name="cp"><correlationPropertyRetrievalExpression messageRef="M1">'
        "<formalExpression>unit</formalExpression></correlationPropertyRetrievalExpression></correlationProperty>"
        '<collaboration id="C"><participant id="pp" processRef="P"/><correlationKey id="ck" name="K">'
        "<correlationPropertyRef>cp</correlationPropertyRef></correlationKey></collaboration>"
    )
    body = ENDS + node("intermediateCatchEvent", "c", CAUGHT) + user("u") + flows("s > c > u > e")
    workflow = stock.start(document(body, MESSAGE + properties), {"unit": 7, "role": "user"})
    definition = workflow.spec.task_specs["c"].event_definition
    workflow.send_event(BpmnEvent(definition, {"unit": 8, "role": "admin"}, {"K": {"cp": 8}}))
    workflow.do_engine_steps()
    assert stock.data(workflow, "u") == {"unit": 8, "role": "admin"}

    engine = make_engine(sqlite_database, clock)
    version = deploy(engine, process("main", line(catch("C", "paid", key="=unit"))))
    started = [
        start_instance(
            engine, version_id=version, process_id="main", variables={"unit": unit}, title="t", initiator_id=7
        )
        for unit in (7, 8)
    ]
    correlate_message(engine, name="paid", correlation={"unit": 8})
    run(engine)
    assert states(engine, *started) == ["running", "completed"]
    receive = node("receiveTask", "r", mapped("amount", "=amount"), messageRef="M1")
    playground = Playground()
    playground.deploy(document(ENDS + receive + flows("s > r > e"), MESSAGE))
    instance = playground.start("P", {"role": "user"})
    playground.message("paid", {"role": "admin", "amount": 5})
    assert instance.variables == {"role": "user", "amount": 5}


def mapped(name: str, expression: str) -> str:
    output = f'<camunda:outputParameter name="{name}">{expression}</camunda:outputParameter>'
    return f"<extensionElements><camunda:inputOutput>{output}</camunda:inputOutput></extensionElements>"


@row("running", "depth beyond 1,000")
def test_a_rework_loop_may_go_round_a_thousand_times(stock: Stock) -> None:
    body = (
        ENDS + user("work") + node("exclusiveGateway", "g", default="g-e") + flows("s > work > g > e", "g [redo]> work")
    )
    workflow = stock.start(document(body), {"redo": True})
    task: Any = None
    for _ in range(600):
        task = workflow.get_next_task(spec_name="work", state=TaskState.READY)
        if task is None:
            break
        task.run()
        workflow.do_engine_steps()
    assert task is None

    played = Played(draw(body), {"redo": True})
    for _ in range(1_200):
        played.complete("work")
    assert played.waiting == ["work"]
    played.complete("work", redo=False)
    assert played.outcome == "completed"


@row("running", "reset across a join")
def test_a_move_back_before_a_join_leaves_nothing_behind_it(stock: Stock) -> None:
    fork, join = node("parallelGateway", "f"), node("parallelGateway", "j")
    body = ENDS + fork + join + user("a", "b", "c") + flows("s > f > a > j > c > e", "f > b > j")
    left_behind = []
    for order in (("a", "b"), ("b", "a")):
        for back in order:
            workflow = stock.start(document(body))
            for name in order:
                stock.complete(workflow, name)
            workflow.reset_from_task_id(workflow.get_next_task(spec_name=back).id)
            left_behind += [name for name in stock.open(workflow) if name != back]
    assert "c" in left_behind

    for order in (("a", "b"), ("b", "a")):
        played = Played(draw(body))
        for name in order:
            played.complete(name)
        played.send(Moved(at=AT, tokens=[played.open["c"]], element_id="a", reason="return"))
        assert "c" not in played.waiting


@row("running", "reset across a join")
def test_a_message_after_a_move_is_not_swallowed(stock: Stock) -> None:
    body = ENDS + user("a", "b") + node("intermediateCatchEvent", "c", CAUGHT) + flows("s > a > c > b > e")
    workflow = stock.start(document(body, MESSAGE))
    stock.complete(workflow, "a")
    workflow.reset_from_task_id(workflow.get_next_task(spec_name="a").id)
    workflow.send_event(BpmnEvent(MessageEventDefinition("paid"), {}))
    assert stock.open(workflow) == ["a"]

    played = Played(draw(body, MESSAGE))
    played.complete("a")
    played.send(Moved(at=AT, tokens=[played.open["c"]], element_id="a", reason="return"))
    played.send(MessageArrived(at=AT, name="paid"))
    assert played.waiting == ["a"]
    played.complete("a")
    played.send(MessageArrived(at=AT, name="paid"))
    assert played.waiting == ["b"]


def guarded(*names: str) -> bytes:
    """Tasks in a row, the last of which has a deadline of thirty days."""
    text = timer("P30D")
    late = node("boundaryEvent", "late", text, attachedToRef="b") + node("endEvent", "gone") + flows("late > gone")
    return document(ENDS + user(*names) + late + flows(" > ".join(("s", *names, "e"))))


@row("running", "migration of running instances")
def test_what_runs_stays_on_its_version_until_it_is_migrated_with_its_timers(stock: Stock) -> None:
    first, second = (guarded(*names).replace(b"P30D", b'"P30D"') for names in (("a", "b"), ("b", "c")))
    workflow = stock.start(first)
    stock.complete(workflow, "a")
    due = stock.timers(workflow)
    workflow.get_next_task(spec_name="b").data["draft"] = "typed"
    stock.migrate(workflow, second)
    assert stock.timers(workflow) != due
    assert "draft" not in workflow.get_next_task(spec_name="b").data
    with pytest.raises(TypeError):
        stock.load(stock.store(workflow))

    playground = Playground()
    playground.deploy(guarded("a", "b"))
    instance = playground.start("P")
    instance.complete("a")
    before = instance.open_items
    playground.deploy(guarded("b", "c"))
    playground.advance(timedelta(days=1))
    assert instance.open_items == before

    engine = playground.engine
    with engine.db.read() as session:
        old, new = session.scalars(select(PackageVersion.id).order_by(PackageVersion.version))
        plan = generate_plan(engine, session, source_version_id=old, target_version_id=new)
    migrate_instance(engine, instance_id=instance.id, plan=plan, actor_id=TESTER, reason="the new plan is in force")
    assert {(item.element_id, item.due) for item in instance.open_items} == {(i.element_id, i.due) for i in before}
    instance.complete("b")
    instance.complete("c")
    assert instance.state == "completed"
