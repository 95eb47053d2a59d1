"""Reads expressions of the C family: JUEL, Java, Groovy, MVEL and JavaScript differ in words, not in their shape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definitions.foreign.lexer import Token, tokens, unescape
from engine.definitions.foreign.syntax import (
    Binary,
    Call,
    Conditional,
    Entries,
    Expression,
    Index,
    Items,
    Joined,
    Literal,
    Member,
    Name,
    Unary,
    Untranslatable,
)

MOST_TEXT = 20_000
MOST_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Language:
    """What tells the languages apart.

    ``words`` are operators written as words; ``templates`` the quotes inside which ``${…}`` counts;
    ``whole_division`` says that ``/`` of whole numbers drops the rest.
    """

    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    templates: str = ""
    whole_division: bool = False


_JUEL_WORDS = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "and": "and", "or": "or", "div": "/", "mod": "%", "not": "not", "empty": "empty",
}  # fmt: skip

JUEL = Language("juel", words=_JUEL_WORDS)
JAVA = Language("java", whole_division=True)
MVEL = Language("mvel")
GROOVY = Language("groovy", words={"in": "in"}, templates='" """')
JAVASCRIPT = Language("javascript", templates="`")

_LEVELS: tuple[Mapping[str, str], ...] = (
    {"||": "or", "or": "or"},
    {"&&": "and", "and": "and"},
    {"==": "==", "===": "==", "!=": "!=", "!==": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in"},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
_PRIMITIVES = frozenset({"int", "long", "short", "byte", "double", "float", "boolean", "char"})
_DOLLAR_NAME = re.compile(r"\$([A-Za-z_]\w*)")
_LITERALS = {"true": True, "false": False, "null": None, "undefined": None}


def read_expression(text: str, language: Language) -> Expression:
    """Read a whole text as one expression. Raises :class:`Untranslatable`."""
    reader = Reader(text, language)
    found = reader.expression()
    reader.skip(";")
    reader.require_end()
    return found


class Reader:
    """A recursive descent over the tokens of one text."""

    def __init__(self, text: str, language: Language) -> None:
        if len(text) > MOST_TEXT:
            raise Untranslatable("太长 / Too long")
        self.language = language
        self.tokens = tokens(text, templates=language.templates)
        self.place = 0
        self.depth = 0

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.place + distance, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.place += 1
        return token

    def at(self, *operators: str) -> bool:
        return self.token.kind == "operator" and self.token.value in operators

    def at_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.value in words

    def skip(self, operator: str) -> bool:
        if self.at(operator):
            self.advance()
            return True
        return False

    def expect(self, operator: str) -> None:
        if not self.skip(operator):
            raise self.stuck()

    def name(self) -> str:
        if self.token.kind != "name":
            raise self.stuck()
        return str(self.advance().value)

    def require_end(self) -> None:
        if self.token.kind != "end":
            raise self.stuck()

    def stuck(self) -> Untranslatable:
        shown = self.token.value if self.token.kind != "end" else "…"
        return Untranslatable(f"看不懂“{shown}”处的写法 / Not understood at {shown}")

    # Expressions

    def expression(self) -> Expression:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise Untranslatable("嵌套过深 / Nested too deep")
        condition = self._infix(0)
        if self.skip("?"):
            then = self.expression()
            self.expect(":")
            condition = Conditional(condition, then, self.expression())
        elif self.at("?:", "??"):
            otherwise_when_empty = self.advance().value == "?:"
            otherwise = self.expression()
            known = Unary("not", Unary("empty", condition)) if otherwise_when_empty else _is_set(condition)
            condition = Conditional(known, condition, otherwise)
        self.depth -= 1
        return condition

    def _infix(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._infix(level + 1)
        while (operator := self._operator(level)) is not None:
            self.advance()
            right = self._infix(level + 1)
            if operator == "/":
                self._check_division(left, right)
            left = Binary(operator, left, right)
        return left

    def _operator(self, level: int) -> str | None:
        token = self.token
        if token.kind == "name":
            meaning = self.language.words.get(str(token.value))
            return meaning if meaning in _LEVELS[level].values() else None
        return _LEVELS[level].get(str(token.value)) if token.kind == "operator" else None

    def _check_division(self, left: Expression, right: Expression) -> None:
        decimal = any(isinstance(side, Literal) and isinstance(side.value, float) for side in (left, right))
        if self.language.whole_division and not decimal:
            message = "Java 的除法可能舍去小数 / A division in Java may drop the remainder"
            raise Untranslatable(message)

    def _unary(self) -> Expression:
        if self.skip("!"):
            return Unary("not", self._unary())
        if self.skip("-"):
            return Unary("-", self._unary())
        if self.skip("+"):
            return self._unary()
        if self.token.kind == "name":
            meaning = self.language.words.get(str(self.token.value))
            if meaning in ("not", "empty"):
                self.advance()
                return Unary(meaning, self._unary())
        return self._postfix(self._primary())

    def _postfix(self, found: Expression) -> Expression:
        while True:
            if self.at(".", "?."):
                safe = self.advance().value == "?."
                found = Member(found, self.name(), safe)
            elif self.at("[") and not self.token.fresh:
                self.advance()
                found = Index(found, self.expression())
                self.expect("]")
            elif self.at("(") and not self.token.fresh and isinstance(found, Name | Member):
                found = Call(found, self._arguments())
            else:
                return found

    def _arguments(self) -> tuple[Expression, ...]:
        self.expect("(")
        found: list[Expression] = []
        while not self.at(")"):
            found.append(self.expression())
            if not self.skip(","):
                break
        self.expect(")")
        return tuple(found)

    def _primary(self) -> Expression:
        token = self.token
        if token.kind in ("number", "text"):
            self.advance()
            return Literal(token.value)
        if token.kind == "template":
            self.advance()
            return self._template(str(token.value))
        if token.kind == "name":
            return self._named()
        if self.at("("):
            return self._parenthesised()
        if self.at("["):
            return self._list_or_map()
        if self.at("{") and self.language is JAVASCRIPT:
            return self._map("{", "}")
        raise self.stuck()

    def _named(self) -> Expression:
        name = self.name()
        if name in _LITERALS:
            return Literal(_LITERALS[name])
        if name == "new":
            return self._new()
        if self.at(":") and self.ahead().kind == "name" and self.ahead(2).value == "(" and self.language is JUEL:
            self.advance()
            return Call(Name(f"{name}:{self.name()}"), self._arguments())
        return Name(name)

    def _new(self) -> Expression:
        name = self.name()
        while self.skip("."):
            name = self.name()
        self._type_arguments()
        return Call(Name(f"new {name}"), self._arguments() if self.at("(") else ())

    def _type_arguments(self) -> None:
        if self.skip("<"):
            while not self.skip(">"):
                if self.token.kind != "name" and not self.at(",", ".", "?", "<"):
                    raise self.stuck()
                if self.at("<"):
                    self._type_arguments()
                else:
                    self.advance()

    def _parenthesised(self) -> Expression:
        kind = self._cast()
        if kind is not None:
            inner = self._unary()
            return Call(Name(f"({kind})"), (inner,)) if kind in _PRIMITIVES else inner
        self.expect("(")
        found = self.expression()
        self.expect(")")
        return found

    def _cast(self) -> str | None:
        """Step over ``(Type)`` before an operand and return the type; None where it is no cast."""
        start = self.place
        if self.language not in (JAVA, GROOVY, MVEL):
            return None
        self.advance()
        kind = ""
        while self.token.kind == "name":
            kind = str(self.advance().value)
            if not self.skip("."):
                break
        typed = kind in _PRIMITIVES or kind[:1].isupper()
        if typed and self.at("<"):
            self._type_arguments()
        operand = self.ahead().kind in ("name", "number", "text", "template") or self.ahead().value in ("(", "[")
        if typed and self.at(")") and operand:
            self.advance()
            return kind
        self.place = start
        return None

    def _list_or_map(self) -> Expression:
        if self.ahead().value == ":" or (self.ahead(2).value == ":" and self.ahead().kind in ("name", "text")):
            return self._map("[", "]")
        self.expect("[")
        found: list[Expression] = []
        while not self.at("]"):
            found.append(self.expression())
            if not self.skip(","):
                break
        self.expect("]")
        return Items(tuple(found))

    def _map(self, opening: str, closing: str) -> Expression:
        self.expect(opening)
        found: list[tuple[Expression, Expression]] = []
        while not self.at(closing):
            if self.skip(":"):
                break
            token = self.advance()
            if token.kind not in ("name", "text", "number"):
                raise Untranslatable("键不是固定的 / A key is not a fixed name")
            self.expect(":")
            found.append((Literal(str(token.value)), self.expression()))
            if not self.skip(","):
                break
        self.expect(closing)
        return Entries(tuple(found))

    def _template(self, inside: str) -> Expression:
        return template(inside, self.language)


def _is_set(value: Expression) -> Expression:
    return Binary("!=", value, Literal(None))


def template(text: str, language: Language) -> Expression:
    """Read a text with ``${…}`` inside (JUEL: ``#{…}`` too; Groovy: ``$name`` too).

    In JUEL a text that is one expression and nothing else is that expression; elsewhere the result is always a text.
    """
    openings = ("${", "#{") if language is JUEL else ("${",)
    parts: list[Expression] = []
    plain = ""
    at = 0
    while at < len(text):
        if language is not JUEL and text[at] == "\\":
            plain += text[at : at + 2]
            at += 2
            continue
        if text.startswith(openings, at):
            end = closing_brace(text, at + 2)
            part: Expression | None = read_expression(text[at + 2 : end], language)
            end += 1
        elif language is GROOVY and (name := _DOLLAR_NAME.match(text, at)):
            part, end = Name(name.group(1)), name.end()
        else:
            part, end = None, at + 1
        if part is None:
            plain += text[at]
        else:
            parts += [*_literal(plain, language), part]
            plain = ""
        at = end
    parts += _literal(plain, language)
    return parts[0] if len(parts) == 1 and language is JUEL else Joined(tuple(parts))


def _literal(plain: str, language: Language) -> list[Expression]:
    return [Literal(plain if language is JUEL else unescape(plain))] if plain else []


def closing_brace(text: str, start: int) -> int:
    """Return where the brace closes that was opened just before ``start``."""
    depth, at, quote = 0, start, ""
    while at < len(text):
        letter = text[at]
        if quote:
            at += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "{":
            depth += 1
        elif letter == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    raise Untranslatable("花括号没有成对 / A brace is not closed")
