"""Taking back: one's own just-finished step (取回, T1-T3), or the whole instance by its initiator (撤销)."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.errors import Conflict, InvalidInput
from engine.instances import fanout
from engine.instances.models import InstanceStatus
from engine.instances.turns import advance
from engine.interpreter.contract import Moved
from engine.tasks.decisions import go_on, note
from engine.tasks.desk import Desk, OperationResult, operate, require_same_form
from engine.tasks.legality import require, withdraw_policy
from engine.tasks.models import OPEN_STATES, Activation, Side, Slot, SlotState
from engine.tasks.opening import close_of_instances, notify
from engine.tasks.reopening import Reopening
from engine.tasks.returning import ANSWERS
from engine.tasks.signing import Signers
from engine.tasks.starting import keep_start_draft
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine


def retrieve(
    engine: "Engine", *, slot_id: int, actor_id: int, reason: str = "", version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Take back one's own decision while nobody behind has acted (取回); others' answers stand (T3).

    Whoever has opened the next step already is told, and history says so (T1).
    """

    def act(desk: Desk) -> str:
        require_same_form(desk, version)
        require(desk, "retrieve")
        if desk.activation.closed_at is None:
            _reopen_own_answer(desk, reason)
        else:
            _reopen_node(desk, reason)
        return say("已取回“{name}”", name=desk.activation.name)

    request = {"operation": "retrieve", "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _reopen_own_answer(desk: Desk, reason: str) -> None:
    """The node is still open: the answer is taken back, and whoever had the turn after it gives it back."""
    slot, signers = desk.slot, Signers(desk.slots)
    before = slot.state
    if any(child.actor_id is not None for child in signers.children(slot, Side.AFTER)):
        raise Conflict(say("后加签的人已经办理，不能取回"))
    for child in signers.children(slot, Side.AFTER):
        signers.close(child, desk.at, "retrieved")
    _take_turn_back(desk, signers)
    again = slot.successor(owner_id=slot.owner_id, state=SlotState.READY, found_by=slot.found_by, opened_at=desk.at)
    slot.state, slot.close_reason = SlotState.CANCELLED, f"retrieved({before})"
    desk.writer.add(again)
    desk.slots.append(again)
    note(desk, "retrieve", before, SlotState.READY, opinion=reason or None)
    go_on(desk)


def _take_turn_back(desk: Desk, signers: Signers) -> None:
    """Undo the turn that the answer gave to somebody: the next of a sequence, or the one who had asked."""
    slot = desk.slot
    parent = signers.parent(slot)
    if slot.side in (Side.BEFORE, Side.OPINION) and parent is not None:
        if parent.state not in OPEN_STATES:
            raise Conflict(say("委派或加签的人已经决定，不能取回"))
        parent.state = SlotState.HELD if slot.side == Side.BEFORE else SlotState.DELEGATED
    in_turn = (
        desk.activation.policy == "sequence" if slot.side in (None, Side.BESIDE) else slot.group_policy == "sequence"
    )
    if not in_turn:
        return
    group = (
        signers.electorate if slot.side in (None, Side.BESIDE) else signers.children(parent or slot, Side(slot.side))
    )
    for later in group:
        if later.position <= slot.position or later.state == SlotState.WAITING:
            continue
        if later.state != SlotState.READY:
            raise Conflict(say("后面的签署人已经办理，不能取回"))
        later.state = SlotState.WAITING


def _reopen_node(desk: Desk, reason: str) -> None:
    """The node was left by this answer: what it opened is closed together (T2), and the node is open again."""
    query = select(Activation).where(Activation.opened_by == desk.activation.id, Activation.closed_at.is_(None))
    behind = list(desk.session.scalars(query))
    read = list(
        desk.session.scalars(
            select(Slot).where(Slot.activation_id.in_([one.id for one in behind]), Slot.read_at.is_not(None))
        )
    )
    title = say("已被取回：{title} · {name}", title=desk.instance.title, name=desk.activation.name)
    for slot in read:
        notify(desk.writer, desk.instance, [slot.owner_id], "retrieved", title)
    before = desk.slot.state
    detail = {"read_by": [slot.owner_id for slot in read], "closed": [one.element_id for one in behind]}
    note(desk, "retrieve", before, SlotState.READY, opinion=reason or None, detail=detail)
    run = desk.run
    run.reopening = Reopening(
        desk.activation, keeps=ANSWERS, again=frozenset({desk.slot.id}), keeps_deadline=True,
    )  # fmt: skip
    moved = Moved(
        at=desk.at, tokens=[one.token for one in behind], element_id=desk.activation.element_id, reason="retrieved"
    )
    advance(run, [moved])


def withdraw(
    engine: "Engine", *, slot_id: int, actor_id: int, reason: str, version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Withdraw the whole instance (撤销): void, or back to a draft of its initiator, as the process says."""

    def act(desk: Desk) -> str:
        require_same_form(desk, version)
        require(desk, "withdraw")
        if not reason.strip():
            raise InvalidInput(say("请填写撤销原因"), {"reason": say("撤销原因必填")})
        instance, writer = desk.instance, desk.writer
        back = withdraw_policy(desk) == "draft"
        if back:
            keep_start_draft(desk.run, instance)
        writer.line(
            instance, "withdraw", actor_id=desk.actor_id, from_state=instance.status,
            to_state=InstanceStatus.WITHDRAWN, opinion=reason, detail={"to": "draft" if back else "void"},
        )  # fmt: skip
        instance.status, instance.outcome, instance.ended_at = InstanceStatus.WITHDRAWN, "withdrawn", desk.at
        instance.version += 1
        writer.drop_everything(instance)
        fanout.cancel_all(writer, instance)
        _tell_holders(desk)
        close_of_instances(writer, {instance.id: instance}, "withdrawn")
        writer.tell("instance_ended", instance)
        return say("已撤销，内容在草稿箱里") if back else say("已撤销")

    request = {"operation": "withdraw", "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _tell_holders(desk: Desk) -> None:
    query = select(Slot.owner_id).where(
        Slot.instance_id == desk.instance.id, Slot.state.in_(OPEN_STATES), Slot.owner_id.is_not(None)
    )
    title = say("发起人已撤销：{title}", title=desk.instance.title)
    notify(desk.writer, desk.instance, [one for one in desk.session.scalars(query) if one != desk.actor_id],
           "withdrawn", title)  # fmt: skip
