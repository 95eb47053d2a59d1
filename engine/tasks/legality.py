"""One function says whether an operation is legal and why not; buttons, operations and dry runs all ask it."""

from dataclasses import dataclass

from engine.errors import NotAllowed
from engine.instances.models import OPEN_STATUSES, InstanceStatus
from engine.tasks.desk import Desk, handled_sentence
from engine.tasks.models import OPEN_STATES, SlotState

NAMES = (
    "claim", "unclaim", "agree", "reject", "complete", "return", "transfer", "save_draft", "attach", "comment", "urge",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its operation, whether it may be pressed now, and why not."""

    name: str
    allowed: bool
    reason: str = ""


def actions(desk: Desk) -> list[Action]:
    """Return every operation that concerns this kind of task, with the reason where it is not allowed."""
    found = []
    for name in NAMES:
        reason = refusal(desk, name)
        if reason != _FOREIGN:
            found.append(Action(name, not reason, reason))
    return found


def require(desk: Desk, name: str) -> None:
    """Raise :class:`NotAllowed` with the sentence when the operation is not legal now."""
    reason = refusal(desk, name)
    if reason:
        raise NotAllowed(reason)


_FOREIGN = "这个操作不适用于这类任务"


def refusal(desk: Desk, name: str) -> str:
    """Return why the operation is not legal now, empty when it is."""
    if name == "comment":
        return ""
    if desk.instance.status == InstanceStatus.SUSPENDED:
        return "流程已挂起，恢复后才能办理"
    if desk.instance.status not in OPEN_STATUSES:
        return "流程已经结束"
    if desk.slot.state not in OPEN_STATES or desk.activation.closed_at is not None:
        return handled_sentence(desk)
    return _refusal_when_open(desk, name)


def _refusal_when_open(desk: Desk, name: str) -> str:
    approval = desk.activation.kind == "approval"
    if name in ("agree", "reject") and not approval:
        return _FOREIGN
    if name == "complete" and approval:
        return _FOREIGN
    if name == "urge":
        return _refuse_urge(desk)
    if name == "claim":
        return _refuse_claim(desk)
    if name == "transfer" and desk.is_administrator:
        return ""
    if not desk.holds and not (desk.slot.owner_id is None and not desk.candidates and desk.is_administrator):
        return "这个待办不归您办理"
    if desk.slot.state != SlotState.READY:
        return "还没有轮到您办理"
    if name == "unclaim":
        return "" if desk.slot.owner_id == desk.actor_id and desk.slot.position == -1 else "这个待办不是从候选中领取的"
    return ""


def _refuse_claim(desk: Desk) -> str:
    if desk.slot.owner_id is not None:
        return "您已领取" if desk.slot.owner_id == desk.actor_id else "已被他人领取"
    if not desk.is_candidate and not desk.is_administrator:
        return "您不是这个待办的候选人"
    return ""


def _refuse_urge(desk: Desk) -> str:
    if desk.slot.owner_id == desk.actor_id:
        return "不能催办自己"
    from engine.tasks.remarks import URGE_EVERY

    last = desk.slot.urged_at
    if last is not None and desk.at - last < URGE_EVERY:
        return "四小时内已催办过"
    return ""
