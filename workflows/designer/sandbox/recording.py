"""A dry run becomes a scenario of the package: its steps, and after each what was to be seen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from engine.errors import InvalidInput
from workflows.designer.drafts import Draft, locked, read_draft, save_in
from workflows.designer.sandbox.service import record_of
from workflows.scenarios.player import RECORDED

if TYPE_CHECKING:
    from engine.runtime import Engine

SOURCE = "recorded"
MAX_NAME = 100


def record(
    engine: "Engine", *, sandbox_id: int, key: str, person_id: int, name: str, version: int
) -> tuple[Draft, str, str]:
    """Save a dry run as a scenario into the draft; returns the draft, the scenario's path and its text."""
    name = " ".join(name.split())[:MAX_NAME]
    if not name:
        raise InvalidInput("请给场景起个名字 / Give the scenario a name", {"name": "缺少此项 / It is missing"})
    found = record_of(engine, sandbox_id=sandbox_id, key=key, person_id=person_id)
    text = scenario_text(name, found.setup, found.steps)
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        path = _free_path(name, read_draft(session, key).files)
        draft = save_in(engine, session, package, person_id=person_id, changes={path: text.encode()})
    return draft, path, text


def scenario_text(name: str, setup: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> str:
    """Return the scenario file of recorded steps."""
    scenario: dict[str, Any] = {"name": name, "starts_at": setup["starts_at"]}
    if setup["answered"]:
        scenario["answered"] = list(setup["answered"])
    scenario["people"] = _without_empty(setup["people"])
    scenario["steps"] = list(_steps(steps))
    text: str = yaml.safe_dump(scenario, allow_unicode=True, sort_keys=False, width=120)
    return text


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return each step, followed by what changed: open tasks, and in the end how the instances stand."""
    before: Mapping[str, int] = {}
    for one in steps:
        yield {verb: _without_empty(given) for verb, given in one["step"].items()}
        changed = [task for task in {**before, **one["opens"]} if before.get(task, 0) != one["opens"].get(task, 0)]
        if changed:
            yield {"expect": [_figure("open", {"task": task}, one["opens"].get(task, 0)) for task in sorted(changed)]}
        before = one["opens"]
    if steps:
        yield {
            "expect": [
                _figure("instances", {"process": process, "status": status}, count)
                for process, states in sorted(steps[-1]["states"].items())
                for status, count in sorted(states.items())
            ]
        }


def _figure(subject: str, arguments: Mapping[str, Any], count: int) -> dict[str, Any]:
    return {subject: dict(arguments), "equals": count, "source": SOURCE}


def _without_empty(given: Any) -> Any:
    """Leave out what says nothing, so that the file can be read."""
    if not isinstance(given, dict):
        return given
    return {key: value for key, value in given.items() if value not in (None, "", [], {}, ())}


def _free_path(name: str, files: Mapping[str, bytes]) -> str:
    stem = re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "scenario"
    path, number = f"{RECORDED}{stem}.yaml", 1
    while path in files:
        number += 1
        path = f"{RECORDED}{stem}-{number}.yaml"
    return path
