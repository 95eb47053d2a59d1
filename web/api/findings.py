"""The findings ledger (问题台账): read with filters, limits, owners and urging for many, workbooks out and in.

A finding's own steps (measures, review, closure) are tasks of its process instance.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from marshmallow import fields

from engine.errors import InvalidInput
from web.api.campaigns import READ, FindingCountsSchema, seen_campaign
from web.api.room import Room, nothing, upload
from web.api.shared import KeySchema, PartSchema
from web.api.values import Choice, Flag, Identifier, Instant, Items, Schema, Text, about
from web.context import person, running_engine
from web.downloads import attachment
from workflows.access.service import Scope
from workflows.findings import bulk, incidents
from workflows.findings.ledger import (
    LedgerFilters,
    LedgerRow,
    counts,
    finding_of,
    ledger,
    ledger_size,
    ledger_workbook,
)
from workflows.findings.models import Finding, FindingLevel, FindingSource, FindingState
from workflows.findings.office import office_campaign
from workflows.spreadsheet import XLSX

findings = Room("finding", "Findings of a campaign with their owners, limits, evidence and closure")

WRITE = Scope.CAMPAIGNS_WRITE


class FindingFilterSchema(Schema):
    """Which findings."""

    unit_id = Identifier(load_default=None)
    state = Choice([one.value for one in FindingState], load_default="")
    level = Choice([one.value for one in FindingLevel], load_default="")
    source = Choice([one.value for one in FindingSource], load_default="")
    item = Text(most=200, load_default="", metadata=about("The code of a checked item"))
    search = Text(most=100, load_default="", metadata=about("A part of the text, the measures or the unit's name"))
    overdue = Flag(load_default=False)


class FindingListSchema(FindingFilterSchema, PartSchema):
    """Which findings, and which part of them."""


class FindingSchema(Schema):
    """A line of the ledger."""

    id = Identifier(required=True)
    label = fields.String(required=True, metadata=about("The number to quote, such as 2026-007"))
    unit_id = Identifier(required=True)
    unit_name = fields.String(required=True)
    instance_id = Identifier(allow_none=True, metadata=about("Its process instance: `/task?processInstanceId=`"))
    item = fields.String()
    item_name = fields.String()
    level = fields.String(required=True)
    source = fields.String(required=True)
    text = fields.String(required=True)
    cause = fields.String()
    measures = fields.String()
    owner_name = fields.String()
    due = Instant(allow_none=True)
    state = fields.String(required=True)
    overdue = fields.Boolean(required=True)
    returned_count = fields.Integer(required=True)
    evidence_before = fields.List(fields.String(), metadata=about("Identifiers of attachments"))
    evidence_after = fields.List(fields.String(), metadata=about("Identifiers of attachments"))
    found_by_name = fields.String()
    found_at = Instant(required=True)
    closed_at = Instant(allow_none=True)


class FindingPageSchema(Schema):
    """Some of the findings."""

    rows = fields.List(fields.Nested(FindingSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows that fit"))


class FindingDetailSchema(FindingSchema):
    """A finding with what happened to it."""

    extended_count = fields.Integer(required=True)
    urged_count = fields.Integer(required=True)
    escalation = fields.String(metadata=about("The step of the ladder that was reached, by its code"))
    escalated_at = Instant(allow_none=True)
    found_rank = fields.String(metadata=about("The rank of whoever found it"))
    liable = fields.List(fields.String(), allow_none=True, metadata=about("Who is liable for it, by the matrix"))
    recheck_due = Instant(allow_none=True)
    rechecked_at = Instant(allow_none=True)
    recurrence_of = Identifier(allow_none=True, metadata=about("The closed finding that came back"))


class ChosenSchema(Schema):
    """Which findings are changed; closed ones stay as they are."""

    findings = Items(Identifier(), most=bulk.MOST, least=1, required=True)


class LimitSchema(ChosenSchema):
    """A limit for many findings."""

    limit = Text(most=64, least=1, required=True, metadata=about("`5 working days`, `30 days` or a day"))


class OwnerSchema(ChosenSchema):
    """An owner for many findings."""

    owner = Text(most=100, least=1, required=True, metadata=about("A login, or a name that one person has"))


class ChangedSchema(Schema):
    """How many rows were changed or entered."""

    count = fields.Integer(required=True)


class EnteredSchema(ChangedSchema):
    """What a workbook brought."""

    process = fields.String(required=True, metadata=about("The process that starts for each; empty: they stay rows"))


class StartingSchema(Schema):
    """How far the background is with starting the process of each entered finding."""

    running = fields.Boolean(required=True, metadata=about("False when nothing is left to start"))
    done = fields.Integer(metadata=about("Of the findings of the workbooks at hand"))
    failed = fields.Integer(metadata=about("Could not be started: see `getFindingIncidents`"))
    total = fields.Integer()
    problem = fields.String(metadata=about("Why it stopped; empty while it goes on"))
    suspended = fields.Boolean(metadata=about("It waits for the campaign to be resumed"))


class FindingIncidentSchema(Schema):
    """A finding that stands still until somebody has it tried again."""

    finding_id = Identifier(required=True)
    label = fields.String(required=True, metadata=about("The number to quote, such as 2026-007"))
    unit_name = fields.String(required=True)
    text = fields.String(required=True)
    instance_id = Identifier(allow_none=True, metadata=about("Empty when it could not be started"))
    element = fields.String(required=True, metadata=about("What failed in its process; empty when nothing had begun"))
    sentence = fields.String(required=True, metadata=about("Why"))


class FindingIncidentsSchema(Schema):
    """Findings that stand still."""

    count = fields.Integer(required=True, metadata=about("Of all of them"))
    rows = fields.List(fields.Nested(FindingIncidentSchema), required=True)


@findings.operation("GET", "/campaign/<id:campaign_id>/finding", scope=READ, query=FindingListSchema,
                    gives=FindingPageSchema, operationId="getFindings")  # fmt: skip
def list_them(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """List findings by their numbers."""
    running, who = running_engine(), person().id
    filters = _filters(query, limit=query["max_results"], offset=query["first_result"])
    with running.db.read() as session:
        at = running.clock.now()
        rows = ledger(session, campaign_id, who, filters, at=at)
        return {"rows": rows, "count": ledger_size(session, campaign_id, who, filters, at=at)}


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/count", scope=READ, gives=FindingCountsSchema,
                    operationId="getFindingCounts")  # fmt: skip
def count_them(campaign_id: int) -> Any:
    """Count findings by state."""
    running = running_engine()
    with running.db.read() as session:
        return counts(session, campaign_id, person().id, at=running.clock.now())


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/<id:finding_id>", scope=READ,
                    gives=FindingDetailSchema, operationId="getFinding")  # fmt: skip
def get_finding(campaign_id: int, finding_id: int) -> Mapping[str, Any]:
    """Get one finding."""
    running, who = running_engine(), person().id
    with running.db.read() as session:
        at = running.clock.now()
        found = finding_of(session, campaign_id, who, finding_id, at=at)
        (row,) = ledger(session, campaign_id, who, LedgerFilters(finding_id=found.id), at=at)
        return _detail(row, found)


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/limit", scope=WRITE, headers=KeySchema,
                    body=LimitSchema, gives=ChangedSchema, operationId="setFindingLimits")  # fmt: skip
def limit(headers: Mapping[str, Any], body: Mapping[str, Any], campaign_id: int) -> Mapping[str, int]:
    """Set the limit of many findings; for who sees the whole campaign."""
    return _change(bulk.set_limits, headers, campaign_id, body["findings"], limit=body["limit"])


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/owner", scope=WRITE, headers=KeySchema,
                    body=OwnerSchema, gives=ChangedSchema, operationId="setFindingOwners")  # fmt: skip
def owner(headers: Mapping[str, Any], body: Mapping[str, Any], campaign_id: int) -> Mapping[str, int]:
    """Give many findings an owner; for who sees the whole campaign."""
    return _change(bulk.set_owner, headers, campaign_id, body["findings"], owner=body["owner"])


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/urge", scope=WRITE, headers=KeySchema,
                    body=ChosenSchema, gives=ChangedSchema, operationId="urgeFindings")  # fmt: skip
def urge(headers: Mapping[str, Any], body: Mapping[str, Any], campaign_id: int) -> Mapping[str, int]:
    """Urge the owners of many findings (催办): one notice a person; for who sees the whole campaign."""
    return _change(bulk.urge_many, headers, campaign_id, body["findings"])


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/workbook", scope=READ, query=FindingFilterSchema,
                    file=XLSX, operationId="getFindingWorkbook")  # fmt: skip
def workbook(query: Mapping[str, Any], campaign_id: int) -> Response:
    """Download the ledger as an Excel workbook."""
    running = running_engine()
    with running.db.read() as session:
        title = seen_campaign(session, campaign_id).campaign.title
        content = ledger_workbook(session, campaign_id, person().id, _filters(query), at=running.clock.now())
    return attachment(content, filename=_("%(title)s问题台账.xlsx", title=title), media_type=XLSX)


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/workbook/template", scope=READ, file=XLSX,
                    operationId="getFindingTemplate")  # fmt: skip
def template(campaign_id: int) -> Response:
    """Download an empty workbook to fill in."""
    with running_engine().db.read() as session:
        seen_campaign(session, campaign_id)
    return attachment(bulk.template_workbook(), filename=_("问题登记表.xlsx"), media_type=XLSX)


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/workbook", scope=WRITE, headers=KeySchema,
                    gives=EnteredSchema, operationId="enterFindings",
                    requestBody=upload("workbook", "An .xlsx file"))  # fmt: skip
def enter(headers: Mapping[str, Any], campaign_id: int) -> bulk.Entered:
    """Enter the rows of a workbook: all of them, or none with every wrong row named in `fields`.

    The plan's process for findings then starts for each in the background. The same file is entered once (409), but
    for a repetition with its `Idempotency-Key`, which gets the first answer.
    """
    running = running_engine()
    given = request.files.get("workbook")
    content = given.stream.read() if given is not None else b""
    if not content:
        raise InvalidInput(_("请选择 Excel 文件。"), {"workbook": _("请选择 Excel 文件。")})
    return bulk.enter_workbook(
        running, campaign_id=campaign_id, actor_id=person().id, content=content, key=headers["key"]
    )


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/starting", scope=READ, gives=StartingSchema,
                    operationId="getFindingStarts")  # fmt: skip
def starts(campaign_id: int) -> Mapping[str, Any]:
    """See how far the background is with the instances of entered findings; for who sees the whole campaign."""
    return _starting(campaign_id)


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/starting/retry", scope=WRITE, gives=StartingSchema,
                    operationId="retryFindingStarts")  # fmt: skip
def retry_starts(campaign_id: int) -> Mapping[str, Any]:
    """Let the background go on where it stopped with a problem."""
    incidents.go_on_starting(running_engine(), campaign_id=campaign_id, actor_id=person().id)
    return _starting(campaign_id)


@findings.operation("GET", "/campaign/<id:campaign_id>/finding/incident", scope=READ, query=PartSchema,
                    gives=FindingIncidentsSchema, operationId="getFindingIncidents")  # fmt: skip
def stopped(query: Mapping[str, Any], campaign_id: int) -> incidents.FindingIncidents:
    """List the findings that stand still: not started, or with an incident; for who sees the whole campaign."""
    running = running_engine()
    with running.db.read() as session:
        campaign = office_campaign(session, campaign_id, person().id, running.clock.now())
        part = {"limit": query["max_results"], "first": query["first_result"]}
        return incidents.incidents_of(running, session, campaign, **part)


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/incident/retry", scope=WRITE, gives=ChangedSchema,
                    operationId="retryFindings")  # fmt: skip
def retry_all(campaign_id: int) -> Mapping[str, int]:
    """Try again all findings that stand still."""
    return {"count": incidents.retry_findings(running_engine(), campaign_id=campaign_id, actor_id=person().id)}


@findings.operation("POST", "/campaign/<id:campaign_id>/finding/<id:finding_id>/retry", scope=WRITE, status=204,
                    operationId="retryFinding")  # fmt: skip
def retry_one(campaign_id: int, finding_id: int) -> Response:
    """Try again what a finding stands still at."""
    incidents.retry_finding(running_engine(), campaign_id=campaign_id, finding_id=finding_id, actor_id=person().id)
    return nothing()


def _starting(campaign_id: int) -> Mapping[str, Any]:
    running = running_engine()
    with running.db.read() as session:
        progress = incidents.starting_of(session, campaign_id=campaign_id, actor_id=person().id, at=running.clock.now())
    return {"running": progress is not None, **(asdict(progress) if progress else {})}


def _filters(query: Mapping[str, Any], *, limit: int | None = None, offset: int = 0) -> LedgerFilters:
    names = ("unit_id", "state", "level", "source", "item", "search", "overdue")
    return LedgerFilters(**{name: query[name] for name in names}, limit=limit, offset=offset)


def _change(
    change: Callable[..., int], headers: Mapping[str, Any], campaign_id: int, ids: list[int], **values: str
) -> Mapping[str, int]:
    done = bulk.change_many(
        running_engine(), change, campaign_id=campaign_id, actor_id=person().id, ids=ids, key=headers["key"], **values
    )  # fmt: skip
    return {"count": done}


_MORE = (
    "extended_count", "urged_count", "escalation", "escalated_at", "found_rank", "liable", "recheck_due",
    "rechecked_at", "recurrence_of",
)  # fmt: skip


def _detail(row: LedgerRow, found: Finding) -> Mapping[str, Any]:
    shown = {name: getattr(row, name) for name in FindingSchema().fields}
    return shown | {name: getattr(found, name) for name in _MORE}
