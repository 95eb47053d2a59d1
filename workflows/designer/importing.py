"""Files from outside become part of a package: translated where another tool drew them, with a report."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from engine.definitions.foreign import Note, import_diagram
from engine.definitions.packages import Package
from engine.errors import DubanError, InvalidInput
from engine.expressions.dmn_xml import is_decision
from engine.wording import both, say
from workflows.designer.archives import read_archive
from workflows.designer.creating import MAX_NAME, checked_name, create_from
from workflows.designer.drafts import Draft, locked, read_draft, save_in
from workflows.designer.texts import MAX_KEY, checked_key, checked_path, is_text, problem_of

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_UPLOADS = 50
_DIAGRAMS = (".bpmn20.xml", ".bpmn2", ".bpmn", ".xml")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file: its path in the package, the notes of the translation, or why it was refused."""

    path: str
    notes: tuple[Note, ...] = ()
    refused: str = ""


@dataclass(slots=True)
class Import:
    """Files ready for a package, the reports about them, and the name of the folder that they came in."""

    files: dict[str, bytes] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    folder: str = ""


def read_uploads(uploads: Sequence[tuple[str, bytes]]) -> Import:
    """Read uploaded files (name and content); an archive stands for the files in it.

    A file that cannot be read is refused with a sentence in its report, and the others go on. Raises InvalidInput when
    nothing is left, and for a hostile archive.
    """
    if not uploads:
        raise InvalidInput("请选择文件 / Choose a file", {"file": "请选择文件 / Choose a file"})
    if len(uploads) > MAX_UPLOADS:
        raise InvalidInput(f"一次最多 {MAX_UPLOADS} 个文件 / {MAX_UPLOADS} files at a time at most")
    taken = Import()
    for name, content in uploads:
        if name.lower().endswith(".zip"):
            taken.folder, inside = read_archive(content)
            for path, inner in sorted(inside.items()):
                _take(taken, path, inner)
        else:
            _take(taken, PurePosixPath(name.replace("\\", "/")).name, content)
    if not taken.files:
        said = next(
            (one.refused for one in taken.reports if one.refused), "里面没有流程文件 / There is nothing to import"
        )
        raise InvalidInput(said, {"file": said})
    return taken


def import_into(
    engine: "Engine",
    *,
    key: str,
    person_id: int,
    version: int,
    uploads: Sequence[tuple[str, bytes]],
    replace: bool = False,
) -> tuple[Draft, list[Report]]:
    """Add files to a package's draft; without ``replace`` nothing that is there is overwritten."""
    taken = read_uploads(uploads)
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        draft = read_draft(session, key)
        names = {} if replace else _free_names(taken.files, {*draft.files, *draft.broken})
        changes = {names.get(path, path): content for path, content in taken.files.items()}
        saved = save_in(engine, session, package, person_id=person_id, changes=changes)
    reports = [Report(names.get(one.path, one.path), one.notes, one.refused) for one in taken.reports]
    return saved, reports


def import_new(
    engine: "Engine", *, person_id: int, uploads: Sequence[tuple[str, bytes]], key: str = "", name: str = ""
) -> tuple[Draft, list[Report]]:
    """Make a package of files; key and name are taken from them where they are not given."""
    taken = read_uploads(uploads)
    diagrams = [path for path in taken.files if path.endswith(".bpmn")]
    if not diagrams:
        raise InvalidInput("里面没有流程图 / There is no diagram in it", {"file": "没有 .bpmn / no .bpmn"})
    key = checked_key(key or key_of(taken.folder or PurePosixPath(diagrams[0]).stem))
    files = dict(taken.files)
    own = f"{taken.folder}.bpmn" if f"{taken.folder}.bpmn" in files else diagrams[0] if len(diagrams) == 1 else ""
    if own and own != f"{key}.bpmn" and f"{key}.bpmn" not in files:
        files[f"{key}.bpmn"] = files.pop(own)
    reports = [Report(f"{key}.bpmn" if one.path == own else one.path, one.notes, one.refused) for one in taken.reports]
    name = checked_name(name) if name.strip() else _name_in(key, files)
    return create_from(engine, person_id=person_id, key=key, name=name, files=files), reports


def key_of(text: str) -> str:
    """Return a key like a name; one of its own kind where nothing of it can stay."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_KEY].strip("-") or "imported"


def _take(taken: Import, path: str, content: bytes) -> None:
    try:
        added, notes = _translated(path, content)
        for name in added:
            checked_path(name)
    except DubanError as error:
        taken.reports.append(Report(path, refused=str(error)))
        return
    main = next(iter(added))
    problem = problem_of(main, added[main])
    if problem is not None:
        message = both(problem.message)
        told = say("{message}（第 {line} 行）", message=message, line=problem.line) if problem.line else message
        taken.reports.append(Report(main, refused=told))
        return
    taken.files |= added
    taken.reports.append(Report(main, tuple(notes)))


def _translated(path: str, content: bytes) -> tuple[dict[str, bytes], Iterable[Note]]:
    """Return the file under the name that it has here, with the forms that were drawn inside it."""
    lower = path.lower()
    if not lower.endswith(_DIAGRAMS):
        return {path: content.removeprefix(b"\xef\xbb\xbf") if is_text(path) else content}, ()
    stem = next(path[: -len(suffix)] for suffix in _DIAGRAMS if lower.endswith(suffix))
    if is_decision(content):
        return {f"{stem}.dmn": content}, ()
    imported = import_diagram(content, path)
    return {f"{stem}.bpmn": imported.content, **imported.files}, imported.notes


def _free_names(files: Mapping[str, bytes], there: set[str]) -> dict[str, str]:
    """Return another name for each file that would overwrite one."""
    names: dict[str, str] = {}
    for path in files:
        pure, number = PurePosixPath(path), 2
        free = path
        while free in there:
            free = str(pure.with_name(f"{pure.stem}-{number}{pure.suffix}"))
            number += 1
        there.add(free)
        if free != path:
            names[path] = free
    return names


def _name_in(key: str, files: Mapping[str, bytes]) -> str:
    try:
        return Package(key, files).name[:MAX_NAME] or key
    except DubanError:
        return key
