"""What operators do: suspend, resume, terminate, modify, migrate, retry; messages and signals. Administrators only."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response
from marshmallow import fields

from engine.errors import NotFound
from engine.instances import lifecycle, migrate_instances, modify_instance, resolve_incident, retry_incident
from engine.instances.batches import BatchProgress, batch_progress, recent_batches
from engine.instances.incidents import Edit
from engine.instances.migrate import judge_instances
from engine.instances.models import IncidentStatus
from engine.instances.modify import Modification
from engine.instances.overview import IncidentFilter, list_incidents
from engine.instances.plans import MigrationPlan, generate_plan
from engine.instances.view import InstanceView, TokenView, instance_view
from engine.interpreter.contract import Start
from engine.messages.service import broadcast_signal, correlate_message
from web.api.room import Room, nothing
from web.api.shared import PartSchema
from web.api.values import Choice, Flag, Identifier, Instant, Items, Number, Schema, Text, Variables, about
from web.context import person, running_engine
from web.language import side
from workflows.access.service import Scope

operating = Room("operations", "Operators' part: for administrators with the scope `operations`")

SCOPE = Scope.OPERATIONS
MOST_INSTANCES = 1000
LONGEST_TTL = int(timedelta(days=365).total_seconds())


class SuspendedSchema(Schema):
    """Whether an instance stands still, and why."""

    suspended = Flag(required=True)
    reason = Text(least=1, required=True)
    dry_run = Flag(load_default=False)


class TerminateSchema(Schema):
    """Why an instance is ended."""

    reason = Text(least=1, required=True)
    dry_run = Flag(load_default=False)


class FamilySchema(Schema):
    """What an operation on an instance reaches, everything below it included."""

    instances = fields.Integer(required=True)
    tasks = fields.Integer(required=True, metadata=about("Open tasks"))
    timers = fields.Integer(required=True, metadata=about("Pending timers"))


class StartInstructionSchema(Schema):
    """Where a modification goes on."""

    element_id = Text(least=1, most=200, required=True)
    after = Flag(load_default=False, metadata=about("Behind the element instead of before it"))
    inside = Text(most=80, load_default=None, allow_none=True, metadata=about("The token of the scope"))


class ModificationSchema(Schema):
    """What to cancel, where to go on, and which variables to set."""

    reason = Text(least=1, required=True)
    cancel = Items(Text(most=80), most=100, load_default=list, metadata=about("Tokens"))
    cancel_at = Items(Text(most=200), most=100, load_default=list, metadata=about("Elements"))
    start = Items(fields.Nested(StartInstructionSchema), most=100, load_default=list)
    variables = Variables(load_default=dict)
    version = Number(load_default=None, allow_none=True)
    dry_run = Flag(load_default=False)


class ChangeSchema(Schema):
    """One thing that happens."""

    kind = fields.String(required=True)
    element_id = fields.String(required=True, metadata=about("Empty for variables"))
    sentence = fields.String(required=True)


class ModifiedSchema(Schema):
    """What a modification did, or would do."""

    instance_id = Identifier(required=True)
    version = fields.Integer(required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class TokenSchema(Schema):
    """Where an instance stands."""

    token = fields.String(required=True)
    element_id = fields.String(required=True)
    element = fields.String()
    type = fields.String()
    inside = fields.String(allow_none=True)
    state = fields.String()
    wait = fields.String()
    due = Instant(allow_none=True)


class InstanceVariablesSchema(Schema):
    """An instance's variables."""

    variables = Variables(required=True)


class SetVariablesSchema(Schema):
    """Variables to set, and why."""

    modifications = Variables(required=True)
    reason = Text(least=1, required=True)
    version = Number(load_default=None, allow_none=True)


class IncidentFilterSchema(PartSchema):
    """Which incidents."""

    process_instance_id = Identifier(load_default=None)
    process_definition_key = Text(most=80, load_default=None)
    activity_id = Text(most=200, load_default=None)
    code = Text(most=80, load_default=None)
    status = Choice([one.value for one in IncidentStatus], load_default="open")


class IncidentSchema(Schema):
    """Something failed and waits for a person."""

    id = Identifier(required=True)
    process_instance_id = Identifier(attribute="instance_id", required=True)
    title = fields.String()
    activity_id = fields.String(attribute="element_id", allow_none=True)
    activity_name = fields.String(attribute="element")
    code = fields.String(required=True)
    message = fields.String(required=True)
    status = fields.String(required=True)
    created = Instant(attribute="created_at")
    resolved = Instant(attribute="resolved_at", allow_none=True)


class RetrySchema(Schema):
    """Variables to set first, and why."""

    variables = Variables(load_default=dict)
    local = Variables(load_default=dict, metadata=about("Of the failed multi-instance item"))
    reason = Text(load_default="")


class ResolveSchema(Schema):
    """How an incident was settled by hand."""

    reason = Text(least=1, required=True)
    result = Variables(load_default=dict, metadata=about("What the element would have given"))
    skip = Flag(load_default=True, metadata=about("Take the element for done"))


class PlanSchema(Schema):
    """From which version to which; elements that are not named are mapped by themselves."""

    source_process_definition_id = Identifier(required=True)
    target_process_definition_id = Identifier(required=True)
    elements = fields.Dict(
        keys=Text(least=1, most=200),
        values=fields.Dict(keys=Text(least=1, most=200), values=Text(most=200, allow_none=True)),
        load_default=dict,
        metadata=about("Target element by source element, by process; null takes one out of the plan"),
    )


class MigrateSchema(PlanSchema):
    """What is migrated, and why."""

    process_instance_ids = Items(Identifier(), least=1, most=MOST_INSTANCES, required=True)
    with_children = Flag(load_default=False)
    reason = Text(load_default="")
    dry_run = Flag(load_default=False)


class MigrationFindingSchema(Schema):
    """What a migration would lose, or what blocks it."""

    severity = fields.String(required=True)
    rule = fields.String(required=True)
    element = fields.String(allow_none=True)
    target = fields.String(allow_none=True)
    sentence = fields.String(required=True)


class VerdictSchema(Schema):
    """What a dry run says of one instance."""

    instance_id = Identifier(required=True)
    title = fields.String()
    blocked = fields.Boolean(required=True)
    findings = fields.List(fields.Nested(MigrationFindingSchema))


class MigratedSchema(Schema):
    """The batch that migrates, or the verdicts of a dry run."""

    batch_id = Identifier(allow_none=True)
    verdicts = fields.List(fields.Nested(VerdictSchema))


class PlanAnswerSchema(Schema):
    """A plan: target process and elements by source process."""

    source_process_definition_id = Identifier(required=True)
    target_process_definition_id = Identifier(required=True)
    processes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)


class RefusalSchema(Schema):
    """A member that a batch could not do."""

    process_instance_id = Identifier(attribute="instance_id")
    title = fields.String()
    sentence = fields.String()


class BatchSchema(Schema):
    """How far a batch has come."""

    id = Identifier(required=True)
    type = fields.String(attribute="kind", required=True)
    reason = fields.String()
    created = Instant(attribute="created_at")
    total = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    done = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    refusals = fields.List(fields.Nested(RefusalSchema))


class MessageSchema(Schema):
    """A message, and by what its receiver is found."""

    message_name = Text(least=1, most=300, required=True)
    correlation_keys = Variables(load_default=dict)
    process_variables = Variables(load_default=dict)
    message_id = Text(least=1, most=200, load_default=None, allow_none=True, metadata=about("Has one effect"))
    ttl_seconds = Number(
        most=LONGEST_TTL, load_default=None, allow_none=True, metadata=about("How long it waits for its receiver")
    )


class DeliveredSchema(Schema):
    """What became of a message."""

    instances = fields.List(Identifier(), required=True)
    started = fields.List(Identifier(), required=True)
    stored = fields.Boolean(required=True)


class SignalSchema(Schema):
    """A signal for everybody who waits for it."""

    name = Text(least=1, most=300, required=True)
    variables = Variables(load_default=dict)


def _require_administrator() -> None:
    if not person().is_administrator:
        raise NotFound("没有这个地址，或者它与您无关 / There is nothing here for you")


def _on_family(
    act: Callable[..., lifecycle.FamilyEffects], asked: Mapping[str, Any], instance_id: int
) -> lifecycle.FamilyEffects:
    return act(
        running_engine(), instance_id=instance_id, actor_id=person().id, reason=asked["reason"],
        dry_run=asked["dry_run"],
    )  # fmt: skip


@operating.operation(
    "PUT", "/process-instance/<id:instance_id>/suspended", scope=SCOPE, body=SuspendedSchema, gives=FamilySchema,
    operationId="setSuspended",
)  # fmt: skip
def set_suspended(body: Mapping[str, Any], instance_id: int) -> lifecycle.FamilyEffects:
    """Suspend or resume an instance with everything below it; clocks stop meanwhile."""
    act = lifecycle.suspend if body["suspended"] else lifecycle.resume
    return _on_family(act, body, instance_id)


@operating.operation(
    "POST", "/process-instance/<id:instance_id>/terminate", scope=SCOPE, body=TerminateSchema, gives=FamilySchema,
    operationId="terminateProcessInstance",
)  # fmt: skip
def terminate(body: Mapping[str, Any], instance_id: int) -> lifecycle.FamilyEffects:
    """End an instance; its children are cancelled."""
    return _on_family(lifecycle.terminate, body, instance_id)


@operating.operation(
    "DELETE", "/process-instance/<id:instance_id>", scope=SCOPE, query=TerminateSchema, gives=FamilySchema,
    operationId="deleteProcessInstance",
)  # fmt: skip
def delete(query: Mapping[str, Any], instance_id: int) -> lifecycle.FamilyEffects:
    """End an instance: Camunda's word for terminate. Its record stays."""
    return _on_family(lifecycle.terminate, query, instance_id)


@operating.operation(
    "POST", "/process-instance/<id:instance_id>/modification", scope=SCOPE, body=ModificationSchema,
    gives=ModifiedSchema, operationId="modifyProcessInstance",
)  # fmt: skip
def modify(body: Mapping[str, Any], instance_id: int) -> Mapping[str, Any]:
    """Cancel tokens, go on elsewhere, set variables; dryRun says what would happen."""
    starts = [Start(element_id=one["element_id"], after=one["after"], inside=one["inside"]) for one in body["start"]]
    done = modify_instance(
        running_engine(), instance_id=instance_id, actor_id=person().id, reason=body["reason"],
        modification=Modification(
            cancel=body["cancel"], cancel_at=body["cancel_at"], start=starts, variables=body["variables"]
        ),
        expected_version=body["version"], dry_run=body["dry_run"],
    )  # fmt: skip
    changes = [{"kind": one.kind, "element_id": one.element_id, "sentence": side(one.sentence)} for one in done.changes]
    return {"instance_id": done.instance_id, "version": done.version, "changes": changes}


@operating.operation(
    "GET", "/process-instance/<id:instance_id>/activity-instances", scope=SCOPE, gives=TokenSchema(many=True),
    operationId="getActivityInstances",
)  # fmt: skip
def tokens(instance_id: int) -> list[TokenView]:
    """Get where an instance stands."""
    return list(_view(instance_id).tokens)


@operating.operation(
    "GET", "/process-instance/<id:instance_id>/variables", scope=SCOPE, gives=InstanceVariablesSchema,
    operationId="getProcessInstanceVariables",
)  # fmt: skip
def get_variables(instance_id: int) -> Mapping[str, Any]:
    """Get an instance's variables."""
    return {"variables": _view(instance_id).variables}


@operating.operation(
    "POST", "/process-instance/<id:instance_id>/variables", scope=SCOPE, body=SetVariablesSchema, status=204,
    operationId="modifyProcessInstanceVariables",
)  # fmt: skip
def set_variables(body: Mapping[str, Any], instance_id: int) -> Response:
    """Set variables of an instance."""
    modify_instance(
        running_engine(), instance_id=instance_id, actor_id=person().id, reason=body["reason"],
        modification=Modification(variables=body["modifications"]), expected_version=body["version"],
    )  # fmt: skip
    return nothing()


@operating.operation(
    "GET", "/incident", scope=SCOPE, query=IncidentFilterSchema, gives=IncidentSchema(many=True),
    operationId="getIncidents",
)  # fmt: skip
def incidents(query: Mapping[str, Any]) -> list[Any]:
    """List incidents, the newest first."""
    _require_administrator()
    running = running_engine()
    wanted = IncidentFilter(
        package_key=query["process_definition_key"], element_id=query["activity_id"], code=query["code"],
        instance_id=query["process_instance_id"], status=query["status"],
    )  # fmt: skip
    with running.db.read() as session:
        part = {"limit": query["max_results"], "first": query["first_result"]}
        return list(list_incidents(running, session, wanted, **part).rows)


@operating.operation(
    "POST", "/incident/<id:incident_id>/retry", scope=SCOPE, body=RetrySchema, status=204, operationId="retryIncident"
)
def retry(body: Mapping[str, Any], incident_id: int) -> Response:
    """Do again what failed, with other variables if wanted."""
    edit = Edit(variables=body["variables"], local=body["local"])
    retry_incident(
        running_engine(), incident_id=incident_id, actor_id=person().id, edit=edit, reason=body["reason"]
    )  # fmt: skip
    return nothing()


@operating.operation(
    "POST", "/incident/<id:incident_id>/resolve", scope=SCOPE, body=ResolveSchema, status=204,
    operationId="resolveIncident",
)  # fmt: skip
def resolve(body: Mapping[str, Any], incident_id: int) -> Response:
    """Settle an incident by hand."""
    resolve_incident(running_engine(), incident_id=incident_id, actor_id=person().id, **body)
    return nothing()


@operating.operation(
    "POST", "/migration/generate", scope=SCOPE, body=PlanSchema, gives=PlanAnswerSchema,
    operationId="generateMigrationPlan",
)  # fmt: skip
def generate(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make a plan: which element stands for which."""
    _require_administrator()
    plan = _plan(body)
    return {
        "source_process_definition_id": plan.source_version_id,
        "target_process_definition_id": plan.target_version_id,
        "processes": plan.as_json()["processes"],
    }


@operating.operation(
    "POST", "/migration/execute", scope=SCOPE, body=MigrateSchema, gives=MigratedSchema, operationId="executeMigration"
)
def migrate(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Migrate instances as a batch; dryRun says of each what would be lost or blocked."""
    _require_administrator()
    running, plan = running_engine(), _plan(body)
    if body["dry_run"]:
        with running.db.read() as session:
            found = judge_instances(running, session, plan, body["process_instance_ids"])
        return {"batch_id": None, "verdicts": [_verdict(one.as_json()) for one in found]}
    batch = migrate_instances(
        running, instance_ids=body["process_instance_ids"], plan=plan, actor_id=person().id, reason=body["reason"],
        with_children=body["with_children"],
    )  # fmt: skip
    return {"batch_id": batch, "verdicts": []}


@operating.operation("GET", "/batch", scope=SCOPE, gives=BatchSchema(many=True), operationId="getBatches")
def batches() -> list[BatchProgress]:
    """List the latest batches."""
    _require_administrator()
    with running_engine().db.read() as session:
        return recent_batches(session)


@operating.operation("GET", "/batch/<id:batch_id>", scope=SCOPE, gives=BatchSchema, operationId="getBatch")
def batch(batch_id: int) -> BatchProgress:
    """Get how far a batch has come."""
    _require_administrator()
    with running_engine().db.read() as session:
        return batch_progress(session, batch_id)


@operating.operation(
    "POST", "/message", scope=SCOPE, body=MessageSchema, gives=DeliveredSchema, operationId="deliverMessage"
)
def message(body: Mapping[str, Any]) -> Any:
    """Give a message to the one instance that waits for it, start one with it, or keep it for a while."""
    _require_administrator()
    seconds = body["ttl_seconds"]
    return correlate_message(
        running_engine(), name=body["message_name"], correlation=body["correlation_keys"],
        payload=body["process_variables"], message_id=body["message_id"],
        ttl=None if seconds is None else timedelta(seconds=seconds),
    )  # fmt: skip


@operating.operation("POST", "/signal", scope=SCOPE, body=SignalSchema, status=204, operationId="throwSignal")
def signal(body: Mapping[str, Any]) -> Response:
    """Send a signal to everybody who waits for it."""
    _require_administrator()
    broadcast_signal(running_engine(), body["name"], body["variables"])
    return nothing()


def _plan(body: Mapping[str, Any]) -> MigrationPlan:
    running = running_engine()
    with running.db.read() as session:
        return generate_plan(
            running, session, source_version_id=body["source_process_definition_id"],
            target_version_id=body["target_process_definition_id"], elements=body["elements"],
        )  # fmt: skip


def _verdict(found: Mapping[str, Any]) -> Mapping[str, Any]:
    findings = [{**one, "sentence": side(one["sentence"])} for one in found["findings"]]
    return {**found, "findings": findings}


def _view(instance_id: int) -> InstanceView:
    _require_administrator()
    running = running_engine()
    with running.db.read() as session:
        return instance_view(running, session, instance_id)
