"""Conditional events: asked when they begin to wait and whenever variables have changed (BPMN 2.0.2, 10.5.5).

A condition happens when it becomes true: one that is true when the event begins to wait happens at once, one that
stays true does not happen again before it was false. Camunda 7 lets an event that does not interrupt happen at every
change while the condition is true; the standard's text is followed instead.
"""

from functools import partial
from typing import TYPE_CHECKING

from engine.interpreter.contract import WaitKind
from engine.interpreter.subscriptions import definition

if TYPE_CHECKING:
    from engine.interpreter.run import Run
    from engine.interpreter.tokens import Token


def check(run: "Run") -> None:
    """Fire every conditional event whose condition has become true since variables were last looked at."""
    while run.changed and not run.ended:
        run.changed = False
        for token_id in list(run.watching):
            token = run.live(token_id)
            if token is None or token.memory.get("wait") != WaitKind.CONDITIONAL:
                run.watching.pop(token_id, None)
            elif not token.failed:
                run.attempt(token, partial(_ask, run, token))


def _ask(run: "Run", token: "Token") -> None:
    event = definition(token)
    holds = event is not None and run.evaluate(token, event.details.get("condition", "")) is True
    held = token.memory.pop("held", False)
    if holds:
        token.memory["held"] = True
        if not held:
            token.spec.happened(token, {})
