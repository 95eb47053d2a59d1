"""Service tasks of reporting obligations: ``report.expect``, ``report.file``, ``report.add_up``."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.inputs import called_campaign, given, listed, needed
from workflows.reporting.service import add_up, expect, figures_of, filing_of, is_late, late_times
from workflows.submissions import required_submission

Result = Mapping[str, Any]


def expect_report(call: ServiceCall) -> Result:
    """``report.expect``: a report is expected from this instance's unit (or from the office) by the end of a day."""
    due = given(call, "due")
    try:
        day = None if due is None else date.fromisoformat(str(due)[:10])
    except ValueError as error:
        raise InvalidInput(
            say("服务步骤“{element_id}”的输入“due”须为日期", element_id=call.element_id), {"due": say("须为日期")}
        ) from error
    filing = expect(
        call.session,
        campaign=called_campaign(call),
        report=needed(call, "report"),
        period=str(given(call, "period", "")),
        unit_id=call.instance.unit_id,
        due=None if day is None else WorkingCalendar().end_of_day(day),
    )
    return {"filing_id": str(filing.id)}


def file_report(call: ServiceCall) -> Result:
    """``report.file``: it came; the outputs say whether it was late, and how often this unit was."""
    campaign = called_campaign(call)
    form = required_submission(call.session, instance_id=call.instance.id, element_id=needed(call, "element"))
    filing = filing_of(
        call.session,
        campaign=campaign,
        report=needed(call, "report"),
        period=str(given(call, "period", "")),
        unit_id=call.instance.unit_id,
    )
    filing.filed_at, filing.filed_by = form.submitted_at, form.person_id
    filing.figures, filing.instance_id = figures_of(form.data), call.instance.id
    call.session.flush()
    times = late_times(call.session, campaign_id=campaign.id, unit_id=call.instance.unit_id, now=call.at)
    return {"report_late": is_late(filing, call.at), "report_late_times": times}


def add_up_reports(call: ServiceCall) -> Result:
    """``report.add_up``: sums of the figures below this unit, or of all units (of ``kinds``), and the counters."""
    sums, rows = add_up(
        call.session,
        campaign=called_campaign(call),
        report=needed(call, "report"),
        period=str(given(call, "period", "")),
        below=call.instance.unit_id,
        kinds=listed(given(call, "kinds")),
    )
    return {
        "sums": sums,
        "filed_count": sum(row.filed_at is not None for row in rows),
        "late_count": sum(row.filed_at is not None and is_late(row, call.at) for row in rows),
        "missing_count": sum(row.filed_at is None for row in rows),
    }


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "report.expect": expect_report,
    "report.file": file_report,
    "report.add_up": add_up_reports,
}
