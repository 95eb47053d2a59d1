"""Diagrams, decisions and forms as trees of parts with ids, so that two edits of one file can be merged.

A part is known by its id, or by its place among its like where it has none. A file written back is the same to whoever
reads it, whatever editor laid it out.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

Key = tuple[str, str]


@dataclass
class Part:
    """An element or JSON object: its tag, its values by name, its text, and its parts by key in their order."""

    tag: str
    values: dict[str, str] = field(default_factory=dict)
    text: str = ""
    parts: dict[Key, "Part"] = field(default_factory=dict)

    def same(self, other: "Part") -> bool:
        """Say whether two parts say the same, the order of their parts apart."""
        return (
            (self.tag, self.values, self.text) == (other.tag, other.values, other.text)
            and self.parts.keys() == other.parts.keys()
            and all(part.same(other.parts[key]) for key, part in self.parts.items())
        )


def read_tree(name: str, content: bytes) -> Part:
    """Read a file by its ending: ``.form`` is JSON, everything else XML. Raises ValueError where it cannot be read."""
    if name.endswith(".form"):
        return _of_json("form", json.loads(content))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{name} 不是有效的 XML / is not XML: {error}") from error
    return _of_xml(root)


def write_tree(name: str, tree: Part, pattern: bytes) -> bytes:
    """Write a tree. ``pattern`` is a file whose namespaces and heading it takes over."""
    if name.endswith(".form"):
        return (json.dumps(_to_json(tree), ensure_ascii=False, indent=2) + "\n").encode()
    prefixes = {uri: prefix for prefix, uri in etree.fromstring(pattern).nsmap.items() if uri}
    declared = "".join(f' {"xmlns:" + prefix if prefix else "xmlns"}="{uri}"' for uri, prefix in prefixes.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_xml_lines(tree, prefixes, "", declared)]
    return ("\n".join(lines) + "\n").encode()


def _of_xml(element: Any) -> Part:
    part = Part(str(element.tag), {str(name): str(value) for name, value in element.attrib.items()})
    counted: dict[str, int] = {}
    for child in element:
        tag = str(child.tag)
        named = child.get("id")
        if named is None:
            counted[tag] = counted.get(tag, 0) + 1
            named = f"#{child.text.strip()}" if _is_reference(tag) and child.text else f"#{counted[tag]}"
        part.parts[tag, named] = _of_xml(child)
    if not part.parts:
        part.text = (element.text or "").strip()
    return part


def _is_reference(tag: str) -> bool:
    return tag.endswith(("}incoming", "}outgoing"))


def _of_json(tag: str, value: Any) -> Part:
    part = Part(tag)
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, one in items:
        if isinstance(one, dict | list):
            known = (one.get("id") or one.get("key") or str(name)) if isinstance(one, dict) else str(name)
            inner = "list" if isinstance(one, list) else "object"
            part.parts[inner, str(known) if isinstance(value, list) else str(name)] = _of_json(inner, one)
        else:
            part.values[str(name)] = json.dumps(one, ensure_ascii=False)
    return part


def _to_json(part: Part) -> Any:
    if part.tag == "list":
        scalars = [json.loads(one) for _, one in sorted(part.values.items(), key=lambda item: int(item[0]))]
        return scalars + [_to_json(one) for one in part.parts.values()]
    values = {name: json.loads(one) for name, one in part.values.items()}
    return {**values, **{key[1]: _to_json(one) for key, one in part.parts.items()}}


def _xml_lines(part: Part, prefixes: dict[str, str | None], indent: str, declared: str = "") -> list[str]:
    name = _short(part.tag, prefixes)
    attributes = "".join(f" {_short(key, prefixes)}={quoteattr(value)}" for key, value in part.values.items())
    head = f"{indent}<{name}{declared}{attributes}"
    if part.parts:
        inner = [line for one in part.parts.values() for line in _xml_lines(one, prefixes, indent + "  ")]
        return [head + ">", *inner, f"{indent}</{name}>"]
    return [f"{head}>{escape(part.text)}</{name}>" if part.text else f"{head} />"]


def _short(name: str, prefixes: dict[str, str | None]) -> str:
    uri, _, local = name.rpartition("}")
    if not uri:
        return name
    prefix = prefixes.get(uri[1:])
    return f"{prefix}:{local}" if prefix else local
