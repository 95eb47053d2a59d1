"""Every step of a plan, wherever it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

_NESTED = ("steps", "branches", "after")


def steps_of(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return every step of a checked plan, those inside other steps too."""
    for phase in plan["phases"]:
        yield from _walk(phase["steps"])
    for process in plan["processes"]:
        yield from _walk(process["steps"])
    for section in ("opening", "streams", "closing"):
        yield from _walk(plan[section])


def _walk(steps: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        yield step
        for key in _NESTED:
            inner = step.get(key) or []
            if key == "steps":
                yield from _walk(inner)
            else:
                for part in inner:
                    yield from _walk(part["steps"])
