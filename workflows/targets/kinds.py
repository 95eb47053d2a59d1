"""Service tasks of targets: ``target.report``, ``target.verify``, ``target.check``."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.inputs import called_campaign, called_form, given
from workflows.parts.amounts import rounded
from workflows.parts.subjects import called_subject
from workflows.targets.assess import score, vetoed
from workflows.targets.service import assessed, put, targets_of

Result = Mapping[str, Any]


def report(call: ServiceCall) -> Result:
    """``target.report``: what the subject reports of its indicators (自评)."""
    return _put(call, verified=False)


def verify(call: ServiceCall) -> Result:
    """``target.verify``: what others found (核验)."""
    return _put(call, verified=True)


def check(call: ServiceCall) -> Result:
    """``target.check``: which goals are met, missed, blank, contradictory, and the weighted result."""
    campaign, subject = called_campaign(call), called_subject(call)
    targets = targets_of(campaign)
    results = assessed(call.session, campaign=campaign, subject=subject.code, period=str(given(call, "period", "")))
    total = score(targets, results)
    return {
        "targets_met": [one.code for one in results if one.met],
        "targets_missed": [one.code for one in results if one.met is False],
        "targets_blank": [one.code for one in results if one.figures.counted is None],
        "targets_contradicted": [one.code for one in results if one.contradiction],
        "targets_differing": [one.code for one in results if one.difference],
        "targets_vetoed": vetoed(targets, results),
        "target_score": None if total is None else float(rounded(total)),
    }


def _put(call: ServiceCall, *, verified: bool) -> Result:
    campaign, subject = called_campaign(call), called_subject(call)
    form = called_form(call)
    values: Any = given(call, "values", {})
    person_id = call.instance.initiator_id
    if form is not None:
        person_id, values = form.person_id, form.data.get(str(given(call, "field", "targets")), form.data)
    rows = put(
        call.session,
        campaign=campaign,
        subject=subject,
        values=_values(values, {target["code"] for target in targets_of(campaign)}),
        at=call.at,
        person_id=person_id,
        period=str(given(call, "period", "")),
        verified=verified,
    )
    return {"target_count": len(rows)}


def _values(said: Any, known: set[str]) -> dict[str, dict[str, Any]]:
    """Read figures: rows of {code, value, …}, or a form whose fields are called like the indicators."""
    if isinstance(said, list):
        return {str(row["code"]): dict(row) for row in said if isinstance(row, Mapping) and row.get("code")}
    if not isinstance(said, Mapping):
        raise InvalidInput(say("values 须为列表或键值对"), {"values": say("应是列表")})
    return {
        code: dict(value) if isinstance(value, Mapping) else {"value": value, "note": said.get(f"note_{code}")}
        for code, value in said.items()
        if code in known
    }


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "target.report": report,
    "target.verify": verify,
    "target.check": check,
}
