"""``${…}`` becomes FEEL that gives the same value, or is refused."""

import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions.foreign.braces import JUEL, template
from engine.definitions.foreign.calls import resolve
from engine.definitions.foreign.feel import feel
from engine.definitions.foreign.scripts import ENGINE
from engine.definitions.foreign.syntax import Untranslatable
from engine.expressions import evaluator


def translated(text: str) -> str:
    return feel(resolve(template(text, JUEL), ENGINE))


def valued(text: str, **variables: Any) -> Any:
    return evaluator().evaluate(translated(text), variables)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${input == 1}", "input = 1"),
        ("#{input eq 1}", "input = 1"),
        ("${a ne b}", "a != b"),
        ("${a lt 1 and b ge 2}", "a < 1 and b >= 2"),
        ("${a && (b || c)}", "a and (b or c)"),
        ("${(a - b) - (c - d) * 2}", "a - b - (c - d) * 2"),
        ("${a / (b / c)}", "a / (b / c)"),
        ("${!approved}", "approved != true"),
        ("${not (a == b)}", "a != b"),
        ("${x == null}", "x = null"),
        ("${null == x}", "x = null"),
        ("${x ? 'a' : 'b'}", 'if x then "a" else "b"'),
        ("${orders[0].price}", "orders[1].price"),
        ("${orders[-1].price}", "orders[-1].price"),
        ("${order['net price']}", 'get value(order, "net price")'),
        ("${order['price']}", "order.price"),
        ("${i % 2 == 0}", "modulo(i, 2) = 0"),
        ("${a.equals('x')}", 'a = "x"'),
        ("${a.startsWith('x')}", 'starts with(a, "x")'),
        ("${list.size() > 2}", "count(list) > 2"),
        ("${list.isEmpty()}", 'list = null or list = "" or list = [] or list = {}'),
        ("${a.toString()}", "string(a)"),
        ("${order.isStandard()}", "order.standard"),
        ("${order.getPrice() > 1}", "order.price > 1"),
        ("${execution.getVariable('x') == 1}", "x = 1"),
        ("${execution.hasVariable('x')}", "x != null"),
        ("${var:equals(input, 1)}", "input = 1"),
        ("${variables:getOrDefault(x, 5)}", "if x != null then x else 5"),
        ("${answer == 'true'}", 'string(answer) = "true"'),
        ("${execution.processBusinessKey}", "businessKey"),
        ("${S('{\"a\": [1, null]}')}", '{"a": [1, null]}'),
        ("${now()}", "now()"),
        ("${dateTime().plusDays(2)}", 'now() + duration("P2D")'),
        ("${now().minusHours(n)}", 'now() - duration("PT" + string(n) + "H")'),
        ("${loopCounter == 0}", "loopCounter - 1 = 0"),
        ("${items[loopCounter]}", "items[loopCounter]"),
        ("PT${n}H", 'string join(["PT", string(n), "H"])'),
        ("${a}text${b}", 'string join([string(a), "text", string(b)])'),
        ("no expression", '"no expression"'),
        ('${"a \\" quote"}', '"a \\" quote"'),
        ("${'Beijing 北京'}", '"Beijing 北京"'),
    ],
)
def test_expression_is_written_as_designers_would(text: str, wanted: str) -> None:
    assert translated(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "${S(order).prop('price').numberValue()}",
        "${bean.decide(execution)}",
        "${execution.processInstanceId}",
        "${unknown(x)}",
        "${a ==}",
        "${'open}",
        "${a",
        "${$x}",
        "${if}",
        "${x -> 1}",
        "${vars:base64(x) == 'a'}",
        "${execution.getVariable(name)}",
        "${" + "(" * 200 + "1" + ")" * 200 + "}",
        "${" + "a" * 30_000 + "}",
    ],
)
def test_what_has_no_equivalent_is_refused(text: str) -> None:
    with pytest.raises(Untranslatable):
        translated(text)


@pytest.mark.parametrize(
    ("text", "variables", "wanted"),
    [
        ("${empty x}", {"x": {}}, True),
        ("${empty x}", {"x": {"a": 1}}, None),
        ("${!empty x}", {"x": [1]}, True),
        ("${m[k]}", {"m": {"a": 1}, "k": "a"}, 1),
        ("${m[k]}", {"m": [5, 6], "k": 1}, 6),
        ("${x.contains('a')}", {"x": "bar"}, True),
        ("${x.contains('a')}", {"x": ["bar"]}, False),
        ("${x % y}", {"x": -7, "y": 3}, -1),
        ("${x % y}", {"x": 7, "y": -3}, 1),
        ("${name.substring(1)}", {"name": "abc"}, "bc"),
        ("${name.substring(1, 2)}", {"name": "abc"}, "b"),
        ("${name.toUpperCase()}", {"name": "abc"}, "ABC"),
        ("${name.indexOf('c')}", {"name": "abc"}, 2),
        ("${name.charAt(1)}", {"name": "abc"}, "b"),
        ("${name.matches('[a-z]+')}", {"name": "abc"}, True),
        ("${name.matches('[a-b]+')}", {"name": "abc"}, False),
        ("${result.getSingleResult().getEntry('level')}", {"result": [{"level": 3}]}, 3),
        ("${a.equalsIgnoreCase(b)}", {"a": "Yes", "b": "yES"}, True),
        ("${done == 'true'}", {"done": True}, True),
        ("${n == '2'}", {"n": 2}, True),
        ("${a}-${b}", {"a": 1}, "1-"),
        ("${'x' + n}", {"n": 1}, "x1"),
        ("${map.containsKey('a')}", {"map": {"a": 0}}, True),
    ],
)
def test_value_is_that_of_the_other_engine(text: str, variables: dict[str, Any], wanted: Any) -> None:
    assert valued(text, **variables) == wanted


@dataclass(frozen=True)
class Case:
    """An expression in JUEL and what JUEL's specification says of it."""

    text: str
    value: Any


VARIABLES: dict[str, Any] = {
    "a": 7, "b": -3, "half": 0.5, "s": "left", "t": "", "p": True, "q": False, "nothing": None,
    "list": [1, 2, 3], "order": {"price": 20, "name": "pen"},
}  # fmt: skip

numbers = st.one_of(
    st.integers(0, 9).map(lambda n: Case(str(n), n)),
    st.sampled_from(["a", "b", "half"]).map(lambda name: Case(name, VARIABLES[name])),
    st.integers(0, 2).map(lambda n: Case(f"list[{n}]", VARIABLES["list"][n])),
    st.just(Case("order.price", 20)),
    st.just(Case("list.size()", 3)),
)
texts = st.one_of(
    st.sampled_from(["left", "right", ""]).map(lambda text: Case(f"'{text}'", text)),
    st.sampled_from(["s", "t"]).map(lambda name: Case(name, VARIABLES[name])),
    st.just(Case("order['name']", "pen")),
    st.just(Case("s.toUpperCase()", "LEFT")),
)
booleans = st.sampled_from([Case("p", True), Case("q", False), Case("true", True), Case("nothing", None)])


def arithmetic(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(_calculated),
        st.tuples(inner, st.sampled_from(["/", "div"]), inner).filter(lambda c: c[2].value).map(_divided),
        st.tuples(inner, st.sampled_from(["%", "mod"]), inner).filter(_is_exact).map(_divided),
        inner.map(lambda case: Case(f"-({case.text})", -case.value)),
    )


def _is_exact(parts: tuple[Case, str, Case]) -> bool:
    """A remainder of fractions depends on how they are rounded."""
    left, _, right = parts
    return bool(right.value) and isinstance(left.value, int) and isinstance(right.value, int)


def _calculated(parts: tuple[Case, str, Case]) -> Case:
    left, sign, right = parts
    value = {"+": left.value + right.value, "-": left.value - right.value, "*": left.value * right.value}[sign]
    return Case(f"({left.text}) {sign} ({right.text})", value)


def _divided(parts: tuple[Case, str, Case]) -> Case:
    left, sign, right = parts
    value = math.fmod(left.value, right.value) if sign in ("%", "mod") else left.value / right.value
    return Case(f"({left.text}) {sign} ({right.text})", value)


COMPARED = {"==": "__eq__", "ne": "__ne__", "<": "__lt__", "ge": "__ge__", ">": "__gt__", "le": "__le__"}


def _compared(parts: tuple[Case, str, Case]) -> Case:
    left, sign, right = parts
    value = {"==": left.value == right.value, "ne": left.value != right.value}.get(sign)
    if value is None:
        value = getattr(float(left.value), COMPARED[sign])(float(right.value))
    return Case(f"({left.text}) {sign} ({right.text})", value)


def logic(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda c: Case(f"({c[0].text}) && ({c[1].text})", bool(c[0].value and c[1].value))),
        st.tuples(inner, inner).map(lambda c: Case(f"({c[0].text}) or ({c[1].text})", bool(c[0].value or c[1].value))),
        inner.map(lambda case: Case(f"!({case.text})", not case.value)),
        st.tuples(inner, inner, inner).map(
            lambda c: Case(f"({c[0].text}) ? ({c[1].text}) : ({c[2].text})", (c[1] if c[0].value else c[2]).value)
        ),
    )


values = st.recursive(numbers, arithmetic, max_leaves=5)
comparisons = st.one_of(
    st.tuples(values, st.sampled_from(sorted(COMPARED)), values).map(_compared),
    st.tuples(texts, st.sampled_from(["==", "ne"]), texts).map(_compared),
    st.sampled_from([("s", False), ("t", True), ("nothing", True), ("list", False), ("order", False)]).map(
        lambda c: Case(f"empty {c[0]}", c[1])
    ),
    st.sampled_from([Case("nothing == null", True), Case("s != null", True), Case("a eq null", False)]),
)
conditions = st.recursive(booleans | comparisons, logic, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(conditions)
def test_conditions_hold_when_they_hold_in_juel(case: Case) -> None:
    assert (valued("${" + case.text + "}", **VARIABLES) is True) == bool(case.value)


@settings(max_examples=100, deadline=None)
@given(values)
def test_numbers_are_those_of_juel(case: Case) -> None:
    assert valued("${" + case.text + "}", **VARIABLES) == pytest.approx(case.value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(texts, st.sampled_from([Case("a", 7), Case("nothing", ""), Case("p", "true")])), max_size=4))
def test_composites_put_the_texts_together(parts: list[Case]) -> None:
    text = "|".join("${" + part.text + "}" for part in parts) + "."
    assert valued(text, **VARIABLES) == "|".join(str(part.value) for part in parts) + "."
