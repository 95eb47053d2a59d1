"""The grammar of assignment rules (approvals.md, "Assignment"); the domain gives the words their people.

A rule is one or more terms joined by ``|``. A term is ``initiator`` or a function with its arguments in parentheses;
an argument is a code, a number of levels, or, for ``chosen``, a rule of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from engine.errors import InvalidInput

GROUP_ROLES = ("head", "deputy", "member", "office")
MOST_LEVELS_UP = 9

_TOKEN = re.compile(r"\s*(?:(?P<word>[\w.@-]+)|(?P<sign>[(),|])|(?P<other>\S))")


FUNCTIONS = {
    "initiator": (0, 0),
    "person": (1, 1),
    "post": (1, 2),
    "leader": (0, 1),
    "deputy": (0, 1),
    "office": (0, 1),
    "initiator_leader": (0, 1),
    "group": (1, 2),
    "lead_unit": (1, 2),
    "assisting_unit": (1, 2),
    "inspectors": (0, 1),
    "chosen": (1, 2),
}
"""Every function of the grammar with the fewest and the most arguments it takes."""

Rule: TypeAlias = "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative of a rule: a function and its arguments, codes or (for ``chosen``) a rule."""

    function: str
    arguments: "tuple[str | Rule, ...]"


@lru_cache(maxsize=1024)
def parse_rule(rule: str) -> Rule:
    """Parse ``term | term …``. Raises InvalidInput with the part that is wrong."""
    reader = _Reader(rule)
    terms = reader.rule()
    if reader.next is not None:
        raise reader.refused(f"多了“{reader.next}”", f"“{reader.next}” is too much")
    return terms


class _Reader:
    """Reads a rule from left to right; ``next`` is the token that was not taken yet, None at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens: Iterator[str] = (match.group().strip() for match in _TOKEN.finditer(text))
        self.next: str | None = None
        self._advance()

    def rule(self) -> Rule:
        """Read terms joined by ``|``."""
        terms = [self._term()]
        while self.next == "|":
            self._advance()
            terms.append(self._term())
        return tuple(terms)

    def refused(self, chinese: str, english: str) -> InvalidInput:
        """Return the error about this rule."""
        return InvalidInput(f"看不懂办理人规则“{self.text}”：{chinese} / Assignment rule not understood: {english}")

    def _term(self) -> "Term":
        function = self.next
        if function not in FUNCTIONS:
            raise self.refused(f"没有“{function or ''}”这种写法", f"there is no “{function or ''}”")
        self._advance()
        arguments: tuple[str | Rule, ...] = ()
        if self.next == "(":
            arguments = self._arguments(function)
        elif function != "initiator":
            raise self.refused(f"“{function}”后面要有括号", f"“{function}” needs parentheses")
        fewest, most = FUNCTIONS[function]
        if not fewest <= len(arguments) <= most:
            raise self.refused(f"“{function}”的参数个数不对", f"“{function}” has a wrong number of arguments")
        self._check(function, arguments)
        return Term(function, arguments)

    def _arguments(self, function: str) -> "tuple[str | Rule, ...]":
        self._advance()
        found: list[str | Rule] = []
        while self.next != ")":
            found.append(self.rule() if function == "chosen" and found else self._code())
            if self.next == ",":
                self._advance()
            elif self.next != ")":
                raise self.refused("括号没有合上", "a parenthesis is not closed")
        self._advance()
        return tuple(found)

    def _code(self) -> str:
        word = self.next
        if word is None or not re.fullmatch(r"[\w.@-]+", word):
            raise self.refused(f"“{word or ''}”不是代码", f"“{word or ''}” is no code")
        self._advance()
        return word

    def _check(self, function: str, arguments: "tuple[str | Rule, ...]") -> None:
        role = arguments[-1] if arguments and (function == "inspectors" or len(arguments) == 2) else None
        if function in ("group", "inspectors") and role is not None and role not in GROUP_ROLES:
            raise self.refused(f"没有“{role}”这种小组职责", f"a group has no “{role}”")
        if function == "initiator_leader" and arguments:
            levels = str(arguments[0])
            if not levels.isdecimal() or int(levels) > MOST_LEVELS_UP:
                raise self.refused(f"级数要在 0 与 {MOST_LEVELS_UP} 之间", f"levels go from 0 to {MOST_LEVELS_UP}")

    def _advance(self) -> None:
        self.next = next(self._tokens, None)
