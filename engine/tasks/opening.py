"""Human tasks open and close: people are found, slots are made, deadlines are set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.calendars import resolve_due, warn_instant
from engine.definitions.model import Node
from engine.errors import InvalidInput
from engine.instances.models import Incident, Instance, InstanceStatus
from engine.interpreter.contract import WaitFinished, WaitKind, WaitOpened
from engine.tasks.models import OPEN_STATES, Activation, Copy, Notice, Slot, SlotCandidate, SlotState

if TYPE_CHECKING:
    from engine.instances.run import Run
    from engine.instances.writer import TurnWriter

ASSIGNMENT_ATTRIBUTES = ("assignee", "candidateGroups", "candidateUsers")
MAX_NAME = 300


def open_activation(run: "Run", wait: WaitOpened) -> Activation:
    """Open one entry of the process into a human node: its activation, slots, deadlines and notices."""
    node = run.node(wait.element_id)
    settings = node_settings(node)
    activation = _activation(run, wait, node, settings)
    returned = _resubmission(run, activation)
    run.writer.add(activation)
    _set_deadlines(run, activation)
    rule, people = find_people(run, settings, wait.scope)
    if returned is not None:
        _reopen_returner(run, activation, returned)
    elif people:
        add_slots(run, activation, rule, people)
    else:
        nobody_found(run, activation, rule)
    _send_copies(run, activation, wait.scope)
    run.writer.tell("activation_opened", run.instance, activation)
    return activation


def node_settings(node: Node) -> dict[str, str]:
    """Return a human node's attributes without their prefixes; those of ``duban:`` win over ``camunda:``."""
    settings: dict[str, str] = {}
    for prefix in ("camunda:", "duban:"):
        settings |= {
            name.removeprefix(prefix): text for name, text in node.attributes.items() if name.startswith(prefix)
        }
    settings.setdefault("kind", "approval" if settings.get("policy") else "work")
    settings.setdefault("policy", "single")
    form = settings.get("form") or settings.get("formKey") or settings.get("formRef")
    if form:
        settings["form"] = form.removesuffix(".form")
    if "due" not in settings and "dueDate" in settings:
        settings["due"] = settings["dueDate"]
    return settings


def find_people(run: "Run", settings: Mapping[str, str], scope: Mapping[str, Any]) -> tuple[str, list[int]]:
    """Evaluate the assignment rules of a node; returns the rule that was asked and the people, each once."""
    rules = [settings[name] for name in ASSIGNMENT_ATTRIBUTES if settings.get(name)]
    people: dict[int, None] = {}
    for rule in rules:
        people |= dict.fromkeys(people_of(run, rule, scope))
    return " | ".join(rules), list(people)


def people_of(run: "Run", rule: str, scope: Mapping[str, Any] | None = None) -> Sequence[int]:
    """Find the people that one rule names; a rule that starts with ``=`` is FEEL and gives a rule or ids."""
    context = run.assignment(scope)
    if rule.startswith("="):
        value = run.environment.evaluate(rule, context.variables)
        if value is None:
            return []
        values = value if isinstance(value, list) else [value]
        if all(isinstance(item, int) and not isinstance(item, bool) for item in values):
            return [int(item) for item in values]
        rule = " | ".join(str(item) for item in values)
    return run.engine.people.find(run.session, rule, context) if rule.strip() else []


def add_slots(run: "Run", activation: Activation, rule: str, people: Sequence[int]) -> None:
    """Make the electorate: a slot each for the many-signer policies, else one, pooled when several may take it."""
    if activation.policy == "single" and len(people) > 1:
        slot = _slot(activation, None, rule, 0)
        run.writer.add(slot, *(SlotCandidate(slot_id=slot.id, person_id=person) for person in people))
        return
    run.writer.add(*(_slot(activation, person, rule, index) for index, person in enumerate(people)))


def nobody_found(run: "Run", activation: Activation, rule: str) -> None:
    """Do what ``emptyApprover`` says (O6); never a silent stall: an incident where nothing is set."""
    choice = activation.settings.get("emptyApprover", "")
    if choice == "skip":
        slot = _slot(activation, None, rule, 0)
        slot.state, slot.rule, slot.closed_at = SlotState.SKIPPED, "system:empty-approver", run.at
        run.writer.add(slot)
        close_activation(run.writer, run.instance, activation, "agreed")
        run.writer.line(
            run.instance, "skip", element_id=activation.element_id, round=activation.round,
            rule="system:empty-approver", to_state="skipped",
        )  # fmt: skip
        run.follow(WaitFinished(at=run.at, token=activation.token, result={"outcome": "agreed"}))
        return
    named = activation.settings.get("emptyApproverTo", "")
    if choice == "named" and named and (people := people_of(run, named, activation.scope)):
        add_slots(run, activation, named, people)
        return
    run.writer.add(_slot(activation, None, rule, 0))
    if choice == "admin" or WaitKind.USER.value in run.engine.by_hand:
        return
    message = f"“{activation.name}”找不到办理人（{rule or '未设规则'}）"
    run.writer.add(
        Incident(
            instance_id=run.instance.id, element_id=activation.element_id, token=activation.token,
            code="no-approver", message=message, work_kind="assign",
            work_payload={"activation_id": activation.id}, created_at=run.at,
        )
    )  # fmt: skip
    run.writer.line(run.instance, "incident", element_id=activation.element_id, detail={"code": "no-approver"})


def close_activation(
    writer: "TurnWriter", instance: Instance, activation: Activation, outcome: str, slots: Iterable[Slot] = (),
    *, rest: str = "",
) -> None:  # fmt: skip
    """Close an activation: the slots that need not act any more are cancelled with a reason, never deleted (I2)."""
    activation.closed_at = writer.at
    activation.outcome = outcome
    for slot in slots:
        if slot.state in OPEN_STATES:
            slot.state, slot.closed_at, slot.close_reason = SlotState.CANCELLED, writer.at, rest
    if activation.due is not None or activation.warn_at is not None:
        writer.drop(instance, activation.token)
    if instance.status == InstanceStatus.RETURNED and activation.settings.get("returned_to_initiator"):
        instance.status = InstanceStatus.RUNNING
    writer.tell("activation_closed", instance, activation)


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
                    person_id=person, kind=kind, title=title[:MAX_NAME], instance_id=instance.id, slot_id=slot_id,
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
    )


def _set_deadlines(run: "Run", activation: Activation) -> None:
    """Set due, warning and the work that watches them (D1, D2)."""
    settings = activation.settings
    if not settings.get("due"):
        return
    activation.due = due_of(run, settings["due"], activation.opened_at, activation.scope)
    if activation.due is None:
        return
    if settings.get("warn"):
        activation.warn_at = warn_instant(activation.due, settings["warn"], run.calendar)
        payload = {"activation_id": activation.id, "phase": "warn"}
        if run.at < activation.warn_at < activation.due:
            run.writer.work(run.instance, "deadline", activation.warn_at, payload, activation.token)
    payload = {"activation_id": activation.id, "phase": "due"}
    run.writer.work(run.instance, "deadline", activation.due, payload, activation.token)


def due_of(run: "Run", text: str, start: datetime, scope: Mapping[str, Any]) -> datetime | None:
    """Say when a task is due: working time, ISO 8601 or FEEL (D1)."""
    value: Any = text
    if text.startswith("="):
        value = run.environment.evaluate(text, {**run.variables, **scope})
        if value is None:
            raise InvalidInput(f"期限“{text}”没有结果")
    elif text in run.variables or text in scope:
        value = {**run.variables, **scope}[text]
    return resolve_due(value, start, run.calendar)


def _slot(activation: Activation, owner: int | None, rule: str, position: int) -> Slot:
    from engine.store import new_id

    return Slot(
        id=new_id(),
        activation_id=activation.id,
        instance_id=activation.instance_id,
        owner_id=owner,
        state=SlotState.READY,
        position=position,
        found_by=rule[:300],
        due=activation.due,
        opened_at=activation.opened_at,
    )


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


def _resubmission(run: "Run", activation: Activation) -> Activation | None:
    """Return the returner's activation when this entry is its reopening by a direct resubmission (R6)."""
    back = run.resubmitted
    if back is None or back.element_id != activation.element_id:
        return None
    run.resubmitted = None
    return back


def _reopen_returner(run: "Run", activation: Activation, earlier: Activation) -> None:
    """Keep the agrees of the returner's activation; the returner and those who had not spoken act again (R6)."""
    query = select(Slot).where(Slot.activation_id == earlier.id).order_by(Slot.position)
    for old in run.session.scalars(query):
        if old.state in (SlotState.TRANSFERRED, SlotState.SKIPPED):
            continue
        slot = _slot(activation, old.owner_id, old.found_by, old.position)
        if old.state == SlotState.AGREED:
            slot.state, slot.opinion, slot.actor_id = SlotState.AGREED, old.opinion, old.actor_id
            slot.closed_at, slot.rule, slot.close_reason = old.closed_at, "system:kept", "kept"
        run.writer.add(slot)
