"""What goes up and down the levels of units: the cascade (分解下发) and the reports that are due (报送)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from web.api.campaigns import READ, part_of, seen_campaign
from web.api.room import Room
from web.api.shared import PartSchema
from web.api.values import Choice, Identifier, Instant, Schema, Text, about
from web.context import person, running_engine
from workflows.cascade.overview import Branch, PlanState, roll_up, visible_branches
from workflows.reporting.overview import (
    STATES,
    Consolidation,
    FilingFilters,
    FilingLine,
    consolidation,
    filings,
    reports_of,
    standings,
)

levels = Room("campaign-levels", "Plans of units, progress rolled up, and reports, level by level")


class CascadeQuerySchema(PartSchema):
    """Which units of the tree."""

    below = Identifier(load_default=None, metadata=about("Only the units right below this one"))
    state = Choice([one.value for one in PlanState], load_default="")
    search = Text(most=100, load_default="", metadata=about("A part of the unit's name"))


class ComparisonSchema(Schema):
    """A day or target of a unit's plan beside what the plan above demands."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    demanded = fields.String(allow_none=True)
    own = fields.String(required=True)
    verdict = fields.String(required=True, metadata=about("kept, tighter, looser"))


class BranchSchema(Schema):
    """A unit with what it and everything below it has reached."""

    unit_id = Identifier(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    parent_id = Identifier(allow_none=True, metadata=about("The unit above that takes part; null at the top"))
    level = fields.Integer(required=True, metadata=about("0 at the top"))
    percent = fields.Integer(required=True, metadata=about("Its own mean over the phases"))
    below = fields.Integer(required=True, metadata=about("The mean of all units below; its own where there are none"))
    units_below = fields.Integer(required=True)
    plans_expected = fields.Integer(required=True, metadata=about("With those below"))
    plans_filed = fields.Integer(required=True)
    reports_expected = fields.Integer(required=True)
    reports_missing = fields.Integer(required=True)
    reports_late = fields.Integer(required=True)
    state = fields.String(required=True, metadata=about("Of its plan: " + ", ".join(PlanState)))
    filed_at = Instant(allow_none=True)
    approved_at = Instant(allow_none=True)
    measures = fields.String()
    refusal = fields.String(metadata=about("Why the last attempt at a plan came back"))
    comparisons = fields.List(fields.Nested(ComparisonSchema))


class CascadeSchema(Schema):
    """Some units of the tree, in reading order."""

    rows = fields.List(fields.Nested(BranchSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows that fit"))


class StandingSchema(Schema):
    """How an obligation stands for a period."""

    report = fields.String(required=True)
    name = fields.String(required=True)
    period = fields.String(required=True)
    due = Instant(allow_none=True)
    expected = fields.Integer(required=True)
    filed = fields.Integer(required=True)
    late = fields.Integer(required=True, metadata=about("Came after the due time"))
    missing = fields.Integer(required=True)
    lamp = fields.String(required=True, metadata=about("green, yellow, red"))


class ReportQuerySchema(PartSchema):
    """Which reports."""

    report = Text(most=80, load_default="", metadata=about("The code of an obligation"))
    period = Text(most=40, load_default="")
    state = Choice(STATES, load_default="")
    unit_id = Identifier(load_default=None)
    search = Text(most=100, load_default="", metadata=about("A part of the unit's name"))


class FilingSchema(Schema):
    """A report that is expected from a unit, or that it filed."""

    id = Identifier(required=True)
    report = fields.String(required=True)
    period = fields.String(required=True)
    unit_id = Identifier(allow_none=True, metadata=about("Null for the campaign's office"))
    unit_name = fields.String(required=True)
    state = fields.String(required=True, metadata=about(", ".join(STATES)))
    due = Instant(allow_none=True)
    filed_at = Instant(allow_none=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Float())
    late_times = fields.Integer(required=True, metadata=about("How often this unit was late in the campaign"))
    instance_id = Identifier(allow_none=True, metadata=about("The process instance in which it was filed"))


class FilingPageSchema(Schema):
    """Some of the reports."""

    rows = fields.List(fields.Nested(FilingSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows that fit"))


class LevelQuerySchema(Schema):
    """Which level of a report."""

    period = Text(most=40, load_default="")
    below = Identifier(load_default=None, metadata=about("The unit above the rows; without it the highest level"))


class ConsolidationSchema(Schema):
    """What was filed at one level, what it adds up to, and the report above."""

    rows = fields.List(fields.Nested(FilingSchema), required=True)
    sums = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    above = fields.Nested(FilingSchema, allow_none=True)
    differing = fields.List(fields.String(), metadata=about("Figures that the report above states differently"))
    has_lower = fields.List(Identifier(), metadata=about("Units of the rows that have reports below them"))


@levels.operation("GET", "/campaign/<id:campaign_id>/cascade", scope=READ, query=CascadeQuerySchema,
                  gives=CascadeSchema, operationId="getCampaignCascade")  # fmt: skip
def get_cascade(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """Get units with their plans, and with progress, plans and reports rolled up from below."""
    with running_engine().db.read() as session:
        seen = seen_campaign(session, campaign_id)
        found = visible_branches(roll_up(session, seen.campaign, running_engine().clock.now()), seen)
    rows = [one for one in found if _fits(one, query)]
    return {"rows": [_branch(one) for one in part_of(rows, query)], "count": len(rows)}


@levels.operation("GET", "/campaign/<id:campaign_id>/report", scope=READ, gives=StandingSchema(many=True),
                  operationId="getCampaignReports")  # fmt: skip
def get_reports(campaign_id: int) -> list[Mapping[str, Any]]:
    """Get how each obligation stands, period by period, in the order of the due times."""
    at = running_engine().clock.now()
    with running_engine().db.read() as session:
        names = reports_of(seen_campaign(session, campaign_id).campaign)
        found = standings(session, campaign_id=campaign_id, viewer_id=person().id, at=at)
    columns = ("report", "period", "due", "expected", "filed", "late", "missing")
    return [
        {column: getattr(one, column) for column in columns}
        | {"name": names.get(one.report, one.report), "lamp": one.lamp(at)}
        for one in found
    ]


@levels.operation("GET", "/campaign/<id:campaign_id>/report/filing", scope=READ, query=ReportQuerySchema,
                  gives=FilingPageSchema, operationId="getCampaignReportFilings")  # fmt: skip
def get_filings(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """Get what is due, overdue and filed, the earliest due first."""
    names = ("report", "period", "state", "unit_id", "search")
    filters = FilingFilters(
        **{name: query[name] for name in names}, limit=query["max_results"], offset=query["first_result"]
    )
    with running_engine().db.read() as session:
        rows, total = filings(
            session, campaign_id=campaign_id, viewer_id=person().id, filters=filters, at=running_engine().clock.now()
        )
    return {"rows": [_filing(one) for one in rows], "count": total}


@levels.operation("GET", "/campaign/<id:campaign_id>/report/<string(maxlength=80):report>", scope=READ,
                  query=LevelQuerySchema, gives=ConsolidationSchema, operationId="getCampaignReport")  # fmt: skip
def get_report(query: Mapping[str, Any], campaign_id: int, report: str) -> Mapping[str, Any]:
    """Get one level of a report: its source rows, their sums, and what the report above says."""
    with running_engine().db.read() as session:
        found = consolidation(
            session, campaign_id=campaign_id, viewer_id=person().id, report=report, period=query["period"],
            below=query["below"], at=running_engine().clock.now(),
        )  # fmt: skip
    return _consolidated(found)


def _fits(one: Branch, query: Mapping[str, Any]) -> bool:
    return (
        query["below"] in (None, one.parent_id)
        and query["state"] in ("", one.state)
        and query["search"].lower() in one.name.lower()
    )


def _branch(one: Branch) -> Mapping[str, Any]:
    columns = (
        "unit_id", "code", "name", "kind", "parent_id", "level", "percent", "below", "units_below", "plans_expected",
        "plans_filed", "reports_expected", "reports_missing", "reports_late", "state", "refusal", "comparisons",
    )  # fmt: skip
    return {column: getattr(one, column) for column in columns} | {
        "filed_at": one.plan.filed_at if one.plan else None,
        "approved_at": one.plan.approved_at if one.plan else None,
        "measures": one.plan.measures if one.plan else "",
    }


def _filing(one: FilingLine) -> Mapping[str, Any]:
    columns = ("id", "report", "period", "unit_id", "due", "filed_at", "figures", "instance_id")
    own = {"unit_name": one.unit_name, "state": one.state, "late_times": one.late_times}
    return {column: getattr(one.filing, column) for column in columns} | own


def _consolidated(found: Consolidation) -> Mapping[str, Any]:
    return {
        "rows": [_filing(one) for one in found.rows],
        "sums": found.sums,
        "above": None if found.above is None else _filing(found.above),
        "differing": [key for key, _label in found.fields if found.differs(key)],
        "has_lower": sorted(found.has_lower),
    }
