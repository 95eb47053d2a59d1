"""The sections of an organisation's document: one a table, with the columns that sheets and JSON have alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.directory.values import (
    Choice,
    Value,
    choice_reader,
    read_code,
    read_date,
    read_day_of_year,
    read_email,
    read_number,
    read_text,
    read_working_hours,
    read_yes_no,
)
from workflows.organisation.models import GroupKind, GroupRole, GroupUnitRole, PostDuty


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        In JSON.
    chinese, english
        Headings in a sheet.
    read
        Turns a cell that is not empty into a value; raises WrongValue.
    default
        The value of an empty cell, and of a new row that does not say.
    must
        A new row has to give a value.
    refers
        The section whose codes the values are.
    longest
        Characters of a text.
    choices
        The values of a column that has a few.

    """

    name: str
    chinese: str
    english: str
    read: Callable[[Any], Value]
    default: Value = ""
    must: bool = False
    refers: str = ""
    longest: int = 200
    choices: Mapping[str, Choice] | None = None

    @property
    def input(self) -> str:
        """The kind of a form's input: ``select``, ``checkbox``, ``date``, ``number``, ``email`` or ``text``."""
        return "select" if self.choices is not None else _INPUTS.get(self.read, "text")


_INPUTS: dict[Callable[[Any], Value], str] = {
    read_yes_no: "checkbox",
    read_date: "date",
    read_number: "number",
    read_email: "email",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the document; ``key`` names the columns that tell its rows apart."""

    name: str
    chinese: str
    english: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column by its name in JSON."""
        return next(one for one in self.columns if one.name == name)


def _choices(*rows: tuple[str, str, str]) -> dict[str, Choice]:
    return {code: Choice(code, chinese, english) for code, chinese, english in rows}


DUTIES = _choices((PostDuty.NONE, "无", "none"), (PostDuty.DEPUTY, "分管副职", "deputy"),
                  (PostDuty.OFFICE, "办公室主任", "office"))  # fmt: skip
KINDS = _choices((GroupKind.LEADING, "领导小组", "leading"), (GroupKind.INSPECTION, "检查组", "inspection"),
                 (GroupKind.WORKING, "工作组", "working"))  # fmt: skip
ROLES = _choices((GroupRole.HEAD, "组长", "head"), (GroupRole.DEPUTY, "副组长", "deputy"),
                 (GroupRole.MEMBER, "成员", "member"), (GroupRole.OFFICE, "工作人员", "office"))  # fmt: skip
UNIT_ROLES = _choices((GroupUnitRole.LEAD, "牵头", "lead"), (GroupUnitRole.ASSISTING, "配合", "assisting"),
                      (GroupUnitRole.INSPECTED, "受检", "inspected"))  # fmt: skip


def _named(longest: int = 200) -> tuple[Column, ...]:
    return (
        Column("name", "名称", "Name", read_text, must=True, longest=longest),
        Column("nameEn", "英文名称", "English name", read_text, longest=longest),
    )


def _code(name: str, chinese: str, english: str, refers: str = "") -> Column:
    return Column(name, chinese, english, read_code, must=True, refers=refers, longest=80)


def _yes_no(name: str, chinese: str, english: str, *, default: bool) -> Column:
    return Column(name, chinese, english, read_yes_no, default=default)


def _choice(name: str, chinese: str, english: str, choices: Mapping[str, Choice], default: str) -> Column:
    return Column(name, chinese, english, choice_reader(choices), default=default, choices=choices)


_POSITION = Column("position", "顺序", "Order", read_number, default=0)
_FROM = Column("from", "开始日期", "From", read_date, default=None)
_TO = Column("to", "结束日期", "To", read_date, default=None)
_GROUP = _code("group", "小组代码", "Group code", "groups")
_UNIT = _code("unit", "单位代码", "Unit code", "units")
_PERSON = _code("person", "账号", "Login", "people")

SECTIONS: dict[str, Section] = {
    one.name: one
    for one in (
        Section("units", "单位", "Units", ("code",), (
            _code("code", "代码", "Code"), *_named(),
            Column("kind", "类别", "Kind", read_code, must=True, longest=40),
            Column("parent", "上级单位代码", "Parent code", read_code, default=None, refers="units", longest=80),
            _POSITION, _yes_no("active", "有效", "Active", default=True),
        )),
        Section("posts", "岗位", "Posts", ("code",), (
            _code("code", "代码", "Code"), *_named(100),
            _yes_no("leads", "是正职", "Leads the unit", default=False),
            _choice("duty", "职责", "Duty", DUTIES, PostDuty.NONE), _POSITION,
        )),
        Section("people", "人员", "People", ("login",), (
            _code("login", "账号", "Login"),
            Column("name", "姓名", "Name", read_text, must=True, longest=100),
            Column("nameEn", "英文姓名", "English name", read_text, longest=100),
            Column("email", "电子邮箱", "E-mail", read_email, default=None),
            _yes_no("administrator", "管理员", "Administrator", default=False),
            _yes_no("active", "有效", "Active", default=True),
        )),
        Section("holdings", "任职", "Holdings", ("person", "unit", "post", "from"), (
            _PERSON, _UNIT, _code("post", "岗位代码", "Post code", "posts"), _FROM, _TO,
        )),
        Section("groups", "小组", "Groups", ("code",), (
            _code("code", "代码", "Code"), *_named(),
            _choice("kind", "类别", "Kind", KINDS, GroupKind.WORKING),
        )),
        Section("members", "小组成员", "Members", ("group", "person"), (
            _GROUP, _PERSON, _choice("role", "职责", "Role", ROLES, GroupRole.MEMBER), _POSITION,
        )),
        Section("groupUnits", "小组单位", "Group units", ("group", "unit", "role"), (
            _GROUP, _UNIT, _choice("role", "关系", "Role", UNIT_ROLES, GroupUnitRole.ASSISTING), _POSITION,
        )),
        Section("absences", "外出与代理", "Absences", ("person", "deputy", "process", "from"), (
            _PERSON, _code("deputy", "代理人账号", "Deputy login", "people"),
            Column("process", "流程标识", "Process id", read_code, default=None),
            Column("from", "开始日期", "From", read_date, default=None, must=True),
            Column("to", "结束日期", "To", read_date, default=None, must=True),
            Column("reason", "事由", "Reason", read_text, longest=300),
        )),
        Section("days", "日历例外", "Calendar days", ("unit", "day"), (
            _UNIT, Column("day", "日期", "Day", read_date, default=None, must=True),
            _yes_no("works", "上班", "Working day", default=False),
        )),
        Section("seasons", "作息时间", "Hours", ("unit", "from"), (
            _UNIT, Column("from", "开始月日", "From (MM-DD)", read_day_of_year, must=True),
            Column("to", "结束月日", "To (MM-DD)", read_day_of_year, must=True),
            Column("hours", "作息时间", "Hours", read_working_hours, must=True),
        )),
    )
}  # fmt: skip
"""Every section in the order in which it is written: what is referred to comes first."""
