"""The real engine on a database in memory with a clock that obeys: for suites of diagrams, ours and others'."""

from engine.definitions.errors import RefusedDiagram
from engine.interpreter.errors import BpmnError
from engine.testing.instance import Instance
from engine.testing.observed import Incident, OpenItem
from engine.testing.playground import Playground

__all__ = ["BpmnError", "Incident", "Instance", "OpenItem", "Playground", "RefusedDiagram"]
