"""Events, errors and timers that the stock engine misreads: each works, or is refused with element, line and advice."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition, NoneEventDefinition

from engine.definitions.parse import parse_diagram
from engine.interpreter.contract import MessageArrived, Thrown, TimerSet
from engine.testing import Playground, RefusedDiagram
from tests.support.drawing import AT, ENDS, Played, document, draw, flows, node, timer, user
from tests.support.stock import Stock, row

ROOT = Path(__file__).resolve().parents[3]
MESSAGE = '<message id="M1" name="msg"/>'
CAUGHT = '<messageEventDefinition messageRef="M1"/>'


@row("misparsed", "misplaced events become None events")
@pytest.mark.parametrize("kind", ["compensate", "link", "terminate", "error", "cancel"])
def test_an_event_that_means_nothing_where_it_stands_is_refused(stock: Stock, kind: str) -> None:
    body = ENDS + node("intermediateThrowEvent", "t", f'<{kind}EventDefinition id="d"/>') + flows("s > t > e")
    spec, _ = stock.parse(document(body))
    assert isinstance(spec.task_specs["t"].event_definition, NoneEventDefinition)
    assert stock.start(document(body)).is_completed()

    if kind == "compensate":
        assert Played(draw(body)).outcome == "completed"
        return
    with pytest.raises(RefusedDiagram) as caught:
        Playground().deploy(document(body))
    assert "t" in {finding.element_id for finding in caught.value.findings}


@row("misparsed", "misplaced events become None events")
def test_a_link_leads_on_a_signal_is_sent_and_compensation_undoes(stock: Stock) -> None:
    there, here = '<linkEventDefinition name="L"/>', "intermediateThrowEvent"
    body = ENDS + node(here, "t", there) + node("intermediateCatchEvent", "c", there) + user("a")
    body += flows("s > t", "c > a > e")
    assert stock.start(document(body)).is_completed()
    assert Played(draw(body)).waiting == ["a"]

    body = node("startEvent", "s") + node("endEvent", "e", '<signalEventDefinition signalRef="S1"/>') + flows("s > e")
    spec, _ = stock.parse(document(body, '<signal id="S1" name="sig"/>'))
    assert isinstance(spec.task_specs["e"].event_definition, NoneEventDefinition)
    assert [thrown.name for thrown in Played(draw(body, '<signal id="S1" name="sig"/>')).of(Thrown)] == ["sig"]

    undo = '<compensateEventDefinition id="d"/>'
    body = ENDS + user("a", "u") + node("boundaryEvent", "b", undo, attachedToRef="a") + node(here, "t", undo)
    body = body.replace('<userTask id="u"', '<userTask id="u" isForCompensation="true"')
    body += '<association id="l" sourceRef="b" targetRef="u" associationDirection="One"/>' + flows("s > a > t > e")
    played = Played(draw(body))
    played.complete("a")
    assert played.waiting == ["u"]
    with pytest.raises(ValidationException, match="Unsupported Catch Event"):
        stock.parse(document(body))


def listening(kind: str = CAUGHT, roots: str = MESSAGE) -> bytes:
    """A task, and an event subprocess beside it that interrupts."""
    inner = node("startEvent", "xs", kind) + user("xu") + node("endEvent", "xe") + flows("xs > xu > xe")
    beside = node("subProcess", "es", inner, triggeredByEvent="true")
    return document(ENDS + user("u") + flows("s > u > e") + beside, roots)


@row("misparsed", "event subprocess")
def test_an_event_subprocess_interrupts_and_begins_only_when_its_event_happens(stock: Stock) -> None:
    parser = BpmnParser()
    parser.add_bpmn_str(listening())
    spec, subprocesses = parser.get_spec("P"), {"es": parser.get_spec("es")}
    first = BpmnWorkflow(spec, subprocesses)
    first.do_engine_steps()
    first.send_event(BpmnEvent(MessageEventDefinition("msg"), {}))
    first.do_engine_steps()
    assert "u" in stock.open(first)
    handles_errors = listening('<errorEventDefinition errorRef="E1"/>', '<error id="E1" name="err" errorCode="42"/>')
    assert stock.open(stock.start(handles_errors)) == ["u", "xu"]

    definition = parse_diagram(listening(), "listening.bpmn")
    played, untouched = Played(definition), Played(definition)
    played.send(MessageArrived(at=AT, name="msg"))
    assert played.waiting == ["xu"]
    assert "u" in untouched.waiting
    assert Played(parse_diagram(handles_errors, "handling.bpmn")).waiting == ["u"]


@row("misparsed", "unknown messageRef or errorRef")
@pytest.mark.parametrize(
    ("inner", "chain"),
    [
        (node("intermediateCatchEvent", "x", '<messageEventDefinition messageRef="gone"/>') + ENDS, "s > x > e"),
        (node("endEvent", "x", '<errorEventDefinition errorRef="gone"/>') + node("startEvent", "s"), "s > x"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(stock: Stock, inner: str, chain: str) -> None:
    with pytest.raises(ValidationException, match="TypeError") as hidden:
        stock.parse(document(inner + flows(chain)))
    assert "gone" not in str(hidden.value)

    with pytest.raises(RefusedDiagram) as caught:
        Playground().deploy(document(inner + flows(chain)))
    assert any(finding.element_id == "x" and "gone" in finding.message for finding in caught.value.findings)


@row("misparsed", "exception in a script")
def test_an_error_boundary_catches_what_goes_wrong_in_a_script(stock: Stock) -> None:
    def body(script: str) -> str:
        task = node("scriptTask", "sc", f"<script>{script}</script>", scriptFormat="javascript")
        caught = node("boundaryEvent", "b", '<errorEventDefinition id="d"/>', attachedToRef="sc")
        return ENDS + task + caught + user("ub") + node("endEvent", "e2") + flows("s > sc > e", "b > ub > e2")

    workflow = BpmnWorkflow(*stock.parse(document(body("1 / 0"))))
    with pytest.raises(WorkflowTaskException, match="division by zero"):
        workflow.do_engine_steps()
    assert stock.states(workflow, "sc") == ["ERROR"]
    assert "ub" not in stock.open(workflow)

    assert Played(draw(body("throw new Error('no paper')"))).waiting == ["ub"]


@row("misparsed", "two timers on one event gateway")
def test_each_timer_behind_a_gateway_has_its_own_due_instant(stock: Stock) -> None:
    def body(quote: str) -> str:
        nodes = ENDS + node("eventBasedGateway", "g") + user("a", "b")
        for name, text in (("t1", "PT1H"), ("t2", "P2D")):
            nodes += node("intermediateCatchEvent", name, timer(f"{quote}{text}{quote}"))
        return nodes + flows("s > g > t1 > a > e", "g > t2 > b > e")

    workflow = stock.start(document(body('"')))
    assert len({str(task.internal_data.get("event_value")) for task in workflow.get_tasks(spec_name="g")}) == 1

    due = [set_timer.due - AT for set_timer in Played(draw(body(""))).of(TimerSet)]
    assert due == [timedelta(hours=1), timedelta(days=2)]


def waiting(text: str, kind: str = "timeDuration") -> bytes:
    return document(ENDS + node("intermediateCatchEvent", "t", timer(text, kind)) + user("a") + flows("s > t > a > e"))


@row("misparsed", "timer text")
def test_the_text_of_a_timer_is_iso_8601(stock: Stock) -> None:
    with pytest.raises(WorkflowTaskException, match="PT1H"):
        stock.start(waiting("PT1H"))
    before = datetime.now(UTC)
    backwards = stock.start(waiting('"-PT1H"')).waiting_events()[0].value
    assert datetime.fromisoformat(backwards) > before + timedelta(minutes=59)

    playground = Playground()
    playground.deploy(waiting("PT1H"))
    (item,) = playground.start("P").open_items
    assert item.due == playground.now + timedelta(hours=1)
    with pytest.raises(RefusedDiagram):
        playground.deploy(waiting("-PT1H"))


@row("misparsed", "timer text")
def test_a_time_without_zone_is_local_time_all_year(stock: Stock) -> None:
    code = (
        "from tests.support.stock import Stock as S; print(*(S().due(f'2030-{m}-15T09:00').hour for m in ('01', '07')))"
    )
    elsewhere = {"TZ": "America/New_York", "PYTHONPATH": str(ROOT)}
    asked = subprocess.run([sys.executable, "-c", code], env=elsewhere, capture_output=True, text=True, check=True)
    winter, summer = asked.stdout.split()
    assert winter == summer
    assert stock.due("2030-01-15T09:00Z").hour == 9

    for month in ("01", "07"):
        definition = parse_diagram(waiting(f"2030-{month}-15T09:00:00", "timeDate"), "waiting.bpmn")
        (set_timer,) = Played(definition).of(TimerSet)
        assert set_timer.due == datetime(2030, int(month), 15, 1, tzinfo=UTC)
