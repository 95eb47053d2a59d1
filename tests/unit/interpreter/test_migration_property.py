"""Property: migrating to an identical version changes nothing but the definition's id."""

from datetime import timedelta

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.interpreter.contract import TimerFired, WaitFinished
from engine.interpreter.waits import open_waits
from tests.support.blocks import drawings
from tests.support.drawing import AT, Played, draw
from tests.support.migrating import findings, migrate

STEPS = st.lists(st.integers(0, 9), max_size=14)
VARIABLES = {"items": ["p", "q"]}


def _step(played: Played, choice: int, number: int) -> None:
    """Let one of the open waits happen, at an instant that only grows."""
    waits = open_waits(played.snapshot)
    if not waits:
        return
    wait, at = waits[choice % len(waits)], AT + timedelta(minutes=number)
    if wait.kind == "timer":
        played.send(TimerFired(at=at, token=wait.token))
    else:
        played.send(WaitFinished(at=at, token=wait.token, result={"answer": number}))


@given(body=drawings(), before=STEPS, after=STEPS)
@settings(max_examples=150, deadline=None)
def test_migrating_to_an_identical_version_changes_nothing_but_the_definition(
    body: str, before: list[int], after: list[int]
) -> None:
    source, target = draw(body), draw(f"{body}<!-- the next version -->")
    stayed, moved = Played(source, VARIABLES), Played(source, VARIABLES)
    for number, choice in enumerate(before):
        _step(stayed, choice, number)
        _step(moved, choice, number)
    if not open_waits(moved.snapshot):
        return
    assert findings(moved, target) == []
    migrate(moved, target)
    assert moved.effects == ()
    assert moved.variables == stayed.variables
    assert _but_definition(moved) == _but_definition(stayed)
    for number, choice in enumerate(after, start=len(before)):
        _step(stayed, choice, number)
        _step(moved, choice, number)
        assert moved.effects == stayed.effects
        assert _but_definition(moved) == _but_definition(stayed)


def _but_definition(played: Played) -> dict[str, object]:
    return {key: value for key, value in orjson.loads(played.snapshot).items() if key != "definition"}
