"""The files that a suite has deployed: read, told apart, and translated where another tool drew them."""

from hashlib import sha256
from pathlib import Path

from engine.definitions.foreign import import_diagram
from engine.definitions.parse import parse_diagram
from engine.expressions.dmn_xml import is_decision

DIAGRAM = ".bpmn"
KEPT_SUFFIXES = (".dmn", ".form")


class Deployment:
    """The newest diagram of every process, with the decisions and forms beside them."""

    def __init__(self, *, any_script: bool) -> None:
        self.files: dict[str, bytes] = {}
        self._diagram_of: dict[str, str] = {}
        self._any_script = any_script

    @property
    def processes(self) -> frozenset[str]:
        """Ids of all processes."""
        return frozenset(self._diagram_of)

    def copy(self) -> "Deployment":
        """Return the same files to add to."""
        twin = Deployment(any_script=self._any_script)
        twin.files, twin._diagram_of = dict(self.files), dict(self._diagram_of)
        return twin

    def add(self, file: bytes | str | Path) -> list[str]:
        """Add a file, in the place of the diagrams whose processes it brings anew; returns its executable processes.

        Raises :class:`RefusedDiagram` for a diagram that cannot be read.
        """
        content, name, suffix = _read(file)
        if suffix != DIAGRAM:
            self.files[f"{name}{suffix}"] = content
            return []
        translated = import_diagram(content, name, any_script=self._any_script)
        processes = parse_diagram(translated.content, name).processes
        for replaced in {self._diagram_of[one] for one in processes if one in self._diagram_of}:
            del self.files[replaced]
            self._diagram_of = {one: path for one, path in self._diagram_of.items() if path != replaced}
        self.files |= translated.files
        path = self._free_path(name)
        self.files[path] = translated.content
        self._diagram_of |= dict.fromkeys(processes, path)
        return [process.id for process in processes.values() if process.executable]

    def _free_path(self, name: str) -> str:
        """Two diagrams may have the same file name in different folders."""
        path, number = f"{name}{DIAGRAM}", 1
        while path in self.files:
            number += 1
            path = f"{name}-{number}{DIAGRAM}"
        return path


def _read(file: bytes | str | Path) -> tuple[bytes, str, str]:
    """Return a file's content, its name and its suffix; a text that begins like XML or JSON is the content itself."""
    if isinstance(file, str) and file.lstrip()[:1] in ("<", "{"):
        file = file.encode()
    if isinstance(file, bytes):
        return file, f"file-{sha256(file).hexdigest()[:12]}", _suffix(file, "")
    path = Path(file)
    content = path.read_bytes()
    return content, path.stem, _suffix(content, path.suffix)


def _suffix(content: bytes, suffix: str) -> str:
    """Tell diagrams, decisions and forms apart by what they are, whatever they are called."""
    if suffix in KEPT_SUFFIXES:
        return suffix
    if is_decision(content):
        return ".dmn"
    return ".form" if content.lstrip()[:1] == b"{" else DIAGRAM
