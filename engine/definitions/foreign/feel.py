"""Writes expressions as FEEL, with the parentheses that are needed and no more."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.definitions.foreign.syntax import (
    Binary,
    Conditional,
    Entries,
    Expression,
    ForEach,
    Index,
    Items,
    Joined,
    Literal,
    Member,
    Name,
    Operation,
    Unary,
    Untranslatable,
)

_NAME = re.compile(r"[^\W\d]\w*", re.UNICODE)
_VARIABLE = re.compile(r"[^\W\d][\w-]*", re.UNICODE)
_WORDS = frozenset(
    {
        "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "not", "and", "or", "between",
        "instance", "of", "function", "external", "null", "true", "false", "partial",
    }
)  # fmt: skip
_LONGEST = 20_000

_WHOLE, _OR, _AND, _COMPARED, _SUM, _PRODUCT, _POWER, _SIGN, _PATH = range(9)
"""How tightly a text binds, the loosest first."""

Written = tuple[str, int]


def feel(found: Expression) -> str:
    """Write a resolved expression. Raises :class:`Untranslatable` for what FEEL has no words for."""
    text, _ = _write(found)
    if len(text) > _LONGEST:
        raise Untranslatable("译文过长 / The translation is too long")
    return text


def text_literal(text: str) -> str:
    """Write a text as a FEEL string."""
    return json.dumps(text, ensure_ascii=False)


def kind_of(found: Expression) -> str | None:
    """Say what an expression certainly is: text, number, boolean, list or map; None where only its values tell."""
    match found:
        case Literal(bool()) | Unary("not" | "empty", _) | Binary("or" | "and" | "in", _, _) | ForEach("any" | "all"):
            return "boolean"
        case Binary("==" | "!=" | "<" | "<=" | ">" | ">=", _, _):
            return "boolean"
        case Literal(int() | float()) | Unary("-", _) | ForEach("sum") | Binary("*" | "/" | "div" | "%" | "mod", _, _):
            return "number"
        case Literal(str()) | Joined():
            return "text"
        case Items() | ForEach("list"):
            return "list"
        case Entries():
            return "map"
        case Operation(name, _):
            return _OPERATION_KINDS.get(name)
        case Binary("-", _, Literal(int() | float())):
            return "number"
        case Binary("+", left, right):
            kinds = {kind_of(left), kind_of(right)}
            return "text" if "text" in kinds else "number" if kinds == {"number"} else None
        case Conditional(_, then, otherwise):
            return kind_of(then) if kind_of(then) == kind_of(otherwise) else None
    return None


_OPERATION_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("lower", "upper", "trim", "text", "substring", "replace", "join", "concatenated"), "text"),
    **dict.fromkeys(
        ("size", "length", "len", "number", "whole", "index of", "absolute", "least", "greatest"), "number"
    ),
    **dict.fromkeys(("absolute", "least", "greatest", "round", "floor", "ceiling", "sum"), "number"),
    **dict.fromkeys(("contains", "starts with", "ends with", "has key", "matches", "truth", "exists"), "boolean"),
    **dict.fromkeys(("split", "sorted", "keys", "values", "range"), "list"),
}


def _write(found: Expression) -> Written:
    match found:
        case Literal(value):
            return _literal(value)
        case Name(name):
            return _name(name), _PATH
        case Member(of, name):
            return _property(of, name)
        case Index(of, at):
            return _index(of, at)
        case Unary(operator, operand):
            return _unary(operator, operand)
        case Binary(operator, left, right):
            return _binary(operator, left, right)
        case Conditional(condition, then, otherwise):
            return f"if {_at(condition, _OR)} then {_at(then, _OR)} else {_at(otherwise, _WHOLE)}", _WHOLE
        case Items(entries):
            return f"[{', '.join(_at(entry, _WHOLE) for entry in entries)}]", _PATH
        case Entries(pairs):
            return "{" + ", ".join(f"{_key(key)}: {_at(value, _WHOLE)}" for key, value in pairs) + "}", _PATH
        case Joined(parts):
            return f"string join([{', '.join(map(as_text, parts))}])", _PATH
        case Operation(name, arguments):
            return _operation(name, arguments)
        case ForEach():
            return _for_each(found)
    raise Untranslatable("FEEL 没有这种写法 / FEEL has no such expression")


def _at(found: Expression, least: int) -> str:
    """Write an expression, in parentheses where it binds looser than ``least``."""
    text, binding = _write(found)
    return text if binding >= least else f"({text})"


def _literal(value: str | int | float | bool | None) -> Written:
    if value is None:
        return "null", _PATH
    if isinstance(value, bool):
        return str(value).lower(), _PATH
    if isinstance(value, str):
        return text_literal(value), _PATH
    return format(Decimal(repr(value)), "f"), _PATH if value >= 0 else _SIGN


def _name(name: str) -> str:
    if name in _WORDS or _VARIABLE.fullmatch(name) is None:
        raise Untranslatable(f"“{name}”不能作 FEEL 变量名 / {name} is no name for a FEEL variable")
    return name


def _key(key: Expression) -> str:
    if not isinstance(key, Literal):
        raise Untranslatable("键不是固定的 / A key is not a fixed name")
    return text_literal(str(key.value))


def _property(of: Expression, name: str) -> Written:
    if _NAME.fullmatch(name) and name not in _WORDS:
        return f"{_at(of, _PATH)}.{name}", _PATH
    return f"get value({_at(of, _WHOLE)}, {text_literal(name)})", _PATH


def _index(of: Expression, at: Expression) -> Written:
    """FEEL counts from 1, and from -1 at the end. A variable as index is a key or a place, as its value says."""
    if isinstance(at, Literal) and isinstance(at.value, str):
        return _property(of, at.value)
    if isinstance(at, Unary) and at.operator == "-":
        return f"{_at(of, _PATH)}[{_at(at, _WHOLE)}]", _PATH
    if isinstance(at, Literal) and isinstance(at.value, int):
        return f"{_at(of, _PATH)}[{at.value + 1 if at.value >= 0 else at.value}]", _PATH
    key, holder = _at(at, _WHOLE), _at(of, _PATH)
    if "item" in re.findall(r"\w+", key):
        raise Untranslatable("下标里的 item 另有意思 / item means something else inside an index")
    kind = kind_of(at)
    if kind == "text":
        return f"get value({holder}, {key})", _PATH
    place, _ = _binary("+", at, Literal(1))
    if kind == "number":
        return f"{holder}[{place}]", _PATH
    return f"if string({key}) = {key} then get value({holder}, {key}) else {holder}[{place}]", _WHOLE


def _unary(operator: str, operand: Expression) -> Written:
    if operator == "-":
        return f"-{_at(operand, _POWER)}", _SIGN
    if operator == "empty":
        return _empty(operand), _OR
    match operand:
        case Operation("truth", (inner,)) if kind_of(inner) != "boolean":
            text = _at(inner, _SUM)
            return f'{text} = null or {text} = false or {text} = "" or {text} = 0 or {text} = []', _OR
        case Unary("not", Operation("truth", (inner,))):
            return _counts(inner)
        case Unary("not", inner):
            return _write(inner)
        case Unary("empty", inner):
            text = _at(inner, _SUM)
            return f'{text} != null and {text} != "" and {text} != [] and {text} != {{}}', _AND
        case Binary("==", left, right):
            return _binary("!=", left, right)
        case Binary("!=", left, right):
            return _binary("==", left, right)
        case Literal(bool(value)):
            return _literal(not value)
    # `not(null)` is null in FEEL, but true where these expressions come from.
    return f"{_at(operand, _SUM)} != true", _COMPARED


def _empty(operand: Expression) -> str:
    text = _at(operand, _SUM)
    return f'{text} = null or {text} = "" or {text} = [] or {text} = {{}}'


_SIMPLE = {"or": _OR, "and": _AND, "<": _COMPARED, "<=": _COMPARED, ">": _COMPARED, ">=": _COMPARED, "-": _SUM}
_SIMPLE |= {"*": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def _binary(operator: str, left: Expression, right: Expression) -> Written:
    if operator in ("==", "!="):
        return _compared(operator, left, right)
    if operator == "+":
        return _sum(left, right)
    if operator == "div":
        return f"floor({_at(Binary('/', left, right), _WHOLE)})", _PATH
    if operator == "mod":
        return f"modulo({_at(left, _WHOLE)}, {_at(right, _WHOLE)})", _PATH
    if operator == "%":
        return _remainder(left, right)
    if operator == "in":
        return _write(Operation("contains", (right, left)))
    binding = _SIMPLE[operator]
    if operator in ("or", "and"):
        return f"{_at(left, binding)} {operator} {_at(right, binding)}", binding
    chains = operator in ("-", "*", "/")
    return f"{_at(left, binding if chains else binding + 1)} {operator} {_at(right, binding + 1)}", binding


def _compared(operator: str, left: Expression, right: Expression) -> Written:
    sign = "=" if operator == "==" else "!="
    if isinstance(left, Literal) and not isinstance(right, Literal):
        left, right = right, left
    if _remainder_with_zero(left, right):
        assert isinstance(left, Binary)
        left = Binary("mod", left.left, left.right)
    first, second = _at(left, _SUM), _at(right, _SUM)
    looks_like_another_kind = (
        isinstance(right, Literal) and isinstance(right.value, str) and _not_only_text(right.value)
    )
    if looks_like_another_kind and kind_of(left) != "text":
        first = f"string({_at(left, _WHOLE)})"
    return f"{first} {sign} {second}", _COMPARED


def _remainder_with_zero(left: Expression, right: Expression) -> bool:
    return isinstance(left, Binary) and left.operator == "%" and isinstance(right, Literal) and right.value == 0


def _not_only_text(text: str) -> bool:
    """Say whether the other languages would compare a boolean or number with this text too."""
    return text in ("true", "false") or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _sum(left: Expression, right: Expression) -> Written:
    if "text" in (kind_of(left), kind_of(right)):
        return f"{as_text(left, _SUM)} + {as_text(right, _PRODUCT)}", _SUM
    number = right.value if isinstance(right, Literal) and isinstance(right.value, int) else None
    match left:
        # `loopCounter - 1 + 1`: a counter or place that was shifted already.
        case Binary("-", inner, Literal(int(less))) if number is not None and number == less:
            return _write(inner)
    return f"{_at(left, _SUM)} + {_at(right, _PRODUCT)}", _SUM


def as_text(found: Expression, least: int = _WHOLE) -> str:
    """Write an expression so that its value is a text."""
    return _at(found, least) if kind_of(found) == "text" else f"string({_at(found, _WHOLE)})"


def _remainder(left: Expression, right: Expression) -> Written:
    """The remainder has the dividend's sign, FEEL's ``modulo`` the divisor's."""
    dividend, divisor = _at(left, _SUM), _at(right, _WHOLE)
    positive = isinstance(right, Literal) and isinstance(right.value, int | float) and right.value > 0
    size = divisor if positive else f"abs({divisor})"
    return f"modulo(abs({_at(left, _WHOLE)}), {size}) * (if {dividend} < 0 then -1 else 1)", _PRODUCT


def _operation(name: str, arguments: tuple[Expression, ...]) -> Written:
    writer = _OPERATIONS.get(name)
    if writer is not None:
        return writer(*arguments), _PATH
    special = _SPECIAL.get(name)
    if special is None:
        raise Untranslatable(f"FEEL 没有“{name}” / FEEL has no {name}")
    return special(*arguments)


def _call(name: str) -> Callable[..., str]:
    return lambda *arguments: f"{name}({', '.join(_at(argument, _WHOLE) for argument in arguments)})"


def _on_text(name: str) -> Callable[..., str]:
    return lambda first, *rest: f"{name}({', '.join([as_text(first), *(_at(one, _WHOLE) for one in rest)])})"


def _substring(text: Expression, start: Expression, end: Expression | None = None) -> str:
    begin, _ = (
        _binary("+", start, Literal(1)) if not isinstance(start, Literal) else (str(int(start.value or 0) + 1), 0)
    )
    if end is None:
        return f"substring({_at(text, _WHOLE)}, {begin})"
    if isinstance(start, Literal) and isinstance(end, Literal):
        return f"substring({_at(text, _WHOLE)}, {begin}, {int(end.value or 0) - int(start.value or 0)})"
    return f"substring({_at(text, _WHOLE)}, {begin}, {_at(end, _SUM)} - {_at(start, _PRODUCT)})"


def _moved(instant: Expression, amount: Expression, unit: Expression) -> Written:
    assert isinstance(unit, Literal)
    letters = str(unit.value)
    lead, letter = ("PT" if letters.startswith("T") else "P"), letters[-1]
    sign, counted = "+", amount
    if isinstance(amount, Unary) and amount.operator == "-":
        sign, counted = "-", amount.operand
    if isinstance(counted, Literal):
        length = text_literal(f"{lead}{counted.value}{letter}")
    else:
        length = f'"{lead}" + string({_at(counted, _WHOLE)}) + "{letter}"'
    return f"{_at(instant, _SUM)} {sign} duration({length})", _SUM


def _contains(holder: Expression, wanted: Expression) -> Written:
    kind = kind_of(holder)
    whole, part = _at(holder, _WHOLE), _at(wanted, _WHOLE)
    if kind == "list":
        return f"list contains({whole}, {part})", _PATH
    if kind == "text":
        return f"contains({whole}, {part})", _PATH
    return f"if string({whole}) = {whole} then contains({whole}, {part}) else list contains({whole}, {part})", _WHOLE


def _length_of_either(value: Expression) -> Written:
    kind, text = kind_of(value), _at(value, _WHOLE)
    if kind == "list":
        return f"count({text})", _PATH
    if kind == "text":
        return f"string length({text})", _PATH
    return f"if string({text}) = {text} then string length({text}) else count({text})", _WHOLE


def _truth(value: Expression) -> Written:
    """A variable alone is taken for a boolean; anything else counts unless it is empty, zero or false."""
    if kind_of(value) == "boolean" or isinstance(value, Name | Member) or _is_variable(value):
        return _write(value)
    return _counts(value)


def _counts(value: Expression) -> Written:
    text = _at(value, _SUM)
    return f'{text} != null and {text} != false and {text} != "" and {text} != 0 and {text} != []', _AND


def _is_variable(value: Expression) -> bool:
    return isinstance(value, Operation) and value.name == "variable"


def _matches(text: Expression, pattern: Expression) -> Written:
    """Java asks whether the whole text matches."""
    if not isinstance(pattern, Literal):
        raise Untranslatable("正则表达式不是固定的 / The pattern is not fixed")
    return f"matches({_at(text, _WHOLE)}, {text_literal(f'^(?:{pattern.value})$')})", _PATH


def _get_or(holder: Expression, key: Expression, other: Expression) -> Written:
    value = _at(Index(holder, key), _WHOLE)
    return f"if {value} != null then {value} else {_at(other, _WHOLE)}", _WHOLE


def _named(name: Expression) -> str:
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        raise Untranslatable("变量名不是固定的 / The name of a variable is not fixed")
    return name.value


def _index_of(text: Expression, part: Expression) -> Written:
    whole, wanted = _at(text, _WHOLE), _at(part, _WHOLE)
    found = f"string length(substring before({whole}, {wanted}))"
    return f"if contains({whole}, {wanted}) then {found} else -1", _WHOLE


def _for_each(found: ForEach) -> Written:
    name, source = _name(found.variable), _at(found.source, _OR)
    condition, result = found.condition, found.result
    if found.kind == "any":
        tested = result if condition is None else Binary("and", condition, result)
        return f"some {name} in {source} satisfies {_at(tested, _OR)}", _WHOLE
    if found.kind == "all":
        tested = result if condition is None else Binary("or", Unary("not", condition), result)
        return f"every {name} in {source} satisfies {_at(tested, _OR)}", _WHOLE
    if condition is not None:
        raise Untranslatable("带条件的列表推导 / A comprehension with a condition")
    each = source if result == Name(found.variable) else f"for {name} in {source} return {_at(result, _OR)}"
    return (each, _WHOLE) if found.kind == "list" else (f"sum(concatenate([0], {each}))", _PATH)


_OPERATIONS: Mapping[str, Callable[..., str]] = {
    "size": _call("count"),
    "length": _call("string length"),
    "starts with": _call("starts with"),
    "ends with": _call("ends with"),
    "lower": _call("lower case"),
    "upper": _call("upper case"),
    "trim": _call("trim"),
    "text": _call("string"),
    "number": lambda value: f"number({as_text(value)})",
    "whole": lambda value: f"round down(number({as_text(value)}), 0)",
    "substring": _substring,
    "split": _call("split"),
    "join": lambda separator, values: f"string join({_at(values, _WHOLE)}, {_at(separator, _WHOLE)})",
    "absolute": _call("abs"),
    "least": _call("min"),
    "greatest": _call("max"),
    "floor": _call("floor"),
    "ceiling": _call("ceiling"),
    "sum": lambda values: f"sum(concatenate([0], {_at(values, _WHOLE)}))",
    "keys": lambda value: f"get entries({_at(value, _WHOLE)}).key",
    "values": lambda value: f"get entries({_at(value, _WHOLE)}).value",
    "now": lambda: "now()",
    "today": lambda: "today()",
    "date": _call("date and time"),
    "duration": _call("duration"),
}

_SPECIAL: Mapping[str, Callable[..., Written]] = {
    "contains": _contains,
    "len": _length_of_either,
    "truth": _truth,
    "get or": _get_or,
    "matches": _matches,
    "index of": _index_of,
    "moved": _moved,
    "has key": lambda holder, key: (f"{_at(Index(holder, key), _SUM)} != null", _COMPARED),
    "concatenated": lambda left, right: (f"{as_text(left, _SUM)} + {as_text(right, _PRODUCT)}", _SUM),
    "variable": lambda name: (_name(_named(name)), _PATH),
    "exists": lambda name: (f"{_at(Name(_named(name)), _SUM)} != null", _COMPARED),
    "round": lambda value, *places: (
        f"round half up({', '.join(_at(one, _WHOLE) for one in (value, *(places or (Literal(0),))))})",
        _PATH,
    ),
}
