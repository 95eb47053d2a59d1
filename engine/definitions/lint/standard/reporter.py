"""Collects what the standard's rules find in a document; sentences and severities come from the table of rules."""

from dataclasses import dataclass, field
from typing import Any

from engine.definitions.lint.standard.document import Document
from engine.definitions.lint.standard.rules import EVERYWHERE, FORMAL, RULES
from engine.definitions.model import LintFinding


@dataclass(slots=True)
class Reporter:
    """Findings about one document.

    A process that is not executable is documentation: what is wrong there is a warning. Some rules hold
    only within documents that follow the standard to the letter (``Rule.within``).
    """

    document: Document
    findings: list[LintFinding] = field(default_factory=list)

    def report(self, code: str, element: Any, *, aside: bool = False, **words: object) -> None:
        """Add a finding; ``words`` fill in the rule's sentence.

        ``aside`` says that nothing that is executed hangs on it: in an engine's dialect it is only a warning.
        """
        rule = RULES[code]
        severity = rule.severity if self._holds(rule.within) else rule.beyond
        if not severity:
            return
        counts = self._counts(element) and not (aside and self.document.dialect)
        owner = self.document.owner_of(element)
        self.findings.append(
            LintFinding(
                code,
                severity if counts else "warning",
                owner.get("id"),
                owner.get("name"),
                element.sourceline or 0,
                rule.message.format(**words),
                rule.advice.format(**words),
            )
        )

    def _holds(self, within: str) -> bool:
        return within == EVERYWHERE or (self.document.formal if within == FORMAL else not self.document.dialect)

    def _counts(self, element: Any) -> bool:
        process = self.document.process_of(element)
        return process is None or process.get("isExecutable") not in ("false", "0")
