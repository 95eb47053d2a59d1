"""Campaigns (专项行动): which there are, their phases, the phase × unit matrix, the trends."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from web.api.room import Room
from web.api.shared import PartSchema
from web.api.values import Choice, Day, Exact, Flag, Identifier, Instant, Schema, Text, about
from web.context import person, running_engine
from workflows.access.service import Scope
from workflows.campaigns.board import BoardFilters, BoardRow, PhaseCard, board
from workflows.campaigns.models import Campaign, CampaignStatus
from workflows.campaigns.visibility import View, view, visible_campaigns
from workflows.findings.ledger import counts
from workflows.sheets.trends import Trends, trends

campaigns = Room("campaign", "Campaigns; who has nothing to do with one does not find it")

READ = Scope.CAMPAIGNS_READ


class CampaignListSchema(PartSchema):
    """Which campaigns."""

    status = Choice([one.value for one in CampaignStatus], load_default=None)
    package_key = Text(most=80, load_default="")
    title_like = Text(most=100, load_default="")


class CampaignSchema(Schema):
    """A campaign."""

    id = Identifier(required=True)
    instance_id = Identifier(required=True, metadata=about("Its process instance"))
    package_key = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.Integer(required=True)
    status = fields.String(required=True)
    created_at = Instant(required=True)
    ended_at = Instant(allow_none=True)


class CampaignPageSchema(Schema):
    """Some of the campaigns."""

    rows = fields.List(fields.Nested(CampaignSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows"))


class PhaseSchema(Schema):
    """A phase with how many of the seen units are done, at it, late; a day is null while it is not decided."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String()
    starts = Day(allow_none=True)
    ends = Day(allow_none=True, metadata=about("Its last day"))
    current = fields.Boolean(required=True)
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    doing = fields.Integer(required=True)
    late = fields.Integer(required=True)
    percent = fields.Integer(required=True)


class FindingCountsSchema(Schema):
    """Findings that the caller sees, by state."""

    total = fields.Integer(required=True)
    open = fields.Integer(required=True)
    rectifying = fields.Integer(required=True)
    verifying = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    overdue = fields.Integer(required=True)


class CampaignDetailSchema(CampaignSchema):
    """A campaign as it stands."""

    parameters = fields.Dict(keys=fields.String(), metadata=about("What it was launched with"))
    day = fields.Integer(required=True, metadata=about("0 before its first day, days + 1 after the last"))
    days = fields.Integer(required=True)
    everything = fields.Boolean(required=True, metadata=about("Whether the caller sees all units, not only his own"))
    units = fields.Integer(required=True, metadata=about("Units that the caller sees"))
    phases = fields.List(fields.Nested(PhaseSchema), required=True)
    findings = fields.Nested(FindingCountsSchema, required=True)


class MatrixQuerySchema(PartSchema):
    """Which units of the matrix."""

    late = Flag(load_default=False, metadata=about("Only units that are late in a phase"))
    kind = Text(most=40, load_default="", metadata=about("Only units of this kind"))
    search = Text(most=100, load_default="", metadata=about("A part of the unit's name"))


class CellSchema(Schema):
    """A unit in a phase."""

    phase = fields.String(required=True)
    state = fields.String(required=True, metadata=about("todo, doing, done, late"))
    percent = fields.Integer(required=True)
    lamp = fields.String(allow_none=True, metadata=about("green, yellow, red; null before it begins"))
    open_findings = fields.Integer(required=True)
    done_at = Instant(allow_none=True)


class MatrixRowSchema(Schema):
    """A unit's line of the matrix."""

    unit_id = Identifier(required=True)
    unit_name = fields.String(required=True)
    unit_name_en = fields.String()
    kind = fields.String(required=True)
    instance_id = Identifier(allow_none=True, metadata=about("The unit's own process instance"))
    cells = fields.List(fields.Nested(CellSchema), required=True)
    findings = fields.Integer(required=True)
    open_findings = fields.Integer(required=True)
    rating = fields.String(allow_none=True)
    score = Exact(allow_none=True)
    award = fields.String(allow_none=True)


class MatrixSchema(Schema):
    """Some units of the matrix."""

    phases = fields.List(fields.Nested(PhaseSchema), required=True)
    rows = fields.List(fields.Nested(MatrixRowSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows that fit"))


class TrendDaySchema(Schema):
    """Findings entered and closed up to a day."""

    day = Day(required=True)
    opened = fields.Integer(required=True)
    closed = fields.Integer(required=True)


class TrendItemSchema(Schema):
    """How many findings are about something, the most frequent first."""

    name = fields.String(required=True)
    count = fields.Integer(required=True)
    running_percent = fields.Float(required=True, metadata=about("Share of all findings up to this one"))


class TrendScoreSchema(Schema):
    """The units' mean score of a scheme in a period."""

    scheme = fields.String(required=True)
    period = fields.String(required=True)
    mean = fields.Float(required=True)


class TrendPhaseSchema(Schema):
    """How much of a phase has passed, and how far the units are."""

    name = fields.String(required=True)
    planned_percent = fields.Integer(required=True)
    actual_percent = fields.Integer(required=True)


class TrendsSchema(Schema):
    """The series that the trends page draws."""

    days = fields.List(fields.Nested(TrendDaySchema), required=True)
    items = fields.List(fields.Nested(TrendItemSchema), required=True)
    scores = fields.List(fields.Nested(TrendScoreSchema), required=True)
    phases = fields.List(fields.Nested(TrendPhaseSchema), required=True)


def seen_campaign(session: Session, campaign_id: int) -> View:
    """Return what the caller sees of a campaign; raises NotFound for who has nothing to do with it."""
    return view(session, campaign_id=campaign_id, viewer_id=person().id, at=running_engine().clock.now())


def part_of(rows: Sequence[Any], query: Mapping[str, Any]) -> list[Any]:
    """Return the rows that a :class:`PartSchema` asks for."""
    return list(rows[query["first_result"] : query["first_result"] + query["max_results"]])


@campaigns.operation("GET", "/campaign", scope=READ, query=CampaignListSchema, gives=CampaignPageSchema,
                     operationId="getCampaigns")  # fmt: skip
def list_them(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the campaigns that the caller has to do with, the newest first."""
    with running_engine().db.read() as session:
        found = visible_campaigns(session, viewer_id=person().id, at=running_engine().clock.now())
        rows = [one for one in found if _fits(one, query)]
    return {"rows": part_of(rows, query), "count": len(rows)}


@campaigns.operation("GET", "/campaign/<id:campaign_id>", scope=READ, gives=CampaignDetailSchema,
                     operationId="getCampaign")  # fmt: skip
def get_campaign(campaign_id: int) -> Mapping[str, Any]:
    """Get one campaign with its phases and counts."""
    running = running_engine()
    with running.db.read() as session:
        found = board(session, running, campaign_id, person().id, BoardFilters(limit=0))
        findings = counts(session, campaign_id, person().id, at=running.clock.now())
    one = found.campaign
    return {
        **{name: getattr(one, name) for name in _COLUMNS},
        "parameters": one.parameters,
        "day": found.day,
        "days": found.days,
        "everything": found.everything,
        "units": found.total,
        "phases": found.phases,
        "findings": findings,
    }


@campaigns.operation("GET", "/campaign/<id:campaign_id>/matrix", scope=READ, query=MatrixQuerySchema,
                     gives=MatrixSchema, operationId="getCampaignMatrix")  # fmt: skip
def get_matrix(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """Get units with their cells, phase by phase."""
    running = running_engine()
    with running.db.read() as session:
        asked = BoardFilters(
            late=query["late"],
            kind=query["kind"],
            search=query["search"],
            limit=query["max_results"],
            offset=query["first_result"],
        )
        found = board(session, running, campaign_id, person().id, asked)
    shown = [_matrix_row(row, found.phases) for row in found.rows]
    return {"phases": found.phases, "rows": shown, "count": found.total}


@campaigns.operation("GET", "/campaign/<id:campaign_id>/trends", scope=READ, gives=TrendsSchema,
                     operationId="getCampaignTrends")  # fmt: skip
def get_trends(campaign_id: int) -> Mapping[str, Any]:
    """Get findings over time, what they are about, mean scores over periods, planned and actual progress."""
    running = running_engine()
    with running.db.read() as session:
        found = trends(session, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now())
    return _trends(found)


_COLUMNS = ("id", "instance_id", "package_key", "title", "year", "status", "created_at", "ended_at")


def _fits(one: Campaign, query: Mapping[str, Any]) -> bool:
    return (
        query["status"] in (None, one.status)
        and query["package_key"] in ("", one.package_key)
        and query["title_like"].lower() in one.title.lower()
    )


def _matrix_row(row: BoardRow, phases: Sequence[PhaseCard]) -> Mapping[str, Any]:
    cells = [
        {
            "phase": phase.code,
            "state": cell.state,
            "percent": cell.percent,
            "lamp": cell.lamp,
            "open_findings": cell.open_findings,
            "done_at": cell.done_at,
        }
        for phase in phases
        if (cell := row.cells.get(phase.code)) is not None
    ]
    names = (
        "unit_id", "unit_name", "unit_name_en", "kind", "instance_id", "findings", "open_findings", "rating", "score",
        "award",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"cells": cells}


def _trends(found: Trends) -> Mapping[str, Any]:
    return {
        "days": [dict(zip(("day", "opened", "closed"), one, strict=True)) for one in found.days],
        "items": [dict(zip(("name", "count", "running_percent"), one, strict=True)) for one in found.items],
        "scores": [
            {"scheme": scheme, "period": period, "mean": mean}
            for scheme, series in found.scores.items()
            for period, mean in series
        ],
        "phases": [dict(zip(("name", "planned_percent", "actual_percent"), one, strict=True)) for one in found.phases],
    }
