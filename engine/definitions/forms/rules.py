"""What one value must look like: its shape (marshmallow) and the designer's rules."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError, fields, validate

from engine.definitions.forms.schema import MULTIPLE, FormField
from engine.wording import say

LONGEST_TEXT = 10_000
MOST_CHOICES = 500
MOST_ROWS = 1_000
MOST_FILES = 50
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}")
_PHONE = re.compile(r"\+?[0-9 ()-]{5,24}")

EMPTY: Mapping[str, Any] = {
    "textfield": "", "textarea": "", "checkbox": False, "checklist": [], "taglist": [], "filepicker": [],
}  # fmt: skip


class _Number(fields.Field[Any]):
    """A finite number of reasonable size; also as text, where the form serializes numbers so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal | None:
        if value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > 40:
            raise ValidationError(say("请输入数字"))
        try:
            number = Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(say("请输入数字")) from error
        if not number.is_finite() or abs(number.adjusted()) > 18:
            raise ValidationError(say("请输入数字") if not number.is_finite() else say("数字过大或过小"))
        return number


class _Moment(fields.Field[Any]):
    """A date, a time, or both, as ISO text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        kind = str(self.metadata.get("subtype", "date"))
        readers: dict[str, Any] = {"date": date, "time": time, "datetime": datetime}
        if value == "":
            return None
        try:
            readers[kind].fromisoformat(value[:40])
        except (ValueError, TypeError, KeyError) as error:
            raise ValidationError(say("时间格式不正确") if kind == "time" else say("日期格式不正确")) from error
        return str(value)


_MESSAGES: dict[str, Any] = {"invalid": say("格式不正确"), "null": say("不能为空"), "required": say("此项必填")}


def _text() -> fields.Field[Any]:
    length = validate.Length(max=LONGEST_TEXT, error=say("最多 {most} 个字", most=LONGEST_TEXT))
    return fields.String(allow_none=True, validate=length, error_messages=_MESSAGES)


def _scalar(value: Any) -> None:
    if not isinstance(value, (str, int, float, bool, type(None))) or len(str(value)) > LONGEST_TEXT:
        raise ValidationError(say("选项无效"))


def shape_of(field: FormField) -> fields.Field[Any]:
    """Return the marshmallow field that a component's value must fit."""
    kind = field.type
    if kind == "number":
        return _Number(allow_none=True)
    if kind == "datetime":
        return _Moment(allow_none=True, metadata={"subtype": field.component.get("subtype", "date")})
    if kind == "checkbox":
        return fields.Boolean(truthy={True}, falsy={False}, allow_none=True, error_messages=_MESSAGES)
    if kind in MULTIPLE:
        most = validate.Length(max=MOST_CHOICES, error=say("最多选择 {most} 项", most=MOST_CHOICES))
        return fields.List(fields.Raw(validate=_scalar), allow_none=True, validate=most, error_messages=_MESSAGES)
    if kind == "filepicker":
        count = MOST_FILES if field.multiple else 1
        most = validate.Length(max=count, error=say("最多 {most} 个附件", most=count))
        short = validate.Length(min=1, max=100, error=say("附件无效"))
        names = fields.String(validate=short, error_messages={"invalid": say("附件无效"), "null": say("附件无效")})
        return fields.List(names, allow_none=True, validate=most, error_messages=_MESSAGES)
    if kind in ("select", "radio"):
        return fields.Raw(allow_none=True, validate=_scalar)
    return _text()


def shaped(field: FormField, value: Any) -> Any:
    """Return the value in its shape. Raises ValidationError with one sentence."""
    try:
        value = shape_of(field).deserialize(value)
    except ValidationError as error:
        raise ValidationError(_first(error.messages)) from error
    if value is None:
        value = EMPTY.get(field.type)
    if field.type == "textfield" and isinstance(value, str):
        value = re.sub(r"[\r\n\t]", " ", value)
    return value


def _first(messages: Any) -> str:
    while not isinstance(messages, str):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return str(messages)


def is_empty(field: FormField, value: Any) -> bool:
    """Say whether a required field would miss its value."""
    return value in (None, "", []) or (field.type == "checkbox" and value is False)


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def problem(field: FormField, value: Any, rules: Mapping[str, Any], today: date) -> str | None:
    """Return what is wrong with a value, or None. ``rules`` are the field's, with FEEL already evaluated."""
    if is_empty(field, value):
        return say("此项必填") if rules.get("required") else None
    if isinstance(value, Decimal):
        return _number_problem(field, value, rules)
    if isinstance(value, str) and field.type in ("textfield", "textarea"):
        return _text_problem(value, rules)
    if field.type == "datetime" and field.component.get("disallowPassedDates") and value[:10] < today.isoformat():
        return say("不能早于今天")
    return None


def _number_problem(field: FormField, value: Decimal, rules: Mapping[str, Any]) -> str | None:
    low, high = _decimal(rules.get("min")), _decimal(rules.get("max"))
    if low is not None and value < low:
        return say("不能小于 {low}", low=low)
    if high is not None and value > high:
        return say("不能大于 {high}", high=high)
    digits, step = field.component.get("decimalDigits"), _decimal(field.component.get("increment"))
    exponent = value.normalize().as_tuple().exponent
    if isinstance(digits, int) and isinstance(exponent, int) and -exponent > digits:
        return say("最多 {digits} 位小数", digits=digits)
    if step and value % step:
        return say("必须是 {step} 的倍数", step=step)
    return None


def _text_problem(value: str, rules: Mapping[str, Any]) -> str | None:
    shortest, longest, length = rules.get("minLength"), rules.get("maxLength"), len(value.strip())
    if isinstance(shortest, (int, float)) and length < shortest:
        return say("至少 {least} 个字", least=shortest)
    if isinstance(longest, (int, float)) and length > longest:
        return say("最多 {most} 个字", most=longest)
    kind = rules.get("validationType")
    if kind == "email" and not _EMAIL.fullmatch(value):
        return say("请输入正确的邮箱")
    if kind == "phone" and not _PHONE.fullmatch(value):
        return say("请输入正确的电话")
    return None


def plain(field: FormField, value: Any) -> Any:
    """Return a value as JSON keeps it."""
    if not isinstance(value, Decimal):
        return value
    if field.component.get("serializeToString"):
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)
