"""Rebuilds expressions with some of their parts replaced."""

from collections.abc import Callable
from dataclasses import replace

from engine.definitions.foreign.syntax import (
    Binary,
    Call,
    Conditional,
    Entries,
    Expression,
    ForEach,
    Index,
    Items,
    Joined,
    Member,
    Operation,
    Unary,
)

Change = Callable[[Expression], Expression | None]


def changed(found: Expression, change: Change) -> Expression:
    """Return an expression in which every part that ``change`` answers for is replaced by its answer."""
    answer = change(found)
    return answer if answer is not None else rebuilt(found, lambda part: changed(part, change))


def rebuilt(found: Expression, again: Callable[[Expression], Expression]) -> Expression:
    """Return an expression with ``again`` done to each of its direct parts."""
    match found:
        case Member(of, _):
            return replace(found, of=again(of))
        case Index(of, at):
            return Index(again(of), again(at))
        case Call(function, arguments):
            return Call(again(function), tuple(map(again, arguments)))
        case Operation(_, arguments):
            return replace(found, arguments=tuple(map(again, arguments)))
        case Unary(_, operand):
            return replace(found, operand=again(operand))
        case Binary(_, left, right):
            return replace(found, left=again(left), right=again(right))
        case Conditional(condition, then, otherwise):
            return Conditional(again(condition), again(then), again(otherwise))
        case Items(entries):
            return Items(tuple(map(again, entries)))
        case Entries(pairs):
            return Entries(tuple((again(key), again(value)) for key, value in pairs))
        case Joined(parts):
            return Joined(tuple(map(again, parts)))
        case ForEach(_, _, source, result, condition):
            tested = None if condition is None else again(condition)
            return replace(found, source=again(source), result=again(result), condition=tested)
    return found
