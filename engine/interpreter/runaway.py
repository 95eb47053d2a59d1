"""Loops without a wait: they become an incident after about a second of processor time instead of a hang.

What goes through every element once may take longer: only an element that is run again and again in the same scope
by one stimulus counts as a loop. Items of a multi-instance activity are no loop, rounds of a standard loop are.
"""

import time
from collections import Counter
from typing import TYPE_CHECKING

from engine.interpreter.contract import DecisionMade, Effect, Entered, Left, WaitOpened, Withdrawn
from engine.interpreter.errors import ElementFailed

if TYPE_CHECKING:
    from engine.interpreter.run import Run
    from engine.interpreter.tokens import Token

MAX_SECONDS = 0.8
"""Processor time of one stimulus after which a loop counts as endless."""

ROUNDS = 10
"""Times that an element may be run in one scope by one stimulus before the time counts."""

MAX_WAITS = 200
"""Waits that one stimulus may open at one element of one scope: a loop that only piles up tasks is endless too."""

KEPT_VISITS = 100
"""Visits of elements, and decisions, that are kept of an endless loop: its turn has to be written."""


class Watch:
    """Watches one stimulus."""

    def __init__(self) -> None:
        self._visits: Counter[tuple[str, str]] = Counter()
        self._started = time.thread_time()

    def runs_away(self, token: "Token") -> bool:
        """Count a token that is about to run; True when it should not."""
        if "item" in token.memory and "round" not in token.scope.memory:
            return False
        place = (token.scope.id, token.task_spec.name)
        self._visits[place] += 1
        visits = self._visits[place]
        if visits > MAX_WAITS and _waiting_beside(token) > MAX_WAITS:
            return True
        return visits > ROUNDS and time.thread_time() - self._started > MAX_SECONDS


def _waiting_beside(token: "Token") -> int:
    return sum(1 for other in token.scope.inner if other.task_spec is token.task_spec and "wait" in other.memory)


def error(token: "Token") -> ElementFailed:
    """Return the error of a loop that was stopped at a token."""
    name = token.spec.node.name or token.spec.node.id
    return ElementFailed(
        "runaway", f"“{name}”反复执行而不等待，可能是死循环 / {name} is run again and again: probably an endless loop"
    )


def shortened(run: "Run") -> list[Effect]:
    """Return the effects without what an endless loop did over and over.

    What is still alive keeps its history, and so does what was there before; of what came and went in the loop the
    first visits are kept, whole.
    """
    passing = [effect.token for effect in run.effects if isinstance(effect, Entered) and effect.token not in run.tasks]
    left_out = set(passing[KEPT_VISITS:])
    kept: list[Effect] = []
    decisions = 0
    for effect in run.effects:
        decisions += isinstance(effect, DecisionMade)
        if isinstance(effect, WaitOpened) and effect.token not in run.tasks:
            continue
        if isinstance(effect, Entered | Left | Withdrawn) and effect.token in left_out:
            continue
        if not isinstance(effect, DecisionMade) or decisions <= KEPT_VISITS:
            kept.append(effect)
    return kept
