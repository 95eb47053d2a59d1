"""Moves: tokens are taken away and the process goes on elsewhere (return, jump, retrieve; approvals.md R1-R4)."""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.interpreter import handlers
from engine.interpreter.contract import Entered, Moved
from engine.interpreter.errors import InterpreterError
from engine.interpreter.run import Run
from engine.interpreter.tokens import Token


def move(run: Run, stimulus: Moved) -> None:
    """Take the tokens away and go on at an element.

    From inside a parallel branch to before the split, the sibling branches are cancelled and arrivals at the join
    are cleared: whatever the new token alone will bring about again may not be there twice. Branches that it cannot
    bring about stay.
    """
    moved = [run.find(token_id) for token_id in stimulus.tokens]
    target = run.process_spec.spec(stimulus.element_id).node
    if target.type == "boundaryEvent" or (target.type == "startEvent" and target.parent != run.process_spec.process.id):
        raise InterpreterError(f"不能转到“{target.name or target.id}” / A move cannot end at {target.id}")
    scope = scope_for(run, moved, target.parent)
    left = {one.spec.node.id for one in (_inside(other, scope) for other in moved) if one is not None}
    token = run.place(target.id, scope)
    for other in moved:
        outermost = _inside(other, scope)
        if outermost is None:
            if other.id in run.tasks:
                _withdraw_up(run, other, scope, stimulus.reason)
        elif outermost.id in run.tasks:
            run.withdraw(outermost, stimulus.reason)
    _clear_region(run, scope, token, stimulus.reason)
    _credit_joins(run, scope, target.id, left)


def _inside(token: Token, scope: Token) -> Token | None:
    """Return the token that stands for this one directly in the scope, or None when it is not inside."""
    at = token
    while not at.is_root:
        if at.scope.id == scope.id:
            return at
        at = at.scope
    return None


def scope_for(run: Run, moved: list[Token], scope_id: str) -> Token:
    """Return the live scope to go on in: one around the moved tokens, the only live one, else a new one."""
    if scope_id == run.process_spec.process.id:
        return run.root
    spec = run.process_spec.spec(scope_id)
    for token in moved:
        at = token
        while not at.is_root:
            if at.task_spec.name == scope_id and "total" not in at.memory:
                return at
            at = at.scope
    live = [t for t in run.tokens() if t.task_spec.name == scope_id and "total" not in t.memory]
    if len(live) == 1:
        return live[0]
    if spec.node.attributes.get("triggeredByEvent") == "true":
        raise InterpreterError(f"“{scope_id}”由事件引起，不能从这里开始 / {scope_id} begins by its event only")
    if spec.node.multi is not None or live:
        raise InterpreterError(f"不能确定转入“{scope_id}”的哪一项 / It is open which item of {scope_id} is meant")
    more: dict[str, Any] = {"queue": []} if spec.node.type == "adHocSubProcess" else {}
    scope = run.place(scope_id, scope_for(run, moved, spec.node.parent), stage="in", **more)
    scope._set_state(TaskState.STARTED)
    run.emit(Entered(token=scope.id, element_id=scope_id))
    spec.arm(scope)
    handlers.open_scope(scope)
    return scope


def _withdraw_up(run: Run, token: Token, scope: Token, reason: str) -> None:
    """Take away a token outside the scope, and the scopes around it that end up empty."""
    around = token.scope
    run.withdraw(token, reason)
    while not around.is_root and not run.is_busy(around) and around.id != scope.id:
        around, empty = around.scope, around
        run.withdraw(empty, reason)


def _clear_region(run: Run, scope: Token, new: Token, reason: str) -> None:
    """Cancel what the new token will bring about again, and arrivals that can no longer be joined."""
    reach = run.process_spec.reach
    start = new.spec.node.id
    nodes, flows = reach.downstream([start], through_joins=False)
    for token in scope.inner:
        if token.id == new.id or token.id not in run.tasks:
            continue
        at_join = waits_at_join(run, token)
        if token.memory["flow"] in flows if at_join else token.spec.node.id in nodes and "host" not in token.memory:
            run.withdraw(token, reason)
    for token in scope.inner:
        if token.id in run.tasks and waits_at_join(run, token) and not _can_be_joined(run, scope, token):
            run.withdraw(token, reason)


def _credit_joins(run: Run, scope: Token, target: str, left: set[str]) -> None:
    """Put back what the other branches had brought to joins that are to be passed again (R4).

    From after a join into one of its branches, that branch alone is walked again; the join waits for it and finds
    the arrivals of the others as if they had just come.
    """
    reach = run.process_spec.reach
    for join in reach.joins_between(target, left):
        waiting = {t.memory["flow"] for t in scope.inner if waits_at_join(run, t) and t.spec.node.id == join.node_id}
        live = {t.spec.node.id for t in scope.inner if not waits_at_join(run, t)}
        for flow in join.credited:
            if flow not in waiting and not live & (reach.upstream(flow, join.node_id) - join.walked):
                run.place(join.node_id, scope, flow=flow)


def waits_at_join(run: Run, token: Token) -> bool:
    """Say whether a token has arrived at a join that waits for others."""
    return token.id in run.arrivals.get((token.scope.id, token.spec.node.id), ())


def _can_be_joined(run: Run, scope: Token, token: Token) -> bool:
    """Say whether every flow that the join still misses can be reached by a live token."""
    node = token.spec.node
    if node.type != "parallelGateway":
        return True
    arrived = {other.memory["flow"] for other in run.arrive(token)}
    live = {t.spec.node.id for t in scope.inner if not waits_at_join(run, t)}
    return all(live & run.process_spec.reach.upstream(flow, node.id) for flow in node.incoming if flow not in arrived)
