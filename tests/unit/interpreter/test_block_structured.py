"""Any block-structured diagram runs as a plain interpreter of its blocks says, whatever happens in which order."""

import json
from collections import Counter
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from engine.interpreter.contract import Ended, Entered, Failed, Left, TimerFired, WaitFinished
from engine.interpreter.snapshot import dump, load
from engine.interpreter.specs import process_spec
from engine.interpreter.waits import OpenWait, open_waits
from tests.support.drawing import AT, Played
from tests.support.structured.paint import painted
from tests.support.structured.reference import Reference
from tests.support.structured.regions import Wait
from tests.support.structured.tree import Sub, choices, processes

WILD_STEPS = 25
"""Steps in which anything may happen; then people only finish what is open."""


@given(processes(), st.data())
def test_a_diagram_runs_as_its_blocks_say(tree: Sub, data: st.DataObject) -> None:
    reference, played = Reference(tree), Played(painted(tree), dict(choices(tree)))
    number = 0
    while compare(reference, played):
        wait = chosen(reference, data, wild=number < WILD_STEPS)
        result = {f"set_{wait.element}": number} if wait.kind == "user" else {}
        if wait.element.endswith("_ask"):
            again = number < WILD_STEPS and data.draw(st.booleans(), label="again")
            result[f"again_{wait.element.removesuffix('_ask')}"] = again
        happen(played, counterpart(reference, played, wait), result)
        reference.step(wait, result)
        number += 1


def chosen(reference: Reference, data: st.DataObject, *, wild: bool) -> Wait:
    """Choose what happens next among all that is open, or among what has to happen."""
    waits = reference.waits if wild else [wait for wait in reference.waits if not wait.optional]
    return data.draw(st.sampled_from(waits), label="happens")


def counterpart(reference: Reference, played: Played, wait: Wait) -> OpenWait:
    """Return the engine's wait: of those at the same element, the one opened as early."""
    place = [one for one in reference.waits if one.element == wait.element].index(wait)
    return [one for one in open_waits(played.snapshot) if one.element_id == wait.element][place]


def happen(played: Played, wait: OpenWait, result: dict[str, Any]) -> None:
    if wait.kind == "timer":
        played.send(TimerFired(at=AT, token=wait.token))
    else:
        played.send(WaitFinished(at=AT, token=wait.token, result=result))


def compare(reference: Reference, played: Played) -> bool:
    """Hold the engine's last step against the reference's; True while the instance goes on."""
    assert not played.of(Failed)
    passed = [effect for effect in played.effects if isinstance(effect, Entered | Left)]
    seen = [(isinstance(effect, Entered), effect.element_id) for effect in passed]
    expected = [(event.entered, event.element) for event in reference.events]
    assert Counter(seen) == Counter(expected)
    compare_order(reference, seen)
    waits = open_waits(played.snapshot)
    assert Counter((wait.element_id, wait.kind) for wait in waits) == Counter(
        (wait.element, wait.kind) for wait in reference.waits
    )
    assert played.outcome == reference.outcome
    assert len([effect for effect in played.all if isinstance(effect, Ended)]) == (reference.outcome is not None)
    assert played.variables == reference.variables.own
    compare_stored(played)
    return reference.outcome is None


def compare_order(reference: Reference, seen: list[tuple[bool, str]]) -> None:
    """What caused something came before it, as far as both happened once in the step."""
    once = {label for label, times in Counter(seen).items() if times == 1}
    labels = {event.number: (event.entered, event.element) for event in reference.events}
    for event in reference.events:
        for cause in event.causes & labels.keys():
            if {labels[cause], labels[event.number]} <= once:
                assert seen.index(labels[cause]) < seen.index(labels[event.number])


def compare_stored(played: Played) -> None:
    """What is stored comes back as it is, whatever the order of its keys."""
    shuffled = orjson.dumps(json.loads(played.snapshot), option=orjson.OPT_SORT_KEYS)
    run = load(process_spec(played.definition, "P"), shuffled, played.variables, played.environment, AT)
    assert json.loads(dump(run)) == json.loads(played.snapshot)
