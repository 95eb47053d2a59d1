"""Bytes to a tree and back: what other tools write wrongly is put right, and every element keeps its line."""

import re
from typing import Any

from lxml import etree

from engine.definitions.vocabulary import BPMN

_OLD_NAMESPACES = frozenset({"http://schema.omg.org/spec/BPMN/2.0", "http://www.omg.org/bpmn20", ""})
_PADDING = "duban-lines"
_MARKS = re.compile(rb' duban-lines="(\d+)"')


def read(content: bytes) -> Any:
    """Parse XML without entities, document types or network; None for what the parser will refuse with its place."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    docinfo: Any = root.getroottree().docinfo
    return None if docinfo.doctype or not str(root.tag).endswith("definitions") else root


def rename_old_namespaces(root: Any) -> bool:
    """Give the elements of a draft of the standard, or of no namespace, the namespace of BPMN 2.0."""
    found = False
    if str(root.tag).rpartition("}")[0][1:] == BPMN:
        return False
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        namespace, _, name = element.tag.rpartition("}")
        if namespace[1:] in _OLD_NAMESPACES:
            element.tag = f"{{{BPMN}}}{name}"
            found = True
    return found


def written(root: Any) -> bytes:
    """Write a tree in UTF-8, with every element on the line where it was read.

    A serialiser puts the attributes of an element on one line, which would move everything after them upwards; as
    many line breaks as were lost are put behind the last attribute.
    """
    wanted = [element.sourceline for element in root.iter() if isinstance(element.tag, str)]
    first = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    again: Any = etree.fromstring(first)
    lines = [element.sourceline for element in again.iter() if isinstance(element.tag, str)]
    behind = 0
    for element, want, have in zip((e for e in root.iter() if isinstance(e.tag, str)), wanted, lines, strict=True):
        missing = 0 if not want else want - (have + behind)
        if missing > 0:
            element.set(_PADDING, str(missing))
            behind += missing
    return _MARKS.sub(lambda mark: b"\n" * int(mark[1]), etree.tostring(root, encoding="utf-8", xml_declaration=True))
