"""The XML of a DMN file: opened safely, looked at by local names, whatever the version's namespace."""

from io import BytesIO
from typing import Any

from lxml import etree

from engine.errors import DubanError
from engine.wording import say

LARGEST = 2 << 20
"""Bytes of a DMN file."""


class RefusedDecision(DubanError):
    """A DMN file that cannot be executed as drawn."""

    code = "decision-refused"
    status = 422


def is_decision(content: bytes) -> bool:
    """Say whether a file is XML whose root is of DMN; a diagram that names one of DMN's namespaces stays a diagram."""
    try:
        _, root = next(iter(etree.iterparse(BytesIO(content.lstrip()), ("start",), resolve_entities=False)))
    except (etree.XMLSyntaxError, ValueError, StopIteration):
        return False
    return local_name(root) != ""


def root_of(content: bytes) -> Any:
    """Parse a file and return its ``definitions``. Raises RefusedDecision for what is no safe DMN 1.1 to 1.5."""
    if len(content) > LARGEST:
        raise RefusedDecision(say("DMN 文件过大：最多 {most} MB。", most=LARGEST >> 20))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Any = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedDecision(say("DMN 文件不是有效的 XML：{error}", error=getattr(error, "msg", error))) from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise RefusedDecision(say("DMN 文件不得含有 DOCTYPE 或实体声明。"))
    if local_name(root) != "definitions":
        raise RefusedDecision(say("这不是 DMN 1.1–1.5 文件。"))
    feel_only(root, say("DMN 文件"))
    return root


def local_name(node: Any) -> str:
    """Return an element's name without namespace; an extension's element has none that counts."""
    namespace, _, name = node.tag.rpartition("}") if isinstance(node.tag, str) else ("", "", "")
    return name if "/DMN/" in namespace else ""


def children(node: Any, name: str) -> list[Any]:
    """Return the children of this name, in the order of the file."""
    return [child for child in node if local_name(child) == name]


def child(node: Any, name: str) -> Any:
    """Return the first child of this name, or None."""
    found = children(node, name) if node is not None else []
    return found[0] if found else None


def text_of(node: Any) -> str:
    """Return the content of the ``text`` inside a node, or an empty one."""
    content = child(node, "text")
    return (content.text or "").strip() if content is not None else ""


def type_of(node: Any) -> str:
    """Return the type that a node refers to, without the prefix that DMN 1.1 has."""
    if node is None:
        return ""
    inner = child(node, "typeRef")
    name = (node.get("typeRef") or (inner.text if inner is not None else "") or "").strip()
    return str(name.rsplit(":", 1)[-1])


def feel_only(node: Any, place: str) -> None:
    """Refuse an expression language other than FEEL."""
    language = (node.get("expressionLanguage") or "").strip("/").lower() if node is not None else ""
    if language and "feel" not in language and "/dmn/" not in language:
        raise RefusedDecision(
            say(
                "{place}：只支持 FEEL 表达式，不支持“{language}”，第 {line} 行。",
                place=place,
                language=language,
                line=node.sourceline,
            )
        )
