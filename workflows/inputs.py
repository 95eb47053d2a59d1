"""Reading the inputs of a service call; what is wrong names the step and the input."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.errors import InvalidInput
from engine.ports import AssignmentContext, ServiceCall
from engine.tasks.models import Submission
from engine.wording import say
from workflows.campaigns.launch import campaign_of
from workflows.campaigns.models import Campaign
from workflows.organisation.tree import LOCAL
from workflows.submissions import required_submission


def given(call: ServiceCall, name: str, default: Any = None) -> Any:
    """Return an input; null and empty are as good as absent."""
    value = call.inputs.get(name)
    return default if value is None or value == "" else value


def needed(call: ServiceCall, name: str) -> str:
    """Return an input that must be there, as text."""
    value = given(call, name)
    if value is None:
        raise InvalidInput(
            say("服务步骤“{element_id}”缺少输入“{name}”", element_id=call.element_id, name=name),
            {name: say("缺少此项")},
        )
    return str(value)


def number(call: ServiceCall, name: str, value: Any) -> Decimal:
    """Return a value as a number."""
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(
            say("服务步骤“{element_id}”的输入“{name}”须为数字", element_id=call.element_id, name=name),
            {name: say("须为数字")},
        ) from error


def identifier(call: ServiceCall, name: str, value: Any) -> int:
    """Return a value as an identifier."""
    found = number(call, name, value)
    if found != found.to_integral_value():
        raise InvalidInput(
            say("服务步骤“{element_id}”的输入“{name}”须为编号", element_id=call.element_id, name=name),
            {name: say("须为编号")},
        )
    return int(found)


def listed(value: Any) -> list[str]:
    """Return a list, or a comma-separated text, as texts."""
    if value is None or value == "":
        return []
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def called_campaign(call: ServiceCall) -> Campaign:
    """Return the campaign that the calling instance belongs to."""
    return campaign_of(call.session, call.instance.root_id)


def called_unit_id(call: ServiceCall) -> int:
    """Return the unit asked for, else the calling instance's own."""
    value = given(call, "unit_id", call.instance.unit_id)
    if value is None:
        raise InvalidInput(
            say("服务步骤“{element_id}”不知道是哪个单位", element_id=call.element_id), {"unit_id": say("缺少此项")}
        )
    return identifier(call, "unit_id", value)


def called_unit_ids(call: ServiceCall) -> list[int] | None:
    """Return the units asked for, None when none are named."""
    value = given(call, "unit_ids")
    return None if value is None else [identifier(call, "unit_ids", one) for one in listed(value)]


def called_form(call: ServiceCall) -> Submission | None:
    """Return the last submission of the task that ``element`` names, none when the step names no task."""
    element = given(call, "element")
    if element is None:
        return None
    return required_submission(call.session, instance_id=call.instance.id, element_id=str(element))


def called_people(call: ServiceCall, rule: str) -> list[int]:
    """Return the ids of the people whom an assignment rule finds for the calling instance."""
    context = AssignmentContext(
        at=call.at,
        instance_id=call.instance.id,
        root_id=call.instance.root_id,
        unit_id=call.instance.unit_id,
        initiator_id=call.instance.initiator_id,
        variables=call.instance.variables,
    )
    return list(call.engine.people.find(call.session, rule, context))


def called_day(call: ServiceCall, name: str = "day") -> date:
    """Return a day, today where none is given."""
    day = given(call, name)
    try:
        return date.fromisoformat(str(day)[:10]) if day else call.at.astimezone(LOCAL).date()
    except ValueError as error:
        raise InvalidInput(
            say("服务步骤“{element_id}”的输入“{name}”须为日期", element_id=call.element_id, name=name),
            {name: say("应写成 2026-09-05")},
        ) from error
