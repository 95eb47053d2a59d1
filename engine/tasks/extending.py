"""Extension (延期): the assignee asks for a later due date, a leader decides, both dates stay in history.

A request is an activation of its own (``kind`` ``extension``) beside the process, so that it lies in the leader's
inbox, is decided, withdrawn and recorded like any other task; the interpreter knows nothing of it.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.calendars import SHANGHAI, warn_instant
from engine.errors import InvalidInput, NotAllowed
from engine.instances.run import Run
from engine.store import new_id
from engine.tasks.assignment import new_slot, people_of
from engine.tasks.decisions import note
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import Activation, Slot, SlotCandidate
from engine.tasks.opening import notify, schedule_deadline
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

KIND = "extension"


def ask_extension(
    engine: "Engine", *, slot_id: int, actor_id: int, due: datetime, reason: str, version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Ask for a later due date. The leader is found by the node's ``extendBy``, else it is the owner's leader."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "extend")
        activation, slot = desk.activation, desk.slot
        if not reason.strip():
            raise InvalidInput(say("请填写延期原因"), {"reason": say("延期原因必填")})
        if activation.due is None or due <= max(activation.due, desk.at):
            raise InvalidInput(say("新的期限应晚于原期限和现在"), {"due": say("应晚于原期限")})
        slot.owner_id = slot.owner_id or desk.claimant
        leaders = _leaders(desk, slot.owner_id)
        request = _request(desk, due, reason)
        asked = new_slot(desk.instance, request, leaders[0] if len(leaders) == 1 else None, "extendBy", 0)
        desk.writer.add(request, asked)
        if len(leaders) > 1:
            desk.writer.add(*(SlotCandidate(slot_id=asked.id, person_id=leader) for leader in leaders))
        activation.settings = {**activation.settings, "extension": "asked"}
        notify(desk.writer, desk.instance, leaders, KIND, request.title, slot_id=asked.id)
        note(
            desk, "ask_extension", slot.state, slot.state, opinion=reason,
            detail={"due": activation.due.isoformat(), "asked": due.isoformat(), "leaders": leaders},
        )  # fmt: skip
        desk.instance.version += 1
        return say("已申请延期到 {day}", day=_day(due))

    request = {"operation": "extend", "due": due.isoformat(), "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def extension_decided(run: Run, request: Activation, outcome: str) -> None:
    """Move the due date of the task that asked, when the leader agreed and the task is still open."""
    task = run.session.get(Activation, int(request.settings["extends"]))
    if task is None:
        return
    task.settings = {**task.settings, "extension": outcome}
    asked = datetime.fromisoformat(str(request.settings["due"]))
    detail = {"from": task.due.isoformat() if task.due else None, "to": asked.isoformat(), "outcome": outcome}
    run.writer.line(run.instance, "extend", element_id=task.element_id, round=task.round, detail=detail)
    slots = list(run.session.scalars(select(Slot).where(Slot.activation_id == task.id, Slot.closed_at.is_(None))))
    words = say("延期已同意") if outcome == "agreed" else say("延期未获同意")
    for slot in slots:
        notify(
            run.writer, run.instance, [slot.owner_id], KIND,
            say("{words}：{title} · {name}", words=words, title=run.instance.title, name=task.name),
            slot_id=slot.id,
        )  # fmt: skip
    if outcome != "agreed" or task.closed_at is not None:
        return
    run.writer.drop(run.instance, task.token)
    task.due, task.overdue_at, task.warn_at = asked, None, None
    if task.settings.get("warn"):
        task.warn_at = warn_instant(asked, str(task.settings["warn"]), run.calendar)
    for slot in slots:
        slot.due = asked
    schedule_deadline(run, task)


def _request(desk: Desk, due: datetime, reason: str) -> Activation:
    activation = desk.activation
    title = say(
        "延期申请：{title} · {name}（{day}）",
        title=activation.title or desk.instance.title,
        name=activation.name,
        day=_day(due),
    )
    name = say("延期申请：{name}", name=activation.name)
    request_id = new_id()
    return Activation(
        id=request_id, instance_id=desk.instance.id, token=f"extension:{request_id}",
        element_id=activation.element_id, name=name, title=title, kind=KIND,
        policy="single", round=activation.round, form=None,
        settings={"kind": KIND, "extends": activation.id, "due": due.isoformat(), "reason": reason}, scope={},
        opened_at=desk.at, return_reason=reason,
    )  # fmt: skip


def _leaders(desk: Desk, owner_id: int) -> list[int]:
    rule = desk.activation.settings.get("extendBy", "")
    if rule:
        found = [one for one in people_of(desk.run, rule, desk.activation.scope) if one != owner_id]
    else:
        leader = desk.engine.people.leader_of(desk.session, owner_id, desk.at)
        found = [leader] if leader is not None else []
    if not found:
        raise NotAllowed(say("找不到可以批准延期的领导"))
    return found


def _day(due: datetime) -> str:
    return due.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
