"""Reads the Python of SpiffWorkflow's diagrams by Python's own parser; nothing of it is ever executed as Python."""

import ast
import textwrap
import warnings
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.definitions.foreign.calls import FUNCTIONS, Builder, Habits
from engine.definitions.foreign.feel import kind_of
from engine.definitions.foreign.syntax import (
    Assign,
    Binary,
    Break,
    Call,
    Conditional,
    Entries,
    Evaluate,
    Expression,
    ForEach,
    If,
    Index,
    Items,
    Joined,
    Literal,
    Loop,
    Member,
    Name,
    Operation,
    Statement,
    Throw,
    Unary,
    Untranslatable,
    While,
)

MOST_TEXT = 20_000

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "==", ast.IsNot: "!=", ast.In: "in",
}  # fmt: skip
_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "div", ast.Mod: "mod", ast.Pow: "**",
}  # fmt: skip
_UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1, "milliseconds": 0.001}
_CLOCKS = {
    ("datetime", "now"): "now", ("datetime", "utcnow"): "now", ("date", "today"): "today",
    ("datetime", "today"): "now", ("datetime", "fromisoformat"): "date", ("time", "time"): "seconds",
}  # fmt: skip
_LITERALS = {"true": True, "false": False, "null": None}
"""What designers write for True, False and None."""

_GETTERS = frozenset({("execution", "getVariable"), ("task", "getVariable")})
_SETTERS = frozenset({("execution", "setVariable"), ("task", "setVariable")})
_SCOPES = frozenset({"locals", "globals", "vars"})
_SILENT = frozenset({("print",), ("time", "sleep"), ("logging", "info"), ("logger", "info")})


def _operation(name: str) -> Builder:
    return lambda *arguments: Operation(name, arguments)


def _truth(value: Expression) -> Expression:
    return value if kind_of(value) == "boolean" else Operation("truth", (value,))


def _all_or_any(kind: str) -> Builder:
    def build(values: Expression) -> Expression:
        if isinstance(values, ForEach) and values.kind == "list":
            return ForEach(kind, values.variable, values.source, _truth(values.result), values.condition)
        return ForEach(kind, "entry", values, Name("entry"))

    return build


def _sum(values: Expression) -> Expression:
    if isinstance(values, ForEach) and values.kind == "list":
        return ForEach("sum", values.variable, values.source, values.result, values.condition)
    return Operation("sum", (values,))


_FUNCTIONS: Mapping[tuple[str, int], Builder] = {
    **{key: FUNCTIONS[key] for key in (("isPresent", 1), ("stringEquals", 2))},
    ("len", 1): _operation("len"),
    ("str", 1): _operation("text"),
    ("int", 1): _operation("whole"),
    ("float", 1): _operation("number"),
    ("bool", 1): _truth,
    ("abs", 1): _operation("absolute"),
    ("round", 1): _operation("round"),
    ("round", 2): _operation("round"),
    ("min", 1): _operation("least"),
    ("min", 2): _operation("least"),
    ("max", 1): _operation("greatest"),
    ("max", 2): _operation("greatest"),
    ("sum", 1): _sum,
    ("any", 1): _all_or_any("any"),
    ("all", 1): _all_or_any("all"),
    ("sorted", 1): _operation("sorted"),
    ("list", 0): lambda: Items(()),
    ("list", 1): lambda value: value,
    ("tuple", 1): lambda value: value,
    ("dict", 0): lambda: Entries(()),
    ("range", 1): _operation("range"),
    ("range", 2): _operation("range"),
}

PYTHON = Habits(scopes=frozenset(), counter_from_zero=False, functions=_FUNCTIONS, beans=False)


def read_expression(text: str) -> Expression:
    """Read a Python expression. Raises :class:`Untranslatable`."""
    return _expression(_parsed(text.strip(), "eval").body)


def read_script(text: str) -> tuple[Statement, ...]:
    """Read Python statements. Raises :class:`Untranslatable`."""
    tree = _parsed(textwrap.dedent(text).strip(), "exec")
    _refuse_imports(tree)
    return _block(tree.body)


def _refuse_imports(tree: ast.AST) -> None:
    """Refuse what an imported module is used for, the clock aside."""
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}
    paths = [_path(node.func) for node in nodes if isinstance(node, ast.Call)]
    harmless = {path[0] for path in paths if path[-2:] in _CLOCKS or path in _SILENT or path[-1:] == ("timedelta",)}
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    if foreign := sorted((names & used) - harmless):
        raise Untranslatable(f"没有模块 {foreign[0]} / There is no module {foreign[0]}")


def _parsed(text: str, mode: str) -> Any:
    if len(text) > MOST_TEXT:
        raise Untranslatable("太长 / Too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Untranslatable("不是有效的 Python / It is not valid Python") from error


# Expressions


def _expression(node: ast.expr) -> Expression:  # noqa: PLR0912  (one branch a kind of node)
    match node:
        case ast.Constant(value) if value is None or isinstance(value, str | bool | int | float):
            return Literal(value)
        case ast.Name(name):
            return Literal(_LITERALS[name]) if name in _LITERALS else Name(name)
        case ast.Attribute(of, name):
            return Member(_expression(of), name)
        case ast.Subscript(of, at) if not isinstance(at, ast.Slice):
            return Index(_expression(of), _expression(at))
        case ast.Subscript(of, ast.Slice(lower, upper, None)):
            ends = (Literal(0) if lower is None else _expression(lower), None if upper is None else _expression(upper))
            return Operation("slice", (_expression(of), *(end for end in ends if end is not None)))
        case ast.BoolOp(operator, values):
            return _chain("and" if isinstance(operator, ast.And) else "or", [_expression(value) for value in values])
        case ast.UnaryOp(ast.Not(), operand):
            return Unary("not", _truth(_expression(operand)))
        case ast.UnaryOp(ast.USub(), operand):
            return Unary("-", _expression(operand))
        case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
            return _arithmetic(_OPERATORS[type(operator)], _expression(left), _expression(right))
        case ast.Compare():
            return _comparison(node)
        case ast.IfExp(test, body, orelse):
            return Conditional(_truth(_expression(test)), _expression(body), _expression(orelse))
        case ast.List(elements) | ast.Tuple(elements):
            return Items(tuple(map(_expression, elements)))
        case ast.Dict(keys, values) if None not in keys:
            pairs = zip(keys, values, strict=True)
            return Entries(tuple((_expression(key), _expression(value)) for key, value in pairs if key is not None))
        case ast.JoinedStr(values):
            return Joined(tuple(map(_part, values)))
        case ast.ListComp(result, [clause]) | ast.GeneratorExp(result, [clause]):
            return _comprehension(result, clause)
        case ast.Call():
            return _call(node)
    raise Untranslatable(f"不译这种 Python 写法：{ast.unparse(node)[:60]} / This Python is not translated")


def _chain(operator: str, values: list[Expression]) -> Expression:
    found = values[0]
    for value in values[1:]:
        found = Binary(operator, found, value)
    return found


def _arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == "mod" and isinstance(left, Literal) and isinstance(left.value, str):
        raise Untranslatable("不译 % 文本格式 / Texts formatted by % are not translated")
    return Binary(operator, left, right)


def _comparison(node: ast.Compare) -> Expression:
    found: list[Expression] = []
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        found.append(_compared(operator, left, right))
        left = right
    return _chain("and", found)


def _compared(operator: ast.cmpop, left: ast.expr, right: ast.expr) -> Expression:
    within = isinstance(operator, ast.In | ast.NotIn)
    if within and isinstance(right, ast.Call) and _path(right.func) in {(name,) for name in _SCOPES}:
        found: Expression = Operation("exists", (_expression(left),))
    elif within:
        found = Binary("in", _expression(left), _expression(right))
    else:
        return Binary(_COMPARISONS[type(operator)], _expression(left), _expression(right))
    return Unary("not", found) if isinstance(operator, ast.NotIn) else found


def _part(node: ast.expr) -> Expression:
    if isinstance(node, ast.FormattedValue):
        if node.format_spec is not None or node.conversion not in (-1, ord("s")):
            raise Untranslatable("不译带格式的 f 文本 / Formats in f-strings are not translated")
        return _expression(node.value)
    return _expression(node)


def _comprehension(result: ast.expr, clause: ast.comprehension) -> Expression:
    if not isinstance(clause.target, ast.Name):
        raise Untranslatable("不译拆开的循环变量 / Loop variables that are taken apart are not translated")
    tests = [_truth(_expression(test)) for test in clause.ifs]
    condition = _chain("and", tests) if tests else None
    return ForEach("list", clause.target.id, _expression(clause.iter), _expression(result), condition)


def _call(node: ast.Call) -> Expression:
    path = _path(node.func)
    if path and path[-1] == "timedelta":
        return _length(node)
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise Untranslatable(f"不译这样的调用：{ast.unparse(node)[:60]} / This call is not translated")
    arguments = tuple(map(_expression, node.args))
    if path in _GETTERS and len(arguments) == 1:
        return Operation("variable", arguments)
    clock = next((name for places, name in _CLOCKS.items() if places == path[-2:]), None)
    if clock is not None:
        return Operation(clock, () if clock != "date" else arguments)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(arguments) == 1:
        return Operation("join", (_expression(node.func.value), *arguments))
    return Call(_expression(node.func), arguments)


def _length(node: ast.Call) -> Expression:
    """``timedelta(hours=1, minutes=30)`` as a duration in seconds."""
    named = [("days", argument) for argument in node.args[:1]]
    terms: list[tuple[Expression, float]] = []
    for word, value in [*named, *((keyword.arg or "", keyword.value) for keyword in node.keywords)]:
        if word not in _UNITS:
            raise Untranslatable(f"不译 timedelta 的 {word} / {word} of a timedelta is not translated")
        terms.append((_expression(value), _UNITS[word]))
    numbers = [(one.value, seconds) for one, seconds in terms if isinstance(one, Literal)]
    if len(numbers) == len(terms):
        total = sum(Decimal(str(number)) * Decimal(str(seconds)) for number, seconds in numbers)
        return Operation("duration", (Literal(f"PT{total:f}S"),))
    seconds_of = _chain("+", [Binary("*", one, Literal(seconds)) for one, seconds in terms])
    return Operation("duration", (Joined((Literal("PT"), seconds_of, Literal("S"))),))


def _path(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute) and (inner := _path(node.value)):
        return (*inner, node.attr)
    return ()


# Statements


def _block(nodes: Iterable[ast.stmt]) -> tuple[Statement, ...]:
    return tuple(statement for node in nodes for statement in _statement(node))


def _statement(node: ast.stmt) -> Iterable[Statement]:
    match node:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return ()
        case ast.Break():
            return [Break()]
        case ast.Assign([target], value):
            return _assigned(target, value)
        case ast.AnnAssign(target, _, value) if value is not None:
            return _assigned(target, value)
        case ast.AugAssign(target, operator, value) if type(operator) in _OPERATORS:
            place = _target(target)
            return [Assign(place, _arithmetic(_OPERATORS[type(operator)], place, _expression(value)))]
        case ast.Delete(targets):
            return _removed(targets)
        case ast.If(test, body, orelse):
            return [If(_truth(_expression(test)), _block(body), _block(orelse))]
        case ast.For(ast.Name(name), source, body, []):
            return [Loop(name, _expression(source), _block(body))]
        case ast.While(test, body, []):
            return [While(_truth(_expression(test)), _block(body))]
        case ast.Raise(error) if error is not None:
            message = error.args[0] if isinstance(error, ast.Call) and error.args else None
            return [Throw(None, None if message is None else _expression(message))]
        case ast.Expr(value):
            return _evaluated(value)
    raise Untranslatable(f"不译这种 Python 语句：{ast.unparse(node)[:60]} / This Python statement is not translated")


def _assigned(target: ast.expr, value: ast.expr) -> list[Statement]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        count = range(len(value.elts))
        kept = [Assign(Name(f"part_{n}"), _expression(value.elts[n]), declares=True) for n in count]
        return [*kept, *(Assign(_target(target.elts[n]), Name(f"part_{n}")) for n in count)]
    return [Assign(_target(target), _expression(value))]


def _target(node: ast.expr) -> Name | Member | Index:
    found = _expression(node)
    if not isinstance(found, Name | Member | Index):
        raise Untranslatable(f"不能给“{ast.unparse(node)[:60]}”赋值 / Nothing can be assigned to it")
    return found


def _removed(targets: list[ast.expr]) -> list[Statement]:
    names = [name for target in targets for name in (target.elts if isinstance(target, ast.Tuple) else [target])]
    if not all(isinstance(name, ast.Name) for name in names):
        raise Untranslatable("只能删除变量 / Only variables can be deleted")
    return [Assign(Name(name.id), Literal(None)) for name in names if isinstance(name, ast.Name)]


def _evaluated(value: ast.expr) -> list[Statement]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return []
    if isinstance(value, ast.Call):
        path = _path(value.func)
        if path in _SILENT:
            return []
        if path in _SETTERS and len(value.args) == 2:
            return [Assign(Operation("variable", (_expression(value.args[0]),)), _expression(value.args[1]))]
        if path[-1:] == ("append",) and len(value.args) == 1 and isinstance(value.func, ast.Attribute):
            return [Evaluate(Operation("push", (_expression(value.func.value), _expression(value.args[0]))))]
    return [Evaluate(_expression(value))]
