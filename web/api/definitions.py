"""Process definitions: published versions of packages, their diagrams and decisions; publishing another one."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.definitions.errors import RefusedDiagram
from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.errors import InvalidInput, NotFound
from engine.expressions import evaluator
from web.api.parsing import require_clean
from web.api.problems import CHANGING
from web.api.room import Room
from web.api.shared import CountSchema, PartSchema
from web.api.values import Flag, Identifier, Instant, Schema, Text, Variables, about, type_of
from web.context import person, running_engine
from web.language import side
from workflows.access.service import Scope
from workflows.designer.archives import read_archive
from workflows.designer.texts import checked_key

definitions = Room("process-definition", "Published packages with their processes; every version is immutable")
deployments = Room("deployment", "Publishing packages")
decisions = Room("decision-definition", "Decisions (DMN) of published packages")

READ = Scope.DEFINITIONS_READ
MAX_NOTE = 1000
TOO_LONG = f"最多 {MAX_NOTE} 字 / At most {MAX_NOTE} characters"


class DefinitionFilterSchema(Schema):
    """Which versions."""

    key = Text(most=80, load_default=None)
    name_like = Text(most=100, load_default="")
    latest_version = Flag(load_default=False, metadata=about("Only those that new instances start with"))


class DefinitionListSchema(DefinitionFilterSchema, PartSchema):
    """Which versions, and which part of them."""


class DefinitionSchema(Schema):
    """One published version."""

    id = Identifier(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String()
    version = fields.Integer(required=True)
    live = fields.Boolean(required=True, metadata=about("Whether new instances start with it"))
    process_id = fields.String(attribute="main_process")
    digest = fields.String()
    note = fields.String()
    deployed = Instant(attribute="published_at")


class XmlSchema(Schema):
    """A diagram."""

    id = Identifier(required=True)
    path = fields.String(required=True)
    bpmn20_xml = fields.String(required=True, data_key="bpmn20Xml")


class NodeSchema(Schema):
    """An element of the main process."""

    id = fields.String(required=True)
    name = fields.String(allow_none=True)
    type = fields.String(required=True)


class EvaluateSchema(Schema):
    """What a decision is given."""

    variables = Variables(load_default=dict)


@definitions.operation(
    "GET", "/process-definition", scope=READ, query=DefinitionListSchema, gives=DefinitionSchema(many=True),
    operationId="getProcessDefinitions",
)  # fmt: skip
def list_definitions(query: Mapping[str, Any]) -> Sequence[PackageVersion]:
    """List published versions, by key, the newest first."""
    with running_engine().db.read() as session:
        found = _filtered(select(PackageVersion), query).order_by(PackageVersion.key, PackageVersion.version.desc())
        return session.scalars(found.offset(query["first_result"]).limit(query["max_results"])).all()


@definitions.operation(
    "GET", "/process-definition/count", scope=READ, query=DefinitionFilterSchema, gives=CountSchema,
    operationId="getProcessDefinitionsCount",
)  # fmt: skip
def count_definitions(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count published versions."""
    with running_engine().db.read() as session:
        return {"count": session.scalar(_filtered(select(func.count(PackageVersion.id)), query)) or 0}


@definitions.operation(
    "GET", "/process-definition/<id:definition_id>", scope=READ, gives=DefinitionSchema,
    operationId="getProcessDefinition",
)  # fmt: skip
def get_definition(definition_id: int) -> PackageVersion:
    """Get one version."""
    with running_engine().db.read() as session:
        return version_of(session, definition_id)


@definitions.operation(
    "GET", "/process-definition/key/<string(maxlength=80):key>", scope=READ, gives=DefinitionSchema,
    operationId="getProcessDefinitionByKey",
)  # fmt: skip
def get_definition_by_key(key: str) -> PackageVersion:
    """Get the version that new instances start with."""
    with running_engine().db.read() as session:
        return running_engine().packages.live(session, _clean(key))


@definitions.operation(
    "GET", "/process-definition/<id:definition_id>/xml", scope=READ, gives=XmlSchema,
    operationId="getProcessDefinitionXml",
)  # fmt: skip
def get_xml(definition_id: int) -> Mapping[str, Any]:
    """Get the diagram of the main process, as it was published."""
    running = running_engine()
    with running.db.read() as session:
        package = running.packages.get(session, version_of(session, definition_id).id)
    for path, definition in package.diagrams.items():
        if package.main_process in definition.processes:
            text = package.files[path].decode("utf-8", "replace")
            return {"id": definition_id, "path": path, "bpmn20_xml": text}
    raise NotFound("没有这张流程图 / There is no such diagram")


@definitions.operation(
    "GET", "/process-definition/<id:definition_id>/elements", scope=READ, gives=NodeSchema(many=True),
    operationId="getProcessDefinitionElements",
)  # fmt: skip
def get_elements(definition_id: int) -> list[Any]:
    """Get the elements of the main process: where a modification or a jump can go."""
    running = running_engine()
    with running.db.read() as session:
        package = running.packages.get(session, version_of(session, definition_id).id)
    return list(package.process(package.main_process)[1].nodes.values())


@deployments.operation(
    "POST", "/deployment/create", scope=Scope.DEFINITIONS_WRITE, gives=DefinitionSchema,
    operationId="createDeployment", problems=CHANGING,
    requestBody={
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["key", "file"],
                    "properties": {
                        "key": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,59}$"},
                        "note": {"type": "string", "maxLength": 1000},
                        "file": {"type": "string", "format": "binary", "description": "A zip archive of the package"},
                    },
                }
            }
        },
    },
)  # fmt: skip
def deploy() -> PackageVersion:
    """Publish a package from a zip archive; the same files again are the same version. Administrators."""
    if not person().is_administrator:
        raise NotFound("没有这个地址，或者它与您无关 / There is nothing here for you")
    key, note, upload = request.form.get("key", ""), request.form.get("note", ""), request.files.get("file")
    require_clean({"key": key, "note": note})
    if upload is None or len(note) > MAX_NOTE:
        wrong = {"file": "请上传流程包（zip） / Upload the package (zip)"} if upload is None else {"note": TOO_LONG}
        raise InvalidInput("发布内容有误 / The deployment is not valid", wrong)
    package = Package(checked_key(key), read_archive(upload.stream.read())[1])
    try:
        return publish(running_engine(), package, by=person().id, note=note)
    except RefusedDiagram as refused:
        places = {
            f"{one.file}:{one.line} {one.element_id or ''}".strip(): side(one.message) for one in refused.findings
        }
        raise InvalidInput(str(refused), places) from refused


@decisions.operation(
    "POST", "/decision-definition/key/<string(maxlength=200):key>/evaluate", scope=READ, body=EvaluateSchema,
    gives={"type": "array", "items": {"type": "object"}}, operationId="evaluateDecision",
)  # fmt: skip
def evaluate(body: Mapping[str, Any], key: str) -> Response:
    """Decide by a decision of a live package. Several packages may have one of that name: it is then ambiguous."""
    running = running_engine()
    with running.db.read() as session:
        live = session.scalars(select(PackageVersion.id).where(PackageVersion.live)).all()
        models = [model for one in live if (model := running.packages.get(session, one).decisions.get(key)) is not None]
    if not models:
        raise NotFound("没有这个决策 / There is no such decision")
    if len(models) > 1:
        raise InvalidInput(f"有 {len(models)} 个流程包含有这个决策 / {len(models)} packages have this decision")
    found = models[0].decide(evaluator(), key, body["variables"], at=running.clock.now()).outputs
    hits = found if isinstance(found, list) else [found]
    return jsonify([_typed(one, key) for one in hits])


def version_of(session: Session, version_id: int) -> PackageVersion:
    """Return a published version. Raises NotFound."""
    found = session.get(PackageVersion, version_id)
    if found is None:
        raise NotFound("没有这个版本 / There is no such version")
    return found


def _typed(hit: Any, key: str) -> dict[str, Any]:
    values = hit if isinstance(hit, dict) else {key: hit}
    return {name: {"value": value, "type": type_of(value)} for name, value in values.items()}


def _filtered(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    if query["key"]:
        statement = statement.where(PackageVersion.key == query["key"])
    if query["name_like"]:
        statement = statement.where(PackageVersion.name.icontains(query["name_like"], autoescape=True))
    return statement.where(PackageVersion.live) if query["latest_version"] else statement


def _clean(key: str) -> str:
    require_clean(key, "key")
    return key
