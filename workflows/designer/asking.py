"""What the plan of a draft names: its phases, and what a launch asks for, with values to begin a dry run with."""

from collections.abc import Mapping
from typing import Any

from engine.definitions.packages import Package
from engine.errors import DubanError
from workflows.designer.choices import Choice
from workflows.plans.measures import unit_of_measure
from workflows.plans.parameters import hint_of
from workflows.plans.schema import read_plan
from workflows.scenarios.player import SCENARIO
from workflows.scenarios.reading import read_scenario

_ASKED = ("type", "required", "min", "max")


def plan_choices(package: Package, *, year: int) -> dict[str, list[Choice]]:
    """Return ``phases`` and ``launch``, the parameters; both empty where there is no plan, or one with faults.

    ``default`` of a parameter is what the package's scenario is launched with, else the plan's default; a parameter
    ``year`` without one has ``year``.
    """
    try:
        plan = read_plan(package.plan)
    except DubanError:
        return {"phases": [], "launch": []}
    given = _launched_with(package)
    return {
        "phases": [Choice(one["code"], one["name"], one["name_en"]) for one in plan["phases"]],
        "launch": [_asked(one, given.get(one["name"], _default(one, year))) for one in plan["launch"]["parameters"]],
    }


def _default(one: Mapping[str, Any], year: int) -> Any:
    return year if one["default"] is None and one["name"] == "year" else one["default"]


def _asked(one: Mapping[str, Any], default: Any) -> Choice:
    more = {key: one[key] for key in _ASKED} | {"default": default, "hint": hint_of(one)}
    more |= {"unit": unit_of_measure(one["unit"]), "choices": list(one["choices"].items())}
    return Choice(one["name"], one["label"] or one["name"], one["label_en"], more)


def _launched_with(package: Package) -> Mapping[str, Any]:
    """Return the parameters of the scenario's first launch that is not refused."""
    content = package.files.get(SCENARIO)
    if content is None:
        return {}
    try:
        steps = read_scenario(content).steps
    except DubanError:
        return {}
    launches = (one.arguments for one in steps if one.verb == "launch" and not one.arguments.get("refused"))
    return next((dict(one["parameters"]) for one in launches), {})
