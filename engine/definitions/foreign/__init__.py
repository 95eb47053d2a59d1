"""The import step: diagrams drawn for other engines, normalised and translated into what this one executes."""

from engine.definitions.foreign.translate import Imported, Note, import_diagram

__all__ = ["Imported", "Note", "import_diagram"]
