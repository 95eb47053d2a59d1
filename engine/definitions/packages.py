"""Process packages (流程包): a folder of diagrams, decisions, forms and a plan; published, loaded and cached."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.definitions.forms import Form
from engine.definitions.model import Definition, Process
from engine.definitions.models import PackageFile, PackageVersion
from engine.definitions.parse import parse_diagram
from engine.errors import InvalidInput, NotFound
from engine.expressions import Evaluator, evaluator
from engine.expressions.decisions import DecisionModel
from engine.interpreter.contract import Decision, Environment
from engine.wording import say

SUFFIXES = frozenset({".bpmn", ".dmn", ".form", ".yaml", ".yml", ".md", ".docx", ".json"})
MAX_FILES = 300
MAX_FILE_BYTES = 8 * 1024 * 1024
CACHED_PACKAGES = 64
PARTS = "parts"
"""Folder of the shared parts, beside the packages that use them."""
FindCalendar = Callable[[], WorkingCalendar]
"""Gives a working calendar; asked when a due time is reckoned, which most turns of a campaign's start never do."""


@dataclass(frozen=True, eq=False)
class Package:
    """A process package as files; what the files hold is parsed when it is first asked for.

    Raises :class:`engine.definitions.errors.RefusedDiagram` or :class:`InvalidInput` from the parsing properties.
    """

    key: str
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every path and content: the same files are the same package."""
        total = sha256()
        for path, content in sorted(self.files.items()):
            total.update(f"{path}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """The plan (plan.yaml), empty where the package has none."""
        return self.yaml("plan.yaml")

    @property
    def name(self) -> str:
        """Name in Chinese: the plan's, else the main process's, else the key."""
        return str(self.plan.get("name") or self.process(self.main_process)[1].name or self.key)

    @property
    def name_en(self) -> str:
        """Name in English, empty where the plan has none."""
        return str(self.plan.get("name_en") or "")

    @cached_property
    def diagrams(self) -> Mapping[str, Definition]:
        """Parsed diagrams by path."""
        return {path: parse_diagram(content, path) for path, content in self._ending(".bpmn")}

    @property
    def definitions(self) -> list[Definition]:
        """Parsed diagrams in the order of their paths."""
        return list(self.diagrams.values())

    @cached_property
    def decisions(self) -> Mapping[str, DecisionModel]:
        """The decision model that holds a decision, by decision id."""
        models = [DecisionModel.parse(content) for _, content in self._ending(".dmn")]
        return {decision: model for model in models for decision in model.ids}

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Forms by file name without ``.form``."""
        return {Path(path).stem: Form.parse(content) for path, content in self._ending(".form")}

    @cached_property
    def processes(self) -> Mapping[str, tuple[Definition, Process]]:
        """Every process of every diagram by id."""
        return {
            process_id: (definition, process)
            for definition in self.definitions
            for process_id, process in definition.processes.items()
        }

    @cached_property
    def main_process(self) -> str:
        """Id of the process that a start starts: the plan's, else the first executable one of ``<key>.bpmn``."""
        named = self.plan.get("main_process")
        if named:
            return str(named)
        own = self.diagrams.get(f"{self.key}.bpmn")
        for definition in [own] if own else self.definitions:
            for process in definition.processes.values():
                if process.executable:
                    return process.id
        raise InvalidInput(say("流程包“{key}”里没有可执行的流程", key=self.key))

    def process(self, process_id: str) -> tuple[Definition, Process]:
        """Return a process and the diagram that it is drawn in."""
        found = self.processes.get(process_id)
        if found is None:
            raise NotFound(say("流程包“{key}”里没有流程“{process_id}”", key=self.key, process_id=process_id))
        return found

    def yaml(self, path: str) -> Mapping[str, Any]:
        """Read a YAML file of the package; an absent one is empty."""
        content = self.files.get(path)
        if content is None:
            return {}
        try:
            value = yaml.safe_load(content)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidInput(say("{path} 不是有效的 YAML：{error}", path=path, error=error)) from error
        if not isinstance(value, dict):
            raise InvalidInput(say("{path} 的最外层应是键值对", path=path))
        return value

    def _ending(self, suffix: str) -> Iterator[tuple[str, bytes]]:
        return ((path, content) for path, content in sorted(self.files.items()) if path.endswith(suffix))


@dataclass(frozen=True, eq=False)
class LoadedPackage(Package):
    """A published version with its database id, parsed once per process."""

    version_id: int = 0
    version: int = 0


def read_folder(folder: Path | str) -> Package:
    """Read a package from a folder; the folder's name is its key. Links and foreign file kinds are left out.

    Shared parts that the plan names under ``parts`` are read from the folder :data:`PARTS` beside the package's, each
    under ``parts/<name>/``: a published package holds everything that it needs.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InvalidInput(say("没有这个文件夹：{root}", root=root))
    files = _read_files(root)
    if not any(name.endswith(".bpmn") for name in files):
        raise InvalidInput(say("{name} 里没有 .bpmn 流程图", name=root.name))
    package = Package(root.resolve().name, files)
    parts = package.plan.get("parts")
    if not parts:
        return package
    shared: dict[str, bytes] = {}
    for name in parts if isinstance(parts, list) else [parts]:
        part = root.resolve().parent / PARTS / str(name)
        if not re.fullmatch(r"[\w-]+", str(name)) or not part.is_dir():
            raise InvalidInput(
                f"没有共用部件“{name}” / There is no shared part {name}", {"parts": say("没有“{name}”", name=name)}
            )
        shared |= {f"{PARTS}/{name}/{path}": content for path, content in _read_files(part).items()}
    return Package(package.key, {**shared, **files})


def _read_files(root: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or path.is_symlink() or not path.is_file() or path.suffix not in SUFFIXES:
            continue
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput(say("{relative} 超过 {most} MB", relative=relative, most=MAX_FILE_BYTES // 1024 // 1024))
        files[relative.as_posix()] = path.read_bytes()
        if len(files) > MAX_FILES:
            raise InvalidInput(say("{name} 里的文件超过 {most} 个", name=root.name, most=MAX_FILES))
    return files


class PackageCache:
    """Published packages, loaded from the database once; versions never change, so nothing is ever stale."""

    def __init__(self, capacity: int = CACHED_PACKAGES) -> None:
        self._capacity = capacity
        self._loaded: OrderedDict[int, LoadedPackage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session: Session, version_id: int) -> LoadedPackage:
        """Return a published version; raises :class:`NotFound`."""
        with self._lock:
            found = self._loaded.get(version_id)
            if found is not None:
                self._loaded.move_to_end(version_id)
                return found
        loaded = self._load(session, version_id)
        with self._lock:
            self._loaded[version_id] = loaded
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)
        return loaded

    def live(self, session: Session, key: str) -> PackageVersion:
        """Return the version of a package that new instances start with; raises :class:`NotFound`."""
        query = select(PackageVersion).where(PackageVersion.key == key, PackageVersion.live.is_(True))
        row = session.scalars(query.order_by(PackageVersion.version.desc()).limit(1)).first()
        if row is None:
            raise NotFound(say("没有已发布的流程包“{key}”", key=key))
        return row

    def environment(
        self, loaded: Package, calendar: FindCalendar = WorkingCalendar, *, at: datetime | None = None
    ) -> Environment:
        """Return what the interpreter asks of this package; ``at`` is FEEL's ``now()``, taken from the stimulus."""
        return PackageEnvironment(loaded, calendar, at)

    def _load(self, session: Session, version_id: int) -> LoadedPackage:
        published = session.get(PackageVersion, version_id)
        if published is None:
            raise NotFound(say("没有这个流程包版本"))
        query = select(PackageFile.path, PackageFile.content).where(PackageFile.version_id == version_id)
        files = {row.path: row.content for row in session.execute(query)}
        return LoadedPackage(published.key, files, version_id=published.id, version=published.version)


class PackageEnvironment:
    """Expressions, scripts, decisions and due times for one package (see :class:`Environment`)."""

    def __init__(
        self, package: Package, calendar: FindCalendar, at: datetime | None, feel: Evaluator | None = None
    ) -> None:
        self._package = package
        self._calendar = calendar
        self._at = at
        self._feel = feel or evaluator()

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate a FEEL expression."""
        return self._feel.evaluate(expression, variables, at=self._at)

    def run_script(self, language: str, text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a script task's text in the sandbox."""
        return self._feel.run_script(language, text, variables, at=self._at)

    def replace_script(
        self, element_id: str, language: str, text: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Run every script."""
        return None

    def decide(self, decision: str, variables: Mapping[str, Any]) -> Decision:
        """Evaluate a decision of the package; raises :class:`NotFound` for an unknown one."""
        model = self._package.decisions.get(decision)
        if model is None:
            raise NotFound(say("流程包“{key}”里没有决策“{decision}”", key=self._package.key, decision=decision))
        return model.decide(self._feel, decision, variables)

    def stored(self, store: str, key: str | None = None) -> Mapping[str, Mapping[str, Any]]:
        """Know no data store: the turn does (:mod:`engine.datastores.turn`)."""
        return {}

    def due(self, kind: str, text: str, variables: Mapping[str, Any], at: datetime) -> datetime:
        """Say when a timer is due. A plain date in a ``date`` timer means the start of that day."""
        value = self._timer_value(text.strip(), variables, at)
        if kind == "date" and isinstance(value, str):
            value = _as_date(value)
        if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time.min, tzinfo=self._calendar().timezone)
        return resolve_due(value, at, self._calendar())

    def _timer_value(self, text: str, variables: Mapping[str, Any], at: datetime) -> Any:
        if text.startswith("="):
            return self._feel.evaluate(text, variables, at=self._at)
        try:
            resolve_due(text, at, self._calendar())
        except InvalidInput:
            return self._feel.evaluate(text, variables, at=self._at)
        return text


def _as_date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
