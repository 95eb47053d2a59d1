"""Launch parameters (启动参数): what is asked when a campaign is launched, and what the source left open."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from engine.errors import InvalidInput
from engine.wording import both, listed, named, say
from workflows.plans.measures import unit_of_measure
from workflows.plans.shapes import Code, Strict, Text, YesNo, many, one_of

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class Choices(fields.Field[dict[Any, str]]):
    """``{mean: 平均 / Mean, best: 最好 / Best}``, or a list of values; what each is called, by its value."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[Any, str]:
        if isinstance(value, Mapping):
            return {key: str(text) for key, text in value.items()}
        if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            return {one: str(one) for one in value}
        raise ValidationError("应写成 {值: 名称} 或值的列表 / expected {value: label} or a list of values")


class ParameterSchema(Strict):
    """One entry of ``launch.parameters``.

    ``open`` says what the source leaves open: the default is then the package's own choice, told at launch.
    """

    name = Code(required=True)
    label = Text(load_default="")
    label_en = Text(load_default="")
    description = Text(load_default="")
    type = one_of("integer", "number", "text", "date", "boolean", "choice", load_default="text")
    unit = Text(load_default="")
    required = YesNo(load_default=False)
    default = fields.Raw(load_default=None, allow_none=True)
    min = fields.Raw(load_default=None, allow_none=True)
    max = fields.Raw(load_default=None, allow_none=True)
    choices = Choices(load_default=dict)
    open = Text(load_default="")

    @validates_schema
    def _sensible(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["type"] == "choice" and not data["choices"]:
            raise ValidationError("choice 参数须给出 choices / a choice needs choices", "choices")
        if data["open"] and data["default"] is None and not data["required"]:
            raise ValidationError(
                "原文未定的参数须有默认值，或设为必填 / what the source leaves open needs a default, or is required",
                "default",
            )


class LaunchSchema(Strict):
    """What the launch page asks."""

    title = Text(load_default="")
    parameters = many(ParameterSchema)


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
        raise InvalidInput(say("启动参数有误"), _sentences(error.messages)) from error
    if "year" in parameters and not _FIRST_YEAR <= int(parameters["year"]) <= _LAST_YEAR:
        raise InvalidInput(
            say("启动参数有误"),
            {"year": say("年度须在 {least} 与 {most} 之间", least=_FIRST_YEAR, most=_LAST_YEAR)},
        )
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in parameters.items()}


def hint_of(parameter: Mapping[str, Any]) -> str:
    """Return what the plan says of a parameter: its description, and what the source leaves open."""
    return listed((both(text) for text in (parameter["description"], parameter["open"]) if text), "；")


def _sentences(messages: Any) -> dict[str, str]:
    told: dict[str, str] = {}
    for key, value in dict(messages).items():
        told[str(key)] = say("没有这个参数") if value == ["Unknown field."] else listed(map(str, value), "；")
    return told


def _field_of(one: Mapping[str, Any]) -> fields.Field[Any]:
    label = named(one["label"] or one["name"], one["label_en"])
    messages = {
        "required": say("请填写{label}", label=label),
        "null": say("请填写{label}", label=label),
        "invalid": say("{label}填写有误", label=label),
        "too_large": say("{label}太大", label=label),
    }
    checks: list[Any] = []
    if one["min"] is not None or one["max"] is not None:
        checks.append(validate.Range(one["min"], one["max"], error=_range_sentence(label, one)))
    options: dict[str, Any] = {"required": one["required"] and one["default"] is None, "error_messages": messages}
    if not options["required"]:
        default = one["default"]
        options |= {
            "load_default": date.fromisoformat(str(default)) if one["type"] == "date" and default else default,
            "allow_none": True,
        }
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
            return fields.Raw(
                validate=validate.OneOf(list(one["choices"]), error=say("{label}不在可选范围内", label=label)),
                **options,
            )
        case _:
            return fields.String(
                validate=validate.Length(max=500, error=say("{label}不得超过 500 字", label=label)), **options
            )


def _range_sentence(label: str, one: Mapping[str, Any]) -> str:
    unit = unit_of_measure(one["unit"])
    if one["min"] is None:
        return say("{label}不得大于 {max}{unit}", label=label, max=one["max"], unit=unit)
    if one["max"] is None:
        return say("{label}不得小于 {min}{unit}", label=label, min=one["min"], unit=unit)
    return say("{label}须在 {min} 与 {max}{unit} 之间", label=label, min=one["min"], max=one["max"], unit=unit)
