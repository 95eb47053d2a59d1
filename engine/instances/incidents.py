"""Incidents: what failed and waits for a person. Retried, repaired first, or taken for done by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict, NotAllowed, NotFound
from engine.instances import fanout
from engine.instances.administration import changes, operating, require_operator, require_variables
from engine.instances.batches import open_batch
from engine.instances.models import (
    OPEN_STATUSES,
    Batch,
    BatchKind,
    Incident,
    IncidentStatus,
    Instance,
    InstanceStatus,
)
from engine.instances.run import Run, load_run
from engine.instances.turns import advance, lock_instance, require_open
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import Modified, Resolved, Stimulus
from engine.interpreter.waits import holds_token
from engine.tasks.models import Activation, Slot
from engine.tasks.opening import close_activation
from engine.work.models import ADMINISTRATIVE

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class Edit:
    """Variables that are set before a retry: the instance's, or those of the failed element's multi-instance item."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.variables or self.local)


def retry_incident(
    engine: "Engine", *, incident_id: int, actor_id: int, edit: Edit | None = None, reason: str = ""
) -> None:
    """Do again what failed: the work as it was, or the element that the interpreter could not run.

    Of several people who retry at once one succeeds, the others are refused: it is done once.

    Parameters
    ----------
    edit
        Variables to set first, in the same transaction.
    reason
        Why; the history keeps it.

    Raises
    ------
    NotFound
        There is no such incident, or the person may not operate instances.
    NotAllowed
        Somebody has settled it already, or the instance is over. With ``edit`` the instance must not be suspended.

    """
    with operating(engine, actor_id=actor_id) as writer:
        retry_in(writer, incident_id=incident_id, actor_id=actor_id, edit=edit, reason=reason)
    engine.bell.ring()


def retry_in(
    writer: TurnWriter, *, incident_id: int, actor_id: int, edit: Edit | None = None, reason: str = ""
) -> None:
    """Do again what failed, inside the transaction of a caller who knows that the person may; see above."""
    instance, incident = _locked(writer.session, incident_id)
    _retry(writer, instance, incident, actor_id=actor_id, edit=edit or Edit(), reason=reason)


def retry_incidents(engine: "Engine", *, incident_ids: Collection[int], actor_id: int, reason: str = "") -> int:
    """Retry many incidents as a batch; returns the batch's id. Those that are settled meanwhile are refused singly."""
    with operating(engine, actor_id=actor_id) as writer:
        query = select(Incident.id, Incident.instance_id).where(Incident.id.in_(incident_ids))
        members = [(row.id, row.instance_id) for row in writer.session.execute(query)]
        return open_batch(
            writer, kind=BatchKind.RETRY, members=members, parameters={}, reason=reason, actor_id=actor_id
        )


def retry_member(writer: TurnWriter, instance: Instance, incident_id: int, batch: Batch) -> None:
    """Retry one incident of a batch; the instance is locked."""
    require_operator(writer.engine, writer.session, batch.actor_id)
    incident = writer.session.get_one(Incident, incident_id)
    _require_unsettled(instance, incident)
    _retry(writer, instance, incident, actor_id=batch.actor_id, edit=Edit(), reason=batch.reason)


def resolve_incident(
    engine: "Engine",
    *,
    incident_id: int,
    actor_id: int,
    reason: str,
    result: Mapping[str, Any] | None = None,
    skip: bool = True,
) -> None:
    """Settle an incident by hand.

    Parameters
    ----------
    reason
        Why, and what was done instead. Mandatory; the history keeps it.
    result
        Variables that the element would have given.
    skip
        The element is taken for done and the instance goes on. Without it the incident is closed and nothing moves:
        for a reminder that failed, say.

    """
    values = dict(result or {})
    require_variables(values)
    with operating(engine, actor_id=actor_id, reason=reason) as writer:
        instance, incident = _locked(writer.session, incident_id)
        settle(writer, instance, incident, IncidentStatus.RESOLVED)
        writer.line(
            instance, "resolve", actor_id=actor_id, element_id=incident.element_id, opinion=reason,
            detail={"incident": str(incident.id), "code": incident.code, "skip": skip, "result": values},
        )  # fmt: skip
        if not skip:
            return
        require_open(instance)
        run = load_run(writer, instance)
        token = incident.token
        if token is None or not holds_token(instance.snapshot, token):
            raise NotAllowed("这个异常没有停在某个环节上，只能关闭 / No element waits here: close it without skipping")
        _close_task(run, token)
        fanout.cancel(run, [token])
        writer.drop(instance, token)
        advance(run, [Resolved(at=writer.at, token=token, result=values)])


def settle(writer: TurnWriter, instance: Instance, incident: Incident, status: IncidentStatus) -> None:
    """Close an open incident of an instance that is locked."""
    incident.status, incident.resolved_at = status, writer.at
    instance.open_incidents -= 1
    writer.touch(instance)


def _locked(session: Session, incident_id: int) -> tuple[Instance, Incident]:
    """Lock the instance of an incident that nobody has settled yet."""
    instance_id = session.scalar(select(Incident.instance_id).where(Incident.id == incident_id))
    if instance_id is None:
        raise NotFound("没有这个异常 / There is no such incident")
    instance = lock_instance(session, instance_id)
    incident = session.get_one(Incident, incident_id)
    _require_unsettled(instance, incident)
    return instance, incident


def _require_unsettled(instance: Instance, incident: Incident) -> None:
    if incident.status != IncidentStatus.OPEN:
        raise Conflict("这个异常已经处理过了 / This incident has been settled already")
    if instance.status not in (*OPEN_STATUSES, InstanceStatus.SUSPENDED) and incident.work_kind not in ADMINISTRATIVE:
        raise Conflict("流程已经结束 / The instance is over")


def _retry(
    writer: TurnWriter, instance: Instance, incident: Incident, *, actor_id: int, edit: Edit, reason: str
) -> None:
    settle(writer, instance, incident, IncidentStatus.RETRIED)
    payload = dict(incident.work_payload or {})
    changed = _edit(writer, instance, incident, edit) if edit else {}
    if "scope" in payload:
        payload["scope"] = {**payload["scope"], **edit.local}
    writer.line(
        instance, "retry", actor_id=actor_id, element_id=incident.element_id, opinion=reason or None,
        detail={"incident": str(incident.id), "code": incident.code, "variables": changed},
    )  # fmt: skip
    writer.work(instance, incident.work_kind or "retry", writer.at, payload, incident.token)


def _edit(writer: TurnWriter, instance: Instance, incident: Incident, edit: Edit) -> dict[str, Any]:
    """Set variables before a retry; returns what they were and are."""
    require_variables({**edit.variables, **edit.local})
    require_open(instance)
    run = load_run(writer, instance)
    before = dict(run.variables)
    local = {incident.token: edit.local} if edit.local and incident.token else {}
    stimuli: list[Stimulus] = [Modified(at=writer.at, variables=edit.variables, local=local, reason="edited")]
    advance(run, stimuli)
    return {**changes(before, run.variables), **{name: {"to": value} for name, value in edit.local.items()}}


def _close_task(run: Run, token: str) -> None:
    """Close the human task of an element that is taken for done: nobody need do it any more."""
    query = select(Activation).where(
        Activation.instance_id == run.instance.id, Activation.token == token, Activation.closed_at.is_(None)
    )
    for activation in run.session.scalars(query):
        slots = list(run.session.scalars(select(Slot).where(Slot.activation_id == activation.id)))
        close_activation(run.writer, run.instance, activation, "skipped", slots, rest="resolved")
