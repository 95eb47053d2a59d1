"""The import step: diagrams drawn for other engines, normalised and translated into what this one executes."""

from engine.definitions.foreign.notes import Note
from engine.definitions.foreign.translate import Imported, import_diagram

__all__ = ["Imported", "Note", "import_diagram"]
