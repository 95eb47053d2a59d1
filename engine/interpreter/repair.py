"""Repair by an operator: tokens are started and cancelled, failed elements are taken for done.

The rules are those of Camunda 7's process instance modification: an element is started in the live scope around it, or
in a new one where there is none; where there are several it has to be said which; a multi-instance item that is
cancelled no longer counts. Nothing else is taken away: that is what tells a modification from a move.
"""

from engine.interpreter import moves
from engine.interpreter.contract import Effect, Left, Modified, Resolved, Start
from engine.interpreter.errors import InterpreterError, UnknownToken
from engine.interpreter.gateways import JoiningGateway
from engine.interpreter.multi import item_cancelled
from engine.interpreter.run import Run
from engine.interpreter.subscriptions import close_gate
from engine.interpreter.tokens import Token

BESIDE = frozenset({"host", "listener"})
"""Marks of tokens that only listen."""


def modify(run: Run, stimulus: Modified) -> None:
    """Set variables, start tokens, cancel tokens, in this order.

    Raises
    ------
    InterpreterError
        An element cannot be started, or nothing would be left: then the instance is to be terminated instead.
    UnknownToken
        A token that is named is gone.

    """
    run.write(run.root, stimulus.variables)
    for token_id, values in stimulus.local.items():
        run.write(run.find(token_id), values)
    tokens = [run.find(token_id) for token_id in stimulus.cancel]
    for start in stimulus.start:
        _start(run, start)
    for token in tokens:
        if token.id in run.tasks:
            cancel(run, token, stimulus.reason)
    if not run.ended and not run.is_busy(run.root):
        raise InterpreterError("这样流程里就没有任何环节了，请改用终止 / Nothing would be left: terminate it instead")


def cancel(run: Run, token: Token, reason: str) -> None:
    """Take a token away, and the scopes around it that nothing is left in."""
    around = token.scope
    if "item" in token.memory and "scope" in token.memory:
        item_cancelled(token, reason)
        return
    if "item" in token.memory:
        cancel(run, around, reason)
        return
    run.withdraw(token, reason)
    if not around.is_root and around.id in run.tasks and not run.is_busy(around):
        cancel(run, around, reason)


def resolve(run: Run, stimulus: Resolved) -> None:
    """Take an element for done. A join goes on with what has arrived; an event that only listens is dropped."""
    token = run.find(stimulus.token)
    if not token.failed and "wait" not in token.memory:
        raise UnknownToken(stimulus.token)
    token.memory.pop("incident", None)
    if "event" in token.memory:
        token = token.scope
    if not BESIDE.isdisjoint(token.memory):
        run.withdraw(token, "resolved")
    elif isinstance(token.spec, JoiningGateway) and moves.waits_at_join(run, token):
        run.write(token, stimulus.result)
        run.enqueue(token.spec.merge(run.arrive(token)))
    else:
        close_gate(token)
        run.withdraw_all(token, "resolved")
        run.finish(token, stimulus.result)


def _start(run: Run, start: Start) -> None:
    node = run.process_spec.spec(start.element_id).node
    named = node.name or node.id
    if node.type == "boundaryEvent" or node.attributes.get("triggeredByEvent") == "true":
        raise InterpreterError(f"“{named}”由事件引起，不能从这里开始 / {node.id} begins by its event only")
    if node.attributes.get("isForCompensation") == "true":
        raise InterpreterError(f"“{named}”只用于补偿 / {node.id} is for compensation only")
    if start.after and node.type == "endEvent":
        raise InterpreterError(f"“{named}”之后没有环节 / Nothing comes after {node.id}")
    inside = [run.find(start.inside)] if start.inside else []
    token = run.place(node.id, moves.scope_for(run, inside, node.parent))
    if start.after:
        _pass(run, token)


def _pass(run: Run, token: Token) -> None:
    """Go on behind an element that nobody entered: history must not say that it was done."""
    seen = len(run.effects)
    token.spec.leave(token)
    run.effects[seen:] = [effect for effect in run.effects[seen:] if not _is_leaving(effect, token)]


def _is_leaving(effect: Effect, token: Token) -> bool:
    return isinstance(effect, Left) and effect.token == token.id
