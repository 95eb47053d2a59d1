"""Handing work over: transfer of one task (转办), and of everything that a leaver holds (O1, O4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.instances.models import OPEN_STATUSES, Instance, InstanceStatus
from engine.tasks.decisions import go_on, note
from engine.tasks.desk import Desk, OperationResult, name_of, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import OPEN_STATES, Activation, Side, Slot, SlotState
from engine.tasks.opening import notify
from engine.tasks.signing import Signers
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

SYSTEM_LEAVER = "system:leaver"


def transfer(
    engine: "Engine", *, slot_id: int, actor_id: int, target_id: int, reason: str = "", version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Transfer (转办): a new slot for the target in this one's place; the process itself does not move.

    The target may not hold an open slot here, except under ``any``, where mine is merged into theirs (O1).
    """

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "transfer")
        _require_person(desk, target_id)
        if _held_by(desk, target_id) is not None and desk.activation.policy != "any":
            raise Conflict(say("{who} 已经是这个节点的办理人，不能转办给他", who=name_of(desk, target_id)))
        desk.slot.owner_id = desk.slot.owner_id or desk.claimant
        desk.slot.opinion = reason or None
        give_to(desk, target_id, actor_id=desk.actor_id)
        note(desk, "transfer", "ready", SlotState.TRANSFERRED, opinion=reason or None, detail={"to": target_id})
        go_on(desk)
        return say("已转办给 {who}", who=name_of(desk, target_id))

    request = {"operation": "transfer", "to": target_id, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def give_to(desk: Desk, target_id: int, *, actor_id: int | None = None, rule: str | None = None) -> None:
    """Close the slot as transferred and give its place to somebody; merged when they hold one here already."""
    slot = desk.slot
    merged, state = _held_by(desk, target_id), slot.state
    slot.state, slot.closed_at, slot.actor_id, slot.rule = SlotState.TRANSFERRED, desk.at, actor_id, rule
    if merged is not None:
        slot.close_reason = "merged"
        return
    successor = slot.successor(
        owner_id=target_id, state=state, found_by=rule or f"transfer({slot.id})", opened_at=desk.at
    )
    for child in desk.slots:
        if child.parent_id == slot.id and child.side != Side.BESIDE:
            child.parent_id = successor.id
    desk.writer.add(successor)
    desk.slots.append(successor)
    title = say("转办给您：{title} · {name}", title=desk.instance.title, name=desk.activation.name)
    notify(desk.writer, desk.instance, [target_id], "transfer", title, slot_id=successor.id)


@dataclass(frozen=True, slots=True)
class HandOver:
    """One row of a leaver's list: the open slot, and who gets it; ``problem`` says why nobody can."""

    slot_id: int
    title: str
    step: str
    target_id: int | None
    target_name: str
    problem: str = ""


def hand_over_preview(
    engine: "Engine", session: Session, *, person_id: int, actor_id: int, target_id: int | None = None
) -> list[HandOver]:
    """Say for each open slot of a person who would get it (O4); only an administrator may ask."""
    if not engine.people.is_administrator(session, actor_id):
        raise NotFound(say("没有这个人"))
    query = (
        select(Slot, Activation, Instance)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .where(Slot.owner_id == person_id, Slot.state.in_(OPEN_STATES))
        .where(Instance.status.in_([*OPEN_STATUSES, InstanceStatus.SUSPENDED]))
        .order_by(Slot.id)
    )
    rows = session.execute(query).all()
    targets = [_successor(engine, session, slot, instance, target_id) for slot, _, instance in rows]
    names = engine.people.names(session, [one for one in targets if one is not None])
    return [
        HandOver(
            slot.id, activation.title or instance.title, activation.name, target,
            names.get(target, "") if target is not None else "",
            "" if target is not None else say("找不到代理人或上级，请指定接收人"),
        )
        for (slot, activation, instance), target in zip(rows, targets, strict=True)
    ]  # fmt: skip


def hand_over(
    engine: "Engine", *, slot_id: int, actor_id: int, target_id: int | None = None, reason: str = "",
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Hand one open slot of a leaver over: back to the owner who delegated, to the target, deputy or supervisor."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "hand_over")
        slot = desk.slot
        successor = _successor(engine, desk.session, slot, desk.instance, target_id)
        if successor is None:
            raise NotAllowed(say("找不到代理人或上级，请指定接收人"))
        _require_person(desk, successor)
        signers = Signers(desk.slots)
        owner = signers.parent(slot)
        if slot.side == Side.OPINION and owner is not None and target_id is None:
            signers.close(slot, desk.at, "leaver")
            owner.state = SlotState.READY
        else:
            give_to(desk, successor, actor_id=desk.actor_id, rule=SYSTEM_LEAVER)
        note(
            desk, "hand_over", "ready", slot.state, opinion=reason or None, rule=SYSTEM_LEAVER,
            detail={"to": successor},
        )  # fmt: skip
        go_on(desk)
        return say("已移交给 {who}", who=name_of(desk, successor))

    request = {"operation": "hand_over", "to": target_id, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _successor(engine: "Engine", session: Session, slot: Slot, instance: Instance, target_id: int | None) -> int | None:
    """Find who gets a slot: the target; else whoever delegated it; else the owner's deputy or supervisor (O4)."""
    if target_id is not None:
        return target_id
    if slot.side == Side.OPINION and slot.added_by is not None:
        return slot.added_by
    if slot.owner_id is None:
        return None
    return engine.people.substitute(session, slot.owner_id, engine.clock.now(), instance.process_id)


def _held_by(desk: Desk, person_id: int) -> Slot | None:
    return next(
        (
            one
            for one in desk.slots
            if one.owner_id == person_id and one.state in OPEN_STATES and one.id != desk.slot.id
        ),
        None,
    )


def _require_person(desk: Desk, person_id: int) -> None:
    known: Sequence[int] = list(desk.engine.people.names(desk.session, [person_id]))
    if person_id not in known or person_id in desk.engine.people.gone(desk.session, [person_id]):
        raise InvalidInput(say("找不到接收人，或已停用"), {"target_id": say("没有这个人或已停用")})
