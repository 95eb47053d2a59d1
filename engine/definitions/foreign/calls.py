"""What the methods and functions of other languages mean here: calls become operations, or are refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.definitions.foreign.syntax import (
    Binary,
    Call,
    Conditional,
    Entries,
    Expression,
    Index,
    Items,
    Literal,
    Member,
    Name,
    Operation,
    Unary,
    Untranslatable,
)
from engine.definitions.foreign.walk import rebuilt

OPERATIONS = frozenset(
    {
        "size", "length", "len", "contains", "starts with", "ends with", "lower", "upper", "trim", "text", "number",
        "whole", "substring", "index of", "replace", "split", "join", "absolute", "least", "greatest", "round",
        "floor", "ceiling", "sum", "sorted", "keys", "values", "has key", "get or", "push", "range", "now", "today",
        "date", "duration", "seconds", "slice", "moved", "matches", "concatenated", "exists", "truth", "variable",
    }
)  # fmt: skip
"""Calls with a known meaning. ``size`` is that of a list or map, ``length`` that of a text, ``len`` that of either."""

Builder = Callable[..., Expression]


def _operation(name: str) -> Builder:
    return lambda *arguments: Operation(name, arguments)


def _binary(operator: str) -> Builder:
    return lambda left, right: Binary(operator, left, right)


def _same_text(left: Expression, right: Expression) -> Expression:
    return Binary("==", Operation("lower", (left,)), Operation("lower", (right,)))


def _not_empty(value: Expression) -> Expression:
    return Unary("not", Unary("empty", value))


def _itself(value: Expression) -> Expression:
    return value


def _next(place: Expression) -> Expression:
    """Return the place after a place."""
    if isinstance(place, Literal) and isinstance(place.value, int):
        return Literal(place.value + 1)
    return Binary("+", place, Literal(1))


def _moved(unit: str, sign: int = 1) -> Builder:
    """Return a builder of ``instant + amount``; ``unit`` is that of an ISO 8601 duration, such as ``D`` or ``TH``."""

    def build(instant: Expression, amount: Expression) -> Expression:
        counted = amount if sign > 0 else Unary("-", amount)
        return Operation("moved", (instant, counted, Literal(unit)))

    return build


_UNITS = {"Years": "Y", "Months": "M", "Weeks": "W", "Days": "D", "Hours": "TH", "Minutes": "TM", "Seconds": "TS"}

METHODS: Mapping[tuple[str, int], Builder] = {
    ("equals", 1): _binary("=="),
    ("equalsIgnoreCase", 1): _same_text,
    ("contains", 1): _operation("contains"),
    ("includes", 1): _operation("contains"),
    ("startsWith", 1): _operation("starts with"),
    ("endsWith", 1): _operation("ends with"),
    ("startswith", 1): _operation("starts with"),
    ("endswith", 1): _operation("ends with"),
    ("matches", 1): _operation("matches"),
    ("size", 0): _operation("size"),
    ("length", 0): _operation("length"),
    ("count", 0): _operation("size"),
    ("isEmpty", 0): lambda value: Unary("empty", value),
    ("isBlank", 0): lambda value: Unary("empty", Operation("trim", (value,))),
    ("toString", 0): _operation("text"),
    ("stringValue", 0): _operation("text"),
    ("asText", 0): _operation("text"),
    ("toLowerCase", 0): _operation("lower"),
    ("toUpperCase", 0): _operation("upper"),
    ("lower", 0): _operation("lower"),
    ("upper", 0): _operation("upper"),
    ("trim", 0): _operation("trim"),
    ("strip", 0): _operation("trim"),
    ("substring", 1): _operation("substring"),
    ("substring", 2): _operation("substring"),
    ("indexOf", 1): _operation("index of"),
    ("replace", 2): _operation("replace"),
    ("split", 1): _operation("split"),
    ("concat", 1): _operation("concatenated"),
    ("intValue", 0): _operation("whole"),
    ("longValue", 0): _operation("whole"),
    ("doubleValue", 0): _itself,
    ("floatValue", 0): _itself,
    ("booleanValue", 0): _itself,
    ("getTime", 0): _itself,
    ("get", 1): Index,
    ("get", 2): _operation("get or"),
    ("getOrDefault", 2): _operation("get or"),
    ("containsKey", 1): _operation("has key"),
    ("keySet", 0): _operation("keys"),
    ("keys", 0): _operation("keys"),
    ("values", 0): _operation("values"),
    ("compareTo", 1): _binary("-"),
    ("charAt", 1): lambda text, at: Operation("substring", (text, at, _next(at))),
    ("getSingleResult", 0): lambda result: Index(result, Literal(0)),
    ("getFirstResult", 0): lambda result: Index(result, Literal(0)),
    ("getEntry", 1): Index,
    ("getResultList", 0): _itself,
    ("subtract", 1): _binary("-"),
    ("multiply", 1): _binary("*"),
    ("divide", 1): _binary("/"),
    ("doubleEquals", 1): _binary("=="),
    ("toDate", 0): _itself,
    ("atStartOfDay", 0): _itself,
    ("isoformat", 0): _operation("text"),
    **{(f"plus{word}", 1): _moved(unit) for word, unit in _UNITS.items()},
    **{(f"minus{word}", 1): _moved(unit, -1) for word, unit in _UNITS.items()},
}
"""Methods by name and number of arguments; the builder is given the object first."""


def _json(text: Expression) -> Expression:
    """Read Spin's ``S("…")`` of a fixed JSON text."""
    if not isinstance(text, Literal) or not isinstance(text.value, str):
        raise Untranslatable(
            "不译 Spin：变量已是 JSON，直接用属性 / Spin is not translated: a variable is JSON already"
        )
    try:
        return _tree(json.loads(text.value))
    except ValueError as error:
        raise Untranslatable("不是有效的 JSON / It is not valid JSON") from error


def _tree(value: Any) -> Expression:
    if isinstance(value, list):
        return Items(tuple(map(_tree, value)))
    if isinstance(value, dict):
        return Entries(tuple((Literal(key), _tree(entry)) for key, entry in value.items()))
    return Literal(value)


_BOXES = ("Integer", "Long", "Short", "Double", "Float", "Boolean", "String", "BigDecimal", "BigInteger")

FUNCTIONS: Mapping[tuple[str, int], Builder] = {
    ("S", 1): _json,
    ("JSON", 1): _json,
    ("eval", 1): _itself,
    ("now", 0): _operation("now"),
    ("dateTime", 0): _operation("now"),
    ("new Date", 0): _operation("now"),
    **{(f"new {kind}", 1): _itself for kind in _BOXES},
    ("new ArrayList", 0): lambda: Items(()),
    ("new LinkedList", 0): lambda: Items(()),
    ("new HashSet", 0): lambda: Items(()),
    ("new HashMap", 0): lambda: Entries(()),
    ("new LinkedHashMap", 0): lambda: Entries(()),
    ("(int)", 1): _operation("whole"),
    ("(long)", 1): _operation("whole"),
    ("(double)", 1): _itself,
    ("(float)", 1): _itself,
    ("(boolean)", 1): _itself,
    ("String", 1): _operation("text"),
    ("Number", 1): _operation("number"),
    ("Boolean", 1): _itself,
    ("parseInt", 1): _operation("whole"),
    ("isPresent", 1): lambda value: Binary("!=", value, Literal(None)),
    ("stringEquals", 2): _binary("=="),
    ("date:now", 0): _operation("now"),
    ("date:format", 1): _itself,
    ("date:toDate", 1): _itself,
}
"""Functions by name and number of arguments."""

STATIC: Mapping[tuple[str, str, int], Builder] = {
    ("String", "valueOf", 1): _operation("text"),
    ("Integer", "toString", 1): _operation("text"),
    ("Integer", "parseInt", 1): _operation("number"),
    ("Integer", "valueOf", 1): _operation("number"),
    ("Long", "parseLong", 1): _operation("number"),
    ("Long", "valueOf", 1): _operation("number"),
    ("Double", "parseDouble", 1): _operation("number"),
    ("Double", "valueOf", 1): _operation("number"),
    ("Boolean", "parseBoolean", 1): lambda value: Binary("==", Operation("text", (value,)), Literal("true")),
    ("Boolean", "valueOf", 1): _itself,
    ("Boolean", "equals", 2): _binary("=="),
    ("Objects", "equals", 2): _binary("=="),
    ("System", "currentTimeMillis", 0): lambda: Binary("*", Operation("seconds", ()), Literal(1000)),
    ("Math", "abs", 1): _operation("absolute"),
    ("Math", "min", 2): _operation("least"),
    ("Math", "max", 2): _operation("greatest"),
    ("Math", "floor", 1): _operation("floor"),
    ("Math", "ceil", 1): _operation("ceiling"),
    ("Math", "round", 1): _operation("round"),
    ("Arrays", "asList", -1): lambda *values: Items(values),
    ("List", "of", -1): lambda *values: Items(values),
    ("LocalDateTime", "now", 0): _operation("now"),
    ("ZonedDateTime", "now", 0): _operation("now"),
    ("OffsetDateTime", "now", 0): _operation("now"),
    ("Instant", "now", 0): _operation("now"),
    ("LocalDate", "now", 0): _operation("today"),
    ("LocalDateTime", "parse", 1): _operation("date"),
    ("LocalDate", "parse", 1): _operation("date"),
    ("JSON", "stringify", 1): _operation("text"),
    ("KieFunctions", "isTrue", 1): _itself,
    ("KieFunctions", "isFalse", 1): lambda value: Unary("not", value),
    ("KieFunctions", "isNull", 1): lambda value: Binary("==", value, Literal(None)),
    ("KieFunctions", "equalsTo", 2): _binary("=="),
    ("KieFunctions", "isEmpty", 1): lambda value: Unary("empty", value),
    ("KieFunctions", "contains", 2): _operation("contains"),
    ("KieFunctions", "startsWith", 2): _operation("starts with"),
    ("KieFunctions", "endsWith", 2): _operation("ends with"),
    ("KieFunctions", "greaterThan", 2): _binary(">"),
    ("KieFunctions", "greaterOrEqualThan", 2): _binary(">="),
    ("KieFunctions", "lessThan", 2): _binary("<"),
    ("KieFunctions", "lessOrEqualThan", 2): _binary("<="),
    ("KieFunctions", "between", 3): lambda value, low, high: Binary(
        "and", Binary(">=", value, low), Binary("<=", value, high)
    ),
}
"""Methods of known classes; -1 is any number of arguments."""

_VARIABLE_TESTS: Mapping[str, Builder] = {
    "equals": _binary("=="), "eq": _binary("=="), "notEquals": _binary("!="), "ne": _binary("!="),
    "lowerThan": _binary("<"), "lessThan": _binary("<"), "lt": _binary("<"),
    "lowerThanOrEquals": _binary("<="), "lessThanOrEquals": _binary("<="), "lte": _binary("<="),
    "greaterThan": _binary(">"), "gt": _binary(">"), "greaterThanOrEquals": _binary(">="), "gte": _binary(">="),
    "exists": lambda value: Binary("!=", value, Literal(None)),
    "empty": lambda value: Unary("empty", value), "isEmpty": lambda value: Unary("empty", value),
    "notEmpty": _not_empty, "isNotEmpty": _not_empty, "get": _itself,
    "getOrDefault": lambda value, other: Conditional(Binary("!=", value, Literal(None)), value, other),
}  # fmt: skip
"""Flowable's ``variables:`` functions, whose first argument is a variable's name, in quotes or bare."""


_BUSINESS_KEYS = frozenset({"businessKey", "processBusinessKey", "processInstanceBusinessKey"})
"""Properties that are the variable ``businessKey`` here."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What the names of a vendor stand for.

    ``scopes`` are objects whose ``getVariable("x")`` is the variable ``x``; ``holders`` are paths whose members are
    variables (``environment.variables``); ``counter_from_zero`` says that ``loopCounter`` counts from 0.
    """

    scopes: frozenset[str] = frozenset(
        {"execution", "task", "delegateTask", "delegateExecution", "kcontext", "context", "variableScope"}
    )
    holders: tuple[tuple[str, ...], ...] = ()
    counter_from_zero: bool = True
    functions: Mapping[tuple[str, int], Builder] = field(default_factory=lambda: FUNCTIONS)
    beans: bool = True
    """Whether ``x.getName()`` is the property ``name`` of x."""


def resolve(found: Expression, habits: Habits) -> Expression:
    """Give every call of an expression its meaning. Raises :class:`Untranslatable` for one without."""
    return _Resolver(habits).resolve(found)


class _Resolver:
    def __init__(self, habits: Habits) -> None:
        self.habits = habits

    def resolve(self, found: Expression) -> Expression:
        """Return the expression with operations for calls."""
        match found:
            case Name("loopCounter") if self.habits.counter_from_zero:
                return Binary("-", found, Literal(1))
            case Member():
                return self._member(found)
            case Index(of, Literal(str(name))) if path_of(of) in self.habits.holders:
                return Name(name)
            case Call():
                return self._call(found)
        return rebuilt(found, self.resolve)

    def _member(self, found: Member) -> Expression:
        path = path_of(found)
        for holder in self.habits.holders:
            if path is not None and path[:-1] == holder:
                return Name(found.name)
        if path is not None and path[0] in self.habits.scopes and found.name in _BUSINESS_KEYS:
            return Name("businessKey")
        if path is not None and path[0] in self.habits.scopes:
            raise Untranslatable(f"没有“{'.'.join(path)}” / There is no {'.'.join(path)}")
        return replace(found, of=self.resolve(found.of))

    def _call(self, found: Call) -> Expression:
        function, arguments = found.function, tuple(map(self.resolve, found.arguments))
        if isinstance(function, Name):
            return self._function(function.name, found.arguments, arguments)
        assert isinstance(function, Member)
        path = path_of(function)
        if path is not None and (variable := self._variable(path, found.arguments)) is not None:
            return variable
        if path is not None and (static := _static(path, len(arguments))) is not None:
            return static(*arguments)
        method = METHODS.get((function.name, len(arguments)))
        if method is not None:
            return method(self.resolve(function.of), *arguments)
        prefix = next((p for p in ("get", "is") if function.name.startswith(p)), None)
        if prefix and self.habits.beans and not arguments and function.name[len(prefix) :][:1].isupper():
            rest = function.name[len(prefix) :]
            return Member(self.resolve(function.of), rest[0].lower() + rest[1:])
        raise Untranslatable(f"没有方法“{function.name}” / The method {function.name} is unknown")

    def _function(self, name: str, written: tuple[Expression, ...], arguments: tuple[Expression, ...]) -> Expression:
        space, _, local = name.partition(":")
        if space in ("var", "vars", "variables") and local:
            return _variable_test(local, arguments)
        builder = self.habits.functions.get((name, len(arguments)))
        if builder is None:
            raise Untranslatable(f"没有函数“{name}” / The function {name} is unknown")
        return builder(*arguments)

    def _variable(self, path: tuple[str, ...], arguments: tuple[Expression, ...]) -> Expression | None:
        """Read ``execution.getVariable("x")`` and its like."""
        method = path[-1]
        if path[0] not in self.habits.scopes:
            return None
        if not arguments and method in ("getBusinessKey", "getProcessBusinessKey"):
            return Name("businessKey")
        named = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], Literal) else None
        if isinstance(named, str) and method in ("getVariable", "getVariableLocal", "getVariableTyped"):
            return Operation("variable", arguments)
        if isinstance(named, str) and method in ("hasVariable", "hasVariableLocal"):
            return Operation("exists", arguments)
        raise Untranslatable(f"没有“{'.'.join(path)}” / There is no {'.'.join(path)}")


def _variable_test(name: str, arguments: tuple[Expression, ...]) -> Expression:
    if not arguments:
        raise Untranslatable(f"函数 {name} 没有变量 / The function {name} names no variable")
    first = arguments[0]
    variable: Expression = Name(first.value) if isinstance(first, Literal) and isinstance(first.value, str) else first
    if name in ("contains", "containsAny"):
        tests: list[Expression] = [Operation("contains", (variable, one)) for one in arguments[1:]]
        found = tests[0]
        for test in tests[1:]:
            found = Binary("and" if name == "contains" else "or", found, test)
        return found
    builder = _VARIABLE_TESTS.get(name)
    if builder is None:
        raise Untranslatable(f"没有函数“{name}” / The function {name} is unknown")
    try:
        return builder(variable, *arguments[1:])
    except TypeError as error:
        raise Untranslatable(f"函数 {name} 的参数个数不对 / The function {name} takes other arguments") from error


def _static(path: tuple[str, ...], count: int) -> Builder | None:
    if len(path) < 2:
        return None
    return STATIC.get((path[-2], path[-1], count)) or STATIC.get((path[-2], path[-1], -1))


def path_of(found: Expression) -> tuple[str, ...] | None:
    """Return the names of ``a.b.c``, None for anything else; a process instance is its execution."""
    match found:
        case Name(name):
            return (name,)
        case Call(Member(of, "getProcessInstance" | "getExecution"), ()):
            return path_of(of)
        case Member(of, name):
            inner = path_of(of)
            return None if inner is None else (*inner, name)
    return None
