"""Building blocks of the plan's schemas: strict mappings, texts and codes with sentences in both languages."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

MISSING = "缺少此项 / is missing"
CODE = r"^[A-Za-z_][A-Za-z0-9_]*$"
_CODE_EXPECTED = (
    "代码只能用字母、数字和下划线，且不以数字开头 / a code has letters, digits and underscores and begins with no digit"
)
PARAMETER = re.compile(r"\{([A-Za-z_]\w*)\}")
"""A launch parameter by name in braces."""
_RULE = re.compile(r"^(initiator|(person|post|group)\s*\(.*\))")


class Strict(Schema):
    """Unknown keys are refused: a misspelt rule must not pass silently."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "unknown": "不认识的键 / unknown key",
        "type": "这里应是键值对 / expected a mapping",
    }


class Text(fields.Field[str]):
    """A text; YAML's numbers and dates are taken as they were written."""

    default_error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "required": MISSING,
        "null": MISSING,
        "invalid": "应是文字 / expected a text",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.make_error("invalid")
        return str(value)


class Texts(fields.Field[list[str]]):
    """One text or a list of texts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        values = value if isinstance(value, list) else [value]
        if any(isinstance(one, dict | list) for one in values):
            raise ValidationError("应是文字或文字的列表 / expected a text or a list of texts")
        return [one.isoformat() if isinstance(one, date) else str(one) for one in values]


class Whole(fields.Integer):
    """A whole number."""

    default_error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "required": MISSING,
        "invalid": "应是整数 / expected a whole number",
    }


class WholeOrParameter(Whole):
    """A whole number, or a launch parameter in braces that gives it at launch."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value if is_parameter(value) else super()._deserialize(value, attr, data, **kwargs)


class Number(fields.Float):
    """A number."""

    default_error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "required": MISSING,
        "invalid": "应是数字 / expected a number",
    }


class YesNo(fields.Boolean):
    """true or false."""

    default_error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "invalid": "应是 true 或 false / expected true or false",
    }


class Code(Text):
    """A code that becomes an id and a variable: letters, digits, underscores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Regexp(CODE, error=_CODE_EXPECTED), **options)


def one_of(*values: str, **options: Any) -> Text:
    """A text out of a few."""
    listed = "、".join(values)
    return Text(validate=validate.OneOf(values, error=f"应是 {listed} 之一 / expected one of {listed}"), **options)


def many(schema: type[Schema], **options: Any) -> fields.List[Any]:
    """A list of mappings."""
    if not options.get("required"):
        options.setdefault("load_default", list)
    nested = fields.Nested(schema, error_messages={"type": "这里应是键值对 / expected a mapping"})
    return fields.List(nested, error_messages={"invalid": "应是列表 / expected a list", "required": MISSING}, **options)


def unique(values: list[Mapping[str, Any]], key: str = "code") -> None:
    """Refuse a code that stands twice in a list."""
    seen: set[str] = set()
    for number, one in enumerate(values):
        if one[key] in seen:
            raise ValidationError({number: {key: [f"“{one[key]}”写了两次 / {one[key]} stands twice"]}})
        seen.add(one[key])


def is_rule(text: str) -> bool:
    """Say whether a text is an assignment rule rather than the code of a role."""
    return text.startswith("=") or "|" in text or _RULE.match(text) is not None


def is_parameter(value: Any) -> bool:
    """Say whether a value is a launch parameter in braces: ``"{name}"``."""
    return isinstance(value, str) and PARAMETER.fullmatch(value) is not None
