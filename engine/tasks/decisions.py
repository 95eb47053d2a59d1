"""Claim, agree, reject, abstain, complete: the operations that move a task (approvals.md, "Operations")."""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from engine.errors import InvalidInput, Stale
from engine.instances.run import Run
from engine.instances.turns import advance
from engine.interpreter.contract import ChildrenRequested, Thrown, WaitFinished, WaitKind, WaitOpened
from engine.tasks.comments import add_comment
from engine.tasks.desk import Desk, OperationResult, name_of, operate, require_fresh
from engine.tasks.formdata import take_form
from engine.tasks.legality import require
from engine.tasks.models import Activation, AttachmentContent, Draft, Slot, SlotState
from engine.tasks.opening import close_activation
from engine.tasks.settling import settle
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_OPINION = 2000
MAX_SIGNATURE_BYTES = 200 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
_STATES = {
    "agree": SlotState.AGREED,
    "reject": SlotState.REJECTED,
    "abstain": SlotState.ABSTAINED,
    "complete": SlotState.COMPLETED,
}
_SENTENCES = {"agree": say("已同意"), "reject": say("已拒绝"), "abstain": say("已弃权"), "complete": say("已完成")}


def claim(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Take a pooled task (领取). Raises :class:`engine.errors.Stale` when somebody was faster."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "claim")
        desk.slot.owner_id, desk.slot.claimed = desk.claimant, True
        note(desk, "claim", "pooled", "ready")
        return say("已领取")

    request = {"operation": "claim"}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def unclaim(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Put a claimed task back into its pool."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "unclaim")
        desk.slot.owner_id, desk.slot.claimed = None, False
        note(desk, "unclaim", "ready", "pooled")
        return say("已退回候选")

    request = {"operation": "unclaim"}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def agree(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, signature: bytes | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Agree (同意). The policy decides whether the node is passed."""
    return _decide(
        engine, "agree", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        signature=signature, dry_run=dry_run,
    )  # fmt: skip


def reject(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, signature: bytes | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Reject (拒绝): the process goes its own way with ``outcome = "rejected"`` (O5)."""
    return _decide(
        engine, "reject", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        signature=signature, dry_run=dry_run,
    )  # fmt: skip


def complete(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", data: Mapping[str, Any] | None = None, signature: bytes | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Complete a work task with its form."""
    return _decide(
        engine, "complete", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=data,
        signature=signature, dry_run=dry_run,
    )  # fmt: skip


def decide_by_rule(run: Run, activation: Activation, slots: list[Slot], operation: str, rule: str) -> None:
    """Decide a node by an automatic rule: every open slot closes, and the rule is recorded instead of an actor (I3)."""
    for slot in slots:
        slot.state, slot.closed_at, slot.rule = _STATES[operation], run.at, rule
    outcome = "agreed" if operation == "agree" else "rejected"
    close_activation(run.writer, run.instance, activation, outcome)
    advance(run, [WaitFinished(at=run.at, token=activation.token, result={"outcome": outcome})])


def abstain(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    opinion: str = "", signature: bytes | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Abstain in a vote (弃权): a recorded answer; the node says whether it counts into the electorate (P3)."""
    return _decide(
        engine, "abstain", slot_id=slot_id, actor_id=actor_id, version=version, key=key, opinion=opinion, data=None,
        signature=signature, dry_run=dry_run,
    )  # fmt: skip


def _decide(
    engine: "Engine", operation: str, *, slot_id: int, actor_id: int, version: int | None, key: str | None,
    opinion: str, data: Mapping[str, Any] | None, signature: bytes | None, dry_run: bool,
) -> OperationResult:  # fmt: skip
    """Decide; ``signature`` is a PNG picture, which a node may demand (``signature="required"``)."""
    request = {"operation": operation, "opinion": opinion, "data": dict(data or {})}

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, operation)
        require_opinion(desk, operation, opinion)
        keep_signature(desk, signature)
        submitted = take_form(desk, data, checked=operation in ("agree", "complete"))
        close_slot(desk, _STATES[operation], operation, opinion)
        if submitted.changed:
            desk.activation.data_version = desk.instance.version + 1
        go_on(desk, submitted.variables)
        return _SENTENCES[operation]

    try:
        return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)
    except Stale as late:
        if not opinion.strip() or dry_run:
            raise
        keep_as_comment(engine, slot_id=slot_id, actor_id=actor_id, text=opinion, key=key)
        raise Stale(say("{late}；您的意见已存为评论", late=late)) from late


def keep_as_comment(engine: "Engine", *, slot_id: int, actor_id: int, text: str, key: str | None) -> None:
    """Keep an opinion that came after the decision (P4): it counts for nothing and is not lost."""
    add_comment(engine, slot_id=slot_id, actor_id=actor_id, text=text, key=f"late:{key}" if key else None)


def require_opinion(desk: Desk, operation: str, opinion: str) -> None:
    """Refuse a decision without the opinion that the node demands."""
    demand = desk.activation.settings.get("opinion", "optional")
    if not opinion.strip() and (demand == "required" or (demand == "onReject" and operation == "reject")):
        raise InvalidInput(say("请填写意见"), {"opinion": say("意见必填")})
    if len(opinion) > MAX_OPINION:
        raise InvalidInput(
            say("意见超过 {most} 字", most=MAX_OPINION), {"opinion": say("最多 {most} 字", most=MAX_OPINION)}
        )


def keep_signature(desk: Desk, picture: bytes | None) -> None:
    """Keep the signature of the actor's slot; refuse a decision without one where the node demands it."""
    if picture is None:
        if desk.activation.settings.get("signature") == "required":
            raise InvalidInput(say("请手写签名"), {"signature": say("这个节点要求签名")})
        return
    if not picture.startswith(PNG) or len(picture) > MAX_SIGNATURE_BYTES:
        raise InvalidInput(say("签名应是不超过 200 KB 的 PNG 图片"), {"signature": say("不是 PNG 图片，或超过 200 KB")})
    digest = sha256(picture).hexdigest()
    if desk.session.get(AttachmentContent, digest) is None:
        desk.session.add(AttachmentContent(digest=digest, content=picture))
        desk.session.flush()
    desk.slot.signature = digest


def close_slot(desk: Desk, state: SlotState, operation: str, opinion: str, **detail: Any) -> None:
    """Close the actor's slot with an answer, and write the line (I6)."""
    slot = desk.slot
    slot.owner_id = slot.owner_id or desk.claimant
    slot.state, slot.closed_at, slot.actor_id = state, desk.at, desk.actor_id
    slot.opinion = opinion or None
    slot.read_at = slot.read_at or desk.at
    due = desk.activation.due
    late = None if due is None else desk.at > due
    used: dict[str, Any] = {"seconds": int((desk.at - slot.opened_at).total_seconds()), "late": late}
    if slot.signature is not None:
        used["signature"] = slot.signature
    note(desk, operation, "ready", slot.state, opinion=opinion or None, detail={**used, **detail})
    forget_draft(desk)


def forget_draft(desk: Desk) -> None:
    """Remove what the actor had typed."""
    if desk.draft_version is not None:
        statement = delete(Draft).where(Draft.activation_id == desk.activation.id, Draft.person_id == desk.actor_id)
        desk.session.execute(statement, execution_options={"synchronize_session": False})


def go_on(desk: Desk, variables: Mapping[str, Any] | None = None) -> None:
    """Settle the activation after something in it has changed, and move the process."""
    name = name_of(desk, desk.actor_id) if desk.activation.policy == "any" else ""
    stimuli = settle(desk.run, desk.activation, desk.slots, variables=variables, actor_name=name)
    advance(desk.run, stimuli)
    if desk.activation.closed_at is not None:
        desk.activation.beyond = _set_in_motion(desk.run) or None


def _set_in_motion(run: Run) -> list[str]:
    """Return the names of what a retrieval could not take back: services, calls and messages that were set going."""
    irrevocable = [
        effect.element_id
        for effect in run.effects
        if isinstance(effect, ChildrenRequested)
        or (isinstance(effect, WaitOpened) and effect.kind in (WaitKind.SERVICE, WaitKind.CALL))
    ]
    names = [run.node(element).name or element for element in irrevocable]
    return names + [effect.name for effect in run.effects if isinstance(effect, Thrown)]


def note(desk: Desk, operation: str, before: str, after: str, **more: Any) -> None:
    """Write the operation's line of history: actor and principal apart (I3, I6)."""
    desk.writer.line(
        desk.instance, operation, actor_id=desk.actor_id, principal_id=desk.slot.owner_id, from_state=before,
        to_state=after, **desk.where, **more,
    )  # fmt: skip
    desk.writer.touch(desk.instance)
    if operation in ("claim", "unclaim"):
        desk.instance.version += 1
