"""What launching reads of a package's ``plan.yaml``: parameters, phases, units, groups, items, grades."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from engine.errors import InvalidInput

_CODE = validate.Regexp(r"^[A-Za-z_][A-Za-z0-9_]*$", error="代码只能用字母、数字和下划线，且不以数字开头")
_MONTH_DAY = re.compile(r"^--(\d\d)-(\d\d)$")
_MISSING = "缺少此项"
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """A phase of one campaign; both days belong to it."""

    code: str
    name: str
    name_en: str
    starts: date
    ends: date


class _Lenient(Schema):
    class Meta:
        unknown = EXCLUDE


class ParameterSchema(_Lenient):
    """One entry of ``launch.parameters``."""

    name = fields.String(required=True, validate=_CODE, error_messages={"required": _MISSING})
    label = fields.String(load_default="")
    label_en = fields.String(load_default="")
    description = fields.String(load_default="")
    type = fields.String(
        load_default="text",
        validate=validate.OneOf(
            ["integer", "number", "text", "date", "boolean", "choice"],
            error="类型须为 integer、number、text、date、boolean、choice 之一",
        ),
    )
    unit = fields.String(load_default="")
    required = fields.Boolean(load_default=False)
    default = fields.Raw(load_default=None, allow_none=True)
    min = fields.Raw(load_default=None, allow_none=True)
    max = fields.Raw(load_default=None, allow_none=True)
    choices = fields.List(fields.Raw(), load_default=list)

    @validates_schema
    def _choice_has_choices(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["type"] == "choice" and not data["choices"]:
            raise ValidationError("choice 参数须给出 choices", "choices")


def _day_text(value: Any) -> None:
    text = str(value)
    match = _MONTH_DAY.match(text)
    try:
        date.fromisoformat(f"2024-{match.group(1)}-{match.group(2)}" if match else text)
    except ValueError as error:
        raise ValidationError("日期须写成 --MM-DD 或 YYYY-MM-DD") from error


class PhaseSchema(_Lenient):
    """One entry of ``phases``."""

    code = fields.String(required=True, validate=_CODE, error_messages={"required": _MISSING})
    name = fields.String(required=True, error_messages={"required": _MISSING})
    name_en = fields.String(load_default="")
    starts = fields.Raw(required=True, validate=_day_text, error_messages={"required": _MISSING})
    ends = fields.Raw(required=True, validate=_day_text, error_messages={"required": _MISSING})


class GroupSchema(_Lenient):
    """An assessment group and the kinds of unit that it rates."""

    code = fields.String(required=True, error_messages={"required": _MISSING})
    name = fields.String(load_default="")
    name_en = fields.String(load_default="")
    rates = fields.List(fields.String(), load_default=list)


class ItemSchema(_Lenient):
    """A checked item."""

    code = fields.String(required=True, error_messages={"required": _MISSING})
    name = fields.String(required=True, error_messages={"required": _MISSING})
    name_en = fields.String(load_default="")


class LaunchSchema(_Lenient):
    """What the launch page asks."""

    title = fields.String(load_default="")
    parameters = fields.List(fields.Nested(ParameterSchema), load_default=list)


class UnitsSchema(_Lenient):
    """Which units take part."""

    kinds = fields.List(fields.String(), load_default=list)


class EvaluationSchema(_Lenient):
    """Points of the grades."""

    grades = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        load_default=lambda: {"excellent": 95, "good": 85, "fair": 70, "poor": 50},
    )


class PlanSchema(_Lenient):
    """The part of plan.yaml that the campaign domain reads."""

    catalogue = fields.String(load_default="")
    name = fields.String(load_default="")
    name_en = fields.String(load_default="")
    launch = fields.Nested(LaunchSchema, load_default=lambda: LaunchSchema().load({}))
    phases = fields.List(fields.Nested(PhaseSchema), load_default=list)
    units = fields.Nested(UnitsSchema, load_default=lambda: UnitsSchema().load({}))
    groups = fields.List(fields.Nested(GroupSchema), load_default=list)
    items = fields.List(fields.Nested(ItemSchema), load_default=list)
    evaluation = fields.Nested(EvaluationSchema, load_default=lambda: EvaluationSchema().load({}))

    @post_load
    def _plain_days(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        for phase in data["phases"]:
            phase["starts"], phase["ends"] = str(phase["starts"]), str(phase["ends"])
        return data


def read_plan(raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """Check a package's plan; raises InvalidInput with every wrong place."""
    try:
        plan: dict[str, Any] = PlanSchema().load(dict(raw or {}))
    except ValidationError as error:
        raise InvalidInput("plan.yaml 有误", _flatten(error.messages)) from error
    return plan


def read_parameters(plan: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check launch parameters against ``launch.parameters``; returns them with defaults filled in.

    Raises InvalidInput with one sentence a field; an undeclared parameter is refused.
    """
    declared = plan["launch"]["parameters"]
    schema = Schema.from_dict({one["name"]: _field_of(one) for one in declared}, name="LaunchParameters")
    cleaned = {key: value for key, value in given.items() if value is not None and value != ""}
    try:
        parameters: dict[str, Any] = schema(unknown=RAISE).load(cleaned)
    except ValidationError as error:
        raise InvalidInput("启动参数有误", _flatten(error.messages)) from error
    if "year" in parameters and not _FIRST_YEAR <= int(parameters["year"]) <= _LAST_YEAR:
        raise InvalidInput("启动参数有误", {"year": f"年度须在 {_FIRST_YEAR} 与 {_LAST_YEAR} 之间"})
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in parameters.items()}


def _field_of(one: Mapping[str, Any]) -> fields.Field[Any]:
    label = one["label"] or one["name"]
    messages = {
        "required": f"请填写{label}",
        "null": f"请填写{label}",
        "invalid": f"{label}填写有误",
        "too_large": f"{label}太大",
    }
    checks: list[Any] = []
    if one["min"] is not None or one["max"] is not None:
        checks.append(validate.Range(one["min"], one["max"], error=_range_sentence(label, one)))
    options: dict[str, Any] = {"required": one["required"] and one["default"] is None, "error_messages": messages}
    if not options["required"]:
        options |= {"load_default": one["default"], "allow_none": True}
    match one["type"]:
        case "integer":
            return fields.Integer(validate=checks, **options)
        case "number":
            return fields.Float(validate=checks, **options)
        case "date":
            return fields.Date(validate=checks, **options)
        case "boolean":
            return fields.Boolean(**options)
        case "choice":
            return fields.Raw(validate=validate.OneOf(one["choices"], error=f"{label}不在可选范围内"), **options)
        case _:
            return fields.String(validate=validate.Length(max=500, error=f"{label}不得超过 500 字"), **options)


def _range_sentence(label: str, one: Mapping[str, Any]) -> str:
    unit = one["unit"]
    if one["min"] is None:
        return f"{label}不得大于 {one['max']}{unit}"
    if one["max"] is None:
        return f"{label}不得小于 {one['min']}{unit}"
    return f"{label}须在 {one['min']} 与 {one['max']}{unit} 之间"


def _flatten(messages: Any, path: str = "") -> dict[str, str]:
    if isinstance(messages, Mapping):
        flat: dict[str, str] = {}
        for key, value in messages.items():
            flat |= _flatten(value, f"{path}.{key}" if path else str(key))
        return flat
    sentence = "；".join(str(one) for one in messages)
    return {path: "没有这个参数" if sentence == "Unknown field." else sentence}


def phase_dates(plan: Mapping[str, Any], year: int) -> tuple[PhaseDates, ...]:
    """Return the phases of ``year``. ``--MM-DD`` takes the year; a phase that ends before it starts ends next year.

    Phases may share a day (the boundary day belongs to both) and may overlap.
    """
    found = []
    for phase in plan["phases"]:
        starts, ends = (_day_in(phase[end], year, phase["code"]) for end in ("starts", "ends"))
        if ends < starts:
            if not _MONTH_DAY.match(phase["ends"]):
                raise InvalidInput(f"阶段“{phase['name']}”的结束日早于开始日", {phase["code"]: "结束日早于开始日"})
            ends = _day_in(phase["ends"], year + 1, phase["code"])
        found.append(PhaseDates(phase["code"], phase["name"], phase["name_en"], starts, ends))
    return tuple(found)


def _day_in(text: str, year: int, code: str) -> date:
    match = _MONTH_DAY.match(text)
    try:
        return date(year, int(match.group(1)), int(match.group(2))) if match else date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{year} 年没有 {text} 这一天", {code: f"{year} 年没有 {text} 这一天"}) from error
