"""Holds a document against BPMN 2.0.2."""

from collections.abc import Collection
from typing import Any

from engine.definitions.lint.standard.activities import check_activities
from engine.definitions.lint.standard.collaboration import check_collaboration
from engine.definitions.lint.standard.data import check_data
from engine.definitions.lint.standard.document import Document
from engine.definitions.lint.standard.events import check_events
from engine.definitions.lint.standard.flows import check_flows
from engine.definitions.lint.standard.gateways import check_gateways
from engine.definitions.lint.standard.references import check_references
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.structure import check_structure
from engine.definitions.lint.standard.texts import check_imports, check_scripts, check_texts
from engine.definitions.lint.standard.unexecuted import check_unexecuted
from engine.definitions.model import LintFinding


def check_standard(
    root: Any, *, known_files: Collection[str] | None = None, known_processes: Collection[str] | None = None
) -> list[LintFinding]:
    """Return what the standard says against a parsed document; a ``known_…`` of None checks nothing of its kind."""
    lint = Reporter(Document(root))
    for check in (
        check_structure,
        check_flows,
        check_events,
        check_gateways,
        check_activities,
        check_data,
        check_collaboration,
        check_texts,
        check_scripts,
        check_unexecuted,
    ):
        check(lint)
    check_references(lint, known_processes)
    check_imports(lint, known_files)
    return lint.findings
