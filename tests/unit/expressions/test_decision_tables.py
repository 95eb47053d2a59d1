"""Decision tables: each hit policy and what breaks it, columns of every type, cells of every kind, places of errors."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.expressions import ExpressionError
from engine.expressions.dmn import RefusedDecision
from tests.support.deciding import column, decide, decision, document, model, result, row, table

ABC = (row([">= 90"], ['"A"']), row([">= 80"], ['"B"']), row(["-"], ['"C"']))
POINTS = (row([">= 90"], ["30"]), row([">= 80"], ["10"]), row(["-"], ["20"]))
NOTHING = (row(["> 1000"], ["1"]),)


def grade(policy: str, rows: tuple[str, ...], score: Any, *, operator: str = "", **output: str) -> Any:
    drawn = table(policy, column("score", label="分数"), result("grade", **output), *rows, operator=operator)
    return decide(model(decision("grade", drawn)), "grade", score=score)


@pytest.mark.parametrize(
    ("policy", "operator", "rows", "score", "expected", "rules"),
    [
        ("UNIQUE", "", (row(["< 60"], ["1"]), row([">= 60"], ["2"])), 75, 2, (2,)),
        ("UNIQUE", "", NOTHING, 75, None, ()),
        ("ANY", "", (row(["> 1"], ['"x"']), row(["> 2"], ['"x"'])), 5, "x", (1, 2)),
        ("ANY", "", (row(["-"], ["1"]), row(["-"], ["1.0"])), 5, 1, (1, 2)),
        ("FIRST", "", ABC, 85, "B", (2,)),
        ("FIRST", "", NOTHING, 5, None, ()),
        ("RULE ORDER", "", ABC, 95, ["A", "B", "C"], (1, 2, 3)),
        ("RULE ORDER", "", NOTHING, 5, [], ()),
        ("COLLECT", "", ABC, 85, ["B", "C"], (2, 3)),
        ("COLLECT", "", NOTHING, 5, [], ()),
        ("COLLECT", "SUM", POINTS, 95, 60, (1, 2, 3)),
        ("COLLECT", "SUM", (row(["-"], ["0.1"]), row(["-"], ["0.2"])), 1, 0.3, (1, 2)),
        ("COLLECT", "SUM", NOTHING, 5, None, ()),
        ("COLLECT", "MIN", POINTS, 95, 10, (1, 2, 3)),
        ("COLLECT", "MAX", POINTS, 95, 30, (1, 2, 3)),
        ("COLLECT", "MAX", ABC, 95, "C", (1, 2, 3)),
        ("COLLECT", "COUNT", ABC, 85, 2, (2, 3)),
        ("COLLECT", "COUNT", NOTHING, 5, 0, ()),
    ],
)
def test_a_hit_policy_settles_the_rules_that_match(  # noqa: PLR0917  (a row of the table)
    policy: str, operator: str, rows: tuple[str, ...], score: int, expected: Any, rules: tuple[int, ...]
) -> None:
    answer = grade(policy, rows, score, operator=operator)
    assert (answer.outputs, answer.rules, answer.inputs) == (expected, rules, {"分数": score})


@pytest.mark.parametrize(
    ("policy", "allowed", "expected", "rules"),
    [
        ("PRIORITY", '"C", "B", "A"', "C", (3,)),
        ("PRIORITY", '"B", "A", "C"', "B", (2,)),
        ("OUTPUT ORDER", '"B", "C", "A"', ["B", "C", "A"], (2, 3, 1)),
    ],
)
def test_the_order_of_the_output_values_is_their_priority(
    policy: str, allowed: str, expected: Any, rules: tuple[int, ...]
) -> None:
    answer = grade(policy, ABC, 95, allowed=allowed)
    assert (answer.outputs, answer.rules) == (expected, rules)


def test_of_several_outputs_the_first_column_ranks_before_the_second() -> None:
    outputs = (result("award", allowed='"gold", "silver"'), result("pay", allowed="3, 2, 1"))
    rows = (row(["-"], ['"silver"', "3"]), row(["-"], ['"gold"', "1"]), row(["-"], ['"gold"', "2"]))
    drawn = model(decision("d", table("OUTPUT ORDER", column("score"), *outputs, *rows)))
    answer = decide(drawn, "d", score=1)
    assert answer.rules == (3, 2, 1)
    assert answer.outputs[0] == {"award": "gold", "pay": 2}


@pytest.mark.parametrize(
    ("policy", "operator", "rows", "sentence", "rules"),
    [
        ("UNIQUE", "", ABC, "唯一.*第 1、2、3 行", (1, 2, 3)),
        ("ANY", "", ABC, "任意.*第 1、2、3 行.*不一致", (1, 2, 3)),
        ("COLLECT", "SUM", ABC, "汇总的结果不是数字.*第 1、2、3 行", (1, 2, 3)),
        ("COLLECT", "MIN", (row(["-"], ["1"]), row(["-"], ['"x"'])), "不能互相比较.*第 1、2 行", (1, 2)),
        ("COLLECT", "SUM", (row(["-"], ["1"]), row(["-"], [""])), "汇总的结果不是数字", (1, 2)),
    ],
)
def test_a_broken_hit_policy_is_an_error_that_names_table_and_rows(
    policy: str, operator: str, rows: tuple[str, ...], sentence: str, rules: tuple[int, ...]
) -> None:
    with pytest.raises(ExpressionError, match=f"决策表“grade”.*{sentence}") as caught:
        grade(policy, rows, 95, operator=operator)
    assert caught.value.details["rules"] == rules


@pytest.mark.parametrize(
    ("policy", "operator", "expected"),
    [
        ("UNIQUE", "", "D"),
        ("FIRST", "", "D"),
        ("COLLECT", "", ["D"]),
        ("COLLECT", "MAX", "D"),
        ("RULE ORDER", "", ["D"]),
    ],
)
def test_the_default_output_is_the_answer_when_no_rule_matches(policy: str, operator: str, expected: Any) -> None:
    answer = grade(policy, NOTHING, 5, operator=operator, fallback='"D"')
    assert (answer.outputs, answer.rules) == (expected, ())


def test_several_outputs_are_a_context() -> None:
    rows = (row(["> 80"], ['"good"', "2"]), row(["<= 80"], ['"poor"', ""]))
    drawn = model(decision("d", table("UNIQUE", column("score"), result("word"), result("pay"), *rows)))
    assert decide(drawn, "d", score=90).outputs == {"word": "good", "pay": 2}
    assert decide(drawn, "d", score=10).outputs == {"word": "poor", "pay": None}


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("-", None, True),
        ("", 1, True),
        ("5", 5, True),
        ("5, 6, 7", 6, True),
        ("not(5, 6)", 7, True),
        ("not(5, 6)", 6, False),
        ("< 5", 5, False),
        ("<= 5", 5, True),
        ("[1..5]", 5, True),
        ("[1..5[", 5, False),
        ("(1..5)", 1, False),
        ("[1..2], > 7", 8, True),
        ("not([1..5])", 3, False),
        ("null", None, True),
        ("not(null)", None, False),
        ("> 5", None, False),
        ("true", True, True),
        ("true", False, False),
        ('"a"', "b", False),
        ("? > 3 and ? < 9 and ? != limit", 5, True),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("[limit..limit + 1]", 8, True),
        ('starts with(?, "督")', "督办", True),
        ('contains(?, "办")', "督导", False),
        ("count(?) > 1", [1, 2], True),
        ("list contains(?, 2)", [1, 2], True),
        ("some x in ? satisfies x > 1", [1, 2], True),
    ],
)
def test_a_cell_is_a_unary_test(cell: str, value: Any, matches: bool) -> None:
    drawn = model(decision("d", table("UNIQUE", column("value"), result("hit"), row([cell], ["true"]))))
    assert (decide(drawn, "d", value=value, limit=7).outputs is True) is matches


LITERAL_CELLS = ["5", "= 5", "-1.50", "007", "< 5", ">= 5", "[1..5]", "(1..5)", "]1..5[", "1, [4..6]", '"a"']
LITERAL_CELLS += ['"a,b", "c"', '""', '"5"', '"督办"', "> 4, 1"]
VALUES = [
    None,
    True,
    0,
    1,
    1.0,
    4.999,
    5,
    6,
    7,
    -1.5,
    "",
    "a",
    "a,b",
    "5",
    "督办",
    [],
    [5],
    [5, 6],
    ["a"],
    {"a": 5},
    {},
]


@pytest.mark.parametrize("cell", LITERAL_CELLS)
def test_a_cell_of_literals_is_compared_as_feel_compares_it(cell: str) -> None:
    rows = (row([cell], ['"cell"']), row([f"? in ({cell})"], ['"feel"']))
    drawn = model(decision("d", table("COLLECT", column("value"), result(), *rows)))
    kind = str if '"' in cell else int | float
    for value in [*VALUES, date(2026, 9, 7)]:
        found = decide(drawn, "d", value=value).outputs
        if value is None or isinstance(value, bool) or not isinstance(value, kind | list | dict | date):
            # Values of different types are not comparable (DMN 1.5, table 42).
            assert "cell" not in found, (cell, value)
        else:
            assert found in ([], ["cell", "feel"]), (cell, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-0.5", -0.5), ('"a"', "a"), ('"a\\"b"', 'a"b'), ("true", True), ("null", None), ("constructor", None)],
)
def test_a_result_of_one_literal_is_its_value(text: str, value: Any) -> None:
    assert decide(model(decision("d", table("FIRST", column("1"), result(), row(["-"], [text])))), "d").outputs == value


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("number", "12", "= 12"),
        ("integer", " 12 ", "12"),
        ("double", "1.5e1", "15"),
        ("boolean", "true", "true"),
        ("string", 12, '"12"'),
        ("string", True, '"true"'),
        ("date", "2026-09-07", '= date("2026-09-07")'),
        ("date", "2026-09-07", '[date("2026-09-01")..date("2026-09-30")]'),
        ("date", date(2026, 9, 7), '> date("2026-09-01")'),
        ("dateTime", "2026-09-07T09:00:00+08:00", '> date and time("2026-09-07T00:59:00Z")'),
        ("dateTime", datetime(2026, 9, 7, 1, 0, tzinfo=UTC), '<= date and time("2026-09-07T09:00:00+08:00")'),
        ("time", "09:30:00", '> time("09:00:00")'),
        ("dayTimeDuration", "P3D", '> duration("P2D")'),
        ("number", ["12"], "12"),
    ],
)
def test_a_typed_column_turns_the_value_into_its_type(kind: str, value: Any, cell: str) -> None:
    drawn = model(decision("d", table("UNIQUE", column("value", kind=kind), result("hit"), row([cell], ["true"]))))
    assert decide(drawn, "d", value=value).outputs is True


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "many"), ("boolean", "ja"), ("date", "soon"), ("date", "2026-02-31"), ("string", [1, 2])],
)
def test_a_value_of_another_type_is_an_error_that_names_the_column(kind: str, value: Any) -> None:
    drawn = model(
        decision("d", table("UNIQUE", column("value", kind=kind, label="数"), result("hit"), row(["-"], ["1"])))
    )
    with pytest.raises(ExpressionError, match=f"决策表“d”第 1 个输入列（数）：值的类型不符，应为 {kind}") as caught:
        decide(drawn, "d", value=value)
    assert caught.value.details["column"] == 1


def test_outputs_are_turned_into_their_type() -> None:
    rows = (row(["-"], ['"2026-09-07"']),)
    drawn = model(decision("d", table("UNIQUE", column("1"), result("due", kind="date"), *rows)))
    assert decide(drawn, "d").outputs == date(2026, 9, 7)


@pytest.mark.parametrize(("allowed", "value"), [('"a", "b"', "c"), ("[0..100]", 101), ("> 0", 0)])
def test_an_input_outside_its_allowed_values_is_an_error(allowed: str, value: Any) -> None:
    drawn = model(decision("d", table("UNIQUE", column("value", allowed=allowed), result("hit"), row(["-"], ["1"]))))
    with pytest.raises(ExpressionError, match="第 1 个输入列（value）：值不在允许的取值范围内"):
        decide(drawn, "d", value=value)
    assert decide(drawn, "d", value=None).outputs == 1


def test_an_output_outside_its_values_is_an_error_that_names_row_and_column() -> None:
    rows = (row(["1"], ["7"]), row(["2"], ["8"]))
    drawn = model(decision("d", table("UNIQUE", column("value"), result("hit", allowed="1, 8"), *rows)))
    assert decide(drawn, "d", value=2).outputs == 8
    with pytest.raises(ExpressionError, match="决策表“d”第 1 行第 1 个输出列（hit）：值不在允许的取值范围内"):
        decide(drawn, "d", value=1)


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [
        (
            (row(["-"], ["1"]), row(["1 +"], ["1"])),
            "第 2 行第 1 个输入列（value）的表达式有语法错误",
            "expression-syntax",
        ),
        ((row(["-"], ["(1"]),), "第 1 行第 1 个输出列（hit）的表达式有语法错误", "expression-syntax"),
        ((row(["-"], ["bonus(1)"]),), "第 1 行第 1 个输出列（hit）计算失败.*bonus", "expression-failed"),
        (
            (row(["upper case(?, 1) = 2"], ["1"]),),
            "第 1 行第 1 个输入列（value）计算失败.*upper case",
            "expression-failed",
        ),
    ],
)
def test_an_error_names_table_row_and_column(rows: tuple[str, ...], place: str, code: str) -> None:
    drawn = model(decision("d", table("COLLECT", column("value"), result("hit"), *rows)))
    with pytest.raises(ExpressionError, match=f"决策表“d”{place}") as caught:
        decide(drawn, "d", value=1)
    assert (caught.value.code, caught.value.details["decision"]) == (code, "d")


def test_two_columns_of_one_label_are_both_recorded() -> None:
    drawn = model(
        decision("d", table("UNIQUE", column("a", label="x"), column("b", label="x"), result(), row(["-", "-"], ["1"])))
    )
    assert decide(drawn, "d", a=1, b=2).inputs == {"x": 1, "x (2)": 2}


def test_names_with_spaces_are_read_as_the_variables_have_them() -> None:
    drawn = model(
        decision("d", table("UNIQUE", column("monthly income"), result(), row(["> base rate"], ["monthly income * 2"])))
    )
    assert decide(drawn, "d", **{"monthly income": 5, "base rate": 1}).outputs == 10
    assert decide(drawn, "d", **{"monthly income": 1, "base rate": 1, "and-so-on": 0}).outputs is None


def test_a_cell_sees_its_column_under_the_name_that_camunda_gives_it() -> None:
    named = column("score").replace(
        "<input>", '<input xmlns:c="http://camunda.org/schema/1.0/dmn" c:inputVariable="points">'
    )
    drawn = model(decision("d", table("UNIQUE", named, result(), row(["points > 3"], ["points + 1"]))))
    assert decide(drawn, "d", score=4).outputs == 5


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (table("MAYBE", column("x"), result(), row(["-"], ["1"])), "命中策略"),
        (table("COLLECT", column("x"), result(), operator="MEAN"), "命中策略"),
        (table("COLLECT", column("x"), result("a"), result("b"), row(["-"], ["1", "2"]), operator="SUM"), "不能再汇总"),
        (table("UNIQUE", column("x"), row(["-"], [])), "没有输出列"),
        (table("UNIQUE", column("x"), result(), result(), row(["-"], ["1", "2"])), "名称"),
        (table("UNIQUE", column("x"), result(), row(["-", "-"], ["1"])), "第 1 行的单元格数"),
        (table("UNIQUE", column(""), result(), row(["-"], ["1"])), "第 1 个输入列没有表达式"),
        (table("UNIQUE", column("x", kind="tScore"), result(), row(["-"], ["1"])), "没有定义的类型“tScore”"),
        (
            table(
                "UNIQUE",
                column("x"),
                result(),
                row(["-"], ["1"]).replace("<inputEntry>", '<inputEntry expressionLanguage="juel">'),
            ),
            "juel",
        ),
    ],
)
def test_a_table_that_cannot_be_executed_is_refused_with_its_place(drawn: str, reason: str) -> None:
    with pytest.raises(RefusedDecision, match=f"“d”.*{reason}"):
        model(decision("d", drawn))


def test_priority_without_output_values_is_refused() -> None:
    findings = model(decision("d", table("PRIORITY", column("x"), result(), row(["-"], ["1"])))).check()
    assert [(one.rule, one.element_id, one.severity) for one in findings] == [("decision-no-priorities", "d", "error")]


def test_every_unreadable_cell_is_found_with_its_place() -> None:
    rows = (row(["1 +", "-"], ["1"]), row(["-", "]"], ["if"]))
    findings = model(decision("d", table("UNIQUE", column("x"), column("y ="), result("z"), *rows))).check()
    assert [finding.message.split("的表达式")[0] for finding in findings] == [
        "决策表“d”第 2 个输入列（y =）",
        "决策表“d”第 1 行第 1 个输入列（x）",
        "决策表“d”第 2 行第 2 个输入列（y =）",
        "决策表“d”第 2 行第 1 个输出列（z）",
    ]
    assert {finding.line for finding in findings} == {1}


def test_a_file_too_large_for_the_sandbox_is_refused() -> None:
    rows = [row([f"[{n}..{n + 1}]"], ['"' + "x" * 40 + '"']) for n in range(4000)]
    with pytest.raises(RefusedDecision, match="规则过多"):
        model(decision("d", table("COLLECT", column("x"), result(), *rows)))
    with pytest.raises(RefusedDecision, match="过大"):
        model(document().decode() * 30_000)


def test_a_thousand_rows_are_decided_within_the_bounds_of_one_evaluation() -> None:
    rows = [row([f"[{n * 10}..{n * 10 + 9}]"], [str(n)]) for n in range(1000)]
    drawn = model(decision("d", table("UNIQUE", column("x"), result(), *rows)))
    answer = decide(drawn, "d", x=9_995)
    assert (answer.outputs, answer.rules) == (999, (1000,))
