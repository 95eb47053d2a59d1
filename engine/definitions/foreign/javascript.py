"""Writes scripts as JavaScript for the sandbox, whose ``$`` knows what the other languages mean by truth or size."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from engine.definitions.foreign.feel import kind_of
from engine.definitions.foreign.syntax import (
    Assign,
    Binary,
    Break,
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
    Remove,
    Return,
    Statement,
    Throw,
    Unary,
    Untranslatable,
    While,
)

_NAME = re.compile(r"[^\W\d][\w$]*", re.UNICODE)
_TAKEN = frozenset(
    {
        "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete",
        "do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements",
        "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public",
        "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void",
        "while", "with", "yield", "variables", "Array", "BigInt", "Boolean", "BpmnError", "Date", "Error", "Function",
        "Infinity", "JSON", "Java", "Map", "Math", "NaN", "Number", "Object", "Packages", "Promise", "Proxy", "Reflect",
        "RegExp", "Set", "String", "Symbol", "console", "execution", "isNaN", "java", "kcontext", "parseFloat",
        "parseInt", "print", "task", "globalThis", "escape", "unescape", "performance",
    }
)  # fmt: skip
"""Words of the language and names that the sandbox holds itself: variables of these names are reached by text."""

_WHOLE, _OR, _AND, _EQUAL, _COMPARED, _SUM, _PRODUCT, _POWER, _SIGN, _PATH = range(10)

Written = tuple[str, int]


def javascript(script: Sequence[Statement]) -> str:
    """Write a resolved script. Raises :class:`Untranslatable` for what the sandbox has no means for."""
    return _Writer(_declared(script)).block(script, 0)


def _declared(script: Sequence[Statement]) -> set[str]:
    """Return the names that are the script's own."""
    found: set[str] = set()
    for statement in script:
        match statement:
            case Assign(Name(name), _, True):
                found.add(name)
            case If(_, then, otherwise):
                found |= _declared(then) | _declared(otherwise)
            case Loop(variable, _, body):
                found |= {variable} | _declared(body)
            case While(_, body):
                found |= _declared(body)
    return found


class _Writer:
    def __init__(self, own: set[str]) -> None:
        self.own = own

    # Statements

    def block(self, script: Sequence[Statement], depth: int) -> str:
        indent = "  " * depth
        return "\n".join(indent + self.statement(statement, depth) for statement in script)

    def statement(self, found: Statement, depth: int) -> str:
        """Write one statement; lines after its first are indented by ``depth``."""
        match found:
            case Assign(Name(name), value, True):
                return f"let {_own_name(name)} = {self.text(value)};"
            case Assign(target, value, _):
                return f"{self.target(target)} = {self.text(value)};"
            case Evaluate(value):
                return f"{self.text(value)};"
            case Remove(name):
                return f"execution.removeVariable({json.dumps(name)});"
            case If(condition, then, otherwise):
                start = f"if ({self.condition(condition)}) {self.braced(then, depth)}"
                return f"{start} else {self.braced(otherwise, depth)}" if otherwise else start
            case Loop(variable, source, body):
                return f"for (const {_own_name(variable)} of $.each({self.text(source)})) {self.braced(body, depth)}"
            case While(condition, body):
                return f"while ({self.condition(condition)}) {self.braced(body, depth)}"
            case Throw(None, message):
                return f"throw new Error({'' if message is None else self.text(message)});"
            case Throw(code, message) if code is not None:
                more = "" if message is None else f", {self.text(message)}"
                return f"throw new BpmnError({self.text(code)}{more});"
            case Break():
                return "break;"
            case Return(None):
                return "return;"
            case Return(value) if value is not None:
                return f"return {self.text(value)};"
        raise Untranslatable("不译这种语句 / This statement is not translated")

    def braced(self, script: Sequence[Statement], depth: int) -> str:
        return "{\n" + self.block(script, depth + 1) + "\n" + "  " * depth + "}"

    def target(self, found: Name | Member | Index | Operation) -> str:
        if isinstance(found, Name) and found.name not in self.own:
            return _variable(found.name, self.own)
        return self.text(found)

    def condition(self, found: Expression) -> str:
        """Write a condition; a variable counts by what the other languages take for true."""
        if kind_of(found) == "boolean":
            return self.text(found)
        inner = found.arguments[0] if isinstance(found, Operation) and found.name == "truth" else found
        return f"$.truth({self.text(inner)})"

    # Expressions

    def text(self, found: Expression, least: int = _WHOLE) -> str:
        """Write an expression, in parentheses where it binds looser than ``least``."""
        text, binding = self.write(found)
        return text if binding >= least else f"({text})"

    def write(self, found: Expression) -> Written:  # noqa: PLR0912  (one branch a kind of node)
        match found:
            case Literal(value):
                negative = isinstance(value, int | float) and value < 0
                return json.dumps(value, ensure_ascii=False), _SIGN if negative else _PATH
            case Name(name):
                return (_own_name(name) if name in self.own else _variable(name, self.own)), _PATH
            case Member(of, name, safe):
                return f"{self.text(of, _PATH)}{'?.' if safe else '.'}{_property(name)}", _PATH
            case Index(of, Unary("-", back)):
                return f"{self.text(of, _PATH)}.at(-{self.text(back, _SIGN)})", _PATH
            case Index(of, at):
                return f"{self.text(of, _PATH)}[{self.text(at)}]", _PATH
            case Unary("-", operand):
                return f"-{self.text(operand, _PATH)}", _SIGN
            case Unary("empty", operand):
                return f"$.empty({self.text(operand)})", _PATH
            case Unary("not", operand):
                tested = operand if kind_of(operand) == "boolean" else Operation("truth", (operand,))
                return f"!{self.text(tested, _SIGN)}", _SIGN
            case Binary(operator, left, right):
                return self.binary(operator, left, right)
            case Conditional(condition, then, otherwise):
                return f"{self.condition(condition)} ? {self.text(then, _OR)} : {self.text(otherwise)}", _WHOLE
            case Items(entries):
                return f"[{', '.join(map(self.text, entries))}]", _PATH
            case Entries(pairs):
                return "{" + ", ".join(f"{self.key(key)}: {self.text(value)}" for key, value in pairs) + "}", _PATH
            case Joined(parts):
                start = [] if kind_of(parts[0]) == "text" else ['""']
                return " + ".join([*start, *(self.text(part, _PRODUCT) for part in parts)]), _SUM
            case Operation(name, arguments):
                return self.operation(name, arguments)
            case ForEach():
                return self.for_each(found), _PATH
        raise Untranslatable("脚本没有这种写法 / Scripts have no such expression")

    def key(self, found: Expression) -> str:
        return self.text(found) if isinstance(found, Literal) else f"[{self.text(found)}]"

    def binary(self, operator: str, left: Expression, right: Expression) -> Written:
        if operator in ("==", "!="):
            strict = "" if Literal(None) in (left, right) else "="
            return f"{self.text(left, _COMPARED)} {operator}{strict} {self.text(right, _COMPARED)}", _EQUAL
        if operator in ("+", "-") and (length := _milliseconds(right)) is not None:
            return f"new Date(new Date({self.text(left)}).getTime() {operator} {length}).toISOString()", _PATH
        if operator == "in":
            return f"$.contains({self.text(right)}, {self.text(left)})", _PATH
        if operator == "div":
            return f"Math.floor({self.text(left, _PRODUCT)} / {self.text(right, _POWER)})", _PATH
        if operator == "mod":
            divisor = self.text(right, _POWER)
            return f"(({self.text(left, _PRODUCT)} % {divisor}) + {divisor}) % {divisor}", _PRODUCT
        sign, binding = _BINDING[operator]
        return f"{self.text(left, binding)} {sign} {self.text(right, binding + 1)}", binding

    def operation(self, name: str, arguments: tuple[Expression, ...]) -> Written:
        if name == "variable":
            return self.variable(arguments[0]), _PATH
        template = _OPERATIONS.get((name, len(arguments)))
        if template is None:
            raise Untranslatable(f"脚本没有“{name}” / Scripts have no {name}")
        return template(*(self.text(argument, _PATH) for argument in arguments)), _PATH

    def variable(self, name: Expression) -> str:
        if isinstance(name, Literal) and isinstance(name.value, str):
            return _variable(name.value, self.own)
        return f"variables[{self.text(name)}]"

    def for_each(self, found: ForEach) -> str:
        inside = _Writer(self.own | {found.variable})
        name = _own_name(found.variable)
        source = f"$.each({self.text(found.source)})"
        if found.condition is not None:
            source += f".filter(({name}) => {inside.condition(found.condition)})"
        if found.kind in ("any", "all"):
            method = "some" if found.kind == "any" else "every"
            return f"{source}.{method}(({name}) => {inside.condition(found.result)})"
        each = f"{source}.map(({name}) => {inside.text(found.result, _OR)})"
        return each if found.kind == "list" else f"$.sum({each})"


_BINDING = {
    "or": ("||", _OR), "and": ("&&", _AND), "<": ("<", _COMPARED), "<=": ("<=", _COMPARED), ">": (">", _COMPARED),
    ">=": (">=", _COMPARED), "+": ("+", _SUM), "-": ("-", _SUM), "*": ("*", _PRODUCT), "/": ("/", _PRODUCT),
    "%": ("%", _PRODUCT), "**": ("**", _POWER),
}  # fmt: skip


def _milliseconds(found: Expression) -> str | None:
    """Return the length of a fixed duration in seconds (``PT90S``) in milliseconds."""
    match found:
        case Operation("duration", (Literal(str(text)),)) if text.startswith("PT") and text.endswith("S"):
            return format((Decimal(text[2:-1]) * 1000).normalize(), "f")
    return None


def _own_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise Untranslatable(f"“{name}”不能作变量名 / {name} is no name for a variable")
    return f"{name}_" if name in _TAKEN else name


def _variable(name: str, own: set[str]) -> str:
    """Write a process variable: by its name, or out of ``variables`` where that means something else."""
    if _NAME.fullmatch(name) and name not in _TAKEN and name not in own:
        return name
    return f"variables[{json.dumps(name, ensure_ascii=False)}]"


def _property(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise Untranslatable(f"“{name}”不能作属性名 / {name} is no name for a property")
    return name


_OPERATIONS: Mapping[tuple[str, int], Callable[..., str]] = {
    ("size", 1): "$.size({})".format,
    ("len", 1): "$.size({})".format,
    ("length", 1): "{}.length".format,
    ("contains", 2): "$.contains({}, {})".format,
    ("starts with", 2): "{}.startsWith({})".format,
    ("ends with", 2): "{}.endsWith({})".format,
    ("lower", 1): "{}.toLowerCase()".format,
    ("upper", 1): "{}.toUpperCase()".format,
    ("trim", 1): "{}.trim()".format,
    ("text", 1): "String({})".format,
    ("number", 1): "Number({})".format,
    ("whole", 1): "Math.trunc(Number({}))".format,
    ("substring", 2): "{}.substring({})".format,
    ("substring", 3): "{}.substring({}, {})".format,
    ("index of", 2): "{}.indexOf({})".format,
    ("replace", 3): "{}.replaceAll({}, {})".format,
    ("split", 2): "{}.split({})".format,
    ("join", 2): "{1}.join({0})".format,
    ("absolute", 1): "Math.abs({})".format,
    ("least", 1): "Math.min(...{})".format,
    ("least", 2): "Math.min({}, {})".format,
    ("greatest", 1): "Math.max(...{})".format,
    ("greatest", 2): "Math.max({}, {})".format,
    ("round", 1): "Math.round({})".format,
    ("round", 2): "(Math.round({0} * 10 ** {1}) / 10 ** {1})".format,
    ("floor", 1): "Math.floor({})".format,
    ("ceiling", 1): "Math.ceil({})".format,
    ("slice", 2): "{}.slice({})".format,
    ("slice", 3): "{}.slice({}, {})".format,
    ("sum", 1): "$.sum({})".format,
    ("sorted", 1): "$.sorted({})".format,
    ("keys", 1): "Object.keys({})".format,
    ("values", 1): "Object.values({})".format,
    ("has key", 2): "$.has({}, {})".format,
    ("get or", 3): "($.has({0}, {1}) ? {0}[{1}] : {2})".format,
    ("push", 2): "{}.push({})".format,
    ("range", 1): "$.range(0, {})".format,
    ("range", 2): "$.range({}, {})".format,
    ("now", 0): "new Date().toISOString()".format,
    ("seconds", 0): "(Date.now() / 1000)".format,
    ("concatenated", 2): '("" + {} + {})'.format,
    ("exists", 1): "execution.hasVariable({})".format,
    ("truth", 1): "$.truth({})".format,
}
