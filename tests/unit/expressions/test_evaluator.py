"""FEEL and scripts: values, bounds, and nothing reachable outside."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import isodate
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendars import SHANGHAI
from engine.expressions import Evaluator, ExpressionError

AT = datetime(2026, 9, 12, 2, tzinfo=UTC)
EVALUATOR = Evaluator()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('= amount > 5 and level = "major"', True),
        ("6 / 2", 3),
        ("7 / 2", 3.5),
        ("nobody", None),
        ("today()", date(2026, 9, 12)),
        ('today() = date("2026-09-12")', True),
        ("now()", datetime(2026, 9, 12, 10, tzinfo=SHANGHAI)),
        ('now() + duration("P1D")', datetime(2026, 9, 13, 10, tzinfo=SHANGHAI)),
        ('duration("PT5H")', timedelta(hours=5)),
        ('duration("P1Y2M")', isodate.Duration(years=1, months=2)),
        ('day of week(date("2026-09-12"))', "Saturday"),
        ('day + duration("P1D")', date(2026, 9, 13)),
        ("for i in 1..3 return i * 2", [2, 4, 6]),
        ("{a: 1, b: [true, null]}", {"a": 1, "b": [True, None]}),
        ("first name", "x"),
        ("科室.名称", "内科"),
    ],
)
def test_feel_values_arrive_as_python_values(expression: str, expected: Any) -> None:
    variables = {"amount": 6, "level": "major", "day": date(2026, 9, 12), "first name": "x", "科室": {"名称": "内科"}}
    assert EVALUATOR.evaluate(expression, variables, at=AT) == expected


BOMBS = [
    "count(for i in 1..1000000000 return i)",
    "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    'matches("' + "a" * 40 + '!", "^(a+)+$")',
    "[" * 3000 + "]" * 3000,
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_feel_bomb_is_stopped_within_a_second_and_the_next_evaluation_works(bomb: str) -> None:
    started = time.thread_time()
    with pytest.raises(ExpressionError) as caught:
        EVALUATOR.evaluate(bomb, {})
    assert time.thread_time() - started < 2
    assert caught.value.code in ("expression-timeout", "expression-memory")
    assert EVALUATOR.evaluate("1 + 1", {}) == 2


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ("while (true) {}", {"expression-timeout"}),
        ("try { while (true) {} } catch (e) { while (true) {} }", {"expression-timeout"}),
        ("const all = []; for (;;) all.push(new Array(1000).fill(1))", {"expression-memory", "expression-timeout"}),
        ('"a".repeat(2 ** 29)', {"expression-memory"}),
        ("function f() { return f() + 1 } f()", {"expression-memory"}),
        ("new Array(4294967295).indexOf(1)", {"expression-timeout"}),
        ('"a".repeat(2 ** 20).indexOf("a".repeat(2 ** 19) + "b")', {"expression-failed"}),
        ("return { toJSON() { for (;;) {} } }", {"expression-timeout"}),
        ("a =", {"expression-syntax"}),
    ],
)
def test_a_script_bomb_is_stopped_and_the_next_script_works(script: str, codes: set[str]) -> None:
    started = time.thread_time()
    with pytest.raises(ExpressionError) as caught:
        EVALUATOR.run_script("javascript", script, {})
    assert time.thread_time() - started < 3
    assert caught.value.code in codes
    assert EVALUATOR.run_script("javascript", "x = 1", {}) == {"x": 1}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("total = a + 1", {"total": 2}),
        ("var x = a * 2; variables.z = [1]", {"z": [1], "x": 2}),
        ("return { hour: new Date().getHours() }", {"hour": 10}),
        (
            "found = [typeof require, typeof process, typeof std, typeof os].join()",
            {"found": ",".join(["undefined"] * 4)},
        ),
        ("let kept = a", {}),
    ],
)
def test_a_script_returns_the_variables_it_sets(script: str, expected: dict[str, Any]) -> None:
    assert EVALUATOR.run_script("javascript", script, {"a": 1}, at=AT) == expected


def test_a_script_leaves_nothing_behind_for_the_next() -> None:
    EVALUATOR.run_script("javascript", "Array.prototype.map = null; leak = 1", {})
    assert EVALUATOR.run_script("javascript", "seen = typeof leak + [1].map(String)", {}) == {"seen": "undefined1"}


def test_python_in_a_diagram_is_refused() -> None:
    with pytest.raises(ExpressionError, match="不支持"):
        EVALUATOR.run_script("python", "import os", {})


def test_a_syntax_error_names_expression_and_place() -> None:
    assert "第 4 个字符" in (EVALUATOR.check("1 +") or "")
    assert EVALUATOR.check("a.b > 3 and count(c) = 1") is None


def test_threads_share_an_evaluator() -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(EVALUATOR.evaluate("a + 1", {"a": 1}))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [2] * 12


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text() | st.dates() | st.timedeltas(
        timedelta(0), timedelta(days=100)).map(lambda d: timedelta(seconds=int(d.total_seconds()))),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_any_value_goes_in_and_comes_out_the_same(value: Any) -> None:
    assert EVALUATOR.evaluate("x", {"x": value}) == value
