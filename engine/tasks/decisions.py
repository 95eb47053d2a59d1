"""Claim, agree, reject, complete: the operations that move a task (approvals.md, "Operations")."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from engine.errors import InvalidInput
from engine.instances.run import Run
from engine.instances.turns import advance
from engine.interpreter.contract import Moved, Stimulus, VariablesSet, WaitFinished
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.formdata import Submitted, take_form
from engine.tasks.legality import require
from engine.tasks.models import Activation, Draft, Slot, SlotState
from engine.tasks.opening import close_activation
from engine.tasks.policy import decide

if TYPE_CHECKING:
    from engine.runtime import Engine

CLAIMED = -1
"""Position of a slot that was claimed from a pool: it alone can go back."""

MAX_OPINION = 2000
_STATES = {"agree": SlotState.AGREED, "reject": SlotState.REJECTED, "complete": SlotState.COMPLETED}
_SENTENCES = {"agree": "已同意", "reject": "已拒绝", "complete": "已完成"}


def claim(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None
) -> OperationResult:
    """Take a pooled task (领取). Raises :class:`engine.errors.Stale` when somebody was faster."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "claim")
        desk.slot.owner_id, desk.slot.position = desk.actor_id, CLAIMED
        _note(desk, "claim", "pooled", "ready")
        return "已领取"

    return operate(
        engine, slot_id=slot_id, actor_id=actor_id, request={"operation": "claim"}, key=key, dry_run=False, act=act
    )


def unclaim(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None
) -> OperationResult:
    """Put a claimed task back into its pool."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "unclaim")
        desk.slot.owner_id, desk.slot.position = None, 0
        _note(desk, "unclaim", "ready", "pooled")
        return "已退回候选"

    return operate(
        engine, slot_id=slot_id, actor_id=actor_id, request={"operation": "unclaim"}, key=key, dry_run=False, act=act
    )


def agree(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Agree (同意). The policy decides whether the node is passed."""
    return _decide(
        engine, "agree", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        dry_run=dry_run,
    )  # fmt: skip


def reject(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Reject (拒绝): the process goes its own way with ``outcome = "rejected"`` (O5)."""
    return _decide(
        engine, "reject", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        dry_run=dry_run,
    )  # fmt: skip


def complete(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Complete a work task with its form."""
    return _decide(
        engine, "complete", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        dry_run=dry_run,
    )  # fmt: skip


def decide_by_rule(run: Run, activation: Activation, slots: list[Slot], operation: str, rule: str) -> None:
    """Decide a node by an automatic rule: every open slot closes, and the rule is recorded instead of an actor (I3)."""
    for slot in slots:
        slot.state, slot.closed_at, slot.rule = _STATES[operation], run.at, rule
    outcome = "agreed" if operation == "agree" else "rejected"
    close_activation(run.writer, run.instance, activation, outcome)
    advance(run, [WaitFinished(at=run.at, token=activation.token, result={"outcome": outcome})])


def _decide(
    engine: "Engine", operation: str, *, slot_id: int, actor_id: int, version: int | None, key: str | None,
    opinion: str, data: Mapping[str, Any] | None, dry_run: bool,
) -> OperationResult:  # fmt: skip
    request = {"operation": operation, "opinion": opinion, "data": dict(data or {})}

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, operation)
        _require_opinion(desk, operation, opinion)
        submitted = take_form(desk, data, checked=operation != "reject")
        _close_slot(desk, operation, opinion)
        _go_on(desk, submitted)
        return _SENTENCES[operation]

    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _require_opinion(desk: Desk, operation: str, opinion: str) -> None:
    demand = desk.activation.settings.get("opinion", "optional")
    if not opinion.strip() and (demand == "required" or (demand == "onReject" and operation == "reject")):
        raise InvalidInput("请填写意见", {"opinion": "意见必填"})
    if len(opinion) > MAX_OPINION:
        raise InvalidInput(f"意见超过 {MAX_OPINION} 字", {"opinion": f"最多 {MAX_OPINION} 字"})


def _close_slot(desk: Desk, operation: str, opinion: str) -> None:
    slot = desk.slot
    slot.owner_id = slot.owner_id or desk.actor_id
    slot.state, slot.closed_at, slot.actor_id = _STATES[operation], desk.at, desk.actor_id
    slot.opinion = opinion or None
    slot.read_at = slot.read_at or desk.at
    due = desk.activation.due
    _note(
        desk, operation, "ready", slot.state, opinion=opinion or None,
        detail={
            "seconds": int((desk.at - slot.opened_at).total_seconds()),
            "late": None if due is None else desk.at > due,
        },
    )  # fmt: skip
    if desk.draft_version is not None:
        statement = delete(Draft).where(Draft.activation_id == desk.activation.id, Draft.person_id == desk.actor_id)
        desk.session.execute(statement, execution_options={"synchronize_session": False})


def _go_on(desk: Desk, submitted: Submitted) -> None:
    """Let the policy decide; when it has, close the node and move the process."""
    activation = desk.activation
    verdict = decide(
        activation.policy,
        [slot.state for slot in desk.slots],
        collect_all=str(activation.settings.get("collectAll", "")).lower() == "true",
    )
    if submitted.changed:
        activation.data_version = desk.instance.version + 1
    if verdict is None:
        stimuli: list[Stimulus] = []
        if submitted.variables:
            stimuli.append(VariablesSet(at=desk.at, values=submitted.variables))
        advance(desk.run, stimuli)
        return
    close_activation(desk.writer, desk.instance, activation, verdict.outcome, desk.slots, rest=verdict.rest)
    result = {"outcome": verdict.outcome, **submitted.variables}
    if activation.return_to is not None:
        _resubmit(desk, activation.return_to, submitted.variables)
        return
    advance(desk.run, [WaitFinished(at=desk.at, token=activation.token, result=result)])


def _resubmit(desk: Desk, returner_id: int, variables: Mapping[str, Any]) -> None:
    """Go straight back to the returner's node (直送, R6)."""
    returner = desk.session.scalars(select(Activation).where(Activation.id == returner_id)).one()
    desk.run.resubmitted = returner
    stimuli: list[Stimulus] = []
    if variables:
        stimuli.append(VariablesSet(at=desk.at, values=variables))
    moved = Moved(at=desk.at, tokens=[desk.activation.token], element_id=returner.element_id, reason="resubmitted")
    advance(desk.run, [*stimuli, moved])


def _note(desk: Desk, operation: str, before: str, after: str, **more: Any) -> None:
    desk.writer.line(
        desk.instance, operation, actor_id=desk.actor_id, principal_id=desk.slot.owner_id, from_state=before,
        to_state=after, **desk.where, **more,
    )  # fmt: skip
    desk.writer.touch(desk.instance)
    if operation in ("claim", "unclaim"):
        desk.instance.version += 1
