"""Values of a document's cells: from JSON or Excel to what the tables keep, and back to text."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import InvalidInput
from workflows.organisation.calendars import hours_text, read_hours, read_month_day

Value = str | int | bool | date | None

_CODE = re.compile(r"[\w.@-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?")
_YES = frozenset({"是", "true", "yes", "y", "1", "✓", "√"})
_NO = frozenset({"否", "false", "no", "n", "0"})
_EXCEL_EPOCH = date(1899, 12, 30)
MOST = 1_000_000_000


class WrongValue(ValueError):
    """A cell that means nothing; its text is a sentence, Chinese " / " English."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a column that has a few: the code, and what a sheet says in Chinese and in English."""

    code: str
    chinese: str
    english: str


def read_code(value: Any) -> str:
    """Read a code: letters of any script, digits and ``. @ - _``."""
    text = read_text(value)
    if text and not _CODE.fullmatch(text):
        raise WrongValue(
            f"“{text[:40]}”不是代码：只用字母、数字和 . @ - _ / “{text[:40]}” is no code: letters, digits and . @ - _"
        )
    return text


def read_text(value: Any) -> str:
    """Read a text: surrounding blanks do not count, control characters are refused, numbers become their digits."""
    if isinstance(value, bool | list | dict):
        raise WrongValue("应是文字 / Text is expected")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if not (value.hour or value.minute) else value.isoformat(" ")
    text = unicodedata.normalize("NFC", str(value)).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise WrongValue("有看不见的控制字符 / There are control characters in it")
    return text


def read_email(value: Any) -> str:
    """Read an e-mail address."""
    text = read_text(value)
    if text and not _EMAIL.fullmatch(text):
        raise WrongValue(f"“{text[:60]}”不是电子邮箱 / “{text[:60]}” is no e-mail address")
    return text


def read_yes_no(value: Any) -> bool:
    """Read 是 and 否, yes and no, true and false, 1 and 0."""
    if isinstance(value, bool):
        return value
    text = read_text(value).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise WrongValue(f"“{text[:20]}”应写是或否 / “{text[:20]}”: write yes or no")


def read_number(value: Any) -> int:
    """Read a whole number that is not negative."""
    text = read_text(value)
    if not text.isdecimal() or len(text) > len(str(MOST)) or int(text) > MOST:
        raise WrongValue(f"“{text[:20]}”不是非负整数 / “{text[:20]}” is no whole number")
    return int(text)


def read_date(value: Any) -> date:
    """Read a date: a cell of Excel, its number of days, or 2026-09-01, 2026/9/1, 2026年9月1日."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 200_000:
        return _EXCEL_EPOCH + timedelta(days=int(value))
    text = read_text(value)
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise WrongValue(
            f"“{text[:20]}”不是日期，请写成 2026-09-01 / “{text[:20]}” is no date: write 2026-09-01"
        ) from error


def read_day_of_year(value: Any) -> str:
    """Read a day of every year, ``06-01``."""
    try:
        month, day = read_month_day(read_text(value))
    except InvalidInput as error:
        raise WrongValue(str(error)) from error
    return f"{month:02}-{day:02}"


def read_working_hours(value: Any) -> str:
    """Read ``08:30-12:00, 13:30-17:30`` and write it the same way."""
    try:
        return hours_text(read_hours(read_text(value)))
    except InvalidInput as error:
        raise WrongValue(str(error)) from error


def choice_reader(choices: Mapping[str, Choice]) -> Callable[[Any], str]:
    """Return the reader of a column with a few values, by code or by name in either language."""
    known = {
        name.lower(): code for code, one in choices.items() for name in (one.code, one.chinese, one.english) if name
    }

    def read(value: Any) -> str:
        text = read_text(value)
        if text.lower() not in known:
            chinese = "、".join(one.chinese for one in choices.values())
            english = ", ".join(one.english for one in choices.values())
            raise WrongValue(f"“{text[:20]}”应是：{chinese} / “{text[:20]}”: use one of {english}")
        return known[text.lower()]

    return read
