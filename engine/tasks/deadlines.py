"""Deadlines of human tasks: warning, overdue, lamp (approvals.md, D1-D5)."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select

from engine.errors import InvalidInput
from engine.instances.run import Run
from engine.tasks.assignment import find_people, make_slots, people_of, signers_of
from engine.tasks.models import OPEN_STATES, Activation, Copy, Slot, SlotCandidate, SlotState
from engine.tasks.opening import notify
from engine.wording import say

Lamp = Literal["green", "yellow", "red"]
SYSTEM_OVERDUE = "system:overdue"


def lamp(activation: Activation, now: datetime) -> Lamp | None:
    """Return the deadline lamp (D4): red when late, yellow within the warning period, None without a deadline."""
    if activation.due is None:
        return None
    end = activation.closed_at or now
    if end > activation.due:
        return "red"
    return "yellow" if activation.warn_at is not None and end >= activation.warn_at else "green"


def deadline_reached(run: Run, activation_id: int, phase: str) -> None:
    """Warn, or do what ``onOverdue`` says; a task that was done meanwhile is left alone."""
    activation = run.session.get(Activation, activation_id, populate_existing=True)
    if activation is None or activation.closed_at is not None:
        return
    query = select(Slot).where(Slot.activation_id == activation_id).order_by(Slot.position)
    slots = [slot for slot in run.session.scalars(query) if slot.state in OPEN_STATES]
    if phase == "warn":
        _remind(
            run,
            activation,
            slots,
            "warn",
            say("即将到期：{title} · {name}", title=run.instance.title, name=activation.name),
        )
        run.writer.line(run.instance, "warn", rule="system:warn", **_where(activation))
        return
    activation.overdue_at = run.at
    action = activation.settings.get("onOverdue", "remind")
    _remind(
        run,
        activation,
        slots,
        "overdue",
        say("已逾期：{title} · {name}", title=run.instance.title, name=activation.name),
    )
    people: list[int] = []
    if action == "escalate":
        people = _escalate(run, activation, slots)
    elif action == "transfer":
        people = _transfer(run, slots)
    elif action == "return":
        from engine.tasks.returning import return_by_rule

        return_by_rule(run, activation, slots, SYSTEM_OVERDUE)
    elif action in ("agree", "reject"):
        from engine.tasks.decisions import decide_by_rule

        decide_by_rule(run, activation, slots, action, SYSTEM_OVERDUE)
    run.writer.line(
        run.instance, "overdue", rule=SYSTEM_OVERDUE, detail={"action": action, "people": people}, **_where(activation)
    )


def assign_again(run: Run, activation_id: int) -> None:
    """Evaluate the assignment rule of a task that found nobody once more (an incident's retry)."""
    activation = run.session.get(Activation, activation_id)
    if activation is None or activation.closed_at is not None:
        return
    rule, people = find_people(run, activation.settings, activation.scope)
    if not people:
        raise InvalidInput(
            say("“{name}”仍然找不到办理人（{rule}）", name=activation.name, rule=rule or say("未设规则"))
        )
    query = select(Slot).where(Slot.activation_id == activation_id, Slot.state == SlotState.READY)
    for slot in run.session.scalars(query):
        slot.state, slot.closed_at, slot.close_reason = SlotState.CANCELLED, run.at, "reassigned"
    make_slots(run, activation, signers_of(run, activation, rule, people))


def _where(activation: Activation) -> dict[str, object]:
    return {"element_id": activation.element_id, "round": activation.round}


def _remind(run: Run, activation: Activation, slots: list[Slot], kind: str, title: str) -> None:
    pooled = [slot.id for slot in slots if slot.owner_id is None]
    for slot in slots:
        notify(run.writer, run.instance, [slot.owner_id], kind, title, slot_id=slot.id)
    if pooled:
        query = select(SlotCandidate.person_id).where(SlotCandidate.slot_id.in_(pooled))
        notify(run.writer, run.instance, list(run.session.scalars(query)), kind, title, slot_id=pooled[0])


def _escalate(run: Run, activation: Activation, slots: list[Slot]) -> list[int]:
    """Tell the leaders, and give them a copy so that they can open the task."""
    rule = activation.settings.get("escalateTo")
    if rule:
        leaders = list(people_of(run, rule, activation.scope))
    else:
        owners = [slot.owner_id for slot in slots if slot.owner_id is not None]
        found = [run.engine.people.leader_of(run.session, owner, run.at) for owner in owners]
        leaders = [leader for leader in found if leader is not None]
    leaders = list(dict.fromkeys(leaders))
    title = say("逾期升级：{title} · {name}", title=run.instance.title, name=activation.name)
    notify(run.writer, run.instance, leaders, "escalated", title, slot_id=slots[0].id if slots else None)
    for leader in leaders:
        run.writer.add(
            Copy(
                instance_id=run.instance.id, activation_id=activation.id, person_id=leader, sender_id=None,
                note=title, created_at=run.at,
            )
        )  # fmt: skip
    return leaders


def _transfer(run: Run, slots: list[Slot]) -> list[int]:
    """Hand late slots to their owners' leaders, in their place."""
    taken: list[int] = []
    for slot in slots:
        leader = run.engine.people.leader_of(run.session, slot.owner_id, run.at) if slot.owner_id else None
        if leader is None:
            continue
        slot.state, slot.closed_at, slot.rule = SlotState.TRANSFERRED, run.at, SYSTEM_OVERDUE
        run.writer.add(
            slot.another(
                owner_id=leader, state=SlotState.READY, position=slot.position, found_by=SYSTEM_OVERDUE,
                opened_at=run.at,
            )
        )  # fmt: skip
        taken.append(leader)
    return taken
