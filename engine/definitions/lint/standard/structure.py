"""Structure: what may stand where, how often, with which attributes; ids."""

import re
from collections import Counter
from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import FLOW_NODE_TAGS, GROUPS, OWNER_TAGS, Shape, shapes
from engine.definitions.vocabulary import BPMN

_BOOLEANS = frozenset({"true", "false", "1", "0"})
_INTEGER = re.compile(r"\s*[-+]?\d+\s*")
_SCOPES = GROUPS["subProcess"] | {"process"}
_DRAWN = GROUPS["artifact"] | GROUPS["collaboration"] | {"participant", "participantMultiplicity"}


def check_structure(lint: Reporter) -> None:
    """Check every element against the table of shapes, and that ids are unique."""
    table = shapes()
    seen: set[str] = set()
    for element in lint.document.elements:
        identifier = element.get("id")
        if identifier is not None and identifier in seen:
            code = "duplicate-id" if local_name(element) in OWNER_TAGS else "duplicate-inner-id"
            lint.report(code, element, aside=True, id=identifier)
        seen.add(identifier or "")
        if identifier is None and local_name(element) in FLOW_NODE_TAGS:
            lint.report("no-id", element, tag=local_name(element))
        shape = table.get(local_name(element))
        if shape is not None:
            _check_attributes(lint, element, shape)
            _check_children(lint, element, shape)


def _check_attributes(lint: Reporter, element: Any, shape: Shape) -> None:
    for name, value in element.attrib.items():
        if name.startswith("{"):
            continue
        attribute = shape.attributes.get(name)
        if attribute is None:
            lint.report("unknown-attribute", element, name=name, tag=local_name(element))
        elif not _is_valid(attribute.type, value):
            allowed = attribute.type.replace(",", "、").replace("bool", "true、false").replace("int", "0、1、2…")
            lint.report(
                "invalid-value", element, aside=local_name(element) in _DRAWN, name=name, value=value, allowed=allowed
            )
    aside = local_name(element) not in OWNER_TAGS
    for name in shape.required:
        if name not in element.attrib:
            lint.report("missing-attribute", element, aside=aside, name=name, tag=local_name(element))


def _is_valid(kind: str, value: str) -> bool:
    if kind == "bool":
        return value.strip() in _BOOLEANS
    if kind == "int":
        return _INTEGER.fullmatch(value) is not None
    return not kind or value in kind.split(",")


def _check_children(lint: Reporter, element: Any, shape: Shape) -> None:
    found: Counter[str] = Counter()
    aside = local_name(element) not in _SCOPES
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(f"{{{BPMN}}}"):
            tag = local_name(child)
            found[tag] += 1
            if tag in GROUPS["choreographyActivity"] and local_name(element) in _SCOPES:
                lint.report("choreography-in-process", child, tag=tag)
            elif tag not in shape.allowed:
                lint.report("misplaced-element", child, aside=aside, tag=tag, parent=local_name(element))
    for expected in shape.counted:
        number = sum(found[tag] for tag in expected.tags if tag in found)
        if number < expected.least:
            lint.report("missing-child", element, aside=True, tag=expected.name, parent=local_name(element))
        elif number > expected.most:
            aside = expected.name == "extensionElements"
            lint.report("too-many-children", element, aside=aside, tag=expected.name, parent=local_name(element))
