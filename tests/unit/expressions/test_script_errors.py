"""What a script throws is told within its bounds of time, whatever it has made of the errors of the language."""

from typing import Any

import pytest

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Evaluator

EVALUATOR = Evaluator(script_seconds=0.05)


@pytest.mark.parametrize(
    "script",
    [
        "throw { toString() { while (true) {} } }",
        "throw new Proxy({}, { get() { while (true) {} } })",
        "Object.prototype.toString = () => { while (true) {} }; throw {}",
        "Object.prototype[Symbol.toPrimitive] = () => { while (true) {} }; while (true) {}",
        "Error.prototype.toString = () => { while (true) {} }; while (true) {}",
        "Error.prepareStackTrace = () => { while (true) {} }; while (true) {}",
        "InternalError.prototype.toString = () => { while (true) {} }; while (true) {}",
        "InternalError.prototype.name = { toString() { while (true) {} } }; while (true) {}",
        "const e = new Error(); Object.setPrototypeOf(e, new Proxy({}, { get() { while (true) {} } })); throw e",
        "return { get x() { while (true) {} } }",
    ],
)
def test_a_script_cannot_hide_its_error_from_the_clock(script: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        EVALUATOR.run_script("javascript", script, {})
    assert caught.value.code == "expression-timeout"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("throw new Error('no ink')", "Error: no ink"),
        ("throw 'no ink'", "no ink"),
        ("class Own extends Error { constructor() { super('m'); this.name = 'Own'; } } throw new Own()", "Own: m"),
        ("throw Object.create(null)", "has no text"),
        ("return Promise.resolve(1)", "a script cannot wait"),
        ("unknown.x", "ReferenceError"),
    ],
)
def test_an_error_keeps_what_the_script_said(script: str, sentence: str) -> None:
    with pytest.raises(ExpressionError, match=sentence) as caught:
        EVALUATOR.run_script("javascript", script, {})
    assert caught.value.code == "expression-failed"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("'use strict'; var total = a + 1;", {"total": 2}),
        ('// a comment\n/* and another */ "use strict"\nvar total = a + 1;', {"total": 2}),
        ("function twice(x) { return 2 * x } total = twice(a)", {"total": 2}),
        ("if (a) { return { total: 3 } }", {"total": 3}),
    ],
)
def test_variables_are_found_however_they_are_declared(script: str, expected: dict[str, Any]) -> None:
    assert EVALUATOR.run_script("javascript", script, {"a": 1}) == expected
