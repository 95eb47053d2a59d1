"""The grammar of assignment rules (engine/ports.py, ``People.find``)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import InvalidInput
from workflows.organisation.models import GroupRole

_CALL = re.compile(r"(initiator|person|post|group)(?:\s*\(\s*([^()]*?)\s*\))?")
_CODE = re.compile(r"[\w.@-]+")
_ARGUMENTS = {"initiator": (0, 0), "person": (1, 1), "post": (1, 2), "group": (1, 2)}


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative of a rule: a function name and its arguments."""

    function: str
    arguments: tuple[str, ...]


@lru_cache(maxsize=1024)
def parse_rule(rule: str) -> tuple[Term, ...]:
    """Parse ``term | term …``. Raises InvalidInput with the part that is wrong."""
    return tuple(_parse_term(part.strip(), rule) for part in rule.split("|"))


def _parse_term(text: str, rule: str) -> Term:
    match = _CALL.fullmatch(text)
    if match is None:
        raise InvalidInput(f"看不懂的办理人规则“{text}”（完整规则：{rule}）")
    function, inside = match.group(1), match.group(2)
    arguments = tuple(part.strip() for part in inside.split(",")) if inside else ()
    fewest, most = _ARGUMENTS[function]
    if not fewest <= len(arguments) <= most:
        raise InvalidInput(f"办理人规则“{text}”的参数个数不对")
    for argument in arguments:
        if not _CODE.fullmatch(argument):
            raise InvalidInput(f"办理人规则“{text}”里的“{argument}”不是代码")
    if function == "group" and len(arguments) == 2 and arguments[1] not in tuple(GroupRole):
        raise InvalidInput(f"办理人规则“{text}”里的小组职责“{arguments[1]}”不存在")
    return Term(function, arguments)
