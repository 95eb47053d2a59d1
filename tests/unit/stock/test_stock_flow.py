"""Flow and activities that the stock engine misreads: each works, or is refused with element, line and advice."""

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import WorkflowException

from engine.interpreter.contract import Ended, Failed, WaitOpened
from engine.testing import Playground, RefusedDiagram
from tests.support.drawing import ENDS, Played, document, draw, flows, node, user
from tests.support.stock import Stock, row

CALLEE = '<process id="Q" isExecutable="true">{}</process>'


def refused(xml: bytes) -> dict[str, str | None]:
    """Return the rules by which a diagram is refused, with the element that each is about."""
    with pytest.raises(RefusedDiagram) as caught:
        Playground().deploy(xml)
    assert all(finding.line and finding.advice for finding in caught.value.findings)
    return {finding.rule: finding.element_id for finding in caught.value.findings if finding.severity == "error"}


@row("misparsed", "node that cannot be reached")
def test_a_node_that_cannot_be_reached_is_refused(stock: Stock) -> None:
    body = ENDS + user("a", "lost") + flows("s > a > e", "lost > e")
    spec, _ = stock.parse(document(body))
    assert "lost" not in spec.task_specs

    assert refused(document(body))["unreachable"] == "lost"


@row("misparsed", "id Start or End")
def test_start_and_end_are_ids_like_others(stock: Stock) -> None:
    body = node("startEvent", "Start") + user("a") + node("endEvent", "End") + flows("Start > a > End")
    with pytest.raises(WorkflowException, match="No output task"):
        stock.start(document(body))

    played = Played(draw(body))
    assert played.places(WaitOpened) == ["a"]
    played.complete("a")
    assert played.outcome == "completed"


@row("misparsed", "condition on the single outgoing flow of a task")
def test_a_condition_on_the_only_flow_is_heeded(stock: Stock) -> None:
    body = ENDS + user("a") + flows("s > a [ok]> e")
    workflow = stock.start(document(body), {"ok": False})
    stock.complete(workflow, "a")
    assert workflow.is_completed()

    played = Played(draw(body), {"ok": False})
    played.complete("a")
    assert [failed.code for failed in played.of(Failed)] == ["no-flow"]


@row("misparsed", "several flows out of a task")
def test_several_flows_out_of_a_task_are_all_taken(stock: Stock) -> None:
    body = ENDS + user("a", "b", "c") + flows("s > a > b > e", "a > c > e")
    with pytest.raises(ValidationException):
        stock.parse(document(body))

    played = Played(draw(body))
    played.complete("a")
    assert played.places(WaitOpened) == ["b", "c"]


@row("misparsed", "ad-hoc subprocess")
def test_an_ad_hoc_subprocess_offers_its_activities(stock: Stock) -> None:
    condition = "<completionCondition>n > 1</completionCondition>"
    body = ENDS + node("adHocSubProcess", "x", user("h1", "h2") + condition) + flows("s > x > e")
    with pytest.raises(KeyError):
        stock.start(document(body), {"n": 0})

    played = Played(draw(body), {"n": 0})
    assert played.places(WaitOpened) == ["h1", "h2"]
    played.complete("h2", n=1)
    assert played.outcome is None
    played.complete("h1", n=2)
    assert played.outcome == "completed"


@row("misparsed", "service task")
def test_a_service_task_waits_for_its_service_and_can_be_stored(stock: Stock) -> None:
    body = ENDS + node("serviceTask", "x", duban_service="post") + flows("s > x > e")
    workflow = stock.start(document(body))
    assert stock.states(workflow, "x") == ["STARTED"]
    with pytest.raises(TypeError):
        stock.store(workflow)

    playground = Playground(on_service=lambda element_id, name, text, variables: {"posted": name})
    playground.deploy(document(body))
    instance = playground.start("P")
    assert (instance.state, instance.variables) == ("completed", {"posted": "post"})


@row("misparsed", "callee without end event")
def test_a_callee_ends_with_its_last_token(stock: Stock) -> None:
    callee = CALLEE.format(node("startEvent", "qs") + user("qu") + flows("qs > qu"))
    call = ENDS + node("callActivity", "c", calledElement="Q") + flows("s > c > e")
    xml = document(call).replace(b"</definitions>", callee.encode() + b"</definitions>")
    workflow = stock.start(xml)
    stock.complete(workflow, "qu")
    assert stock.open(workflow) == []
    assert not workflow.is_completed()

    playground = Playground()
    playground.deploy(xml)
    instance = playground.start("P")
    instance.children[0].complete("qu")
    assert instance.state == "completed"


@row("misparsed", "sequential multi-instance with an item variable and no output")
def test_a_sequential_multi_instance_goes_through_its_items(stock: Stock) -> None:
    loop = '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>xs</loopDataInputRef>'
    loop += '<inputDataItem id="x" name="x"/></multiInstanceLoopCharacteristics>'
    body = ENDS + node("userTask", "a", loop) + flows("s > a > e")
    workflow = stock.start(document(body), {"xs": ["p", "q"]})
    with pytest.raises(WorkflowDataException, match="already exists"):
        stock.complete(workflow, "a [child]")

    played = Played(draw(body), {"xs": ["p", "q"]})
    for item in ("p", "q"):
        assert [wait.scope["x"] for wait in played.of(WaitOpened)] == [item]
        played.complete("a")
    assert played.outcome == "completed"


@row("misparsed", "complex gateway or choreography")
def test_a_complex_gateway_runs_and_a_choreography_is_refused(stock: Stock) -> None:
    gateway = node("complexGateway", "j", "<activationCondition>activationCount = 1</activationCondition>")
    fork = node("parallelGateway", "f")
    body = ENDS + fork + gateway + user("a", "b", "c") + flows("s > f > a > j > c > e", "f > b > j")
    with pytest.raises(ValidationException):
        stock.parse(document(body))
    played = Played(draw(body))
    played.complete("b")
    assert played.places(WaitOpened) == ["c"]

    choreography = ENDS + node("callChoreography", "x") + flows("s > x > e")
    with pytest.raises(ValidationException):
        stock.parse(document(choreography))
    assert "x" in refused(document(choreography)).values()


@row("misparsed", "more than 330 chained nodes")
def test_a_chain_may_be_thousands_of_nodes_long(stock: Stock) -> None:
    def chain(length: int) -> str:
        names = [f"n{number}" for number in range(length)]
        return ENDS + "".join(node("task", name) for name in names) + flows(" > ".join(["s", *names, "e"]))

    with pytest.raises(ValidationException, match="RecursionError"):
        stock.parse(document(chain(1_000)))

    played = Played(draw(chain(5_000)))
    assert len(played.left) == 5_002
    assert played.of(Ended) == [Ended(outcome="completed")]
