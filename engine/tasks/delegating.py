"""Delegation (委派): somebody gives an opinion, the owner always decides."""

from typing import TYPE_CHECKING

from engine.errors import InvalidInput, NotAllowed
from engine.tasks.decisions import close_slot, go_on, note, require_opinion
from engine.tasks.desk import Desk, OperationResult, name_of, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import Side, SlotState
from engine.tasks.opening import notify
from engine.tasks.signers import check_newcomers
from engine.tasks.signing import MAX_DEPTH, Signers
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine


def delegate(
    engine: "Engine", *, slot_id: int, actor_id: int, target_id: int, reason: str = "", version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Delegate (委派): the target gives an opinion, hands back, or delegates on, three deep at most.

    The owner may recall at any time (:func:`engine.tasks.signers.recall`).
    """

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "delegate")
        check_newcomers(desk, [target_id])
        slot = desk.slot
        if Signers(desk.slots).depth(slot) >= MAX_DEPTH:
            raise NotAllowed(say("委派最多 {most} 层", most=MAX_DEPTH))
        slot.owner_id = slot.owner_id or desk.claimant
        slot.state = SlotState.DELEGATED
        asked = slot.another(
            owner_id=target_id, state=SlotState.READY, position=0, parent_id=slot.id, side=Side.OPINION,
            added_by=desk.actor_id, found_by=f"delegate({desk.actor_id})", opened_at=desk.at,
        )  # fmt: skip
        desk.writer.add(asked)
        desk.slots.append(asked)
        title = say("请您提出意见：{title} · {name}", title=desk.instance.title, name=desk.activation.name)
        notify(desk.writer, desk.instance, [target_id], "delegated", title, slot_id=asked.id)
        note(desk, "delegate", "ready", SlotState.DELEGATED, opinion=reason or None, detail={"to": target_id})
        go_on(desk)
        return say("已委派给 {who}", who=name_of(desk, target_id))

    request = {"operation": "delegate", "to": target_id, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def give_opinion(
    engine: "Engine", *, slot_id: int, actor_id: int, opinion: str, version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Answer a delegation with an opinion; the one who asked has the turn again."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "give_opinion")
        if not opinion.strip():
            raise InvalidInput(say("请填写意见"), {"opinion": say("意见必填")})
        require_opinion(desk, "give_opinion", opinion)
        close_slot(desk, SlotState.COMPLETED, "give_opinion", opinion)
        _give_turn_back(desk, say("意见已提出"))
        return say("意见已提交，由委派人决定")

    request = {"operation": "give_opinion", "opinion": opinion}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def hand_back(
    engine: "Engine", *, slot_id: int, actor_id: int, reason: str = "", version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Hand a delegation back without an opinion."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "hand_back")
        close_slot(desk, SlotState.RETURNED, "hand_back", reason)
        _give_turn_back(desk, say("委派已交回"))
        return say("已交回委派人")

    request = {"operation": "hand_back", "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _give_turn_back(desk: Desk, words: str) -> None:
    owner = Signers(desk.slots).parent(desk.slot)
    if owner is not None and owner.state == SlotState.DELEGATED:
        owner.state = SlotState.READY
        title = say("{words}：{title} · {name}", words=words, title=desk.instance.title, name=desk.activation.name)
        notify(desk.writer, desk.instance, [owner.owner_id], "turn", title, slot_id=owner.id)
    go_on(desk)
