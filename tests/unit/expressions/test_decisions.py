"""Decision tables: every hit policy, requirements, errors with their place."""

from typing import Any

import pytest

from engine.expressions import Evaluator, ExpressionError
from engine.expressions.decisions import DecisionModel
from engine.expressions.dmn import RefusedDecision

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
EVALUATOR = Evaluator()


def table(policy: str, rows: list[tuple[str, str]], *, allowed: str = "", namespace: str = NAMESPACE) -> DecisionModel:
    cells = "".join(
        f"<rule id='r{n}'><inputEntry><text><![CDATA[{test}]]></text></inputEntry>"
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for n, (test, result) in enumerate(rows)
    )
    values = f"<outputValues><text>{allowed}</text></outputValues>" if allowed else ""
    return DecisionModel.parse(
        f"""<definitions xmlns='{namespace}' id='d' name='d' namespace='x'><decision id='level' name='等级'>
        <decisionTable {policy}><input label='分数'><inputExpression><text>score</text></inputExpression></input>
        <output name='level'>{values}</output>{cells}</decisionTable></decision></definitions>""".encode()
    )


def decide(model: DecisionModel, score: Any, decision: str = "level") -> Any:
    return model.decide(EVALUATOR, decision, {"score": score})


ROWS = [(">= 90", '"A"'), (">= 80", '"B"'), ("-", '"C"')]
NUMBERS = [(">= 90", "30"), (">= 80", "10"), ("-", "20")]


def test_unique_gives_the_only_match_with_its_row_and_input() -> None:
    answer = decide(table("", [("< 60", '"bad"'), ("[60..100]", '"good"')]), 75)
    assert (answer.outputs, answer.rules, answer.inputs) == ("good", (2,), {"分数": 75})


def test_unique_with_two_matches_is_an_error_that_names_table_and_rows() -> None:
    with pytest.raises(ExpressionError, match=r"等级.*第 1、2、3 行"):
        decide(table("hitPolicy='UNIQUE'", ROWS), 95)


def test_any_accepts_equal_results_and_refuses_different_ones() -> None:
    assert decide(table("hitPolicy='ANY'", [("> 1", '"x"'), ("> 2", '"x"')]), 5).outputs == "x"
    with pytest.raises(ExpressionError, match="任意"):
        decide(table("hitPolicy='ANY'", ROWS), 95)


@pytest.mark.parametrize(
    ("policy", "rows", "allowed", "expected", "rules"),
    [
        ("hitPolicy='FIRST'", ROWS, "", "A", (1,)),
        ("hitPolicy='PRIORITY'", ROWS, '"C","B","A"', "C", (3,)),
        ("hitPolicy='RULE ORDER'", ROWS, "", ["A", "B", "C"], (1, 2, 3)),
        ("hitPolicy='OUTPUT ORDER'", ROWS, '"B","C","A"', ["B", "C", "A"], (2, 3, 1)),
        ("hitPolicy='COLLECT'", ROWS, "", ["A", "B", "C"], (1, 2, 3)),
        ("hitPolicy='COLLECT' aggregation='SUM'", NUMBERS, "", 60, (1, 2, 3)),
        ("hitPolicy='COLLECT' aggregation='MIN'", NUMBERS, "", 10, (1, 2, 3)),
        ("hitPolicy='COLLECT' aggregation='MAX'", NUMBERS, "", 30, (1, 2, 3)),
        ("hitPolicy='COLLECT' aggregation='COUNT'", NUMBERS, "", 3, (1, 2, 3)),
    ],
)
def test_hit_policies_that_settle_several_matches(
    policy: str, rows: list[tuple[str, str]], allowed: str, expected: Any, rules: tuple[int, ...]
) -> None:
    answer = decide(table(policy, rows, allowed=allowed), 95)
    assert (answer.outputs, answer.rules) == (expected, rules)


def test_no_match_is_null_for_one_and_an_empty_list_for_many() -> None:
    assert decide(table("", [("> 100", "1")]), 1).outputs is None
    assert decide(table("hitPolicy='COLLECT'", [("> 100", "1")]), 1).outputs == []


@pytest.mark.parametrize("year", ["20151101", "20180521", "20191111", "20211108", "20230324"])
def test_every_namespace_from_1_1_to_1_5_is_read(year: str) -> None:
    host = "http://www.omg.org" if year == "20151101" else "https://www.omg.org"
    tail = "dmn.xsd" if year == "20151101" else "MODEL/"
    assert decide(table("", [("-", "1")], namespace=f"{host}/spec/DMN/{year}/{tail}"), 1).outputs == 1


def test_a_broken_cell_is_named_by_table_row_and_column() -> None:
    model = table("", [("-", "1 +")])
    with pytest.raises(ExpressionError, match=r"等级.*第 1 行第 1 个输出列") as caught:
        decide(model, 1)
    assert caught.value.code == "expression-syntax"
    assert [finding.element_id for finding in model.check(EVALUATOR)] == ["level"]


def test_good_cells_pass_the_check() -> None:
    model = table("", [("not(1, 2)", "1"), ("[1..3], > 7", "1"), ("? > 3", "1"), ("", "null")])
    assert model.check(EVALUATOR) == []


def test_required_decisions_and_knowledge_models_come_first() -> None:
    model = DecisionModel.parse(
        f"""<definitions xmlns='{NAMESPACE}'><decision id='total' name='Total'><variable name='total'/>
        <literalExpression><text>score * 2</text></literalExpression></decision>
        <businessKnowledgeModel id='bonus' name='bonus'><encapsulatedLogic><formalParameter name='x'/>
        <literalExpression><text>x + 1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
        <decision id='final' name='Final'><variable name='final'/>
        <informationRequirement><requiredDecision href='#total'/></informationRequirement>
        <knowledgeRequirement><requiredKnowledge href='#bonus'/></knowledgeRequirement>
        <literalExpression><text>bonus(total)</text></literalExpression></decision></definitions>""".encode()
    )
    assert decide(model, 10, "final").outputs == 21
    assert model.ids == ("total", "final")


@pytest.mark.parametrize(
    "xml",
    [
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>",
        b"not xml",
        b"<definitions xmlns='https://example.org'/>",
        b"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>",
    ],
)
def test_what_is_no_safe_dmn_is_refused(xml: bytes) -> None:
    with pytest.raises(RefusedDecision):
        DecisionModel.parse(xml)
