"""One diagram file while it is translated: its tree, whom it was drawn for, and what there is to say about it."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from engine.definitions.foreign.notes import IGNORED, REFUSED, TRANSLATED, Note
from engine.definitions.foreign.syntax import Untranslatable
from engine.definitions.foreign.vendors import DUBAN_NS, JUEL_NAMESPACES, Vendor
from engine.definitions.untranslated import ALWAYS, MARK, fingerprint, marked
from engine.definitions.vocabulary import BPMN, NO_TOKENS, SCOPES
from engine.wording import Sentence, both, say

etree.register_namespace("duban", DUBAN_NS)

SHOWN = 80
"""Letters of an expression or script that a note shows."""


class Document:
    """A diagram under translation. Elements are lxml's; new ones are made by :meth:`add`."""

    def __init__(self, root: Any, vendor: Vendor, *, any_script: bool) -> None:
        self.root = root
        self.vendor = vendor
        self.any_script = any_script
        self.notes: list[Note] = []
        self.files: dict[str, bytes] = {}

    # Reporting

    def translated(self, element: Any, what: str) -> None:
        self._note(TRANSLATED, element, what)

    def ignored(self, element: Any, what: str) -> None:
        self._note(IGNORED, element, what)

    def refused(self, element: Any, what: str) -> None:
        self._note(REFUSED, element, what)

    def _note(self, kind: str, element: Any, what: str) -> None:
        owner = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        line = next((one.sourceline for one in (element, owner) if one is not None and one.sourceline), 0)
        self.notes.append(Note(kind, None if owner is None else owner.get("id"), line, what))

    def attempt(self, element: Any, what: str, text: str, translate: Callable[[], str]) -> str | None:
        """Translate a text and say so; what cannot be translated is refused, and None comes back."""
        try:
            found = translate()
        except Untranslatable as problem:
            advice = "改写成 FEEL 或 JavaScript / Write it in FEEL or JavaScript"
            self.refused(element, untranslatable(what, text, problem, advice))
            self.mark(element, text)
            return None
        if found != text:
            shown = {"text": shortened(text), "found": shortened(found)}
            self.translated(element, say("{what}“{text}” → “{found}”", what=both(what.strip()), **shown))
        return found

    def mark(self, element: Any, text: str) -> None:
        """Mark the flow node of an untranslated text, so that it is refused even where it looks like FEEL."""
        owner = element
        while owner is not None and not _is_node(owner) and local(owner) != "sequenceFlow":
            owner = owner.getparent()
        if owner is not None and local(owner) == "sequenceFlow":
            siblings = owner.getparent().iterchildren(f"{{{BPMN}}}*")
            owner = next((node for node in siblings if node.get("id") == owner.get("sourceRef")), None)
        if owner is not None:
            marks = [*(owner.get(MARK) or "").split(), fingerprint(text)]
            owner.set(MARK, " ".join(dict.fromkeys(marks)))

    def settle_marks(self) -> None:
        """Let a mark hold for good where its text is not found in what was written: nobody could rewrite it."""
        owners = [element for element in self.root.iter() if isinstance(element.tag, str) and element.get(MARK)]
        if not owners:
            return
        again = etree.fromstring(etree.tostring(self.root), etree.XMLParser(remove_comments=True, remove_pis=True))
        for owner, (_, texts) in zip(owners, marked(again), strict=True):
            if len(texts) < len(owner.get(MARK).split()):
                owner.set(MARK, ALWAYS)

    # Finding

    def elements(self, *tags: str) -> list[Any]:
        """Return BPMN elements of the whole document by their tags."""
        return list(self.root.iter(*(bpmn(tag) for tag in tags)))

    def nodes(self, *tags: str) -> Iterator[Any]:
        """Return the flow nodes of all processes, or those with one of the tags."""
        wanted = set(tags)
        for process in self.root.findall(bpmn("process")):
            for element in process.iter():
                if isinstance(element.tag, str) and _is_node(element) and (not wanted or local(element) in wanted):
                    yield element

    def extensions(self, element: Any, *tags: str, namespaces: tuple[str, ...] = JUEL_NAMESPACES) -> list[Any]:
        """Return the extension elements of an element by local tag, of the Camunda family unless said otherwise."""
        found = []
        for block in element.findall(bpmn("extensionElements")):
            for child in block:
                if isinstance(child.tag, str) and local(child) in tags and namespace(child) in namespaces:
                    found.append(child)
        return found

    def attribute(self, element: Any, name: str) -> str | None:
        """Return an attribute of the Camunda family."""
        key = self.key(element, name)
        return None if key is None else str(element.get(key))

    def key(self, element: Any, name: str) -> str | None:
        """Return the qualified name under which an attribute of the Camunda family is written."""
        return next((key for one in JUEL_NAMESPACES if (key := f"{{{one}}}{name}") in element.attrib), None)

    # Changing

    def add(self, parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
        """Append an element; ``tag`` is qualified."""
        made = etree.SubElement(parent, tag, attributes)
        made.text = text
        return made

    def extension_block(self, element: Any) -> Any:
        """Return the ``extensionElements`` of an element, made after its documentation where there are none."""
        block = element.find(bpmn("extensionElements"))
        if block is None:
            block = etree.Element(bpmn("extensionElements"))
            element.insert(len(element.findall(bpmn("documentation"))), block)
        return block

    def add_mapping(self, element: Any, direction: str, name: str, expression: str) -> None:
        """Map a value into an element (``direction`` in) or out of it: ``name`` takes the value of the FEEL text."""
        block = self.extension_block(element)
        mapping = block.find(duban("inputOutput"))
        if mapping is None:
            mapping = self.add(block, duban("inputOutput"))
        tag = "inputParameter" if direction == "in" else "outputParameter"
        self.add(mapping, duban(tag), expression, name=name)

    def add_script(self, element: Any, on: str, text: str, flow: str = "") -> None:
        """Let a flow node run JavaScript when it is entered or left (``on`` enter, leave, or take with a flow)."""
        attributes = {"on": on, "flow": flow} if flow else {"on": on}
        self.add(self.extension_block(element), duban("script"), text, **attributes)

    def set_house(self, element: Any, name: str, value: str) -> None:
        """Set an attribute of the house."""
        element.set(duban(name), value)

    def remove(self, element: Any) -> None:
        """Take an element out; the text after it stays."""
        parent = element.getparent()
        before = element.getprevious()
        if element.tail:
            if before is not None:
                before.tail = (before.tail or "") + element.tail
            else:
                parent.text = (parent.text or "") + element.tail
        parent.remove(element)

    def retag(self, element: Any, tag: str) -> None:
        """Make another BPMN element of an element."""
        element.tag = bpmn(tag)

    def root_element(self, tag: str, identifier: str, **attributes: str) -> Any:
        """Return the root element with this id, made before the first process where it is missing."""
        for element in self.root.findall(bpmn(tag)):
            if element.get("id") == identifier:
                return element
        made = etree.Element(bpmn(tag), {"id": identifier, **attributes})
        first = self.root.find(bpmn("process"))
        self.root.insert(0 if first is None else list(self.root).index(first), made)
        return made


def bpmn(tag: str) -> str:
    """Qualify a BPMN tag."""
    return f"{{{BPMN}}}{tag}"


def duban(tag: str) -> str:
    """Qualify a tag or attribute of the house."""
    return f"{{{DUBAN_NS}}}{tag}"


def local(element: Any) -> str:
    """Return a tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace(element: Any) -> str:
    """Return the namespace of an element."""
    return str(element.tag).rpartition("}")[0][1:]


def text_of(element: Any) -> str:
    """Return the text inside an element, stripped."""
    return "".join(element.itertext()).strip()


def untranslatable(what: str, text: str, problem: Untranslatable, advice: str) -> Sentence:
    """Say which text cannot be translated, why, and what to do."""
    values = {"problem": problem, "advice": both(advice)}
    return say("{what}“{text}”译不了：{problem} → {advice}", what=both(what.strip()), text=shortened(text), **values)


def shortened(text: str) -> str:
    """Return a text on one line, short enough for a note."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _is_node(element: Any) -> bool:
    """Say whether an element is a flow node: it stands directly in a process or subprocess."""
    parent = element.getparent()
    inside = parent is not None and (local(parent) == "process" or local(parent) in SCOPES)
    return inside and namespace(element) == BPMN and local(element) not in NO_TOKENS
