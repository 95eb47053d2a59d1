"""The files of a task by field, those that show before and after side by side, and how each can be looked at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from web.tasks.fields import Field

BEFORE, AFTER = "_before", "_after"
"""File fields ``x_before`` and ``x_after`` of one form belong together (整改前、整改后)."""

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"})
PDF = "application/pdf"
TEXTS = frozenset({"text/plain", "text/csv"})


def shown_as(media_type: str) -> str:
    """Return how a file is looked at on the page: ``picture``, ``pdf``, ``text``, or empty for a card only."""
    if media_type in PICTURES:
        return "picture"
    if media_type == PDF:
        return "pdf"
    return "text" if media_type in TEXTS else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Files before and after; one of a couple may be missing."""

    before_label: str
    after_label: str
    couples: list[tuple[Any, Any]]


@dataclass(slots=True)
class Evidence:
    """The files of a page: pairs first, then the other fields with their files."""

    pairs: list[Pair] = field(default_factory=list)
    groups: list[tuple[str, list[Any]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many files there are."""
        paired = sum(1 for pair in self.pairs for couple in pair.couples for one in couple if one is not None)
        return paired + sum(len(files) for _label, files in self.groups)


def evidence_of(fields: Iterable[Field]) -> Evidence:
    """Gather the files that read-only fields show."""
    found = {one.key: one for one in _file_fields(fields)}
    shown = Evidence()
    for key, one in found.items():
        stem = key.removesuffix(BEFORE)
        other = found.get(f"{stem}{AFTER}") if key.endswith(BEFORE) else None
        if other is not None:
            shown.pairs.append(Pair(one.label, other.label, list(zip_longest(one.files, other.files))))
        elif not (key.endswith(AFTER) and f"{key.removesuffix(AFTER)}{BEFORE}" in found):
            shown.groups.append((one.label, one.files))
    return shown


def _file_fields(fields: Iterable[Field]) -> Iterator[Field]:
    for one in fields:
        if one.kind == "file" and one.files and one.readonly and not one.hidden:
            yield one
        for row in one.rows:
            yield from _file_fields(row)
