"""What service kinds made of days follows when a phase is moved: rounds, reports that are due, planned inspections."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from engine.history.models import HistoryLine
from engine.ports import ServiceCall
from workflows.plans.services import list_rounds
from workflows.reporting.kinds import expect_report
from workflows.sampling.kinds import move_inspections

Result = Mapping[str, Any]


def _rounds(call: ServiceCall) -> Result:
    """List rounds again; what the plan leaves open counts from the day on which they were listed."""
    return list_rounds(replace(call, at=_line(call).at))


def _inspections(call: ServiceCall) -> Result:
    """Move planned inspections that have not started; their teams stay."""
    result: dict[str, Any] = dict((_line(call).detail or {})["result"])
    return {**result, **move_inspections(call, result["inspection_ids"])}


def _line(call: ServiceCall) -> HistoryLine:
    """Return the last line that the service wrote when it was done."""
    query = select(HistoryLine).where(
        HistoryLine.instance_id == call.instance.id,
        HistoryLine.element_id == call.element_id,
        HistoryLine.operation == "service",
    )
    return call.session.scalars(query.order_by(HistoryLine.sequence.desc()).limit(1)).one()


FOLLOWING: Mapping[str, Callable[[ServiceCall], Result]] = {
    "schedule.rounds": _rounds,
    "report.expect": expect_report,
    "inspection.plan": _inspections,
}
"""What is asked of a kind when days that its inputs speak of have moved (``ServiceKind.follow``)."""
