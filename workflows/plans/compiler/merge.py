"""Merges a designer's changes with newly compiled files: what lies apart is merged, what meets is told.

The base is what was compiled before. A place that only one side changed takes that side; a place that both changed
alike is no conflict; a place that both changed differently is one, and then nothing is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.plans.compiler.trees import Key, Part, read_tree, write_tree


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place that designer and plan changed differently. Absent things are None."""

    file: str
    place: str
    base: str | None
    designer: str | None
    compiled: str | None

    def line(self) -> str:
        """Return the conflict as a line for people."""
        told = (self.base, self.designer, self.compiled)
        base, designer, compiled = ("（没有）" if one is None else one for one in told)
        return f"{self.file} {self.place}：原为 {base}，设计者改为 {designer}，计划改为 {compiled}"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged file, or what stands against it."""

    content: bytes
    conflicts: tuple[Conflict, ...]


def merge(name: str, base: bytes, designer: bytes, compiled: bytes) -> Merged:
    """Merge one file; raises ValueError when the designer's cannot be read."""
    if designer in (base, compiled):
        return Merged(compiled, ())
    before, changed, after = (read_tree(name, content) for content in (base, designer, compiled))
    if before.same(changed):
        return Merged(compiled, ())
    merging = _Merging(name)
    tree = merging.part(before, changed, after, "")
    return Merged(write_tree(name, tree, compiled), tuple(merging.conflicts))


def differences(name: str, before: bytes, after: bytes) -> list[str]:
    """Return what differs between two files, one line a place."""
    return list(_differences(read_tree(name, before), read_tree(name, after), ""))


def _differences(before: Part, after: Part, place: str) -> Iterator[str]:
    for key in dict.fromkeys((*before.values, *after.values)):
        old, new = before.values.get(key), after.values.get(key)
        if old != new:
            yield f"{_at(place, key)}：{old} → {new}"
    if before.text != after.text:
        yield f"{place}：{before.text} → {after.text}"
    for part in dict.fromkeys((*before.parts, *after.parts)):
        here = _at(place, _spoken(part))
        if part not in after.parts:
            yield f"− {here}"
        elif part not in before.parts:
            yield f"+ {here}"
        else:
            yield from _differences(before.parts[part], after.parts[part], here)


class _Merging:
    """Merges the trees of one file and gathers where they meet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.conflicts: list[Conflict] = []

    def part(self, base: Part, designer: Part, compiled: Part, place: str) -> Part:
        made = Part(compiled.tag)
        for key in dict.fromkeys((*compiled.values, *designer.values, *base.values)):
            sides = (base.values.get(key), designer.values.get(key), compiled.values.get(key))
            value = self._value(*sides, _at(place, key))
            if value is not None:
                made.values[key] = value
        made.text = self._value(base.text, designer.text, compiled.text, place) or ""
        for part in _order(designer.parts, compiled.parts):
            found = (base.parts.get(part), designer.parts.get(part), compiled.parts.get(part))
            kept = self._inner(*found, _at(place, _spoken(part)))
            if kept is not None:
                made.parts[part] = kept
        return made

    def _inner(self, base: Part | None, designer: Part | None, compiled: Part | None, place: str) -> Part | None:
        if designer is not None and compiled is not None:
            return self.part(base or Part(compiled.tag), designer, compiled, place)
        present = designer or compiled
        if base is None or present is None:
            return present
        if present.same(base):
            return None
        told = ("有", "改过" if designer else None, "改过" if compiled else None)
        self.conflicts.append(Conflict(self.name, place, *told))
        return present

    def _value(self, base: str | None, designer: str | None, compiled: str | None, place: str) -> str | None:
        if designer in (base, compiled):
            return compiled
        if compiled == base:
            return designer
        self.conflicts.append(Conflict(self.name, place, base, designer, compiled))
        return designer


def _order(designer: dict[Key, Part], compiled: dict[Key, Part]) -> list[Key]:
    """Return the compiled order with the designer's own parts behind the neighbours that they stand behind."""
    order = list(compiled)
    previous: Key | None = None
    for key in designer:
        if key not in compiled:
            order.insert(0 if previous is None else order.index(previous) + 1, key)
        previous = key
    return order


def _at(place: str, key: str) -> str:
    return f"{place}/{key}" if place else key


def _spoken(key: Key) -> str:
    tag, identifier = key
    local = re.sub(r"^\{.*\}", "", tag)
    return local if identifier == "#1" else f"{local}[{identifier}]"
