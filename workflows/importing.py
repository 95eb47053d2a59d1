"""Imports diagrams of other engines from files: what ``duban import`` does and says."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.definitions.errors import RefusedDiagram
from engine.definitions.foreign import Imported, Note, import_diagram
from engine.definitions.parse import parse_diagram

DONE, REFUSED, UNREADABLE = 0, 1, 2
"""Exit statuses: everything is translated; something is refused; something is no diagram."""

SUFFIXES = frozenset({".bpmn", ".bpmn2", ".xml"})


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file, what became of it, and why it cannot be read at all (empty where it can)."""

    path: Path
    result: Imported
    unreadable: str = ""

    @property
    def status(self) -> int:
        """The exit status that this file asks for."""
        if self.unreadable:
            return UNREADABLE
        return REFUSED if self.result.refused else DONE


def import_paths(paths: Sequence[Path]) -> list[ImportedFile]:
    """Import files, and the diagrams in folders, in the order of their names."""
    return [_import(path) for path in _diagrams(paths)]


def _diagrams(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        else:
            yield path


def _import(path: Path) -> ImportedFile:
    result = import_diagram(path.read_bytes(), path.name)
    try:
        parse_diagram(result.content, path.name)
    except RefusedDiagram as error:
        return ImportedFile(path, result, str(error))
    return ImportedFile(path, result)


def write(files: Sequence[ImportedFile], folder: Path) -> list[Path]:
    """Write the translated diagrams, and the forms that were drawn inside them, into a folder; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in files:
        if file.unreadable:
            continue
        contents = {f"{_stem(file.path)}.bpmn": file.result.content, **file.result.files}
        for name, content in contents.items():
            target = folder / name
            target.write_bytes(content)
            written.append(target)
    return written


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".bpmn20.xml", ".bpmn2", ".bpmn", ".xml"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def lines(files: Sequence[ImportedFile]) -> Iterator[str]:
    """Say what was done: a line for each note, and one for each file."""
    for file in files:
        for note in file.result.notes:
            yield _line(file.path, note)
        counts = {
            kind: sum(note.kind == kind for note in file.result.notes) for kind in ("translated", "ignored", "refused")
        }
        told = file.unreadable or "，".join(f"{count} {kind}" for kind, count in counts.items())
        yield f"{file.path}: {told}"


def _line(path: Path, note: Note) -> str:
    place = f"{path}:{note.line}" if note.line else str(path)
    return f"{place}: {note.kind}: {note.element_id or '-'}: {note.what}"


def as_json(files: Sequence[ImportedFile]) -> list[dict[str, Any]]:
    """Return the report as plain values."""
    return [
        {
            "file": str(file.path),
            "unreadable": file.unreadable or None,
            "forms": sorted(file.result.files),
            "notes": [asdict(note) for note in file.result.notes],
        }
        for file in files
    ]


def exit_status(files: Sequence[ImportedFile]) -> int:
    """Return the worst of the files' statuses."""
    return max((file.status for file in files), default=DONE)
