"""Plays the whole library over several processes, and writes its table (docs/library.md)."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from engine.definitions.packages import read_folder
from engine.errors import DubanError
from workflows.scenarios.catalogue import CATALOGUE
from workflows.scenarios.player import SCENARIO, play_every
from workflows.scenarios.report import Result

_HEAD = """# The library

Every row of the catalogue is a package under `bpmn/`, with a scenario that plays it on the real engine and asserts the
figures of its entry. This page is written by `duban play --all --library docs/library.md`.

"""
_KINDS = {
    "phased-campaign": "phased campaign",
    "recurring-supervision": "recurring supervision",
    "competition": "competition, selection",
    "target-assessment": "target assessment",
    "case-handling": "case handling",
    "duty-routine": "duty routine",
    "application": "application and approval",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A package of the library with what came out of playing it."""

    folder: str
    plan: Mapping[str, Any]
    result: Result


@dataclass(frozen=True, slots=True)
class Library:
    """The library as it was played."""

    rows: tuple[Row, ...] = field(default_factory=tuple)

    @property
    def passed(self) -> int:
        """Number of entries of the catalogue whose package played through with every figure."""
        return len({row.result.catalogue for row in self.rows if row.result.ok} & set(CATALOGUE))

    def table(self) -> Iterator[str]:
        """Yield one line an entry: state, id, package, figures, seconds."""
        played = {row.result.catalogue: row for row in self.rows}
        for entry in sorted({*CATALOGUE, *played}):
            row = played.get(entry)
            if row is None:
                yield f"–  {entry}"
                continue
            result = row.result
            held = sum(check.ok for check in result.checks)
            tail = f"  {result.error}" if result.error else ""
            mark = "✓" if result.ok else "✗"
            yield f"{mark}  {entry}  {row.folder}  {held}/{len(result.checks)}  {result.seconds:.1f} s{tail}"
        yield f"{self.passed} of {len(CATALOGUE)}"

    def markdown(self) -> str:
        """Return docs/library.md. It holds no measured times, so that the same library gives the same page."""
        played = {row.result.catalogue: row for row in self.rows}
        lines = [
            f"**{self.passed} of {len(CATALOGUE)}** rows play through with every figure.",
            "",
            "| entry | package | kind | what it shows | figures | status |",
            "|---|---|---|---|---|---|",
        ]
        for entry in CATALOGUE:
            lines.append(_line(entry, played[entry]) if entry in played else f"| {entry} | – | – | – | – | open |")
        return _HEAD + "\n".join(lines) + "\n"


def _line(entry: str, row: Row) -> str:
    plan, result = row.plan, row.result
    name = str(plan.get("name") or row.folder)
    english = f"<br>{plan['name_en']}" if plan.get("name_en") else ""
    shows = plan.get("shows") or plan.get("summary_en") or plan.get("summary") or ""
    shown = "; ".join(map(str, shows)) if isinstance(shows, list) else str(shows).strip()
    held = sum(check.ok for check in result.checks)
    kind = _KINDS.get(str(plan.get("kind") or "phased-campaign"), "")
    cells = (
        entry, f"[{name}](../bpmn/{row.folder}/){english}", kind, shown, f"{held}/{len(result.checks)}",
        "plays" if result.ok else "fails",
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def play_folders(folders: Sequence[Path], jobs: int | None = None) -> Library:
    """Play packages in as many processes as there are processors (or ``jobs``).

    A package that cannot be read is a row with its error; it never stops the others.
    """
    workers = max(1, min(jobs or os.cpu_count() or 1, len(folders)))
    if workers == 1:
        return Library(tuple(map(_play_one, folders)))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return Library(tuple(pool.map(_play_one, folders)))


def _play_one(folder: Path) -> Row:
    try:
        package = read_folder(folder)
        return Row(folder.name, dict(package.plan), play_every(package))
    except DubanError as error:
        return Row(folder.name, {}, Result(folder.name, "", error=str(error)))
    except Exception as error:
        return Row(folder.name, {}, Result(folder.name, "", error=f"{type(error).__name__}: {error}"))


def packages_of(library: Path) -> list[Path]:
    """Return the packages of a library that have a scenario, in the order of their names."""
    return sorted(path.parent for path in library.glob(f"*/{SCENARIO}"))
