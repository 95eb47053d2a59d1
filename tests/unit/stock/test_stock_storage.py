"""Storage and data: what is stored comes back as it was, and branches do not write over each other."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Thread
from typing import Any

import orjson
import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from engine.definitions.lint import lint_diagram
from engine.expressions import evaluator
from engine.interpreter import apply
from engine.interpreter.contract import WaitFinished
from engine.testing import Playground
from tests.support.drawing import AT, ENDS, FakeEnvironment, Played, document, draw, flows, node, user
from tests.support.stock import Stock, row

CHAIN = ENDS + user("a", "b", "c") + flows("s > a > b > c > e")
JOIN = (
    ENDS
    + user("a", "b", "after")
    + node("parallelGateway", "f")
    + node("parallelGateway", "j")
    + flows("s > f > a > j > after > e", "f > b > j")
)


@row("storage", "task data is a delta that depends on the order of JSON keys")
def test_the_order_of_keys_in_what_is_stored_means_nothing(stock: Stock) -> None:
    kept = []
    for _ in range(10):
        workflow = stock.start(document(CHAIN))
        stock.complete(workflow, "a", plan="P1")
        stock.complete(workflow, "b", unit="east")
        ordered = json.dumps(json.loads(stock.store(workflow)), sort_keys=True)
        try:
            kept.append(stock.data(stock.load(ordered), "c") == {"plan": "P1", "unit": "east"})
        except Exception:  # whatever the stock engine makes of it
            kept.append(False)
    assert not all(kept)

    played = Played(draw(CHAIN))
    played.complete("a", plan="P1")
    played.complete("b", unit="east")
    played.snapshot = orjson.dumps(orjson.loads(played.snapshot), option=orjson.OPT_SORT_KEYS)
    played.complete("c")
    assert (played.variables, played.outcome) == ({"plan": "P1", "unit": "east"}, "completed")


@row("storage", "a key called typename makes an instance unloadable")
def test_a_variable_may_have_any_name(stock: Stock) -> None:
    workflow = stock.start(document(CHAIN), {"row": {"typename": "letter"}})
    with pytest.raises(TypeError):
        stock.load(stock.store(workflow))
    injected = stock.start(document(CHAIN), {"row": {"typename": "timedelta", "days": 1, "seconds": 0}})
    assert not isinstance(stock.load(stock.store(injected)).task_tree.data["row"], dict)

    playground = Playground()
    playground.deploy(document(CHAIN))
    values = {"row": {"typename": "timedelta", "days": 1}, "typename": "letter"}
    instance = playground.start("P", values)
    instance.complete("a")
    assert instance.variables == values


class NoPython(PythonScriptEngine):
    """A script engine that evaluates nothing."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return False


@row("storage", "a restored workflow gets the stock script engine")
def test_what_a_designer_writes_is_never_python_however_often_it_is_stored(stock: Stock) -> None:
    gateway = node("exclusiveGateway", "x", default="x-b")
    body = ENDS + user("first", "a", "b") + gateway + flows("s > first > x [().__class__ is tuple]> a > e", "x > b > e")
    for restored, expected in ((False, ["b"]), (True, ["a"])):
        workflow = stock.start(document(body), script_engine=NoPython())
        workflow = stock.load(stock.store(workflow)) if restored else workflow
        stock.complete(workflow, "first")
        assert stock.open(workflow) == expected

    (finding,) = lint_diagram(draw(body), check_expression=evaluator().check)
    assert (finding.rule, finding.element_id) == ("bad-expression", "x")


@row("storage", "one serializer is not for two threads")
def test_threads_share_a_definition(stock: Stock) -> None:
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    other = stock.start(document(CHAIN))
    other.data["due"] = AT
    json.dumps(serializer.to_dict(other))
    unreadable: list[Exception] = []

    def elsewhere() -> None:
        try:
            json.dumps(serializer.to_dict(other))
        except TypeError as error:
            unreadable.append(error)

    def meanwhile(_: complex) -> dict[str, Any]:
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        return {}

    serializer.registry.register(complex, meanwhile, lambda _: 0j)
    serializer.serialize_json(stock.start(document(CHAIN), {"number": 1j}))
    assert unreadable

    played, environment, together = Played(draw(CHAIN)), FakeEnvironment(), Barrier(4)

    def complete_a(_: int) -> Any:
        together.wait()
        done = WaitFinished(at=AT, token=played.open["a"], result={"plan": "P1"})
        return apply(played.definition, "P", played.snapshot, {}, done, environment)

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(complete_a, range(4))
    assert all(one == first for one in others)


@row("storage", "dates, integer keys and sets")
def test_values_are_what_is_stored_from_the_start(stock: Stock) -> None:
    with pytest.raises(TypeError):
        stock.store(stock.start(document(CHAIN), {"due": date(2026, 9, 7)}))
    workflow = stock.start(document(CHAIN), {"by_number": {1: "a"}})
    assert stock.load(stock.store(workflow)).task_tree.data != workflow.task_tree.data

    played = Played(draw(CHAIN), {"due": date(2026, 9, 7), "by_number": {1: "a"}, "some": {3}})
    assert played.variables == {"due": "2026-09-07", "by_number": {"1": "a"}, "some": [3]}
    assert orjson.loads(orjson.dumps(played.variables)) == played.variables


@row("data", "parallel joins lose updates")
@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_branch_does_not_take_back_what_the_other_wrote(stock: Stock, order: tuple[str, str]) -> None:
    workflow = stock.start(document(JOIN), {"status": "open", "by": ""})
    stock.complete(workflow, order[0], status="closed")
    stock.complete(workflow, order[1], by=order[1])
    assert stock.data(workflow, "after")["status"] == "open"

    played = Played(draw(JOIN), {"status": "open", "by": ""})
    played.complete(order[0], status="closed")
    played.complete(order[1], by=order[1])
    assert played.variables == {"status": "closed", "by": order[1]}


@row("data", "lists merge by index")
def test_a_list_is_one_value(stock: Stock) -> None:
    workflow = stock.start(document(JOIN), {"lines": []})
    stock.complete(workflow, "a", lines=[{"unit": "east"}])
    stock.complete(workflow, "b", lines=[{"points": 3}])
    assert stock.data(workflow, "after")["lines"] == [{"unit": "east", "points": 3}]

    played = Played(draw(JOIN), {"lines": []})
    played.complete("a", lines=[{"unit": "east"}])
    played.complete("b", lines=[{"points": 3}])
    assert played.variables == {"lines": [{"points": 3}]}


@row("data", "nested values are aliased between branches")
def test_what_one_branch_does_to_a_value_does_not_reach_the_other(stock: Stock) -> None:
    workflow = stock.start(document(JOIN), {"unit": {"office": {"name": "east"}}})
    stock.data(workflow, "a")["unit"]["office"]["name"] = "west"
    assert stock.data(workflow, "b")["unit"]["office"]["name"] == "west"

    unit = {"office": {"name": "east"}}
    played = Played(draw(JOIN))
    played.complete("a", of_a=unit, of_b=unit)
    unit["office"]["name"] = "nowhere"
    played.variables["of_a"]["office"]["name"] = "west"
    assert played.variables["of_b"] == {"office": {"name": "east"}}
