"""Compiles a package's folder in place and never overwrites a designer's changes unseen.

``.compiled.yaml`` remembers the plan that was compiled and the digest of every file made from it. A file that still has
its digest is replaced. One that a designer changed is merged: its base is compiled again from the plan remembered; when
that no longer gives the remembered digest (the compiler itself has changed), or both changed the same place, nothing is
written and the difference is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from engine.errors import InvalidInput
from workflows.plans.compiler.compile import compile_plan
from workflows.plans.compiler.merge import Conflict, differences, merge
from workflows.plans.schema import read_plan_file

RECORD = ".compiled.yaml"
PLAN = "plan.yaml"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What compiling a folder did or would do: files by what happened to them, and what stands against it."""

    made: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether nothing was written because a designer's changes would have been lost."""
        return bool(self.conflicts) or any(self.shown.values())

    @property
    def changes(self) -> bool:
        """Whether any file is or would be written or removed."""
        return bool(self.made or self.replaced or self.merged or self.removed)


def compile_folder(folder: Path, *, check: bool = False, force: bool = False) -> Outcome:
    """Compile ``folder/plan.yaml`` into the folder.

    Parameters
    ----------
    check
        Write nothing, only say what would happen.
    force
        Overwrite designers' changes; the difference is still told.

    Raises
    ------
    InvalidInput
        There is no plan, or it is wrong; names every place.

    """
    path = folder / PLAN
    if not path.is_file():
        raise InvalidInput(f"{folder.name} 里没有 {PLAN} / there is no {PLAN}")
    content = path.read_bytes()
    if read_plan_file(content)["drawn_by_hand"]:
        raise InvalidInput(f"{folder.name} 的流程图是手绘的（drawn_by_hand） / the diagrams are drawn by hand")
    compiled = compile_plan(content, folder.resolve().name)
    compiling = _Compiling(folder, content, compiled)
    outcome = compiling.compare()
    if not check and (force or not outcome.refused):
        compiling.write(force=force)
    return outcome


class _Compiling:
    """One compilation into a folder: what is there, what was made before, what is made now."""

    def __init__(self, folder: Path, plan: bytes, compiled: Mapping[str, bytes]) -> None:
        self.folder, self.plan, self.compiled = folder, plan, compiled
        remembered = _remembered(folder)
        self.digests: Mapping[str, str] = remembered.get("files", {})
        self.base = _base(remembered, folder)
        self.done: dict[str, list[str]] = {key: [] for key in ("made", "replaced", "merged", "removed", "unchanged")}
        self.contents: dict[str, bytes] = {}
        self.conflicts: list[Conflict] = []
        self.shown: dict[str, tuple[str, ...]] = {}

    def compare(self) -> Outcome:
        for name, new in self.compiled.items():
            path = self.folder / name
            if path.is_file():
                self._existing(name, path.read_bytes(), new)
            else:
                self._take("made", name, new)
        for name, digest in self.digests.items():
            path = self.folder / name
            if name not in self.compiled and path.is_file():
                self._gone(name, untouched=_digest(path.read_bytes()) == digest)
        done = {key: tuple(names) for key, names in self.done.items()}
        return Outcome(**done, conflicts=tuple(self.conflicts), shown=self.shown)

    def _take(self, how: str, name: str, content: bytes) -> None:
        self.done[how].append(name)
        self.contents[name] = content

    def _existing(self, name: str, old: bytes, new: bytes) -> None:
        if old == new:
            self.done["unchanged"].append(name)
        elif self.digests.get(name) == _digest(old):
            self._take("replaced", name, new)
        elif name in self.base:
            self._merge(name, old, new)
        else:
            self.shown[name] = tuple(differences(name, old, new))

    def _merge(self, name: str, designer: bytes, new: bytes) -> None:
        try:
            merged = merge(name, self.base[name], designer, new)
        except ValueError as error:
            raise InvalidInput(str(error)) from error
        self.conflicts += merged.conflicts
        if self.base[name] == new:
            self.done["unchanged"].append(name)
        elif not merged.conflicts:
            self._take("merged", name, merged.content)

    def _gone(self, name: str, *, untouched: bool) -> None:
        """A file that the plan no longer makes goes, unless a designer changed it."""
        if untouched:
            self.done["removed"].append(name)
        else:
            self.shown[name] = (f"计划不再生成 {name}，但设计者改过它 / no longer made, but a designer changed it",)

    def write(self, *, force: bool) -> None:
        for name in self.done["removed"]:
            (self.folder / name).unlink()
        for name, content in self.contents.items():
            (self.folder / name).write_bytes(content)
        if force:
            for name in {*self.shown, *(one.file for one in self.conflicts)} & self.compiled.keys():
                (self.folder / name).write_bytes(self.compiled[name])
        files = {name: _digest(content) for name, content in self.compiled.items()}
        record = {"plan": self.plan.decode(), "files": files}
        (self.folder / RECORD).write_text(yaml.dump(record, Dumper=_Dumper, allow_unicode=True), "utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _remembered(folder: Path) -> Mapping[str, Any]:
    path = folder / RECORD
    if not path.is_file():
        return {}
    found = yaml.safe_load(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def _base(remembered: Mapping[str, Any], folder: Path) -> Mapping[str, bytes]:
    """Return the files compiled before, made again from the plan remembered; only those that come out the same."""
    if not remembered.get("plan"):
        return {}
    try:
        again = compile_plan(str(remembered["plan"]).encode(), folder.resolve().name)
    except InvalidInput:
        return {}
    digests = remembered.get("files", {})
    return {name: content for name, content in again.items() if digests.get(name) == _digest(content)}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
