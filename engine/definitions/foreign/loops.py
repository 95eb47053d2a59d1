"""Multi-instance: collections, items and counters in the spellings of the vendors."""

from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local, shortened, text_of
from engine.definitions.foreign.expressions import is_template, to_feel
from engine.definitions.foreign.vendors import ZEEBE_NS

_IGNORED = ("elementIndexVariable", "noWaitStatesAsyncLeave")


def translate_loops(doc: Document) -> None:
    """Translate the multi-instance characteristics of every activity."""
    for loop in doc.elements("multiInstanceLoopCharacteristics"):
        node = loop.getparent()
        _collection(doc, node, loop)
        _zeebe(doc, node, loop)
        _one_source(doc, node, loop)
        for name in _IGNORED:
            if doc.attribute(loop, name):
                doc.ignored(node, f"{name}：用 loopCounter / Use loopCounter")
        for leftover in doc.extensions(loop, "variableAggregation", "failedJobRetryTimeCycle"):
            doc.ignored(node, f"{local(leftover)}：不汇总，用输出集合 / Nothing is gathered: use an output collection")
            doc.remove(leftover)


def _collection(doc: Document, node: Any, loop: Any) -> None:
    """Take the collection from the attribute, the extension element or the standard's element."""
    key = doc.key(loop, "collection")
    inner = next(iter(doc.extensions(loop, "collection")), None)
    if inner is not None and key is None:
        text = next((text_of(child) for child in inner if local(child) in ("expression", "string")), "") or text_of(
            inner
        )
        doc.remove(inner)
        _set(doc, node, loop, text)
    elif key is not None:
        text = str(loop.get(key))
        if is_template(text):
            del loop.attrib[key]
            _set(doc, node, loop, text)
    reference = loop.find(bpmn("loopDataInputRef"))
    if reference is not None and is_template(text_of(reference)):
        text = text_of(reference)
        loop.remove(reference)
        _set(doc, node, loop, text)


def _set(doc: Document, node: Any, loop: Any, text: str) -> None:
    found = doc.attempt(node, "集合 / Collection ", text, lambda: to_feel(doc, text))
    doc.set_house(loop, "collection", found if found is not None else text)


def _zeebe(doc: Document, node: Any, loop: Any) -> None:
    for block in doc.extensions(loop, "loopCharacteristics", namespaces=(ZEEBE_NS,)):
        for theirs, ours in (
            ("inputCollection", "collection"),
            ("inputElement", "elementVariable"),
            ("outputCollection", "outputCollection"),
            ("outputElement", "outputElement"),
        ):
            if value := block.get(theirs):
                doc.set_house(loop, ours, value.lstrip("=").strip() if ours != "collection" else value)
        doc.translated(node, "zeebe:loopCharacteristics → 多实例 / multi-instance")


def _one_source(doc: Document, node: Any, loop: Any) -> None:
    """Of a cardinality and a collection, these engines go by the cardinality."""
    cardinality = loop.find(bpmn("loopCardinality"))
    collections = [key for key in loop.attrib if str(key).endswith("}collection")]
    if cardinality is not None and text_of(cardinality) and collections:
        doc.ignored(node, f"集合“{shortened(str(loop.get(collections[0])))}”：有次数 / The cardinality counts")
        for key in collections:
            del loop.attrib[key]
