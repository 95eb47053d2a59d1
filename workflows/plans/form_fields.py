"""Fields of forms as plans write them, and the form-js component that each becomes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from engine.wording import ENGLISH, in_language
from workflows.plans.measures import unit_of_measure
from workflows.plans.shapes import Code, Number, Strict, Text, Whole, YesNo, many, one_of

TYPES = (
    "text", "long", "number", "integer", "money", "percent", "date", "choice", "many", "yes", "file", "files", "rows",
)  # fmt: skip
_ACCEPTED = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"
_NUMBERS = {"number": 2, "integer": 0, "money": 2, "percent": 2}
_LONGEST = {"text": 200, "long": 5000}
MOST_SUMMARY = 6
_BOTH = re.compile(
    r"(?P<label>[^/]*[\u4e00-\u9fff][^/]*) / (?P<label_en>[^/\u4e00-\u9fff]*[A-Za-z]{2}[^/\u4e00-\u9fff]*)"
)


def labels(text: str) -> dict[str, str]:
    """Return the label, and the English one or "", of a text that may be ``中文 / English``; ``否 / No`` is one too."""
    halves = _BOTH.fullmatch(text)
    return halves.groupdict() if halves else {"label": text, "label_en": ""}


class Options(fields.Field[list[dict[str, str]]]):
    """``{met: 落实 / Met, problem: 有问题 / Problem}`` or a list of values."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[dict[str, str]]:
        if isinstance(value, Mapping):
            return [{"value": str(key), **labels(str(text))} for key, text in value.items()]
        if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            return [{"value": str(one), "label": str(one), "label_en": ""} for one in value]
        raise ValidationError("应写成 {值: 名称} 或值的列表 / expected {value: label} or a list of values")


class FieldSchema(Strict):
    """One field of a form."""

    key = Code(required=True)
    label = Text(required=True)
    label_en = Text(load_default="")
    type = one_of(*TYPES, load_default="text")
    required = YesNo(load_default=True)
    options = Options(load_default=list)
    min = Number(load_default=None, allow_none=True)
    max = Number(load_default=None, allow_none=True)
    unit = Text(load_default="")
    longest = Whole(load_default=None, allow_none=True)
    summary = YesNo(load_default=False)
    read = YesNo(load_default=False)
    accept = Text(load_default=_ACCEPTED)
    hint = Text(load_default="")
    hide = Text(load_default="")
    columns = fields.List(fields.Nested("FieldSchema"), load_default=list)

    @validates_schema
    def _fits_its_type(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["type"] in ("choice", "many") and not data["options"]:
            raise ValidationError("choice 与 many 须给出 options / choice and many need options", "options")
        if data["type"] == "rows" and not data["columns"]:
            raise ValidationError("rows 须给出 columns / rows need columns", "columns")
        if any(column["type"] in ("rows", "file", "files") for column in data["columns"]):
            raise ValidationError("行里不能再有行或附件 / rows hold neither rows nor files", "columns")


class FormSchema(Strict):
    """A form that several steps share."""

    code = Code(required=True)
    name = Text(load_default="")
    content = many(FieldSchema, data_key="fields")


class FormOf(fields.Field[Any]):
    """The code of a form, or its fields."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return value
        return many(FieldSchema).deserialize(value)


def scalar_keys(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys of fields that may become process variables: small ones only."""
    small = ("text", "number", "integer", "money", "percent", "date", "choice", "yes")
    return [one["key"] for one in found if one["type"] in small and not one["read"]]


def component(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form-js component of a field."""
    kind = one["type"]
    made: dict[str, Any] = {"type": _component_type(kind), "id": f"field_{one['key']}", "key": one["key"]}
    made["label"] = one["label"] + (f"（{one['unit']}）" if one["unit"] else "")
    properties = {"label:en": _english_label(one)} if one["label_en"] else {}
    if one["summary"]:
        properties["summary"] = "true"
    if properties:
        made["properties"] = properties
    if one["hint"]:
        made["description"] = one["hint"]
    if one["read"]:
        made["readonly"] = True
    if one["hide"]:
        made["conditional"] = {"hide": f"={one['hide']}"}
    made |= _particulars(one)
    rules = _rules(one)
    if rules:
        made["validate"] = rules
    return made


def _english_label(one: Mapping[str, Any]) -> str:
    unit = in_language(unit_of_measure(one["unit"]), ENGLISH)
    return f"{one['label_en']} ({unit})" if unit else str(one["label_en"])


def _component_type(kind: str) -> str:
    if kind in _NUMBERS:
        return "number"
    return {
        "text": "textfield", "long": "textarea", "date": "datetime", "choice": "radio", "many": "checklist",
        "yes": "checkbox", "file": "filepicker", "files": "filepicker", "rows": "dynamiclist",
    }[kind]  # fmt: skip


def _particulars(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = one["type"]
    if kind in _NUMBERS:
        return {"decimalDigits": _NUMBERS[kind]}
    match kind:
        case "date":
            return {"subtype": "date", "dateLabel": one["label"]}
        case "choice" | "many":
            return {"values": [_choice(item) for item in one["options"]]}
        case "file" | "files":
            return {"multiple": kind == "files", "accept": one["accept"]}
        case "rows":
            return {
                "path": one["key"],
                "isRepeating": True,
                "allowAddRemove": True,
                "defaultRepetitions": 1 if one["required"] else 0,
                "components": [component(column) for column in one["columns"]],
            }
    return {}


def _choice(item: Mapping[str, str]) -> dict[str, str]:
    english = {"label:en": item["label_en"]} if item["label_en"] else {}
    return {"label": item["label"], **english, "value": item["value"]}


def _rules(one: Mapping[str, Any]) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    if one["required"] and one["type"] not in ("rows", "yes"):
        rules["required"] = True
    for key in ("min", "max"):
        if one[key] is not None:
            rules[key] = int(one[key]) if float(one[key]).is_integer() else one[key]
    longest = one["longest"] or _LONGEST.get(one["type"])
    if longest:
        rules["maxLength"] = longest
    return rules


def form_json(form_id: str, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a form-js form of these fields; the first small ones are its key facts where none is marked."""
    fields_ = [dict(one) for one in found]
    if not any(one["summary"] for one in fields_):
        for one in [one for one in fields_ if one["key"] in scalar_keys(fields_)][:MOST_SUMMARY]:
            one["summary"] = True
    return {
        "schemaVersion": 19,
        "type": "default",
        "id": form_id,
        "components": [component(one) for one in fields_],
    }
