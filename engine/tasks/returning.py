"""Return (退回): to an earlier human node, with a reason, and straight back on resubmission (R1-R9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed
from engine.instances.models import InstanceStatus
from engine.instances.run import Run
from engine.instances.turns import advance
from engine.interpreter.contract import Moved
from engine.tasks.branches import leads_to, relation
from engine.tasks.decisions import forget_draft, note
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import Activation, Slot, SlotState
from engine.tasks.opening import close_activation, notify
from engine.tasks.reopening import Reopening
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

Mode = Literal["direct", "again"]
ANSWERS = (SlotState.AGREED, SlotState.REJECTED, SlotState.ABSTAINED, SlotState.COMPLETED)
PASSED = ANSWERS


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
    return targets_of(desk.run, desk.activation)


def targets_of(run: Run, here: Activation) -> list[ReturnTarget]:
    """Return the earlier human nodes that an activation may go back to, the latest first (R7)."""
    process = run.process
    found: dict[str, tuple[Activation, Slot]] = {}
    for activation, slot in passed_nodes(run.session, run.instance.id):
        known = activation.element_id in process.nodes
        if activation.element_id != here.element_id and known and activation.element_id not in found:
            found[activation.element_id] = (activation, slot)
    people = [slot.actor_id for _, slot in found.values() if slot.actor_id is not None]
    names = run.engine.people.names(run.session, people) if people else {}
    targets = []
    for activation, slot in found.values():
        kind = relation(process, here.element_id, activation.element_id).kind
        if kind == "sibling" or not leads_to(process, activation.element_id, here.element_id):
            continue
        if process.nodes[activation.element_id].parent != process.nodes[here.element_id].parent:
            continue
        modes = _modes(here, kind)
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
            raise InvalidInput(say("请填写退回原因"), {"reason": say("退回原因必填")})
        chosen = _choose(desk, target)
        if mode not in chosen.modes:
            raise NotAllowed(_mode_refused(mode))
        if signers is not None:
            desk.run.reopening = _only_changed(desk, chosen, signers)
        _give_back(desk, chosen, reason, mode)
        return say("已退回到“{name}”", name=chosen.name)

    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _choose(desk: Desk, target: str) -> ReturnTarget:
    targets = return_targets(desk)
    if target == "previous" and targets:
        return targets[0]
    if target == "initiator":
        own = [one for one in targets if one.person_id == desk.instance.initiator_id]
        if own:
            return own[-1]
        raise NotAllowed(say("发起人没有办理过这个流程的节点，不能退回发起人"))
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
        raise NotAllowed(say("“{name}”没有办理过，不能退回到那里", name=chosen.name))
    slots = desk.session.scalars(select(Slot).where(Slot.activation_id == last.id, Slot.state.in_(ANSWERS))).all()
    again = frozenset(slot.id for slot in slots if slot.owner_id in signers)
    if not signers or len(again) < len(set(signers)):
        raise NotAllowed(say("选择的人员没有在“{name}”签署过", name=chosen.name))
    return Reopening(last, keeps=ANSWERS, again=again)


def _refusal(desk: Desk, target: str) -> str:
    process = desk.run.process
    node = process.nodes.get(target)
    if node is None or node.type != "userTask":
        return say("只能退回到本流程中办理过的人工节点")
    if relation(process, desk.activation.element_id, target).kind == "sibling":
        return say("“{name}”在另一条并行分支上，不能退回到那里", name=node.name or target)
    return say("“{name}”没有办理过，不能退回到那里", name=node.name or target)


def _modes(here: Activation, kind: str) -> tuple[Mode, ...]:
    """Say which resubmission modes are possible: a torn join could never be reached by going straight back."""
    wished = [mode.strip() for mode in str(here.settings.get("returnMode", "direct,again")).split(",")]
    possible: list[Mode] = ["direct", "again"] if kind in ("same", "after") else ["again"]
    allowed = tuple(mode for mode in possible if mode in wished)
    return allowed or tuple(possible[-1:])


def _mode_refused(mode: str) -> str:
    if mode == "direct":
        return say("退回会取消其他并行分支，重新提交后须逐级办理，不能直送")
    return say("这个节点不允许这种重新提交方式")


def close_returned(desk: Desk, target: str, reason: str, mode: str) -> None:
    """Close the returner's activation and write the line; where the process goes on is the caller's business."""
    slot, activation = desk.slot, desk.activation
    slot.owner_id = slot.owner_id or desk.claimant
    slot.state, slot.closed_at, slot.actor_id = SlotState.RETURNED, desk.at, desk.actor_id
    slot.opinion = reason
    close_activation(desk.writer, desk.instance, activation, "returned", desk.slots, rest="return")
    forget_draft(desk)
    note(desk, "return", "ready", "returned", opinion=reason, detail={"target": target, "mode": mode})


def _give_back(desk: Desk, chosen: ReturnTarget, reason: str, mode: str) -> None:
    close_returned(desk, chosen.element_id, reason, mode)
    _go_back(desk.run, desk.activation, chosen, reason, mode)


def return_by_rule(run: Run, activation: Activation, slots: Sequence[Slot], rule: str) -> bool:
    """Return a late task to the node before it (D3); False when there is none to return to."""
    chosen = next(iter(targets_of(run, activation)), None)
    if chosen is None:
        return False
    for slot in slots:
        slot.state, slot.closed_at, slot.rule = SlotState.RETURNED, run.at, rule
    close_activation(run.writer, run.instance, activation, "returned", slots, rest="return")
    run.writer.line(
        run.instance, "return", rule=rule, element_id=activation.element_id, round=activation.round,
        from_state="ready", to_state="returned", detail={"target": chosen.element_id, "mode": "again"},
    )  # fmt: skip
    _go_back(run, activation, chosen, say("逾期未办，自动退回"), "again")
    return True


def _go_back(run: Run, returner: Activation, chosen: ReturnTarget, reason: str, mode: str) -> None:
    advance(run, [Moved(at=run.at, tokens=[returner.token], element_id=chosen.element_id, reason="return")])
    for opened in run.writer.rows[Activation]:
        if opened.element_id == chosen.element_id and opened.instance_id == run.instance.id:
            _mark_returned(run, opened, returner, chosen, reason=reason, mode=mode)


def _mark_returned(
    run: Run, opened: Activation, returner: Activation, chosen: ReturnTarget, *, reason: str, mode: str
) -> None:
    """Tell the reopened node why it is open, and where a direct resubmission goes."""
    opened.return_reason = reason
    opened.return_to = returner.id if mode == "direct" else None
    slots = [slot for slot in run.writer.rows[Slot] if slot.activation_id == opened.id]
    if chosen.person_id is not None and chosen.person_id == run.instance.initiator_id:
        opened.settings = {**opened.settings, "returned_to_initiator": "true"}
        run.instance.status = InstanceStatus.RETURNED
    title = say("被退回：{title} · {name}", title=run.instance.title, name=opened.name)
    for slot in slots:
        notify(run.writer, run.instance, [slot.owner_id or chosen.person_id], "returned", title, slot_id=slot.id)
