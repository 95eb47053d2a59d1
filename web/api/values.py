"""What comes in and goes out: fields that hostile input cannot get past, and schemas with camelCase keys.

A text with NUL, a lone surrogate, a number that no column holds, or JSON nested without end is refused with a sentence
before anything of ours sees it. Sentences are Chinese " / " English, as everywhere (:func:`web.language.side`).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields

from engine.calendars import SHANGHAI

LARGEST = 2**63 - 1
"""The largest number that a column of either database holds."""

FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Instants outside of these years are no deadlines; conversion to another time zone must not leave the calendar."""

MAX_TEXT = 2000
MAX_NAME = 200
MAX_KEYS = 500
DEEPEST = 40
ID_PATTERN = "^[0-9]{1,19}$"

_ID = re.compile(r"[0-9]{1,19}")
_REQUIRED = {
    "required": "必填 / Required",
    "null": "不能为空 / Not null",
    "validator_failed": "无效的值 / Not valid",
}


class Schema(ma.Schema):
    """A schema whose keys are camelCase and whose unknown keys are refused."""

    error_messages = {  # noqa: RUF012 - marshmallow's own interface
        "unknown": "没有这个字段 / Unknown field",
        "type": "应为一个 JSON 对象 / Not a JSON object",
    }

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give the field its key."""
        if field_obj.data_key is None:
            first, *rest = field_name.split("_")
            field_obj.data_key = first + "".join(word.title() for word in rest)


def about(words: str, **more: Any) -> dict[str, Any]:
    """Return a field's metadata with its description in the document."""
    return {"description": words, **more}


class Identifier(fields.Field[int]):
    """An identifier of up to 63 bits: text in JSON, because JavaScript's numbers end at 53 bits."""

    default_error_messages = {**_REQUIRED, "invalid": "不是编号 / Not an identifier"}  # noqa: RUF012

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _ID.fullmatch(value) or int(value) > LARGEST:
            raise self.make_error("invalid")
        return int(value)


class Text(fields.String):
    """A text of at most ``most`` characters."""

    default_error_messages = {**_REQUIRED, "invalid": "应为文字 / Not a text"}  # noqa: RUF012

    def __init__(self, *, most: int = MAX_TEXT, least: int = 0, **kwargs: Any) -> None:
        sentence = f"应为 {least}–{most} 个字符 / Between {least} and {most} characters"
        super().__init__(validate=ma.validate.Length(min=least, max=most, error=sentence), **kwargs)


class Choice(fields.String):
    """One of some words."""

    default_error_messages = {**_REQUIRED, "invalid": "应为文字 / Not a text"}  # noqa: RUF012

    def __init__(self, words: Sequence[str], **kwargs: Any) -> None:
        sentence = "应为其中之一 / Must be one of: {choices}"
        super().__init__(validate=ma.validate.OneOf(tuple(words), error=sentence), **kwargs)


class Number(fields.Integer):
    """A whole number between two bounds."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": "应为整数 / Not a whole number",
        "too_large": "数字太大 / The number is too large",
    }

    def __init__(self, *, least: int = 0, most: int = LARGEST, **kwargs: Any) -> None:
        sentence = f"应在 {least} 与 {most} 之间 / Must be between {least} and {most}"
        super().__init__(strict=True, validate=ma.validate.Range(least, most, error=sentence), **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, str):
            if not re.fullmatch(r"-?[0-9]{1,19}", value):
                raise self.make_error("invalid")
            value = int(value)
        elif isinstance(value, bool):
            raise self.make_error("invalid")
        found: int = super()._validated(value)
        return found


class Flag(fields.Boolean):
    """``true`` or ``false``; nothing else stands for them."""

    truthy = {True, "true"}  # noqa: RUF012 - marshmallow's own interface
    falsy = {False, "false"}  # noqa: RUF012
    default_error_messages = {**_REQUIRED, "invalid": "应为 true 或 false / Must be true or false"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, int) and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        found: bool = super()._deserialize(value, attr, data, **kwargs)
        return found


class Instant(fields.Field[datetime]):
    """An instant in ISO 8601; without an offset it is the local time of the installation."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": "不是日期时间，例如 2026-11-21T17:00:00+08:00 / Not an instant, as 2026-11-21T17:00:00+08:00",
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not 10 <= len(value) <= 40:
            raise self.make_error("invalid")
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise self.make_error("invalid") from error
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise self.make_error("invalid")
        return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


class Day(fields.Field[date]):
    """A day in ISO 8601."""

    default_error_messages = {**_REQUIRED, "invalid": "不是日期，例如 2026-11-21 / Not a day, as 2026-11-21"}  # noqa: RUF012

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or len(value) != len("2026-11-21"):
            raise self.make_error("invalid")
        try:
            found = date.fromisoformat(value)
        except ValueError as error:
            raise self.make_error("invalid") from error
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise self.make_error("invalid")
        return found


class Exact(fields.Field[Decimal]):
    """A number that is never rounded on its way: text in JSON, without zeros behind the last digit."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        text = format(Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text


class Items(fields.List):
    """A list of at most ``most`` items."""

    default_error_messages = {**_REQUIRED, "invalid": "应为列表 / Not a list"}  # noqa: RUF012

    def __init__(self, item: fields.Field[Any], *, most: int = 100, least: int = 0, **kwargs: Any) -> None:
        sentence = f"应有 {least}–{most} 项 / Between {least} and {most} items"
        super().__init__(item, validate=ma.validate.Length(min=least, max=most, error=sentence), **kwargs)


class Variables(fields.Field[Mapping[str, Any]]):
    """Variables by name, each as ``{"value": …}``: Camunda's shape. A ``type`` is accepted and told, never believed."""

    default_error_messages = {  # noqa: RUF012
        **_REQUIRED,
        "invalid": '应为 {{"变量名": {{"value": 值}}}} / Must be {{"name": {{"value": …}}}}',
        "many": f"最多 {MAX_KEYS} 个变量 / At most {MAX_KEYS} variables",
        "name": f"变量名应为 1–{MAX_NAME} 个字符 / A name has 1 to {MAX_NAME} characters",
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        return {str(name): {"value": one, "type": type_of(one)} for name, one in value.items()}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict) or not all(
            isinstance(one, dict) and "value" in one and one.keys() <= {"value", "type", "valueInfo"}
            for one in value.values()
        ):
            raise self.make_error("invalid")
        if len(value) > MAX_KEYS:
            raise self.make_error("many")
        if not all(0 < len(name) <= MAX_NAME for name in value):
            raise self.make_error("name")
        return {name: one["value"] for name, one in value.items()}


VARIABLES_SCHEMA = {
    "type": "object",
    "maxProperties": MAX_KEYS,
    "additionalProperties": {
        "type": "object",
        "required": ["value"],
        "properties": {"value": {}, "type": {"type": "string"}, "valueInfo": {"type": "object"}},
        "additionalProperties": False,
    },
}


def type_of(value: Any) -> str:
    """Return the name that Camunda has for the type of a JSON value."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, str):
        return "String"
    if isinstance(value, int):
        return "Long"
    return "Double" if isinstance(value, float) else "Json"
