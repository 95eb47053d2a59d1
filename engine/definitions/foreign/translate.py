"""Translates one diagram file: normalised, and every vendor's words in those that are executed here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.definitions.foreign import (
    events,
    expressions,
    forms,
    jbpm,
    listeners,
    loops,
    mappings,
    people,
    services,
    settings,
    spiff,
    structure,
    tasks,
    zeebe,
)
from engine.definitions.foreign.document import Document, duban
from engine.definitions.foreign.notes import REFUSED, Note
from engine.definitions.foreign.reading import read, rename_old_namespaces, written
from engine.definitions.foreign.vendors import Vendor, vendor_of

Unit = Callable[[Document], None]

_FIRST: tuple[Unit, ...] = (
    structure.name_nodes,
    structure.complete_branches,
    events.translate_references,
    events.translate_registry,
    events.translate_listening,
)
_COMMON: tuple[Unit, ...] = (
    expressions.translate_complete_condition,
    expressions.translate_texts,
    expressions.translate_assignments,
    events.translate_timers,
    loops.translate_loops,
    forms.translate_forms,
    people.translate_people,
    services.translate_services,
    mappings.translate_mappings,
    listeners.translate_listeners,
    tasks.translate_scripts,
    tasks.translate_decisions,
    tasks.translate_calls,
    tasks.translate_names,
    settings.translate_settings,
)
_OWN: Mapping[Vendor, tuple[Unit, ...]] = {
    Vendor.ZEEBE: (zeebe.translate_zeebe,),
    Vendor.SPIFF: (spiff.translate_spiff,),
    Vendor.JBPM: (jbpm.translate_jbpm,),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A translated diagram and the report about it; ``files`` are forms that were drawn inside it, by file name."""

    content: bytes
    notes: tuple[Note, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def refused(self) -> tuple[Note, ...]:
        """What could not be translated."""
        return tuple(note for note in self.notes if note.kind == REFUSED)


def import_diagram(content: bytes, filename: str = "", *, any_script: bool = False) -> Imported:
    """Translate a diagram; one of our own comes back as it was, and so does what cannot be read at all.

    Parameters
    ----------
    content
        The file, in any encoding that XML names.
    filename
        Not looked at; it is there for callers that report.
    any_script
        Script tasks stay as they are drawn: somebody takes them, whatever their language.
    """
    root = read(content)
    if root is None:
        return Imported(content, ())
    renamed = rename_old_namespaces(root)
    vendor = vendor_of(root)
    if vendor is Vendor.HOUSE or (vendor is Vendor.PLAIN and not renamed):
        return Imported(content.lstrip(), ())
    doc = Document(root, vendor, any_script=any_script)
    before = written(root)
    for unit in (*_FIRST, *_OWN.get(vendor, ()), *_COMMON):
        unit(doc)
    doc.settle_marks()
    notes = tuple(sorted(doc.notes, key=lambda note: note.line))
    if not renamed and written(root) == before:
        return Imported(content.lstrip(), notes)
    root.set(duban("importedFrom"), vendor.value)
    return Imported(written(root), notes, doc.files)
