"""Marks for texts that the import could not translate: each holds for as long as its text stands as it was drawn.

A foreign text may be valid FEEL and mean something else, so its flow node bears a mark until somebody rewrites it.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from engine.definitions.vocabulary import BPMN

MARK = "{https://duban.dev/bpmn/1.0}untranslated"
"""The attribute of a flow node: the fingerprints of its untranslated texts and of those of its outgoing flows."""

ALWAYS = "true"
"""A mark that no text is known for: it holds until it is removed."""

_LENGTH = 12


def fingerprint(text: str) -> str:
    """Return the mark of a text, which white space does not change."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:_LENGTH]


def marked(root: Any) -> Iterator[tuple[Any, list[str]]]:
    """Yield every flow node that bears marks, with the untranslated texts that it still has.

    The text is empty for :data:`ALWAYS`.
    """
    for node in root.iter():
        marks = str(node.get(MARK) or "").split() if isinstance(node.tag, str) else []
        if marks:
            texts = {fingerprint(text): text for text in _texts(node) if text.strip()}
            known = {ALWAYS: "", **texts}
            yield node, [known[mark] for mark in marks if mark in known]


def _texts(node: Any) -> Iterator[str]:
    """Yield the texts and the attributes of a flow node and of the flows that leave it."""
    parent = node.getparent()
    flows = () if parent is None else parent.findall(f"{{{BPMN}}}sequenceFlow")
    for element in (node, *(flow for flow in flows if flow.get("sourceRef") == node.get("id"))):
        for inner in element.iter():
            if isinstance(inner.tag, str):
                yield "".join(inner.itertext())
                yield from inner.attrib.values()
