"""One function says whether an operation is legal and why not; buttons, operations, dry runs and the API all ask it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from sqlalchemy import select

from engine.errors import Conflict, NotAllowed
from engine.instances.models import OPEN_STATUSES, InstanceStatus
from engine.tasks.desk import Desk, handled_sentence
from engine.tasks.models import OPEN_STATES, Activation, Side, Slot, SlotState
from engine.wording import Sentence, listed, say

URGE_HOURS = 4


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its operation, whether it may be pressed now, and why not."""

    name: str
    allowed: bool
    reason: str = ""


class _Marked(Sentence):
    """A reason of a kind."""

    def __new__(cls, reason: Sentence) -> Self:
        return super().__new__(cls, reason.template, reason.values)


class _Foreign(_Marked):
    """Says that an operation makes no sense for this kind of task, so that no button is shown at all."""


class _NotNow(_Marked):
    """Says that the state of the task forbids it now, not the person: another act may have changed it just before."""


_FOREIGN = _Foreign(say("这个操作不适用于这个待办"))


def actions(desk: Desk) -> list[Action]:
    """Return every operation that concerns this kind of task, with the reason where it is not allowed."""
    found = []
    for name in NAMES:
        reason = refusal(desk, name)
        if not isinstance(reason, _Foreign):
            found.append(Action(name, not reason, reason))
    return found


def require(desk: Desk, name: str) -> None:
    """Raise :class:`Conflict` where the state forbids the operation, :class:`NotAllowed` where it is not for them."""
    reason = refusal(desk, name)
    if reason:
        raise (Conflict if isinstance(reason, _NotNow) else NotAllowed)(reason)


def refusal(desk: Desk, name: str) -> str:
    """Return why the operation is not legal now, empty when it is."""
    if name == "comment":
        return ""
    if desk.instance.status == InstanceStatus.SUSPENDED:
        return _NotNow(say("流程已挂起，恢复后才能办理"))
    if desk.instance.status not in OPEN_STATUSES:
        return _NotNow(say("流程已经结束"))
    if name in _OF_INSTANCE:
        return _OF_INSTANCE[name](desk)
    if desk.slot.state not in OPEN_STATES or desk.activation.closed_at is not None:
        return _NotNow(handled_sentence(desk))
    return _OF_SLOT[name](desk)


def in_electorate(slot: Slot) -> bool:
    """Say whether the slot's answer counts towards the decision."""
    return slot.side in (None, Side.BESIDE)


# Whose turn it is


def _not_mine(desk: Desk) -> str:
    """Refuse those who do not hold the task, and those whose turn it is not."""
    orphan = desk.slot.owner_id is None and not desk.candidates
    if not desk.holds and not (orphan and desk.is_administrator):
        return say("这个待办不归您办理")
    return _not_ready(desk)


def _not_ready(desk: Desk) -> str:
    if desk.slot.state == SlotState.HELD:
        return _NotNow(say("已请人加签，等他们办理后再办，或先收回"))
    if desk.slot.state == SlotState.DELEGATED:
        return _NotNow(say("已委派他人，等意见提出后再办，或先收回"))
    return "" if desk.slot.state == SlotState.READY else _NotNow(say("还没有轮到您办理"))


def _decide(desk: Desk) -> str:
    if desk.activation.kind == "work" or desk.slot.side == Side.OPINION:
        return _FOREIGN
    return _not_mine(desk)


def _abstain(desk: Desk) -> str:
    if desk.activation.policy != "vote" or not in_electorate(desk.slot):
        return _FOREIGN
    return _not_mine(desk)


def _complete(desk: Desk) -> str:
    if desk.activation.kind != "work" or desk.slot.side == Side.OPINION:
        return _FOREIGN
    return _not_mine(desk)


def _answer_delegation(desk: Desk) -> str:
    return _not_mine(desk) if desk.slot.side == Side.OPINION else _FOREIGN


def _send_back(desk: Desk) -> str:
    if desk.activation.kind == "extension" or not in_electorate(desk.slot):
        return _FOREIGN
    return _not_mine(desk)


def _claim(desk: Desk) -> str:
    if desk.slot.owner_id is not None:
        if desk.slot.owner_id == desk.actor_id:
            return _NotNow(say("您已领取"))
        return _NotNow(say("已被他人领取")) if desk.slot.claimed else _FOREIGN
    if not desk.is_candidate and not desk.is_administrator:
        return say("您不是这个待办的候选人")
    return ""


def _unclaim(desk: Desk) -> str:
    if not desk.slot.claimed:
        return _FOREIGN if desk.slot.owner_id is not None else _NotNow(say("这个待办还没有领取"))
    return _not_mine(desk)


# Handing on and asking others


def _transfer(desk: Desk) -> str:
    if desk.slot.side == Side.OPINION or desk.activation.kind == "extension":
        return _FOREIGN
    return _not_ready(desk) if desk.is_administrator else _not_mine(desk)


def _delegate(desk: Desk) -> str:
    return _FOREIGN if desk.activation.kind == "extension" else _not_mine(desk)


def _ask_others(desk: Desk) -> str:
    """Adding before or after: also by those who were added, but not by whoever only gives an opinion."""
    if desk.slot.side == Side.OPINION or desk.activation.kind == "extension":
        return _FOREIGN
    if str(desk.activation.settings.get("addSign", "")).lower() == "false":
        return say("这个节点不允许加签")
    return _not_mine(desk)


def _add_beside(desk: Desk) -> str:
    if not in_electorate(desk.slot):
        return _FOREIGN
    if desk.activation.policy == "any":
        return say("或签节点不能并加签：谁先办就以谁的为准")
    if desk.activation.policy == "single":
        return say("只有会签、票签和依次签的节点可以并加签")
    reason = _ask_others(desk)
    return "" if desk.is_administrator and not isinstance(reason, _Foreign) else reason


def _remove_signer(desk: Desk) -> str:
    slot = desk.slot
    if slot.side == Side.OPINION:
        return _FOREIGN
    if slot.side is None:
        return "" if desk.is_administrator else _Foreign(say("只有管理员可以减去规则确定的签署人"))
    if slot.added_by == desk.actor_id or desk.is_administrator:
        return ""
    return _Foreign(say("只有加签的人可以减签"))


def _recall(desk: Desk) -> str:
    if desk.slot.state not in (SlotState.HELD, SlotState.DELEGATED):
        return _FOREIGN
    return "" if desk.holds or desk.is_administrator else say("这个待办不归您办理")


def _of_administrator(desk: Desk) -> str:
    return "" if desk.is_administrator else _FOREIGN


def _extend(desk: Desk) -> str:
    if desk.activation.due is None or desk.activation.kind == "extension":
        return _FOREIGN
    if desk.activation.settings.get("extension") == "asked":
        return _NotNow(say("延期申请正在审批"))
    return _not_mine(desk)


def _urge(desk: Desk) -> str:
    if desk.slot.owner_id == desk.actor_id:
        return say("不能催办自己")
    if desk.slot.state != SlotState.READY:
        return _NotNow(say("还没有轮到他办理"))
    last = desk.slot.urged_at
    if last is not None and (desk.at - last).total_seconds() < URGE_HOURS * 3600:
        return _NotNow(say("四小时内已催办过"))
    return "" if _may_urge(desk) else say("发起人、督办人和前面环节的办理人才能催办")


def _may_urge(desk: Desk) -> bool:
    """Initiator, whoever acted earlier, the owner's leader, administrators."""
    if desk.instance.initiator_id == desk.actor_id or desk.is_administrator:
        return True
    acted = select(Slot.id).where(Slot.instance_id == desk.instance.id, Slot.actor_id == desk.actor_id).limit(1)
    if desk.session.execute(acted).first() is not None:
        return True
    owner = desk.slot.owner_id
    return owner is not None and desk.engine.people.leader_of(desk.session, owner, desk.at) == desk.actor_id


# What concerns the whole instance


def _withdraw(desk: Desk) -> str:
    if desk.instance.initiator_id != desk.actor_id or desk.instance.parent_id is not None:
        return _FOREIGN
    if withdraw_policy(desk) == "never":
        return say("这类流程不允许撤销")
    return ""


def withdraw_policy(desk: Desk) -> str:
    """Return what the process does when its initiator withdraws it: ``draft`` (the rule), ``void`` or ``never``."""
    return desk.run.process.attributes.get("duban:withdraw", "draft")


def _retrieve(desk: Desk) -> str:
    if desk.slot.actor_id != desk.actor_id or desk.slot.state not in (
        SlotState.AGREED, SlotState.REJECTED, SlotState.ABSTAINED, SlotState.COMPLETED,
    ):  # fmt: skip
        return _FOREIGN
    policy = desk.activation.settings.get("retrieve", "before_act")
    if policy == "never":
        return say("这个节点不允许取回")
    if desk.activation.closed_at is None:
        return ""
    if desk.activation.closed_at != desk.slot.closed_at:
        return _NotNow(say("节点已由他人办结，不能取回"))
    if desk.activation.beyond:
        return _NotNow(say("后续的“{beyond}”已经开始，不能取回", beyond=listed(desk.activation.beyond)))
    return _refuse_downstream(desk, policy)


def _refuse_downstream(desk: Desk, policy: str) -> str:
    """Refuse when somebody behind has acted, or, under ``before_open``, has read it (T1, T2)."""
    query = select(Slot).join(Activation, Activation.id == Slot.activation_id)
    behind = list(desk.session.scalars(query.where(Activation.opened_by == desk.activation.id)))
    if any(slot.actor_id is not None or slot.state == SlotState.DELEGATED for slot in behind):
        return _NotNow(say("下一环节已经办理，不能取回"))
    if policy == "before_open" and any(slot.read_at is not None for slot in behind):
        return _NotNow(say("下一环节已经打开，不能取回"))
    return ""


def _copy(desk: Desk) -> str:
    mine = desk.holds or desk.actor_id in (desk.instance.initiator_id, desk.slot.actor_id)
    return "" if mine else say("办理人和发起人才能抄送")


_OF_INSTANCE: Mapping[str, Callable[[Desk], str]] = {"withdraw": _withdraw, "retrieve": _retrieve, "copy": _copy}
_OF_SLOT: Mapping[str, Callable[[Desk], str]] = {
    "claim": _claim,
    "unclaim": _unclaim,
    "agree": _decide,
    "reject": _decide,
    "abstain": _abstain,
    "complete": _complete,
    "give_opinion": _answer_delegation,
    "hand_back": _answer_delegation,
    "return": _send_back,
    "transfer": _transfer,
    "delegate": _delegate,
    "recall": _recall,
    "add_before": _ask_others,
    "add_after": _ask_others,
    "add_beside": _add_beside,
    "remove_signer": _remove_signer,
    "extend": _extend,
    "urge": _urge,
    "jump": _of_administrator,
    "hand_over": _of_administrator,
    "save_draft": _not_mine,
    "attach": _not_mine,
}
NAMES = (*_OF_SLOT, *_OF_INSTANCE, "comment")
