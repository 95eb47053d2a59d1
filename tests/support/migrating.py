"""Take a played instance over to another drawing."""

from collections.abc import Mapping

from engine.definitions.model import Definition
from engine.interpreter.migration import Crossing, Finding, examine, generate_mapping, remap
from tests.support.drawing import AT, Played


def crossing(played: Played, target: Definition, elements: Mapping[str, str | None] | None = None) -> Crossing:
    """Return the generated mapping, changed by ``elements``: None takes an element out."""
    source, there = played.definition.processes["P"], target.processes["P"]
    mapping: dict[str, str | None] = {**generate_mapping(source, there), **(elements or {})}
    return Crossing(source, there, {one: other for one, other in mapping.items() if other is not None})


def findings(played: Played, target: Definition, elements: Mapping[str, str | None] | None = None) -> list[Finding]:
    return examine(crossing(played, target, elements), played.snapshot)


def rules(
    played: Played, target: Definition, elements: Mapping[str, str | None] | None = None
) -> list[tuple[str, str]]:
    """Return severity and rule of everything that a dry run finds."""
    return [(one.severity, one.rule) for one in findings(played, target, elements)]


def migrate(played: Played, target: Definition, elements: Mapping[str, str | None] | None = None) -> None:
    """Migrate: what is played afterwards runs in the target's drawing."""
    cross = crossing(played, target, elements)
    step = remap(cross, target, played.snapshot, played.variables, played.environment, at=AT)
    played.definition = target
    played.take(step)
