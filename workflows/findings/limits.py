"""The plan's rules of the ledger, and time limits by the level of a finding."""

from datetime import datetime
from typing import Any

from engine.calendars import WorkingCalendar, resolve_due
from workflows.campaigns.models import Campaign
from workflows.findings.section import LedgerSchema
from workflows.parts.sections import filled


def ledger_rules(campaign: Campaign) -> dict[str, Any]:
    """Return the plan's rules of the ledger with the launch parameters filled in."""
    rules: dict[str, Any] = LedgerSchema().load(filled(campaign.plan.get("ledger") or {}, campaign.parameters))
    return rules


def limit_of(campaign: Campaign, level: str) -> str:
    """Return the time limit of a level as the plan writes it, empty when it says nothing; a bare number are days."""
    limits = ledger_rules(campaign)["limits"]
    limit = limits.get(level, limits.get("key", "") if level == "major" else "")
    return f"{limit} working days" if isinstance(limit, int) else str(limit or "")


def limit_end(limit: str, start: datetime, calendar: WorkingCalendar) -> datetime:
    """Return the end of the last (working) day of a limit."""
    due = resolve_due(limit, start, calendar)
    return calendar.end_of_day(due.astimezone(calendar.timezone).date())
