"""Conditional events: looked at when they begin to wait and whenever variables have changed."""

from functools import partial
from typing import TYPE_CHECKING

from engine.interpreter.contract import WaitKind
from engine.interpreter.events import happened

if TYPE_CHECKING:
    from engine.interpreter.run import Run, Token


def check(run: "Run") -> None:
    """Fire every conditional event whose condition has become true; one that stays true fires once."""
    while run.changed and run.watching and not run.ended:
        run.changed = False
        for token_id in list(run.watching):
            token = run.tasks.get(token_id)
            if token is None or token.memory.get("wait") != WaitKind.CONDITIONAL:
                run.watching.pop(token_id, None)
            elif not token.failed:
                run.attempt(token, partial(_look, run, token))


def _look(run: "Run", token: "Token") -> None:
    condition = token.spec.details.get("condition", "")
    holds = run.evaluate(token, condition) is True
    held = token.memory.pop("held", False)
    if holds:
        token.memory["held"] = True
        if not held:
            happened(run, token, {})
