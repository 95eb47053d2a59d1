"""Decisions that the stock engine gets wrong: every hit policy is the standard's, and cells are FEEL."""

from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.camunda.parser import CamundaParser

from engine.testing import Playground
from tests.support.deciding import column, decision, result, row, table
from tests.support.deciding import document as decisions
from tests.support.drawing import ENDS, document, flows, node
from tests.support.stock import Stock
from tests.support.stock import row as stock_row

RULE = node("businessRuleTask", "r", camunda_decisionRef="d", camunda_resultVariable="found")
DIAGRAM = document(ENDS + RULE + flows("s > r > e"))
ALL_MATCH = (row(["> 1"], ['"A"']), row(["> 2"], ['"B"']))


def asked(stock: Stock, drawn: bytes, score: Any) -> dict[str, Any]:
    """Return what the stock engine's business rule task leaves in the data."""
    root = etree.fromstring(drawn)
    for number, element in enumerate(root.iter()):
        element.set("id", element.get("id", f"element_{number}"))
    parser = CamundaParser()
    parser.add_dmn_str(etree.tostring(root))
    parser.add_bpmn_str(DIAGRAM)
    workflow = BpmnWorkflow(parser.get_spec("P"))
    workflow.task_tree.data["score"] = score
    workflow.do_engine_steps()
    return stock.data(workflow, "e")


def answered(drawn: bytes, score: Any) -> Any:
    playground = Playground()
    playground.deploy(DIAGRAM, drawn)
    return playground.start("P", {"score": score}).variables["found"]


def drawn(policy: str, *rows: str, allowed: str = "") -> bytes:
    return decisions(
        decision("d", table(policy, column("score", label="score"), result("grade", allowed=allowed), *rows))
    )


@stock_row("misparsed", "decision tables")
@pytest.mark.parametrize(
    ("policy", "allowed", "expected"),
    [("PRIORITY", '"B", "A"', "B"), ("RULE ORDER", "", ["A", "B"]), ("OUTPUT ORDER", '"B", "A"', ["B", "A"])],
)
def test_the_hit_policy_counts(stock: Stock, policy: str, allowed: str, expected: Any) -> None:
    file = drawn(policy, *ALL_MATCH, allowed=allowed)
    assert asked(stock, file, 5)["grade"] == "A"
    assert answered(file, 5) == expected


@stock_row("misparsed", "decision tables")
def test_two_rules_of_a_unique_table_are_an_incident(stock: Stock) -> None:
    assert asked(stock, drawn("UNIQUE", *ALL_MATCH), 5)["grade"] == "A"

    playground = Playground()
    playground.deploy(DIAGRAM, drawn("UNIQUE", *ALL_MATCH))
    (incident,) = playground.start("P", {"score": 5}).incidents
    assert "第 1、2 行" in incident.message


@stock_row("misparsed", "decision tables")
@pytest.mark.parametrize(("cell", "score"), [("not(1)", 2), ("1, 2", 2), ('"a", "b"', "b")])
def test_cells_that_are_silently_wrong_are_right(stock: Stock, cell: str, score: Any) -> None:
    file = drawn("FIRST", row([cell], ['"hit"']), row(["-"], ['"missed"']))
    assert asked(stock, file, score)["grade"] == "missed"
    assert answered(file, score) == "hit"


@stock_row("misparsed", "decision tables")
@pytest.mark.parametrize(("cell", "score"), [("[1..5]", 3), ("? in [1..5]", 3), ("< 0, > 1", 3), ("null", None)])
def test_cells_are_unary_tests_of_feel(stock: Stock, cell: str, score: Any) -> None:
    file = drawn("FIRST", row([cell], ['"hit"']), row(["-"], ['"missed"']))
    with pytest.raises(WorkflowTaskException):
        asked(stock, file, score)
    assert answered(file, score) == "hit"


@stock_row("misparsed", "business rule task")
def test_a_business_rule_task_decides(stock: Stock) -> None:
    with pytest.raises(ValidationException):
        stock.parse(DIAGRAM)
    assert answered(drawn("FIRST", *ALL_MATCH), 2) == "A"
