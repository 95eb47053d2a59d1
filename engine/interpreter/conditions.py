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
    """Fire every conditional event whose condition has become true.

    Asked are the conditions of events that have just begun to wait, and those in which a variable stands that changed.
    """
    while (run.changed or run.unasked) and not run.ended:
        changed, unasked = {_tight(name) for name in run.changed}, run.unasked
        run.changed, run.unasked = set(), set()
        for token_id in list(run.watching):
            token = run.live(token_id)
            if token is None or token.memory.get("wait") != WaitKind.CONDITIONAL:
                run.watching.pop(token_id, None)
            elif not token.failed and (token_id in unasked or any(name in _tight(_text(token)) for name in changed)):
                run.attempt(token, partial(_ask, run, token))


def _text(token: "Token") -> str:
    event = definition(token)
    return event.details.get("condition", "") if event else ""


def _tight(text: str) -> str:
    """Return a name or condition without spaces: names of FEEL may have any number of them inside."""
    return "".join(text.split())


def _ask(run: "Run", token: "Token") -> None:
    holds = run.holds(token, _text(token))
    held = token.memory.pop("held", False)
    if holds:
        token.memory["held"] = True
        if not held:
            token.spec.happened(token, {})
