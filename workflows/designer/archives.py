"""Packages as archives: written for export, and read with suspicion."""

import re
import stat
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from engine.definitions.packages import MAX_FILE_BYTES, MAX_FILES, SUFFIXES
from engine.errors import InvalidInput
from workflows.designer.texts import MAX_PACKAGE_BYTES, checked_path

MAX_ENTRIES = 2 * MAX_FILES
"""Entries that an archive may list, those that are left out too."""

_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the same files are the same archive."""

_LEFT_OUT = re.compile(r"(^|/)(\.|__MACOSX(/|$)|Thumbs\.db$)")
_OTHER_DIAGRAMS = frozenset({".bpmn2", ".xml"})


def write_archive(key: str, files: Mapping[str, bytes]) -> bytes:
    """Return an archive with the files in a folder of the package's key."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{key}/{path}", _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def read_archive(content: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the name of the folder that everything lies in (empty where there is none), and the files in it.

    Raises
    ------
    InvalidInput
        No archive, a damaged or an encrypted one; paths that lead out; links; more entries, or more bytes once they
        are unpacked, than a package may hold, whatever the archive says about itself.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _inside(_unpacked(archive))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise InvalidInput("压缩包损坏，或不是 zip 文件 / The archive is damaged, or no zip file") from error


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise InvalidInput(f"压缩包里超过 {MAX_ENTRIES} 个文件 / The archive holds more than {MAX_ENTRIES} files")
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        name = entry.filename
        if name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts or ":" in name:
            raise InvalidInput(f"压缩包里的路径“{name[:80]}”会写到外面 / {name[:80]} leads out of the archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InvalidInput(f"压缩包里有链接“{name[:80]}” / {name[:80]} is a link")
        if entry.flag_bits & 1:
            raise InvalidInput("压缩包有密码 / The archive is encrypted")
        suffix = PurePosixPath(name).suffix.lower()
        if _LEFT_OUT.search(name) or suffix not in SUFFIXES | _OTHER_DIAGRAMS:
            continue
        with archive.open(entry) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
        total += len(content)
        if len(content) > MAX_FILE_BYTES or total > MAX_PACKAGE_BYTES:
            most = MAX_PACKAGE_BYTES >> 20
            raise InvalidInput(f"压缩包解开后太大：最多 {most} MB / Unpacked it is too large: {most} MB at most")
        if name in files:
            raise InvalidInput(f"压缩包里“{name[:80]}”出现了两次 / {name[:80]} is there twice")
        files[name] = content
    return files


def _inside(files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """Take the one folder off that everything lies in."""
    tops = {name.split("/", 1)[0] for name in files}
    folder = tops.pop() if len(tops) == 1 and all("/" in name for name in files) else ""
    found = {name.removeprefix(f"{folder}/") if folder else name: content for name, content in files.items()}
    for path in found:
        if PurePosixPath(path).suffix.lower() not in _OTHER_DIAGRAMS:
            checked_path(path)
    return folder, found
