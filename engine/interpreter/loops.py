"""Standard loops: a body token, and inside it one token per round, one after the other.

Rounds write the variables around the activity, because the condition of the next round reads them. ``loopCounter``
is the number of the round inside it, and the number of finished rounds in the loop's condition.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.interpreter import compensation

if TYPE_CHECKING:
    from engine.definitions.model import Node
    from engine.interpreter.activities import Activity
    from engine.interpreter.tokens import Token


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop characteristics. Without a condition the maximum alone ends it."""

    condition: str | None
    maximum: int | None
    test_before: bool


def loop_of(node: "Node") -> Loop | None:
    """Return the standard loop of an activity."""
    properties = node.properties
    if "standardLoop" not in properties:
        return None
    maximum = properties.get("loopMaximum")
    return Loop(
        condition=properties.get("loopCondition"),
        maximum=int(maximum) if maximum else None,
        test_before=properties.get("testBefore") == "true",
    )


def open_loop(spec: "Activity", body: "Token", loop: Loop) -> bool | None:
    """Start the first round; with ``testBefore`` and a condition that does not hold there is none."""
    if loop.test_before and not _goes_on(body, loop, 0):
        return True
    spec.arm(body)
    body.memory.update(total=0, round=1)
    _place_round(spec, body)
    return None


def round_done(spec: "Activity", token: "Token", loop: Loop) -> None:
    """A round is over: start the next one, or end the activity."""
    run, body = token.run_, token.scope
    goes_on = _goes_on(body, loop, body.memory["round"])
    compensation.keep(token, body)
    if goes_on:
        body.memory["round"] += 1
        _place_round(spec, body)
    run.disarm(token)
    run.remove(token)
    if not goes_on:
        body.memory["stage"] = "leave"
        run.enqueue(body)


def _place_round(spec: "Activity", body: "Token") -> None:
    number = body.memory["round"]
    body.run_.place(spec.node.id, body, stage="in", item=number - 1, local={"loopCounter": number})


def _goes_on(body: "Token", loop: Loop, done: int) -> bool:
    if loop.maximum is not None and done >= loop.maximum:
        return False
    if loop.condition is None:
        return True
    return body.run_.holds(body, loop.condition, {"loopCounter": done})
