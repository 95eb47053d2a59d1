"""Processes that talk to each other, published as the real thing publishes them."""

import itertools
import re
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.instances.models import Instance
from engine.runtime import Engine
from tests.support.turning import HEAD, instance_of

_numbers = itertools.count(1)
NAMES = ("paid", "order", "answer", "alarm")
ROOTS = "".join(f'<message id="M_{name}" name="{name}"/><signal id="S_{name}" name="{name}"/>' for name in NAMES)


def deploy(engine: Engine, *processes: str, main: str = "main", key: str | None = None, more: str = "") -> int:
    """Publish processes as a package of their own (or as the next version of one); ``more`` are further roots.

    People may be written as numbers; the lint gets to see the rule ``person(1)``.
    """
    people = re.compile(r'(?<=assignee=")\d+(?=")')
    body = people.sub(lambda number: f"person({number[0]})", "".join(processes))
    content = f"{HEAD}{ROOTS}{more}{body}</definitions>".encode()
    package = Package(
        key or f"package-{next(_numbers)}", {"main.bpmn": content, "plan.yaml": f"main_process: {main}".encode()}
    )
    return publish(engine, package).id


def catch(element: str, name: str, *, kind: str = "message", key: str = "") -> str:
    """Return an intermediate catch event for a message or signal."""
    return _event("intermediateCatchEvent", element, name, kind, key)


def throw(element: str, name: str, *, kind: str = "message", key: str = "", inputs: str = "") -> str:
    """Return an intermediate throw event for a message or signal."""
    return _event("intermediateThrowEvent", element, name, kind, key).replace(">", f">{inputs}", 1)


def receive(element: str, name: str, *, key: str = "") -> str:
    """Return a receive task."""
    return f'<receiveTask id="{element}" messageRef="M_{name}"{_key(key)}/>'


def chain(*ids: str) -> str:
    """Return sequence flows from one element to the next."""
    return "".join(f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def started_by(element: str, name: str, kind: str = "message") -> str:
    """Return a start event for a message or signal."""
    return _event("startEvent", element, name, kind, "")


def rows(engine: Engine, model: Any) -> list[Any]:
    """Return all rows of a table."""
    with engine.db.read() as session:
        return list(session.scalars(select(model)))


def instances(engine: Engine) -> list[Instance]:
    """Return all instances, oldest first."""
    with engine.db.read() as session:
        return list(session.scalars(select(Instance).order_by(Instance.created_at, Instance.id)))


def states(engine: Engine, *numbers: int) -> list[str]:
    """Return the states of instances."""
    return [instance_of(engine, number).status for number in numbers]


def _event(tag: str, element: str, name: str, kind: str, key: str) -> str:
    reference = f"{'M' if kind == 'message' else 'S'}_{name}"
    definition = f'<{kind}EventDefinition {kind}Ref="{reference}"/>'
    return f'<{tag} id="{element}"{_key(key)}>{definition}</{tag}>'


def _key(key: str) -> str:
    return f' duban:correlationKey="{key}"' if key else ""
