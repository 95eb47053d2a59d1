"""Lints what ``duban lint`` is given: single files among their siblings, package folders, folders of packages."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from engine.definitions.model import LintFinding
from engine.definitions.packages import MAX_FILE_BYTES, MAX_FILES, SUFFIXES, Package, read_folder
from engine.definitions.publish import lint_package
from engine.errors import DubanError

CLEAN, FOUND, UNREADABLE = 0, 1, 2
"""Exit statuses: nothing stands against publishing, something does, something could not be read at all."""

_NOT_READ = frozenset({"unreadable", "not-xml", "not-bpmn", "document-type", "too-large", "too-deep"})


def lint_paths(paths: Iterable[Path], services: Collection[str] | None = None) -> list[LintFinding]:
    """Return the findings about files and folders, each with the file as it was asked for.

    A folder with diagrams is one package; another one is searched for packages. A single file is looked at among the
    files beside it, so that what it refers to is known, and whatever it is called, it is taken as a diagram unless its
    name says that it is a decision or a form.
    """
    return [finding for path in paths for finding in _lint_path(path, services)]


def exit_status(findings: Sequence[LintFinding]) -> int:
    """Return 2 when something could not be read, 1 when something would be refused, else 0."""
    errors = {finding.rule for finding in findings if finding.severity == "error"}
    return UNREADABLE if errors & _NOT_READ else FOUND if errors else CLEAN


def lines(findings: Sequence[LintFinding]) -> Iterator[str]:
    """Write findings one a line, and their number at the end."""
    for finding in findings:
        yield _line(finding)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    yield f"{errors} 处错误，{warnings} 处提醒 / {errors} errors, {warnings} warnings"


def as_json(findings: Sequence[LintFinding]) -> list[dict[str, object]]:
    """Return findings as objects: rule, severity, element, line, message, advice, file."""
    return [asdict(finding) for finding in findings]


def _line(finding: LintFinding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    name = f" “{finding.element_name}”" if finding.element_name else ""
    element = f" {finding.element_id}{name}" if finding.element_id else name
    return f"{place}:{element} {finding.severity} [{finding.rule}] — {finding.message} — {finding.advice}"


def _lint_path(path: Path, services: Collection[str] | None) -> list[LintFinding]:
    try:
        if not path.is_dir():
            return _lint_file(path, services)
        packages = list(_packages(path))
        if not packages:
            return [_unreadable(path, "里面没有 .bpmn 流程图 / There is no .bpmn diagram in it")]
        return [_shown(one, folder) for folder in packages for one in lint_package(read_folder(folder), services)]
    except (DubanError, OSError) as error:
        return [_unreadable(path, str(error))]


def _packages(folder: Path) -> Iterator[Path]:
    """Return the package folders at or below a folder, without following links or hidden folders."""
    pending = [folder]
    while pending:
        here = pending.pop()
        inside = sorted(here.iterdir())
        if any(path.suffix == ".bpmn" for path in inside):
            yield here
        else:
            below = (path for path in inside if path.is_dir() and not path.is_symlink())
            pending += [path for path in reversed(list(below)) if not path.name.startswith(".")]


def _lint_file(path: Path, services: Collection[str] | None) -> list[LintFinding]:
    name = path.name if path.suffix in SUFFIXES else f"{path.name}.bpmn"
    package = Package(path.parent.resolve().name, {**_siblings(path), name: path.read_bytes()})
    return [replace(one, file=str(path)) for one in lint_package(package, services) if one.file == name]


def _siblings(path: Path) -> dict[str, bytes]:
    beside = (one for one in sorted(path.parent.iterdir()) if one.suffix in SUFFIXES and one.is_file())
    small = [one for one in beside if one != path and one.stat().st_size <= MAX_FILE_BYTES]
    return {one.name: one.read_bytes() for one in small} if len(small) < MAX_FILES else {}


def _shown(finding: LintFinding, folder: Path) -> LintFinding:
    return replace(finding, file=str(folder / finding.file) if finding.file else str(folder))


def _unreadable(path: Path, sentence: str) -> LintFinding:
    advice = "检查路径和文件 / Check the path and the file"
    return LintFinding("unreadable", "error", None, None, 0, sentence, advice, str(path))
