"""What decisions require: decisions, input data, knowledge models, services; boxed expressions; what is refused."""

from typing import Any

import pytest

from engine.expressions import ExpressionError
from engine.expressions.decisions import DecisionModel
from engine.expressions.dmn import RefusedDecision
from tests.support.deciding import (
    column,
    decide,
    decision,
    document,
    function,
    given,
    literal,
    model,
    needs,
    result,
    row,
    table,
)

SCORE = table("COLLECT", column("late"), result(), row([">= 0"], ["late * 2"]), row(["> 3"], ["10"]), operator="SUM")
GRADE = table("FIRST", column("score"), result(), row(["> 10"], ['"poor"']), row(["-"], ['"fair"']))


def entry(name: str, logic: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def context(*entries: str) -> str:
    return f"<context>{''.join(entries)}</context>"


@pytest.mark.parametrize("year", ["20151101", "20180521", "20191111", "20211108", "20230324"])
def test_every_namespace_from_1_1_to_1_5_is_read(year: str) -> None:
    host = "http://www.omg.org" if year == "20151101" else "https://www.omg.org"
    tail = "dmn.xsd" if year == "20151101" else "MODEL/"
    drawn = model(decision("d", GRADE), namespace=f"{host}/spec/DMN/{year}/{tail}")
    assert decide(drawn, "d", score=11).outputs == "poor"


def test_required_decisions_come_first_and_are_kept_as_the_reasons_of_the_answer() -> None:
    drawn = model(
        decision("grade", GRADE, needs("score")), decision("score", SCORE), decision("other", literal("1 / 0"))
    )
    answer = decide(drawn, "grade", late=4)
    assert (answer.outputs, answer.rules, answer.inputs) == ("poor", (1,), {"score": 18})
    (step,) = answer.steps
    assert (step.decision, step.inputs, step.rules, step.outputs) == ("score", {"late": 4}, (1, 2), 18)
    assert drawn.ids == ("grade", "score", "other")


def test_a_decision_that_several_require_is_made_once() -> None:
    drawn = model(
        decision("base", SCORE),
        decision("a", literal("base + 1"), needs("base")),
        decision("b", literal("base + 2"), needs("base")),
        decision("c", literal("a + b"), needs("a"), needs("b")),
    )
    answer = decide(drawn, "c", late=1)
    assert answer.outputs == 7
    assert [step.decision for step in answer.steps] == ["base", "a", "b"]
    assert answer.inputs == {"a": 3, "b": 4}


def test_a_decision_sees_only_the_decisions_that_it_requires() -> None:
    drawn = model(
        decision("score", literal("100")),
        decision("kept", literal("score"), needs("first")),
        decision("first", literal("score"), needs("score")),
    )
    assert decide(drawn, "kept", score=1).outputs == 1


def test_input_data_is_typed_and_null_where_nothing_is_given() -> None:
    drawn = model(
        given("days", "days left", "number"),
        given("n", "count"),
        decision("d", literal("[days left + 1, count]"), needs("days", "requiredInput"), needs("n", "requiredInput")),
    )
    answer = decide(drawn, "d", **{"days left": "2"})
    assert answer.outputs == [3, None]
    assert answer.inputs == {"days left": 2, "count": None}
    with pytest.raises(ExpressionError, match="决策“d”的“days left”：值的类型不符，应为 number"):
        decide(drawn, "d", **{"days left": "few"})


TYPES = """<itemDefinition name="tLevel"><typeRef>string</typeRef>
<allowedValues><text>"high", "low"</text></allowedValues>
</itemDefinition><itemDefinition name="tUnit"><itemComponent name="open cases"><typeRef>number</typeRef></itemComponent>
<itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tUnits" isCollection="true"><typeRef>tUnit</typeRef></itemDefinition>"""


def test_item_definitions_give_types_allowed_values_and_names() -> None:
    drawn = model(
        TYPES,
        given("units", kind="tUnits"),
        decision("d", literal('sum(units[level = "high"].open cases)'), needs("units", "requiredInput")),
    )
    units: list[dict[str, Any]] = [{"open cases": "3", "level": "high"}, {"open cases": 4, "level": "low"}]
    assert decide(drawn, "d", units=units).outputs == 3
    with pytest.raises(ExpressionError, match="决策“d”的“units”：值不在允许的取值范围内"):
        decide(drawn, "d", units=[{"open cases": 3, "level": "middle"}])
    with pytest.raises(ExpressionError, match="应为 tUnit"):
        decide(drawn, "d", units=["all"])


def test_the_allowed_values_of_a_type_hold_for_a_column_and_rank_its_outputs() -> None:
    drawn = table(
        "PRIORITY", column("x", kind="tLevel"), result(kind="tLevel"), row(["-"], ['"low"']), row(["-"], ['"high"'])
    )
    drawn_model = model(TYPES, decision("d", drawn))
    assert decide(drawn_model, "d", x="low").outputs == "high"
    with pytest.raises(ExpressionError, match="第 1 个输入列（x）：值不在允许的取值范围内"):
        decide(drawn_model, "d", x="none")


def test_knowledge_models_are_functions_that_may_use_others_and_themselves() -> None:
    drawn = model(
        function("bonus", ["points"], literal("double(points) + 1"), needs("double", "requiredKnowledge")),
        function("double", ["n"], literal("n * 2")),
        function("factorial", ["n"], literal("if n < 2 then 1 else n * factorial(n - 1)")),
        decision(
            "d",
            literal("[bonus(3), bonus(points: 4), factorial(5)]"),
            needs("bonus", "requiredKnowledge"),
            needs("factorial", "requiredKnowledge"),
        ),
    )
    assert decide(drawn, "d").outputs == [7, 9, 120]


def test_the_table_of_a_knowledge_model_is_a_reason_too() -> None:
    drawn = model(
        function("rate", ["late"], SCORE),
        decision(
            "d",
            table("UNIQUE", column("rate(days)"), result(), row(["> 5"], ["rate(1)"])),
            needs("rate", "requiredKnowledge"),
        ),
    )
    answer = decide(drawn, "d", days=4)
    assert (answer.outputs, answer.rules) == (2, (1,))
    assert [(step.name, step.inputs, step.rules, step.outputs) for step in answer.steps] == [
        ("rate", {"late": 4}, (1, 2), 18),
        ("rate", {"late": 1}, (1,), 2),
    ]


def test_an_error_inside_a_knowledge_model_names_it_and_the_decision_that_was_asked() -> None:
    inner = table("UNIQUE", column("n"), result(), row(["-"], ["missing(n)"]))
    drawn = model(function("rate", ["n"], inner), decision("d", literal("rate(1)"), needs("rate", "requiredKnowledge")))
    with pytest.raises(ExpressionError, match=r"业务知识模型“rate”第 1 行第 1 个输出列计算失败.*missing") as caught:
        decide(drawn, "d")
    assert caught.value.details["decision"] == "d"


def test_a_call_that_reaches_no_function_is_an_error_not_null() -> None:
    drawn = model(
        function("f", ["a"], literal("a")), decision("d", literal("f(1, 2)"), needs("f", "requiredKnowledge"))
    )
    with pytest.raises(ExpressionError, match="决策“d”计算失败"):
        decide(drawn, "d")


def test_endless_recursion_ends_within_the_bounds() -> None:
    drawn = model(
        function("f", ["a"], literal("f(a + 1)")), decision("d", literal("f(1)"), needs("f", "requiredKnowledge"))
    )
    with pytest.raises(ExpressionError) as caught:
        decide(drawn, "d")
    assert caught.value.code in ("expression-memory", "expression-timeout")
    assert decide(model(decision("d", literal("1"))), "d").outputs == 1


def test_boxed_expressions() -> None:
    rows = [(literal('"east"'), literal("base")), (literal('"west"'), literal("base + 1"))]
    lines = "".join(f"<row>{unit}{points}</row>" for unit, points in rows)
    relation = f'<relation><column name="unit"/><column name="points"/>{lines}</relation>'
    parameters = '<formalParameter name="a"/><formalParameter name="b" typeRef="number"/>'
    add = f"<functionDefinition>{parameters}{literal('a + b + base')}</functionDefinition>"
    bindings = [("b", literal('"20"')), ("a", literal("base"))]
    bound = "".join(f'<binding><parameter name="{name}"/>{value}</binding>' for name, value in bindings)
    call = f"<invocation>{literal('add')}{bound}</invocation>"
    answer = context(*(entry(name, literal(name)) for name in ("lines", "sum", "all")))
    drawn = model(
        decision(
            "d",
            context(
                entry("base", literal("1")),
                entry("lines", relation),
                entry("add", add),
                entry("sum", call),
                entry("grade", table("UNIQUE", column("sum"), result(), row(["> 20"], ['"high"']))),
                entry("all", f"<list>{literal('base')}{literal('grade')}</list>"),
                entry("", answer),
            ),
        )
    )
    made = decide(drawn, "d")
    assert made.outputs == {
        "lines": [{"unit": "east", "points": 1}, {"unit": "west", "points": 2}],
        "sum": 22,
        "all": [1, "high"],
    }
    assert [(step.name, step.rules) for step in made.steps] == [("d/grade", (1,))]


def test_boxed_conditional_filter_and_iteration_of_dmn_1_4() -> None:
    def part(tag: str, feel: str) -> str:
        return f"<{tag}>{literal(feel)}</{tag}>"

    boxed = {
        "if": f"<conditional>{part('if', 'n > 1')}{part('then', '1')}{part('else', '2')}</conditional>",
        "filter": f"<filter>{part('in', 'list')}{part('match', 'item.x > n')}</filter>",
        "for": f'<for iteratorVariable="i">{part("in", "[1..3]")}{part("return", "i * n + count(partial)")}</for>',
        "every": f'<every iteratorVariable="i">{part("in", "list")}{part("satisfies", "i.x > 1")}</every>',
        "some": f'<some iteratorVariable="i">{part("in", "list")}{part("satisfies", "i.x > 2")}</some>',
    }
    drawn = model(*(decision(name, logic) for name, logic in boxed.items()))
    variables = {"n": 2, "list": [{"x": 1}, {"x": 3}]}
    assert {name: decide(drawn, name, **variables).outputs for name in boxed} == {
        "if": 1,
        "filter": [{"x": 3}],
        "for": [2, 5, 8],
        "every": False,
        "some": True,
    }


def test_a_decision_service_is_decided_by_its_id_and_called_as_a_function() -> None:
    service = """<decisionService id="rating" name="rating"><outputDecision href="#grade"/>
        <encapsulatedDecision href="#score"/><inputDecision href="#bonus"/><inputData href="#late"/>
        </decisionService>"""
    drawn = model(
        given("late"),
        decision("bonus", literal("1000")),
        decision("score", literal("late * 2 + bonus"), needs("late", "requiredInput"), needs("bonus")),
        decision("grade", GRADE, needs("score")),
        service,
        decision("all", literal("for n in [1, 20] return rating(n, 2)"), needs("rating", "requiredKnowledge")),
    )
    assert decide(drawn, "rating", late=20, bonus=0).outputs == "poor"
    assert decide(drawn, "rating", late=1, bonus=0).outputs == "fair"
    assert decide(drawn, "all").outputs == ["fair", "poor"]


def test_a_service_with_several_outputs_answers_with_a_context() -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="#a"/><outputDecision href="#b"/></decisionService>'
    )
    drawn = model(decision("a", literal("1")), decision("b", literal("2"), variable="second"), service)
    assert decide(drawn, "s").outputs == {"a": 1, "second": 2}


def test_a_decision_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="nothing"):
        decide(model(decision("d", literal("1"))), "nothing")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((decision("d", literal("1"), needs("gone")),), "决策“d”依赖的“gone”不在文件中，第 1 行"),
        ((decision("d", literal("1"), needs("gone", "requiredInput")),), "“gone”不在文件中"),
        ((decision("d", literal("1"), needs("gone", "requiredKnowledge")),), "“gone”不在文件中"),
        ((decision("a", literal("b"), needs("b")), decision("b", literal("a"), needs("a"))), "成环"),
        ((decision("d", literal("1"), needs("d")),), "成环"),
        (
            (
                function("f", [], literal("g()"), needs("g", "requiredKnowledge")),
                function("g", [], literal("f()"), needs("f", "requiredKnowledge")),
                decision("d", literal("1")),
            ),
            "成环",
        ),
        ((decision("d", literal("1"), needs("x").replace("#x", "urn:other#x")),), "别的 DMN 文件"),
        ((decision("d", ""),), "决策“d”没有可以执行的表达式"),
        ((decision("d", literal("")),), "决策“d”的表达式是空的"),
        ((decision("d", literal("1", expressionLanguage="groovy")),), "决策“d”：只支持 FEEL"),
        ((decision("d", "<functionDefinition kind='Java'/>"),), "JAVA 函数"),
        ((decision("d", context(entry("", literal("1")), entry("a", literal("2")))),), "第 1 个条目没有名称"),
        ((decision("d", literal("1")), decision("d", literal("2"))), "“d”在 DMN 文件中出现了两次"),
        ((decision("d", literal("1"), kind="tUnknown"),), "类型“tUnknown”"),
        ((), "没有决策"),
    ],
)
def test_what_cannot_be_executed_is_refused_with_its_place(parts: tuple[str, ...], reason: str) -> None:
    with pytest.raises(RefusedDecision, match=reason):
        model(*parts)


@pytest.mark.parametrize(
    "xml",
    [
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>",
        b"not xml",
        b"<definitions xmlns='https://example.org'/>",
        document(),
    ],
)
def test_what_is_no_safe_dmn_is_refused(xml: bytes) -> None:
    with pytest.raises(RefusedDecision):
        DecisionModel.parse(xml)


def test_unreadable_expressions_of_boxed_logic_are_found_with_their_entry() -> None:
    drawn = model(
        decision("d", context(entry("rate", literal("1 +")), entry("", literal("rate")))),
        function("f", ["a"], literal(")")),
    )
    assert [(one.element_id, one.message.split("的表达式")[0]) for one in drawn.check()] == [
        ("d", "决策“d”的“rate”"),
        ("f", "业务知识模型“f”"),
    ]
