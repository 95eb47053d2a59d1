"""The real engine on a database in memory with a clock that obeys: for suites of diagrams, ours and others'."""

from engine.definitions.errors import RefusedDiagram
from engine.testing.observed import Incident, OpenItem
from engine.testing.playground import Instance, Playground

__all__ = ["Incident", "Instance", "OpenItem", "Playground", "RefusedDiagram"]
