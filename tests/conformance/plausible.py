"""Plausible variables for a diagram, derived from what its expressions compare and from where they stand."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from engine.definitions.model import Definition, Node

NAME = r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*"
LITERAL = r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null'
COMPARED = re.compile(rf"({NAME})\s*(!=|>=|<=|=|>|<)\s*({LITERAL})")
TURNED = re.compile(rf"({LITERAL})\s*(!=|>=|<=|=|>|<)\s*({NAME})")
BETWEEN = re.compile(rf"({NAME})\s*(>=|<=|>|<)\s*({NAME})")
HOLDING = re.compile(rf"contains\(\s*({NAME})\s*,\s*({LITERAL})\s*\)")
COUNTED = re.compile(
    rf"\b(?:count|length|sum|max|min)\(\s*({NAME})\s*\)|({NAME})\s*\[|\bin\s+({NAME})\s+(?:satisfies|return)"
)
RECKONED = re.compile(rf"({NAME})\s*[-+*/]\s*\d|\d\s*[-+*/]\s*({NAME})")
ENTRY = re.compile(rf"({NAME})\[[^\]]*\]\.({NAME})\s*(!=|>=|<=|=|>|<)\s*({LITERAL})")
SPACED = re.compile(r"\b(?:string|list|date|day|month|week|years|get|upper|lower|substring)(?: \w+)+\s*\(")
WORD = re.compile(rf"({NAME})(\s*\()?")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
TURN = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
KEYWORDS = frozenset({
    "and", "or", "not", "if", "then", "else", "true", "false", "null", "for", "in", "return", "some", "every",
    "satisfies", "between", "instance", "of", "function", "item",
})  # fmt: skip
COUNTERS = frozenset({
    "loopCounter", "numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances", "nrOfInstances",
    "nrOfCompletedInstances", "nrOfActiveInstances", "activationCount", "waitingForStart",
})  # fmt: skip
OTHER = "another"
"""A text that is compared with nothing; where there are two that are, it is not needed."""

UNTIL = "2026-03-01T00:00:00Z"
SPAN = "PT1H"
BY_PLACE: Mapping[str, tuple[Any, ...]] = {
    "date": (UNTIL,), "duration": (SPAN,), "cycle": (f"R2/{SPAN}",), "due": (UNTIL, SPAN), "dueDate": (UNTIL, SPAN),
    "followUpDate": (UNTIL, SPAN), "priority": (50,), "assignee": ("kermit",), "owner": ("kermit",),
    "candidateUsers": ("kermit", "gonzo"), "candidateGroups": ("management",),
}  # fmt: skip
"""What an expression should give, by the attribute or timer detail that it stands in."""


@dataclass(slots=True)
class Plausible:
    """Values worth trying for each variable; the first ones make some condition true."""

    values: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, name: str, *values: Any) -> None:
        """Note values for a name (``order.total`` is an entry of a context); what is known stays before it."""
        if name.split(".", maxsplit=1)[0] in KEYWORDS or name in COUNTERS:
            return
        known = self.values.setdefault(name, [])
        known += [value for value in values if not any(_same(value, other) for other in known)]
        if OTHER in known and sum(isinstance(value, str) for value in known) > 2:
            known.remove(OTHER)

    def choice(self, round_: int, seed: int = 0) -> dict[str, Any]:
        """Return one value for every variable: the first ones, then the second ones, then mixed by chance."""
        mixed = Random(seed * 1000 + round_)
        chosen: dict[str, Any] = {}
        for name, values in sorted(self.values.items()):
            index = round_ + seed if round_ + seed < 2 else mixed.randrange(len(values))
            _put(chosen, name.split("."), values[min(index, len(values) - 1)])
        return chosen


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    *above, last = path
    for part in above:
        inner = target.get(part)
        if not isinstance(inner, dict):
            inner = target[part] = {}
        target = inner
    if not isinstance(target.get(last), dict):
        target[last] = value


def plausible(definition: Definition) -> Plausible:
    """Derive values from every expression of a diagram."""
    found = Plausible()
    for process in definition.processes.values():
        for node in process.nodes.values():
            _from_places(found, node)
        for text in _conditions(process.nodes.values(), (flow.condition for flow in process.flows.values())):
            _from_condition(found, text)
        for node in process.nodes.values():
            for name, text in [*node.inputs.items(), *node.outputs.items()]:
                _from_mapping(found, name, text)
            for text in node.attributes.values():
                if text.startswith("="):
                    _from_any(found, text)
    return found


def _conditions(nodes: Iterable[Node], flows: Iterable[str | None]) -> Iterator[str]:
    yield from (text for text in flows if text)
    for node in nodes:
        yield from (event.details["condition"] for event in node.events if "condition" in event.details)
        if node.multi is not None and node.multi.completion_condition:
            yield node.multi.completion_condition
        for key in ("loopCondition", "activationCondition", "completionCondition"):
            if key in node.properties:
                yield node.properties[key]


def _from_condition(found: Plausible, text: str) -> None:
    for name, entry, operator, literal in ENTRY.findall(text):
        for value in _around(operator, orjson.loads(literal)):
            found.add(name, [{entry: value}] * 3)
    text = ENTRY.sub("true", text)
    for name, operator, literal in COMPARED.findall(text):
        found.add(name, *_around(operator, orjson.loads(literal)))
    for literal, operator, name in TURNED.findall(text):
        found.add(name, *_around(TURN.get(operator, operator), orjson.loads(literal)))
    for smaller, greater in _ordered(text):
        found.add(smaller, 1, 5, 10)
        found.add(greater, 5, 5, 0)
    for name, literal in HOLDING.findall(text):
        found.add(name, orjson.loads(literal), "")
    for names in COUNTED.findall(text):
        found.add(next(filter(None, names)), ["one", "two", "three"], [])
    for names in RECKONED.findall(text):
        found.add(next(filter(None, names)), 1, 10)
    for name in free_names(text):
        if name not in found.values:
            found.add(name, True, False)


def _ordered(text: str) -> Iterator[tuple[str, str]]:
    """Return the names that are compared with each other, the one first that is to be smaller."""
    for left, operator, right in BETWEEN.findall(TEXT.sub('""', text)):
        yield (left, right) if operator.startswith("<") else (right, left)


def _around(operator: str, value: Any) -> tuple[Any, ...]:
    """Return a value for which the comparison holds, then one for which it does not."""
    if isinstance(value, bool):
        return (value, not value) if operator == "=" else (not value, value)
    if isinstance(value, int | float):
        holds = {"=": value, "!=": value + 1, ">": value + 1, ">=": value, "<": value - 1, "<=": value}[operator]
        fails = {"=": value + 1, "!=": value, ">": value, ">=": value - 1, "<": value, "<=": value + 1}[operator]
        return holds, fails
    other = OTHER if value is None or isinstance(value, str) else None
    return (value, other) if operator in ("=", ">=", "<=") else (other, value)


def _from_places(found: Plausible, node: Node) -> None:
    """Tell from where an expression stands what it should give: a list, a number, an instant, a person."""
    places: list[tuple[str, tuple[Any, ...]]] = []
    if node.multi is not None:
        places += [(node.multi.collection or "", (["one", "two"], ["one"])), (node.multi.cardinality or "", (2, 1))]
    for event in node.events:
        places += [(text, BY_PLACE[key]) for key, text in event.details.items() if key in BY_PLACE and not _plain(text)]
    for key, text in node.attributes.items():
        word = key.rpartition(":")[2]
        if word in BY_PLACE and text.startswith("="):
            places.append((text, BY_PLACE[word]))
    for text, values in places:
        for name in free_names(text):
            found.add(name, *(values if text.strip("= ") == name else _parts(name, values)))


def _parts(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what a part of a composed text may be, where the whole would be one of the values."""
    if isinstance(values[0], str) and values[0].startswith(("R", "P")):
        return (UNTIL,) if re.search("date|start|end", name, re.IGNORECASE) else (SPAN,)
    return values


def _plain(text: str) -> bool:
    """Say whether a timer's text is a time itself and no expression."""
    return not text.startswith("=") and not text[:1].islower()


def _from_mapping(found: Plausible, name: str, text: str) -> None:
    """What is copied under a name that is known may be what that may be."""
    if name in found.values and text.strip("= ") in free_names(text):
        found.add(text.strip("= "), *found.values[name])
    _from_any(found, text)


def _from_any(found: Plausible, text: str) -> None:
    for names in RECKONED.findall(text):
        found.add(next(filter(None, names)), 1, 10)
    for name in free_names(text):
        if name not in found.values:
            found.add(name, "something")


def free_names(text: str) -> list[str]:
    """Return the names in an expression that are not functions, keywords or parts of texts."""
    bare = SPACED.sub("called(", TEXT.sub('""', text.lstrip("= ")))
    return [name for name, called in WORD.findall(bare) if not called and name not in KEYWORDS]
