"""A BPMN document as the standard's rules see it: elements by tag and id, their scopes, what they refer to."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from lxml import etree

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.schema import ACTIVITY_TAGS, EVENT_TAGS, FLOW_NODE_TAGS, OWNER_TAGS
from engine.definitions.vocabulary import BPMN, PREFIXES

_OPAQUE = frozenset({"extensionElements", "documentation", "script", "text"})
"""Elements whose content is not BPMN."""

_ENGINES = ("http://www.jboss.org/drools", "http://spiffworkflow.org/", *PREFIXES)
"""Namespaces of engines with a dialect of their own, by how they begin."""

_FOREIGN = re.compile(r"[$#]\{")
_SCHEMA_TYPES = "http://www.w3.org/2001/XMLSchema"
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


class Document:
    """Index of one parsed document; elements are lxml elements in the BPMN namespace, in the order of the file."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.elements = list(_bpmn_elements(root))
        self.by_id: dict[str, Any] = {}
        self._by_tag: dict[str, list[Any]] = {}
        for element in self.elements:
            self.by_id.setdefault(element.get("id") or "", element)
            self._by_tag.setdefault(local_name(element), []).append(element)
        self.by_id.pop("", None)
        self._namespaces = {str(uri) for _, (_, uri) in etree.iterwalk(root, events=("start-ns",))}

    def of(self, *tags: str) -> Iterator[Any]:
        """Return the elements with these tags, one tag after the other."""
        for tag in tags:
            yield from self._by_tag.get(tag, ())

    @cached_property
    def dialect(self) -> bool:
        """Whether it is drawn for an engine with extensions of its own, which loosen some of the standard's rules."""
        return any(uri.startswith(_ENGINES) for uri in self._namespaces)

    @cached_property
    def formal(self) -> bool:
        """Whether it types its expressions as the standard prescribes.

        It names their language and can write ``xsi:type``, and none is in the ``${…}`` of an engine's dialect.
        """
        if self.dialect or not self.root.get("expressionLanguage") or _SCHEMA_INSTANCE not in self._namespaces:
            return False
        return not any(_FOREIGN.search(element.text or "") for element in self.elements)

    def resolve(self, reference: str) -> Any:
        """Return the element of this document that a QName or id means, or None."""
        found = self.by_id.get(reference)
        return found if found is not None else self.by_id.get(reference.rpartition(":")[2])

    def is_external(self, reference: str, at: Any) -> bool:
        """Say whether a QName lies in another namespace: an imported definition or a type of XML Schema."""
        prefix, colon, _ = reference.partition(":")
        uri = at.nsmap.get(prefix) if colon else None
        return uri is not None and uri not in (self.root.get("targetNamespace"), BPMN)

    def is_schema_type(self, reference: str, at: Any) -> bool:
        """Say whether a QName names a type of XML Schema such as ``xsd:string``."""
        prefix, colon, _ = reference.partition(":")
        return bool(colon) and (at.nsmap.get(prefix) == _SCHEMA_TYPES or prefix in ("xsd", "xs"))

    @staticmethod
    def process_of(element: Any) -> Any:
        """Return the process that holds an element, or is it; None outside of processes."""
        while element is not None and local_name(element) != "process":
            element = element.getparent()
        return element

    @staticmethod
    def owner_of(element: Any) -> Any:
        """Return what is seen of an element in the diagram: itself, or the flow element or pool that it belongs to."""
        owner = element
        while owner is not None and local_name(owner) not in OWNER_TAGS:
            owner = owner.getparent()
        return element if owner is None else owner

    def definitions_of(self, event: Any) -> list[Any]:
        """Return the event definitions of an event, inline or by reference, in their order."""
        found = []
        for child in event:
            tag = local_name(child)
            if tag.endswith("EventDefinition"):
                found.append(child)
            elif tag == "eventDefinitionRef":
                target = self.resolve((child.text or "").strip())
                if target is not None and local_name(target).endswith("EventDefinition"):
                    found.append(target)
        return found

    @cached_property
    def nodes(self) -> list[Any]:
        """Every flow node."""
        return list(self.of(*sorted(FLOW_NODE_TAGS)))

    @cached_property
    def activities(self) -> list[Any]:
        """Every activity."""
        return list(self.of(*sorted(ACTIVITY_TAGS)))

    @cached_property
    def events(self) -> list[Any]:
        """Every event."""
        return list(self.of(*sorted(EVENT_TAGS)))

    @cached_property
    def incoming(self) -> Counter[str]:
        """How many sequence flows end at a node, by id."""
        return Counter(flow.get("targetRef") or "" for flow in self.of("sequenceFlow"))

    @cached_property
    def outgoing(self) -> dict[str, list[Any]]:
        """Sequence flows that begin at a node, by its id."""
        result: dict[str, list[Any]] = {}
        for flow in self.of("sequenceFlow"):
            result.setdefault(flow.get("sourceRef") or "", []).append(flow)
        return result

    def same_item(self, one: str | None, other: str | None) -> bool:
        """Say whether two references mean equivalent item definitions: the same one, or equal structures."""
        if one == other:
            return True
        first, second = (self.resolve(reference) if reference else None for reference in (one, other))
        if first is None or second is None or {local_name(first), local_name(second)} != {"itemDefinition"}:
            return False
        return first is second or first.get("structureRef", "") == second.get("structureRef") is not None


def texts(element: Any, *tags: str) -> Iterator[tuple[Any, str]]:
    """Return the direct BPMN children with these tags and their stripped texts."""
    for child in element:
        if isinstance(child.tag, str) and local_name(child) in tags:
            yield child, (child.text or "").strip()


def child(element: Any, *tags: str) -> Any:
    """Return the first direct BPMN child with one of these tags, or None."""
    return next((found for found, _ in texts(element, *tags)), None)


def parts(element: Any, *tags: str) -> list[Any]:
    """Return all direct BPMN children with these tags."""
    return [found for found, _ in texts(element, *tags)]


def flag(element: Any, name: str, default: bool = False) -> bool:
    """Read a boolean attribute as XML Schema writes it."""
    value = element.get(name)
    return default if value is None else value.strip() in ("true", "1")


def _bpmn_elements(root: Any) -> Iterator[Any]:
    """Walk through the BPMN elements in the order of the file, without recursion."""
    pending: list[Any] = [root]
    while pending:
        element = pending.pop()
        if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{BPMN}}}"):
            continue
        yield element
        if local_name(element) not in _OPAQUE:
            children: Iterable[Any] = reversed(element)
            pending.extend(children)
