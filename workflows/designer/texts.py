"""The files of a package as the designer takes them: their paths, their sizes, and whether they can be read."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from engine.definitions.errors import RefusedDiagram
from engine.definitions.packages import MAX_FILE_BYTES, MAX_FILES, SUFFIXES
from engine.definitions.parse import read_document
from engine.errors import DubanError, InvalidInput
from engine.expressions.dmn_xml import root_of
from engine.wording import say

MAX_PATH = 200
MAX_DEPTH = 4
MAX_PACKAGE_BYTES = 48 * 1024 * 1024
MAX_KEY = 60

TEXTS = frozenset({".bpmn", ".dmn", ".form", ".yaml", ".yml", ".md", ".json"})
"""Files that are edited as text; the others go up and down whole."""

RESERVED_KEYS = frozenset({"new", "import", "feel", "reviews"})
"""Words that stand for pages in the designer's addresses."""

_PART = re.compile(r"[\w\-][\w.\- ()（）]*")
_KEY = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be read; ``line`` is 0 where no line is known."""

    message: str
    line: int = 0


def checked_key(key: str) -> str:
    """Return a package's key. Raises InvalidInput with the field ``key``."""
    key = key.strip()
    if not _KEY.fullmatch(key) or len(key) > MAX_KEY or key in RESERVED_KEYS:
        sentence = (
            f"代码只能用小写字母、数字和连字符，最多 {MAX_KEY} 个字 / "
            f"Only lower-case letters, digits and hyphens, at most {MAX_KEY}"
        )
        raise InvalidInput(sentence, {"key": sentence})
    return key


def checked_path(path: str) -> str:
    """Return a file's path inside its package. Raises InvalidInput for one that leads out or is of another kind."""
    path = unicodedata.normalize("NFC", path)
    parts = path.split("/")
    if len(path) > MAX_PATH or len(parts) > MAX_DEPTH or not all(_PART.fullmatch(part) for part in parts):
        raise InvalidInput(
            f"文件名“{path[:MAX_PATH]}”不行 / This is no name of a file", {path[:MAX_PATH]: say("文件名不行")}
        )
    if PurePosixPath(path).suffix not in SUFFIXES:
        allowed = " ".join(sorted(SUFFIXES))
        sentence = f"“{path}”不是流程包里的文件（{allowed}） / A package holds no such file ({allowed})"
        raise InvalidInput(sentence, {path: sentence})
    return path


def check_sizes(files: Mapping[str, bytes]) -> None:
    """Raise InvalidInput when a file or the whole package is too large."""
    for path, content in files.items():
        if len(content) > MAX_FILE_BYTES:
            most = MAX_FILE_BYTES >> 20
            raise InvalidInput(
                f"“{path}”超过 {most} MB / {path} is larger than {most} MB", {path: say("超过 {most} MB", most=most)}
            )
    if len(files) > MAX_FILES:
        raise InvalidInput(f"一个流程包最多 {MAX_FILES} 个文件 / A package holds {MAX_FILES} files at most")
    if sum(map(len, files.values())) > MAX_PACKAGE_BYTES:
        most = MAX_PACKAGE_BYTES >> 20
        raise InvalidInput(f"一个流程包最多 {most} MB / A package holds {most} MB at most")


def is_text(path: str) -> bool:
    """Say whether a file is edited as text."""
    return PurePosixPath(path).suffix in TEXTS


def problem_of(path: str, content: bytes) -> Problem | None:
    """Say why a file cannot be opened in its editor, None when it can. What it says is the lint's business."""
    try:
        match PurePosixPath(path).suffix:
            case ".bpmn":
                read_document(content, path)
            case ".dmn":
                root_of(content)
            case ".form" | ".json":
                return None if isinstance(json.loads(content), dict) else Problem("最外层应是对象 / It is no object")
            case ".yaml" | ".yml":
                yaml.safe_load(content)
            case ".md":
                content.decode()
    except RefusedDiagram as error:
        return Problem(str(error), error.findings[0].line if error.findings else 0)
    except json.JSONDecodeError as error:
        return Problem(f"不是有效的 JSON：{error.msg} / Not JSON: {error.msg}", error.lineno)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return Problem(f"不是有效的 YAML：{error} / Not YAML", mark.line + 1 if mark else 0)
    except (DubanError, UnicodeDecodeError, RecursionError) as error:
        return Problem(str(error) or "读不了 / It cannot be read")
    return None
