"""Reads ``plan.yaml`` and remembers on which line every place stands."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from engine.errors import InvalidInput

Path = tuple[str | int, ...]


class PlanFileError(InvalidInput):
    """The file is no YAML, or a key stands twice in a mapping."""


def read_lines(content: bytes, filename: str = "plan.yaml") -> tuple[Mapping[str, Any], dict[Path, int]]:
    """Return what the file says, and the line of every path in it.

    Raises :class:`PlanFileError` naming the line.
    """
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
        value = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise PlanFileError(f"{filename} 不是有效的 YAML / is not YAML: {error}") from error
    if not isinstance(value, dict) or node is None:
        raise PlanFileError(f"{filename} 的最外层应是键值对 / expected a mapping at the top")
    return value, dict(_lines(node, (), filename, set()))


def _lines(node: yaml.Node, path: Path, filename: str, walked: set[int]) -> Iterator[tuple[Path, int]]:
    """Yield each path with its line. A node under several anchors is walked once, so that aliases cannot explode."""
    yield path, node.start_mark.line + 1
    if id(node) in walked:
        return
    walked.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                line = key.start_mark.line + 1
                raise PlanFileError(f"{filename} 第 {line} 行：键“{key.value}”写了两次 / {key.value} stands twice")
            seen.add(key.value)
            for inner, line in _lines(value, (*path, str(key.value)), filename, walked):
                yield inner, (key.start_mark.line + 1 if inner == (*path, str(key.value)) else line)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number), filename, walked)


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest place around it; 0 when nothing is known."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0
