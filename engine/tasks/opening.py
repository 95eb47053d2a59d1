"""Human tasks open and close: people are found, slots are made, deadlines are set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.calendars import resolve_due, warn_instant
from engine.definitions.model import Node
from engine.errors import InvalidInput
from engine.instances.models import Incident, Instance, InstanceStatus
from engine.interpreter.contract import WaitKind, WaitOpened
from engine.tasks.assignment import Signer, find_people, make_slots, new_slot, people_of, signers_of
from engine.tasks.models import OPEN_STATES, Activation, Copy, Notice, Slot, SlotState
from engine.wording import say

if TYPE_CHECKING:
    from engine.instances.run import Run
    from engine.instances.writer import TurnWriter

MAX_NAME = 300


def open_activation(run: "Run", wait: WaitOpened) -> Activation:
    """Open one entry of the process into a human node: its activation, slots, deadlines and notices."""
    node = run.node(wait.element_id)
    settings = node_settings(node)
    activation = _activation(run, wait, node, settings)
    reopening = run.reopening
    if reopening is not None and reopening.activation.element_id != activation.element_id:
        reopening = None
    run.writer.add(activation)
    if reopening is not None and reopening.keeps_deadline:
        activation.due, activation.warn_at = reopening.activation.due, reopening.activation.warn_at
        schedule_deadline(run, activation)
    else:
        set_deadlines(run, activation)
    rule, people = find_people(run, settings, wait.scope)
    if reopening is not None:
        run.reopening = None
        slots = reopening.slots(run, activation)
    elif people:
        slots = make_slots(run, activation, signers_of(run, activation, rule, people))
    else:
        slots = []
    if not slots:
        slots = nobody_found(run, activation, rule)
    _send_copies(run, activation, wait.scope)
    run.writer.tell("activation_opened", run.instance, activation)
    _settle_at_once(run, activation, slots)
    return activation


def _settle_at_once(run: "Run", activation: Activation, slots: Sequence[Slot]) -> None:
    """Give the first turn of a sequence, and decide a node that automatic rules have answered."""
    if activation.closed_at is not None or not any(slot.state != SlotState.READY for slot in slots):
        return
    from engine.tasks.settling import settle

    for slot in slots:
        if slot.closed_at is not None:
            run.writer.line(
                run.instance, "skip" if slot.state == SlotState.SKIPPED else "agree", element_id=activation.element_id,
                round=activation.round, principal_id=slot.owner_id, rule=slot.rule, to_state=slot.state,
            )  # fmt: skip
    for stimulus in settle(run, activation, slots):
        run.pass_by(activation, stimulus)


def node_settings(node: Node) -> dict[str, str]:
    """Return a human node's attributes without their prefixes; those of ``duban:`` win over ``camunda:``."""
    settings: dict[str, str] = {}
    for prefix in ("camunda:", "duban:"):
        settings |= {
            name.removeprefix(prefix): text for name, text in node.attributes.items() if name.startswith(prefix)
        }
    settings.setdefault("kind", "approval" if settings.get("policy") else "work")
    settings.setdefault("policy", "single")
    if node.lane:
        settings.setdefault("lane", node.lane)
    form = settings.get("form") or settings.get("formKey") or settings.get("formRef")
    if form:
        settings["form"] = form.removesuffix(".form")
    if "due" not in settings and "dueDate" in settings:
        settings["due"] = settings["dueDate"]
    return settings


def nobody_found(run: "Run", activation: Activation, rule: str) -> list[Slot]:
    """Do what ``emptyApprover`` says (O6); never a silent stall: an incident where nothing is set."""
    choice = activation.settings.get("emptyApprover", "")
    named = activation.settings.get("emptyApproverTo", "")
    if choice == "named" and named and (people := people_of(run, named, activation.scope)):
        return make_slots(run, activation, [Signer(person, named) for person in people])
    slot = new_slot(run.instance, activation, None, rule, 0)
    run.writer.add(slot)
    if choice == "skip":
        slot.state, slot.rule, slot.closed_at = SlotState.SKIPPED, "system:empty-approver", run.at
    elif choice != "admin" and WaitKind.USER.value not in run.engine.by_hand:
        message = say("“{name}”找不到办理人（{rule}）", name=activation.name, rule=rule or say("未设规则"))
        run.writer.add(
            Incident(
                instance_id=run.instance.id, element_id=activation.element_id, token=activation.token,
                code="no-approver", message=message, work_kind="assign",
                work_payload={"activation_id": activation.id}, created_at=run.at,
            )
        )  # fmt: skip
        run.writer.line(run.instance, "incident", element_id=activation.element_id, detail={"code": "no-approver"})
    return [slot]


def close_activation(
    writer: "TurnWriter", instance: Instance, activation: Activation, outcome: str, slots: Iterable[Slot] = (),
    *, rest: str = "",
) -> None:  # fmt: skip
    """Close an activation: the slots that need not act any more are cancelled with a reason, never deleted (I2)."""
    activation.closed_at = writer.at
    activation.outcome = outcome
    for slot in slots:
        if slot.state == SlotState.WAITING and slot.side is None and not outcome.startswith("cancelled"):
            slot.state, slot.closed_at, slot.rule = SlotState.SKIPPED, writer.at, "system:sequence"
        elif slot.state in OPEN_STATES:
            slot.state, slot.closed_at, slot.close_reason = SlotState.CANCELLED, writer.at, rest
    if activation.due is not None or activation.warn_at is not None:
        writer.drop(instance, activation.token)
    if activation.settings.get("extension") == "asked":
        _close_extension_requests(writer, instance, activation)
    if instance.status == InstanceStatus.RETURNED and activation.settings.get("returned_to_initiator"):
        instance.status = InstanceStatus.RUNNING
    writer.tell("activation_closed", instance, activation)


def _close_extension_requests(writer: "TurnWriter", instance: Instance, activation: Activation) -> None:
    """Close the requests for an extension of a task that is over."""
    query = select(Activation).where(
        Activation.instance_id == instance.id, Activation.kind == "extension", Activation.closed_at.is_(None)
    )
    for request in writer.session.scalars(query):
        if request.settings.get("extends") == activation.id:
            close_cancelled(writer, instance, request, "task-done")


def close_cancelled(writer: "TurnWriter", instance: Instance, activation: Activation, reason: str) -> None:
    """Close an activation whose wait the diagram took away (boundary event, terminate end, return)."""
    slots = [slot for slot in writer.rows[Slot] if slot.activation_id == activation.id]
    if not slots:
        slots = list(writer.session.scalars(select(Slot).where(Slot.activation_id == activation.id)))
    close_activation(writer, instance, activation, f"cancelled({reason})"[:40], slots, rest=reason)


def close_of_instances(writer: "TurnWriter", instances: Mapping[int, Instance], reason: str) -> None:
    """Close every open activation of instances that are over."""
    open_ones = select(Activation).where(Activation.instance_id.in_(instances), Activation.closed_at.is_(None))
    activations = list(writer.session.scalars(open_ones))
    if not activations:
        return
    by_activation: dict[int, list[Slot]] = {activation.id: [] for activation in activations}
    for slot in writer.session.scalars(select(Slot).where(Slot.activation_id.in_(by_activation))):
        by_activation[slot.activation_id].append(slot)
    for activation in activations:
        instance = instances[activation.instance_id]
        outcome = f"cancelled({reason})"[:40]
        close_activation(writer, instance, activation, outcome, by_activation[activation.id], rest=reason)


def notify(
    writer: "TurnWriter", instance: Instance, people: Iterable[int | None], kind: str, title: str,
    *, slot_id: int | None = None,
) -> None:  # fmt: skip
    """Tell people inside the application."""
    for person in dict.fromkeys(people):
        if person is not None:
            writer.add(
                Notice(
                    person_id=person, kind=kind, title=title, instance_id=instance.id, slot_id=slot_id,
                    created_at=writer.at,
                )
            )  # fmt: skip


def _activation(run: "Run", wait: WaitOpened, node: Node, settings: dict[str, str]) -> Activation:
    instance = run.instance
    current = instance.rounds.get(node.id, 0) + 1
    instance.rounds = {**instance.rounds, node.id: current}
    name = (wait.name or node.name or node.id)[:MAX_NAME]
    title = ""
    if settings.get("title"):
        text = run.environment.evaluate(settings["title"], {**run.variables, **wait.scope})
        title = str(text or "")[:MAX_NAME]
    return Activation(
        instance_id=instance.id,
        token=wait.token,
        element_id=node.id,
        name=name,
        title=title,
        kind=settings["kind"],
        policy=settings["policy"],
        round=current,
        form=settings.get("form"),
        settings=dict(settings),
        scope=dict(wait.scope),
        opened_at=run.at,
        opened_by=run.cause.id if run.cause is not None else None,
    )


def set_deadlines(run: "Run", activation: Activation) -> None:
    """Set due and warning and the work that watches them (D1, D2)."""
    settings = activation.settings
    if not settings.get("due"):
        return
    activation.due = due_of(run, settings["due"], activation.opened_at, activation.scope)
    if activation.due is None:
        return
    if settings.get("warn"):
        activation.warn_at = warn_instant(activation.due, settings["warn"], run.calendar)
    schedule_deadline(run, activation)


def schedule_deadline(run: "Run", activation: Activation) -> None:
    """Schedule the work that warns and that acts when the task is late."""
    if activation.due is None:
        return
    if activation.warn_at is not None and run.at < activation.warn_at < activation.due:
        payload = {"activation_id": activation.id, "phase": "warn"}
        run.writer.work(run.instance, "deadline", activation.warn_at, payload, activation.token)
    payload = {"activation_id": activation.id, "phase": "due"}
    run.writer.work(run.instance, "deadline", activation.due, payload, activation.token)


def due_of(run: "Run", text: str, start: datetime, scope: Mapping[str, Any]) -> datetime | None:
    """Say when a task is due: working time, ISO 8601 or FEEL (D1)."""
    value: Any = text
    if text.startswith("="):
        value = run.environment.evaluate(text, {**run.variables, **scope})
        if value is None:
            raise InvalidInput(say("期限“{text}”没有结果", text=text))
    elif text in run.variables or text in scope:
        value = {**run.variables, **scope}[text]
    return resolve_due(value, start, run.calendar)


def _send_copies(run: "Run", activation: Activation, scope: Mapping[str, Any]) -> None:
    rule = activation.settings.get("copyTo")
    if not rule:
        return
    for person in dict.fromkeys(people_of(run, rule, scope)):
        run.writer.add(
            Copy(
                instance_id=run.instance.id, activation_id=activation.id, person_id=person, sender_id=None,
                note=activation.name[:500], created_at=run.at,
            )
        )  # fmt: skip
        notify(run.writer, run.instance, [person], "copy", say("抄送给您：{title}", title=run.instance.title))
