"""Lint of what the import could not translate."""

from typing import Any

from engine.definitions.model import Definition, LintFinding
from engine.definitions.untranslated import marked

SAYS_WHAT = frozenset({"foreign-expression", "bad-expression", "condition-language", "script-language"})
"""Findings that show an untranslated text themselves."""

_SHOWN = 80
"""Letters of a text that a finding shows."""


def check_untranslated(document: Any, definition: Definition, findings: list[LintFinding]) -> list[LintFinding]:
    """Refuse the texts of other engines that still stand as they were drawn, where ``findings`` do not show them."""
    said = {one.element_id for one in findings if one.rule in SAYS_WHAT}
    executed = {id_ for process in definition.processes.values() if process.executable for id_ in process.nodes}
    found = []
    for node, texts in marked(document):
        place = node.get("id")
        if place in executed and place not in said:
            found += [_finding(node, text) for text in dict.fromkeys(texts)]
    return found


def _finding(node: Any, text: str) -> LintFinding:
    line = " ".join(text.split()).replace(" / ", "/")
    shown = f"“{line[:_SHOWN]}”" if line else ""
    message = f"有译不了的表达式或脚本{shown} / An expression or script could not be translated {shown}".rstrip()
    advice = "改写成 FEEL 或 JavaScript / Write it in FEEL or JavaScript; duban import says why"
    return LintFinding("untranslated", "error", node.get("id"), node.get("name"), node.sourceline or 0, message, advice)
