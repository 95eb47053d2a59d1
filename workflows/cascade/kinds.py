"""Service tasks of the cascade: ``cascade.file``, ``cascade.approve``."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.cascade.models import UnitPlan
from workflows.cascade.service import demands_on, looser
from workflows.inputs import called_campaign, called_unit_id, needed
from workflows.submissions import required_submission

Result = Mapping[str, Any]


def file_plan(call: ServiceCall) -> Result:
    """``cascade.file``: a unit's plan is held against the one above; kept when nothing in it is looser."""
    campaign, unit_id = called_campaign(call), called_unit_id(call)
    cascade = campaign.plan["cascade"]
    if cascade is None:
        raise InvalidInput(say("方案没有 cascade 一节"), {"cascade": say("缺少此项")})
    form = required_submission(call.session, instance_id=call.instance.id, element_id=needed(call, "element"))
    demands = demands_on(call.session, campaign, unit_id)
    told = looser(cascade, demands, form.data)
    if told:
        return {"cascade_ok": False, "cascade_problems": "；".join(told)}
    call.session.merge(
        UnitPlan(
            campaign_id=campaign.id,
            unit_id=unit_id,
            superior_id=demands.superior_id,
            days={one["code"]: str(form.data[one["code"]])[:10] for one in cascade["days"]},
            targets={one["code"]: form.data[one["code"]] for one in cascade["targets"]},
            measures=str(form.data.get("measures") or ""),
            filed_at=form.submitted_at,
            filed_by=form.person_id,
            approved_at=None,
            instance_id=call.instance.id,
        )
    )
    call.session.flush()
    return {"cascade_ok": True, "cascade_problems": ""}


def approve_plan(call: ServiceCall) -> Result:
    """``cascade.approve``: a unit's plan takes effect; units below are held against it from now on."""
    row = call.session.get(UnitPlan, (called_campaign(call).id, called_unit_id(call)))
    if row is None:
        raise InvalidInput(say("这个单位还没有报送计划"))
    row.approved_at = call.at
    call.session.flush()
    return {"unit_days": dict(row.days), "unit_targets": dict(row.targets)}


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {"cascade.file": file_plan, "cascade.approve": approve_plan}
