"""Which variables a process asks of whoever calls it, found in its expressions."""

import re
from collections.abc import Collection, Iterable

from workflows.plans.compiler.blocks import Process, expressions, walk

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PATH = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?!\w)(?!\s*[(])")
_KEY = re.compile(r"(?<=[{,])\s*([A-Za-z_]\w*)\s*:(?!=)")
_SPACED = re.compile(
    r"\b(?:string join|string length|substring before|substring after|upper case|lower case|starts with|ends with"
    r"|list contains|index of|insert before|distinct values|round half up|round half down|round up|round down"
    r"|day of week|day of year|week of year|month of year|get value|get entries)\s*\("
)
"""Functions of FEEL whose names are several words."""
_BOUND = re.compile(r"\b(?:for|some|every)\s+(\w+)\s+in\b|\bfunction\s*\(([^)]*)\)|,\s*(\w+)\s+in\b")
_WORDS = frozenset(
    [
        *("and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"),
        *("instance", "of", "function", "true", "false", "null", "item", "partial", "outcome", "results"),
        *("loopCounter", "activationCount", "date", "time", "duration", "years", "months", "days", "after", "before"),
    ]
)


def names_in(text: str) -> set[str]:
    """Return the variables that a FEEL text reads, as far as a text shows them."""
    text = _SPACED.sub("(", _STRING.sub('""', text))
    bound = {name.strip() for found in _BOUND.findall(text) for part in found for name in part.split(",")}
    return set(_PATH.findall(_KEY.sub(" ", text))) - _WORDS - bound


def wanted(process: Process, *, own: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the variables that a called process is given, in the order of the alphabet.

    ``own`` are those that it gets otherwise (its unit, its item); ``known`` those that its caller has. What it makes
    itself and its caller does not know is not asked for.
    """
    read = {name for text in expressions(process) for name in names_in(text)}
    return sorted(read - set(own) - (made(process) - set(known)))


def made(process: Process) -> set[str]:
    """Return the variables that a process writes."""
    found: set[str] = set()
    for node in walk(process.row):
        found.update(node.outputs)
        if node.many is not None:
            found.add(node.many[1])
        found.update(name.strip() for name in node.attributes.get("duban:variables", "").split(",") if name.strip())
        if node.script:
            found.update(match.strip() for match in re.findall(r"(?:^\{|\n)\s*([A-Za-z_]\w*):", node.script))
    return found


def pass_on(processes: Collection[Process], launched: Collection[str]) -> None:
    """Let every call pass on what the called process reads of the launch: its parameters and days.

    A process that calls another reads what it passes on, so this goes on until no call lacks anything.
    """
    by_id = {process.id: process for process in processes}
    calls = [node for process in processes for node in walk(process.row) if node.tag == "callActivity"]
    found = True
    while found:
        found = False
        for call in calls:
            called = by_id.get(call.attributes["calledElement"])
            asked = wanted(called, own=call.inputs, known=launched) if called is not None else []
            for name in (one for one in asked if one in launched):
                call.inputs[name] = f"={name}"
                found = True
