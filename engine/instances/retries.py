"""Automatic repetition of service calls that failed, by the policy of :mod:`engine.definitions.retry`.

The policy stands in the diagram, ``duban:retry`` before ``camunda:failedJobRetryTimeCycle``, else with the kind of
service. A service that is called at most once is never repeated by itself.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from engine.definitions.model import Node
from engine.definitions.retry import RetryPolicy, parse_retry
from engine.errors import DubanError, InvalidInput
from engine.ports import ServiceKind
from engine.work.errors import LostAnswer
from engine.work.models import Work

if TYPE_CHECKING:
    from engine.instances.models import Instance
    from engine.instances.writer import TurnWriter


def policy_of(node: Node, kind: ServiceKind | None) -> RetryPolicy:
    """Return the policy of a service task; one that cannot be read (the lint has warned) repeats nothing."""
    if kind is not None and kind.at_most_once:
        return RetryPolicy()
    text = node.attributes.get("duban:retry") or node.properties.get("retry") or (kind.retry if kind else "")
    try:
        return parse_retry(text) if text else RetryPolicy()
    except InvalidInput:
        return RetryPolicy()


def try_later(writer: "TurnWriter", instance: "Instance", work: Work, error: Exception) -> datetime | None:
    """Schedule a failed service call again; returns when, or None when it is an incident now.

    The row keeps its id, which is the idempotency key of the call.
    """
    if work.kind != "service" or isinstance(error, LostAnswer):
        return None
    package = writer.engine.packages.get(writer.session, instance.package_version_id)
    node = package.process(instance.process_id)[1].nodes.get(str(work.payload.get("element_id")))
    if node is None:
        return None
    policy = policy_of(node, writer.engine.services.get(node.attributes.get("duban:service", "")))
    failures = int(work.payload.get("failures", 0)) + 1
    wait = policy.wait_after(failures)
    if wait is None:
        return None
    due = writer.at + wait
    writer.add(
        Work(
            id=work.id, instance_id=instance.id, kind=work.kind, token=work.token, due=due, created_at=work.created_at,
            payload={**work.payload, "failures": failures},
        )
    )  # fmt: skip
    code, message = describe(error)
    writer.line(
        instance, "retry-later", element_id=node.id, rule="system:retry",
        detail={"code": code, "message": message, "failures": failures, "of": policy.attempts, "due": due.isoformat()},
    )  # fmt: skip
    writer.touch(instance)
    return due


def describe(error: Exception) -> tuple[str, str]:
    """Return the code and the sentence of an error, expected or not."""
    if isinstance(error, DubanError):
        return error.code, str(error)
    return "internal", f"{type(error).__name__}: {error}"
