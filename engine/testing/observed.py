"""What a suite sees of an instance: plain values, read when they are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.model import Node
from engine.history import HistoryLine
from engine.instances import models
from engine.interpreter.waits import open_waits
from engine.runtime import Engine
from engine.tasks.models import Activation
from engine.work.models import Work

KINDS = {"user": "user task", "manual": "manual task"}
"""Kinds of waits whose name a suite knows better by the element's."""


SERVICE_ATTRIBUTES = (
    "duban:service", "camunda:topic", "camunda:delegateExpression", "camunda:class", "camunda:expression",
    "camunda:type", "implementation", "operationRef",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that an instance waits for.

    ``kind`` is ``user task``, ``manual task``, ``service`` (a decision that is not deployed too), ``receive``,
    ``timer``, ``message``, ``signal``, ``conditional`` or ``call`` (a called process that is not deployed).
    ``name`` is that of the message, signal, service, decision or called process, else the element's; ``due`` a
    timer's or a task's instant; ``scope`` the values of its multi-instance item. ``token`` tells two items of one
    element apart.
    """

    kind: str
    element_id: str
    name: str | None
    due: datetime | None
    token: str
    instance_id: int = field(repr=False)
    scope: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """An open incident: where, the error's code, and a sentence."""

    element_id: str | None
    code: str
    message: str


def open_items(engine: Engine, session: Session, row: models.Instance) -> list[OpenItem]:
    """Return what an instance waits for, oldest first."""
    waits = [] if row.ended_at is not None else open_waits(row.snapshot)
    if not waits:
        return []
    process = engine.packages.get(session, row.package_version_id).process(row.process_id)[1]
    calls = select(models.FanOut.token).where(models.FanOut.instance_id == row.id, models.FanOut.status == "open")
    called = set(session.scalars(calls))
    timers = select(Work.token, Work.due).where(Work.instance_id == row.id, Work.kind == "timer")
    tasks = select(Activation.token, Activation.due).where(Activation.instance_id == row.id)
    dues = {str(token): due for statement in (tasks, timers) for token, due in session.execute(statement)}
    items = []
    for wait in waits:
        node = process.nodes[wait.element_id]
        if wait.token in called:
            # What is called is an instance that can be looked at itself.
            continue
        items.append(
            OpenItem(
                kind=KINDS.get(wait.kind, wait.kind),
                element_id=wait.element_id,
                name=wait.name or name_of(node, wait.event),
                due=dues.get(wait.token),
                token=wait.token,
                instance_id=row.id,
                scope=wait.scope,
            )
        )
    return items


def name_of(node: Node, event: int = 0) -> str | None:
    """Return the name that matters: of the message, signal, service or called process, else the element's own."""
    if event < len(node.events) and node.events[event].details.get("name"):
        return node.events[event].details["name"]
    return service_name(node) or node.attributes.get("calledElement") or node.name


def service_name(node: Node) -> str | None:
    """Return what a service task calls, by whichever attribute its designer named it."""
    found = next((node.attributes[name] for name in SERVICE_ATTRIBUTES if node.attributes.get(name)), None)
    return found or node.properties.get("decisionRef")


def passed(session: Session, instance_id: int, operation: str) -> list[str]:
    """Return the elements that were entered or left, in their order."""
    query = select(HistoryLine.element_id).where(
        HistoryLine.instance_id == instance_id, HistoryLine.operation == operation, HistoryLine.element_id.is_not(None)
    )
    return [str(element) for element in session.scalars(query.order_by(HistoryLine.sequence))]


def uncaught(session: Session, instance_id: int) -> list[str]:
    """Return the codes of errors and escalations that nothing in the diagram caught."""
    query = select(HistoryLine).where(HistoryLine.instance_id == instance_id, HistoryLine.operation == "uncaught")
    return [str(line.detail["code"]) for line in session.scalars(query.order_by(HistoryLine.sequence))]


def incidents(session: Session, instance_id: int) -> list[Incident]:
    """Return the open incidents, oldest first."""
    query = select(models.Incident).where(models.Incident.instance_id == instance_id, models.Incident.status == "open")
    rows = session.scalars(query.order_by(models.Incident.created_at, models.Incident.id))
    return [Incident(row.element_id, row.code, row.message) for row in rows]


def service_call(engine: Engine, session: Session, item: OpenItem, at: datetime) -> tuple[str, str, Mapping[str, Any]]:
    """Return the name, the text and the variables (mapped inputs among them) that a service's hook sees."""
    row = session.get_one(models.Instance, item.instance_id)
    package = engine.packages.get(session, row.package_version_id)
    node = package.process(row.process_id)[1].nodes[item.element_id]
    environment = engine.packages.environment(package, at=at)
    seen = {**row.variables, **item.scope}
    inputs = {name: environment.evaluate(text, seen) for name, text in node.inputs.items()}
    text = node.attributes.get("camunda:expression") or node.properties.get("script") or ""
    return service_name(node) or "", text, {**seen, **inputs}
