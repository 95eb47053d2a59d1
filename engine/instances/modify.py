"""Modify one instance by hand: cancel tokens, start elsewhere, set variables; with a reason, and tried out first.

What it means is in :mod:`engine.interpreter.repair`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput, Stale
from engine.instances.administration import changes, operating, require_variables
from engine.instances.forecast import Change, Forecast
from engine.instances.models import Instance
from engine.instances.run import load_run
from engine.instances.turns import advance, lock_instance, require_open
from engine.interpreter.contract import Modified, Start
from engine.interpreter.waits import LiveToken, live_tokens

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_INSTRUCTIONS = 100


@dataclass(frozen=True, slots=True)
class Modification:
    """What to do to an instance.

    Parameters
    ----------
    cancel
        Tokens to take away (:func:`engine.interpreter.waits.live_tokens` names them).
    cancel_at
        Elements whose tokens are all taken away.
    start
        Where to go on.
    variables, local
        Values of the instance, and as a token sees them.

    """

    cancel: Sequence[str] = ()
    cancel_at: Sequence[str] = ()
    start: Sequence[Start] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModificationResult:
    """The result: the instance's version afterwards (before, for a dry run) and everything that happened."""

    instance_id: int
    version: int
    changes: tuple[Change, ...]


def modify_instance(
    engine: "Engine",
    *,
    instance_id: int,
    actor_id: int,
    reason: str,
    modification: Modification,
    expected_version: int | None = None,
    dry_run: bool = False,
) -> ModificationResult:
    """Modify an instance, or only say what that would do.

    Raises
    ------
    Stale
        The instance has moved since ``expected_version`` was seen, or a token is gone.
    InvalidInput
        There is nothing to do, or no reason.
    NotAllowed
        The instance is suspended or over.
    InterpreterError
        An element cannot be started, or nothing would be left.

    """
    with operating(engine, actor_id=actor_id, reason=reason, dry_run=dry_run) as writer:
        instance = lock_instance(writer.session, instance_id)
        if expected_version is not None and instance.version != expected_version:
            raise Stale("流程已经前进，请刷新后再操作 / The instance has moved on: look again")
        require_open(instance)
        tokens = _tokens(instance, modification)
        _require_sensible(modification, tokens)
        before = Instance(id=instance.id, snapshot=instance.snapshot, variables=dict(instance.variables))
        elements = {one.token: one.element_id for one in live_tokens(instance.snapshot)}
        run = load_run(writer, instance)
        position = len(writer.lines)
        stimulus = Modified(
            at=writer.at, cancel=tokens, start=modification.start, variables=modification.variables,
            local=modification.local,
        )  # fmt: skip
        advance(run, [stimulus])
        writer.line(
            instance, "modify", actor_id=actor_id, opinion=reason,
            detail={
                "cancelled": [{"token": token, "element": elements[token]} for token in tokens],
                "started": [_as_json(start) for start in modification.start],
                "variables": changes(before.variables, run.variables),
                "local": {token: dict(values) for token, values in modification.local.items()},
            },
        )  # fmt: skip
        writer.lines.insert(position, writer.lines.pop())
        found = tuple(Forecast(run, before=before).changes())
        version = instance.version - dry_run
    return ModificationResult(instance_id, version, found)


def _tokens(instance: Instance, modification: Modification) -> list[str]:
    """Return the tokens to cancel, those of the elements included."""
    live = live_tokens(instance.snapshot)
    known = {one.token for one in live}
    gone = [token for token in modification.cancel if token not in known]
    if gone:
        raise Stale("要取消的环节已经结束，请刷新后再操作 / What is to be cancelled is over already: look again")
    at = [_tokens_at(live, element) for element in modification.cancel_at]
    return list(dict.fromkeys([*modification.cancel, *(token for tokens in at for token in tokens)]))


def _tokens_at(live: Sequence[LiveToken], element_id: str) -> list[str]:
    """Return the outermost tokens at an element: cancelling a multi-instance body cancels its items."""
    here = {one.token: one for one in live if one.element_id == element_id}
    found = [token for token, one in here.items() if one.inside not in here]
    if not found:
        raise InvalidInput(f"“{element_id}”没有进行中的环节 / Nothing is going on at {element_id}")
    return found


def _require_sensible(modification: Modification, tokens: Sequence[str]) -> None:
    instructions = len(tokens) + len(modification.start)
    if not instructions and not modification.variables and not modification.local:
        raise InvalidInput("没有指明要做什么 / Nothing is to be done")
    if instructions > MOST_INSTRUCTIONS:
        raise InvalidInput(f"一次最多 {MOST_INSTRUCTIONS} 条指令 / At most {MOST_INSTRUCTIONS} instructions at once")
    require_variables(modification.variables)
    for values in modification.local.values():
        require_variables(values)


def _as_json(start: Start) -> dict[str, Any]:
    return {"element": start.element_id, "after": start.after, "inside": start.inside}
