"""Adding and removing signers (加签, 减签): before, after or beside the one whose turn it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.tasks.decisions import close_slot, go_on, note, require_opinion
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import OPEN_STATES, Side, Slot, SlotState
from engine.tasks.opening import notify
from engine.tasks.policy import GROUP_POLICIES
from engine.tasks.signing import MAX_DEPTH, Signers
from engine.wording import listed, say

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_ADDED = 50


def add_before(
    engine: "Engine", *, slot_id: int, actor_id: int, people: Sequence[int], policy: str = "all", reason: str = "",
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Ask others first (前加签): the owner is held until they have acted, and then decides with their opinions.

    Parameters
    ----------
    people
        Whom to ask; nobody may be a signer of this activation already (O2).
    policy
        When they have acted: ``any``, ``all`` or ``sequence`` (in the order of ``people``).

    """

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "add_before")
        desk.slot.owner_id = desk.slot.owner_id or desk.claimant
        added = _add(desk, people, Side.BEFORE, policy)
        desk.slot.state = SlotState.HELD
        return _told(desk, added, "add_before", reason, say("前加签"))

    request = {"operation": "add_before", "people": list(people), "policy": policy, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def add_after(
    engine: "Engine", *, slot_id: int, actor_id: int, people: Sequence[int], policy: str = "all", opinion: str = "",
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Agree, and let others act before the node is left (后加签): the owner's decision is stored at once."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "add_after")
        require_opinion(desk, "agree", opinion)
        desk.slot.owner_id = desk.slot.owner_id or desk.claimant
        added = _add(desk, people, Side.AFTER, policy)
        approval = desk.activation.kind == "approval"
        names = _names(desk, added)
        close_slot(
            desk, SlotState.AGREED if approval else SlotState.COMPLETED, "add_after", opinion,
            people=[slot.owner_id for slot in added],
        )  # fmt: skip
        go_on(desk)
        return say("已{word}，并后加签：{names}", word=say("同意") if approval else say("完成"), names=names)

    request = {"operation": "add_after", "people": list(people), "policy": policy, "opinion": opinion}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def add_beside(
    engine: "Engine", *, slot_id: int, actor_id: int, people: Sequence[int], reason: str = "",
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Let others join the electorate (并加签); the decision is evaluated again at once (P1). Refused on ``any``."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "add_beside")
        added = _add(desk, people, Side.BESIDE, None)
        return _told(desk, added, "add_beside", reason, say("加签"))

    request = {"operation": "add_beside", "people": list(people), "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def remove_signer(
    engine: "Engine", *, slot_id: int, actor_id: int, reason: str = "", version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Remove a signer (减签): whoever added one may; an administrator also those whom the rule found (P1)."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "remove_signer")
        signers = Signers(desk.slots)
        others = [one for one in signers.electorate if one.id != desk.slot.id and one in signers.living]
        if desk.slot in signers.electorate and not others:
            raise Conflict(say("这是最后一位签署人，不能减签；可以转办或终止"))
        before = desk.slot.state
        signers.close(desk.slot, desk.at, "removed")
        note(desk, "remove_signer", before, desk.slot.state, opinion=reason or None)
        notify(
            desk.writer, desk.instance, [desk.slot.owner_id], "removed",
            say("不再需要您签署：{title} · {name}", title=desk.instance.title, name=desk.activation.name),
            slot_id=desk.slot.id,
        )  # fmt: skip
        go_on(desk)
        return say("已减签：{names}", names=_names(desk, [desk.slot]))

    request = {"operation": "remove_signer", "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def recall(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Take a task back from those it was delegated to or who were added before (收回): the owner decides alone."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "recall")
        before = desk.slot.state
        signers = Signers(desk.slots)
        asked = [
            one
            for side in (Side.BEFORE, Side.OPINION)
            for one in signers.children(desk.slot, side)
            if one.state in OPEN_STATES
        ]
        for one in asked:
            signers.close(one, desk.at, "recalled")
        desk.slot.state = SlotState.READY
        note(desk, "recall", before, SlotState.READY, detail={"people": [one.owner_id for one in asked]})
        go_on(desk)
        return say("已收回")

    return operate(
        engine, slot_id=slot_id, actor_id=actor_id, request={"operation": "recall"}, key=key, dry_run=dry_run, act=act
    )


def check_newcomers(desk: Desk, people: Sequence[int]) -> None:
    """Refuse people who do not exist, are gone, or already are signers here (O2)."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        raise InvalidInput(say("请选择人员"), {"people": say("至少选一个人")})
    if len(wanted) > MOST_ADDED:
        raise InvalidInput(
            say("一次最多加 {most} 人", most=MOST_ADDED), {"people": say("最多 {most} 人", most=MOST_ADDED)}
        )
    names = desk.engine.people.names(desk.session, wanted)
    gone = set(desk.engine.people.gone(desk.session, wanted))
    if unknown := [person for person in wanted if person not in names or person in gone]:
        listing = listed(names.get(person, str(person)) for person in unknown)
        raise InvalidInput(say("没有这个人或已停用：{names}", names=listing), {"people": say("没有这个人或已停用")})
    signing = {slot.owner_id for slot in Signers(desk.slots).living}
    if already := [names[person] for person in wanted if person in signing]:
        raise Conflict(say("{already} 已经是这个节点的签署人", already=listed(already)))


def _add(desk: Desk, people: Sequence[int], side: Side, policy: str | None) -> list[Slot]:
    if policy is not None and policy not in GROUP_POLICIES:
        raise InvalidInput(say("加签方式不对"), {"policy": say("any、all 或 sequence")})
    check_newcomers(desk, people)
    signers = Signers(desk.slots)
    if side is not Side.BESIDE and signers.depth(desk.slot) >= MAX_DEPTH:
        raise NotAllowed(say("加签最多嵌套 {most} 层", most=MAX_DEPTH))
    position = desk.slot.position
    if side is Side.BESIDE and desk.activation.policy == "sequence":
        for other in signers.electorate:
            other.position += len(people) if other.position > position else 0
    in_turn = policy == "sequence" or (side is Side.BESIDE and desk.activation.policy == "sequence")
    added = [
        desk.slot.another(
            owner_id=person,
            state=SlotState.WAITING if in_turn else SlotState.READY,
            position=position + 1 + index if side is Side.BESIDE else index,
            parent_id=desk.slot.id, side=side, group_policy=policy, added_by=desk.actor_id,
            found_by=f"{side.value}({desk.actor_id})", opened_at=desk.at,
        )
        for index, person in enumerate(dict.fromkeys(people))
    ]  # fmt: skip
    desk.writer.add(*added)
    desk.slots.extend(added)
    title = say("请您会签：{title} · {name}", title=desk.instance.title, name=desk.activation.name)
    for slot in added:
        if slot.state == SlotState.READY:
            notify(desk.writer, desk.instance, [slot.owner_id], "added", title, slot_id=slot.id)
    return added


def _told(desk: Desk, added: Sequence[Slot], operation: str, reason: str, word: str) -> str:
    note(
        desk, operation, "ready", desk.slot.state, opinion=reason or None,
        detail={"people": [slot.owner_id for slot in added], "policy": added[0].group_policy},
    )  # fmt: skip
    go_on(desk)
    return say("已{word}：{names}", word=word, names=_names(desk, added))


def _names(desk: Desk, slots: Sequence[Slot]) -> str:
    ids = [slot.owner_id for slot in slots if slot.owner_id is not None]
    names = desk.engine.people.names(desk.session, ids)
    return listed(names.get(one, str(one)) for one in ids)
