"""Plays a scenario: step by step on the real engine, gathering every asserted figure."""

import re
import time
from collections.abc import Mapping
from typing import Any

from engine.definitions.packages import Package
from engine.errors import DubanError, InvalidInput
from engine.instances.models import Incident
from engine.wording import Sentence, both, listed, say
from workflows.scenarios.actions import do, do_launch, do_move, do_start, see
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.going_on import play_on
from workflows.scenarios.observe import SUBJECTS
from workflows.scenarios.outside import answer, send_message, send_signal
from workflows.scenarios.reading import Step, read_scenario
from workflows.scenarios.report import Check, Result
from workflows.scenarios.world import World, build_world, instant_of

SCENARIO = "scenario.yaml"
RECORDED = "scenarios/"
"""The folder of further scenarios, such as the designer records."""


def scenario_paths(package: Package) -> list[str]:
    """Return the scenario files of a package: its own first, then those of the folder by name."""
    further = (path for path in package.files if path.startswith(RECORDED) and path.endswith((".yaml", ".yml")))
    return [*(path for path in package.files if path == SCENARIO), *sorted(further)]


def play(package: Package, path: str = SCENARIO) -> Result:
    """Play a scenario of a package and return what came out; a wrong file or step is told in ``Result.error``."""
    result = Result(package.key, str(package.plan.get("catalogue") or ""))
    began = time.perf_counter()
    try:
        _play(package, path, result)
    except DubanError as error:
        result.error = _sentence(error)
    result.seconds = round(time.perf_counter() - began, 2)
    return result


def play_every(package: Package) -> Result:
    """Play the package's own scenario and all further ones; returns them as one, with the first error."""
    whole, *further = [play(package, path) for path in scenario_paths(package) or [SCENARIO]]
    for result in further:
        whole.checks += result.checks
        whole.steps += result.steps
        whole.seconds += result.seconds
        whole.error = whole.error or result.error
    return whole


def _play(package: Package, path: str, result: Result) -> None:
    content = package.files.get(path)
    if content is None:
        raise ScenarioError(say("流程包“{key}”没有 {path}", key=package.key, path=path))
    scenario = read_scenario(content, catalogue=result.catalogue, filename=path)
    result.name, result.catalogue = scenario.name or package.name, scenario.catalogue
    world = build_world(package, starts_at=scenario.starts_at, people=scenario.people, answered=scenario.answered)
    try:
        for step in scenario.steps:
            try:
                result.checks += perform(world, step)
            except DubanError as error:
                where = {"path": path, "line": step.line, "number": step.number, "verb": step.verb}
                place = say("{path} 第 {line} 行（第 {number} 步，{verb}）", **where)
                told = say("{place}：{sentence}", place=place, sentence=_sentence(error))
                raise ScenarioError(_with_incidents(world, told)) from error
            result.steps += 1
    finally:
        world.close()


def perform(world: World, step: Step) -> list[Check]:
    """Do one step; returns the figures that it asserts. Raises what the step is refused with."""
    match step.verb:
        case "at":
            world.move_to(instant_of(step.arguments))
        case "wait":
            world.move_to(world.after(step.arguments))
        case "launch":
            return do_launch(world, step.arguments, step.line)
        case "start":
            return do_start(world, step.arguments, step.line)
        case "move_phase":
            return do_move(world, step.arguments, step.line)
        case "play_on":
            return play_on(world, step.arguments)
        case "see":
            return see(world, step.arguments, step.line)
        case "do":
            return do(world, step.arguments, step.line)
        case "answer":
            answer(world, step.arguments)
        case "message":
            send_message(world, step.arguments)
        case "signal":
            send_signal(world, step.arguments)
        case "expect":
            return [_check(world, one) for one in step.arguments]
    return []


def _check(world: World, wanted: Mapping[str, Any]) -> Check:
    with world.engine.db.read() as session:
        actual = SUBJECTS[wanted["subject"]].observe(world, session, wanted["arguments"])
    written = wanted["written"]
    what = wanted["subject"] + (" " + _brief(written) if written else "")
    ok = holds(wanted["operator"], actual, wanted["value"])
    expected = wanted["value"] if wanted["operator"] == "equals" else f"{wanted['operator']} {wanted['value']}"
    return Check(wanted["source"], what, expected, actual, ok, wanted["line"])


def holds(operator: str, actual: Any, wanted: Any) -> bool:
    """Say whether a figure holds. A value of another kind never does, and never raises."""
    try:
        match operator:
            case "equals":
                return bool(actual == wanted) and isinstance(actual, bool) == isinstance(wanted, bool)
            case "at_least":
                return bool(actual >= wanted)
            case "at_most":
                return bool(actual <= wanted)
            case "contains":
                return all(_within(one, actual) for one in _listed(wanted))
            case "lacks":
                return actual is not None and not any(_within(one, actual) for one in _listed(wanted))
            case "matches":
                return isinstance(actual, str) and re.search(wanted, actual) is not None
    except TypeError:
        return False
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _within(one: Any, actual: Any) -> bool:
    return str(one) in actual if isinstance(actual, str) else one in actual


def _brief(written: Any) -> str:
    if isinstance(written, dict):
        return "(" + ", ".join(f"{key} {_brief(value)}" for key, value in written.items()) + ")"
    return str(written)


def _sentence(error: DubanError) -> str:
    fields = error.fields if isinstance(error, InvalidInput) else {}
    places = [say("{name}：{sentence}", name=name, sentence=sentence) for name, sentence in fields.items()]
    return say("{error}（{places}）", error=error, places=listed(places, "；")) if places else str(error)


def _with_incidents(world: World, told: Sentence) -> Sentence:
    with world.engine.db.read() as session:
        open_ones = session.query(Incident).filter(Incident.status == "open").limit(3).all()
    incidents = [
        say("{element}：{code} {message}", element=one.element_id, code=one.code, message=both(one.message))
        for one in open_ones
    ]
    return say("{told}。未解决的故障：{incidents}", told=told, incidents=listed(incidents, "；")) if incidents else told
