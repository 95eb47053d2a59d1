"""Splits the text of an expression or script of the C family (JUEL, Java, Groovy, MVEL, JavaScript) into tokens."""

import re
from dataclasses import dataclass

from engine.definitions.foreign.syntax import Untranslatable

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+\.\d+|\.\d+|\d+)(?:[eE][-+]?\d+)?")
_NUMBER_SUFFIX = re.compile(r"[lLfFdDgGbB](?![\w$])")
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]+", re.UNICODE)
_OPERATOR = re.compile(
    r"===|!==|==|!=|<=|>=|&&|\|\||\+\+|--|\+=|-=|\*=|/=|%=|->|=>|\?\.|\?:|\?\?|\*\*|\.\.|[-+*/%<>!?:.,;()\[\]{}=@#&|]"
)
_QUOTES = ('"""', "'''", '"', "'", "`")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is name, number, text, template (a text with ``${…}`` inside), operator or end.

    ``value`` is the name, the number's or text's value, the operator, or of a template its raw inside. ``fresh`` says
    that the token begins a line.
    """

    kind: str
    value: str | int | float
    at: int
    fresh: bool


def tokens(text: str, *, templates: str = "") -> list[Token]:
    """Split a text. ``templates`` are the quotes inside which ``${…}`` (or ``$name``) is evaluated."""
    found: list[Token] = []
    at, fresh = 0, True
    while at < len(text):
        space = _SPACE.match(text, at)
        if space:
            fresh = fresh or "\n" in space.group()
            at = space.end()
            continue
        token, at = _next(text, at, fresh, templates)
        found.append(token)
        fresh = False
    found.append(Token("end", "", len(text), True))
    return found


def _next(text: str, at: int, fresh: bool, templates: str) -> tuple[Token, int]:
    if match := _NUMBER.match(text, at):
        digits = match.group()
        value: int | float = int(digits) if digits.isdigit() else float(digits)
        suffix = _NUMBER_SUFFIX.match(text, match.end())
        return Token("number", value, at, fresh), suffix.end() if suffix else match.end()
    if match := _NAME.match(text, at):
        return Token("name", match.group(), at, fresh), match.end()
    for quote in _QUOTES:
        if text.startswith(quote, at):
            inside, end = _quoted(text, at + len(quote), quote)
            if quote in templates.split() and "$" in inside:
                return Token("template", inside, at, fresh), end
            return Token("text", unescape(inside), at, fresh), end
    if match := _OPERATOR.match(text, at):
        return Token("operator", match.group(), at, fresh), match.end()
    raise Untranslatable(f"看不懂“{text[at : at + 20]}” / Not understood: {text[at : at + 20]}")


def _quoted(text: str, start: int, quote: str) -> tuple[str, int]:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return text[start:at], at + len(quote)
        else:
            at += 1
    raise Untranslatable("引号没有成对 / A quotation mark is not closed")


def unescape(inside: str) -> str:
    """Return the text that a quoted one stands for."""

    def replaced(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", replaced, inside, flags=re.DOTALL)
