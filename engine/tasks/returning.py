"""Return (退回): to an earlier human node, with a reason, and straight back on resubmission (R1-R9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed
from engine.instances.models import InstanceStatus
from engine.instances.turns import advance
from engine.interpreter.contract import Moved
from engine.tasks.branches import relation
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import Activation, Draft, Slot, SlotState
from engine.tasks.opening import close_activation, notify
from engine.tasks.reopening import Reopening

if TYPE_CHECKING:
    from engine.runtime import Engine

Mode = Literal["direct", "again"]
ANSWERS = (SlotState.AGREED, SlotState.REJECTED, SlotState.ABSTAINED, SlotState.COMPLETED)
PASSED = (SlotState.AGREED, SlotState.COMPLETED, SlotState.REJECTED, SlotState.RETURNED)


@dataclass(frozen=True, slots=True)
class ReturnTarget:
    """A node that a return may go to, who acted there last, and the resubmission modes that are possible."""

    element_id: str
    name: str
    person: str
    person_id: int | None
    modes: tuple[Mode, ...]


def return_targets(desk: Desk) -> list[ReturnTarget]:
    """Return the earlier human nodes that this task may go back to, the latest first (R7)."""
    process = desk.run.process
    here = desk.activation
    found: dict[str, tuple[Activation, Slot]] = {}
    for activation, slot in passed_nodes(desk.session, desk.instance.id):
        known = activation.element_id in process.nodes
        if activation.element_id != here.element_id and known and activation.element_id not in found:
            found[activation.element_id] = (activation, slot)
    people = [slot.actor_id for _, slot in found.values() if slot.actor_id is not None]
    names = desk.engine.people.names(desk.session, people) if people else {}
    targets = []
    for activation, slot in found.values():
        kind = relation(process, here.element_id, activation.element_id).kind
        if kind == "sibling" or process.nodes[activation.element_id].parent != process.nodes[here.element_id].parent:
            continue
        modes = _modes(desk, kind)
        if modes:
            person = names.get(slot.actor_id, "") if slot.actor_id is not None else ""
            targets.append(ReturnTarget(activation.element_id, activation.name, person, slot.actor_id, modes))
    return targets


def passed_nodes(session: Session, instance_id: int) -> list[tuple[Activation, Slot]]:
    """Return the human decisions of an instance, the latest first."""
    query = (
        select(Activation, Slot)
        .join(Slot, Slot.activation_id == Activation.id)
        .where(
            Activation.instance_id == instance_id,
            Activation.closed_at.is_not(None),
            Slot.state.in_(PASSED),
            Slot.actor_id.is_not(None),
        )
        .order_by(Slot.closed_at.desc(), Slot.id.desc())
    )
    return [(activation, slot) for activation, slot in session.execute(query)]


def return_task(
    engine: "Engine",
    *,
    slot_id: int,
    actor_id: int,
    target: str,
    reason: str,
    mode: str = "direct",
    signers: Sequence[int] | None = None,
    version: int | None = None,
    key: str | None = None,
    dry_run: bool = False,
) -> OperationResult:
    """Return a task (退回).

    Parameters
    ----------
    target
        An element id of :func:`return_targets`, ``previous`` or ``initiator``.
    reason
        Mandatory; the person it goes back to reads it.
    mode
        ``direct``: resubmission goes straight back to the returner; ``again``: every step is walked again.
    signers
        Of a target with many signers only these sign again (``onlyChanged``, R5); None means everybody.

    """
    request: dict[str, object] = {"operation": "return", "target": target, "reason": reason, "mode": mode}
    if signers is not None:
        request["signers"] = sorted(signers)

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "return")
        if not reason.strip():
            raise InvalidInput("请填写退回原因", {"reason": "退回原因必填"})
        chosen = _choose(desk, target)
        if mode not in chosen.modes:
            raise NotAllowed(_mode_refused(mode))
        if signers is not None:
            desk.run.reopening = _only_changed(desk, chosen, signers)
        _give_back(desk, chosen, reason, mode)
        return f"已退回到“{chosen.name}”"

    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _choose(desk: Desk, target: str) -> ReturnTarget:
    targets = return_targets(desk)
    if target == "previous" and targets:
        return targets[0]
    if target == "initiator":
        own = [one for one in targets if one.person_id == desk.instance.initiator_id]
        if own:
            return own[-1]
        raise NotAllowed("发起人没有办理过这个流程的节点，不能退回发起人")
    for one in targets:
        if one.element_id == target:
            return one
    raise NotAllowed(_refusal(desk, target))


def _only_changed(desk: Desk, chosen: ReturnTarget, signers: Sequence[int]) -> Reopening:
    """Let only some sign again: the others' answers of the target's last round stand (R5)."""
    query = select(Activation).where(
        Activation.instance_id == desk.instance.id, Activation.element_id == chosen.element_id
    )
    last = desk.session.scalars(query.order_by(Activation.round.desc())).first()
    if last is None:
        raise NotAllowed(f"“{chosen.name}”没有办理过，不能退回到那里")
    slots = desk.session.scalars(select(Slot).where(Slot.activation_id == last.id, Slot.state.in_(ANSWERS))).all()
    again = frozenset(slot.id for slot in slots if slot.owner_id in signers)
    if not signers or len(again) < len(set(signers)):
        raise NotAllowed(f"选择的人员没有在“{chosen.name}”签署过")
    return Reopening(last, keeps=ANSWERS, again=again)


def _refusal(desk: Desk, target: str) -> str:
    process = desk.run.process
    node = process.nodes.get(target)
    if node is None or node.type != "userTask":
        return "只能退回到本流程中办理过的人工节点"
    if relation(process, desk.activation.element_id, target).kind == "sibling":
        return f"“{node.name or target}”在另一条并行分支上，不能退回到那里"
    return f"“{node.name or target}”没有办理过，不能退回到那里"


def _modes(desk: Desk, kind: str) -> tuple[Mode, ...]:
    """Say which resubmission modes are possible: a torn join could never be reached by going straight back."""
    wished = [mode.strip() for mode in str(desk.activation.settings.get("returnMode", "direct,again")).split(",")]
    possible: list[Mode] = ["direct", "again"] if kind in ("same", "after") else ["again"]
    allowed = tuple(mode for mode in possible if mode in wished)
    return allowed or tuple(possible[-1:])


def _mode_refused(mode: str) -> str:
    if mode == "direct":
        return "退回会取消其他并行分支，重新提交后须逐级办理，不能直送"
    return "这个节点不允许这种重新提交方式"


def _give_back(desk: Desk, chosen: ReturnTarget, reason: str, mode: str) -> None:
    slot, activation, instance = desk.slot, desk.activation, desk.instance
    slot.owner_id = slot.owner_id or desk.actor_id
    slot.state, slot.closed_at, slot.actor_id = SlotState.RETURNED, desk.at, desk.actor_id
    slot.opinion = reason
    close_activation(desk.writer, instance, activation, "returned", desk.slots, rest="return")
    if desk.draft_version is not None:
        desk.session.execute(
            delete(Draft).where(Draft.activation_id == activation.id, Draft.person_id == desk.actor_id),
            execution_options={"synchronize_session": False},
        )
    desk.writer.line(
        instance, "return", actor_id=desk.actor_id, principal_id=slot.owner_id, from_state="ready",
        to_state="returned", opinion=reason, detail={"target": chosen.element_id, "mode": mode}, **desk.where,
    )  # fmt: skip
    moved = Moved(at=desk.at, tokens=[activation.token], element_id=chosen.element_id, reason="return")
    advance(desk.run, [moved])
    for opened in desk.writer.rows[Activation]:
        if opened.element_id == chosen.element_id and opened.instance_id == instance.id:
            _mark_returned(desk, opened, chosen, reason, mode)


def _mark_returned(desk: Desk, opened: Activation, chosen: ReturnTarget, reason: str, mode: str) -> None:
    """Tell the reopened node why it is open, and where a direct resubmission goes."""
    opened.return_reason = reason
    opened.return_to = desk.activation.id if mode == "direct" else None
    slots = [slot for slot in desk.writer.rows[Slot] if slot.activation_id == opened.id]
    if chosen.person_id is not None and chosen.person_id == desk.instance.initiator_id:
        opened.settings = {**opened.settings, "returned_to_initiator": "true"}
        desk.instance.status = InstanceStatus.RETURNED
    title = f"被退回：{desk.instance.title} · {opened.name}"
    for slot in slots:
        notify(desk.writer, desk.instance, [slot.owner_id or chosen.person_id], "returned", title, slot_id=slot.id)
