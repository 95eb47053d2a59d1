"""What a document would change: differences from what is kept, and the rules that hold between rows."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Literal

import orjson

from workflows.directory.checks import check
from workflows.directory.document import Document, Key, Row, RowError
from workflows.directory.sections import SECTIONS, Section
from workflows.directory.stored import Stored, plain
from workflows.directory.values import Value

Operation = Literal["add", "change", "remove"]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One row that becomes another. ``after`` is None for a row that goes; a removal may also close a row."""

    section: str
    operation: Operation
    key: Key
    before: Row | None
    after: Row | None

    def fields(self) -> dict[str, list[Any]]:
        """Return the fields that differ, each as [before, after]."""
        before, after = plain(self.before or {}), plain(self.after or {})
        names = [column.name for column in SECTIONS[self.section].columns]
        return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes that a document asks for, its faults, and how many kept rows it does not mention."""

    changes: tuple[Change, ...]
    errors: tuple[RowError, ...]
    unmentioned: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """How many rows of each section are added, changed and removed."""
        found: dict[str, Counter[str]] = {}
        for one in self.changes:
            found.setdefault(one.section, Counter())[one.operation] += 1
        return found

    @property
    def digest(self) -> str:
        """What tells this plan from another one."""
        rows = [[one.section, one.operation, [str(part) for part in one.key], one.fields()] for one in self.changes]
        return sha256(orjson.dumps(rows)).hexdigest()


def plan(
    document: Document,
    stored: Stored,
    *,
    today: date,
    remove: bool = False,
    without: Collection[tuple[str, Key]] = (),
) -> Plan:
    """Compare a document with what is kept.

    Parameters
    ----------
    today
        The day on which posts end that a complete document does not mention any more.
    remove
        The document's sections are complete: people and units that they do not mention are deactivated, holdings
        end, everything else goes, but for posts that are or were held.
    without
        Rows to delete whatever else the document says; not of people or units, which are only ever deactivated.

    """
    held = {row["post"] for row in stored.rows["holdings"].values()}
    changes: list[Change] = []
    unmentioned: dict[str, int] = {}
    for name, section in SECTIONS.items():
        kept, given = stored.rows[name], document.rows.get(name, {})
        changes += _given(document, section, kept, given)
        named = {key for of, key in without if of == name and key in kept}
        gone: set[Key] = set()
        if name in document.rows:
            missing = {key for key in kept if key not in given and _counts(name, kept[key], held, today)}
            unmentioned[name] = 0 if remove else len(missing)
            gone = missing - named if remove else gone
        changes += [_removal(section, key, kept[key], today) for key in kept if key in gone]
        changes += [Change(name, "remove", key, kept[key], None) for key in kept if key in named]
    changes = _cascade(changes, stored)
    merged = {name: dict(rows) for name, rows in stored.rows.items()}
    for one in changes:
        if one.after is None:
            merged[one.section].pop(one.key, None)
        else:
            merged[one.section][one.key] = one.after
    check(document, stored.rows, merged, {(one.section, one.key) for one in changes}, today)
    order = {name: index for index, name in enumerate(SECTIONS)}
    errors = sorted(document.errors, key=lambda one: (order.get(one.section, -1), one.row))
    return Plan(tuple(changes), tuple(errors), unmentioned)


def _given(document: Document, section: Section, kept: Mapping[Key, Row], given: Mapping[Key, Row]) -> list[Change]:
    """Compare what is given; columns that are not given stay, or take their defaults in a new row."""
    changes = []
    for key, row in given.items():
        before = kept.get(key)
        if before is None:
            for column in section.columns:
                if column.must and column.name not in row:
                    sentence = f"新增时请填写{column.chinese} / {column.english} is missing for a new row"
                    document.refuse(section.name, key, column.name, sentence)
            after = {column.name: row.get(column.name, column.default) for column in section.columns}
            changes.append(Change(section.name, "add", key, None, after))
        elif (after := {**before, **row}) != before:
            changes.append(Change(section.name, "change", key, before, after))
    return changes


def _counts(section: str, row: Row, held: Collection[Value], today: date) -> bool:
    """Say whether a row that is not mentioned would have to go: what is over already stays as it is."""
    if section in ("units", "people"):
        return bool(row["active"])
    if section == "posts":
        return row["code"] not in held
    if section in ("holdings", "absences"):
        last = row["to"]
        return last is None or (isinstance(last, date) and last >= today)
    return True


def _removal(section: Section, key: Key, row: Row, today: date) -> Change:
    """Return the end of a row: people and units are kept, a post that was held ended yesterday."""
    after: Row | None = None
    if section.name in ("units", "people"):
        after = {**row, "active": False}
    elif section.name == "holdings":
        first = row["from"]
        if first is None or (isinstance(first, date) and first < today):
            after = {**row, "to": today - ONE_DAY}
    return Change(section.name, "remove", key, row, after)


def _cascade(changes: list[Change], stored: Stored) -> list[Change]:
    """Let members and units of a group that goes go with it."""
    gone = {one.key[0] for one in changes if one.section == "groups" and one.after is None}
    known = {(one.section, one.key) for one in changes}
    more = [
        Change(name, "remove", key, row, None)
        for name in ("members", "groupUnits")
        for key, row in stored.rows[name].items()
        if row["group"] in gone and (name, key) not in known
    ]
    return changes + more
