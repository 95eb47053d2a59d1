"""The organisation's workbook: what is written is read again, faults have their places, hostile files a sentence."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from engine.errors import InvalidInput
from workflows.directory.document import Document, given_by, read_document
from workflows.directory.plan import plan
from workflows.directory.sections import SECTIONS
from workflows.directory.stored import Stored
from workflows.directory.workbook import MOST_BYTES, read_workbook, report_workbook, write_workbook

TODAY = date(2026, 9, 7)
CODES = st.from_regex(r"[a-z0-9一-龥][\w.-]{0,8}", fullmatch=True).map(str.strip).filter(bool)
TEXTS = st.one_of(
    st.sampled_from(["=1+1", "'=1", "''", "@x", "-1", "+86", "0012", "一'二", "a b"]),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20),
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def filled(values: dict[str, list[dict[str, Any]]]) -> Stored:
    """Return what is kept after a document went into an empty organisation."""
    rows, errors = given_by(values)
    document = read_document(rows)
    empty = Stored({name: {} for name in SECTIONS}, {name: {} for name in SECTIONS})
    found = plan(document, empty, today=TODAY)
    assert (errors, found.errors) == ([], ())
    for change in found.changes:
        assert change.after is not None
        empty.rows[change.section][change.key] = change.after
    return empty


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Draw a document of every section whose references hold."""
    units = draw(st.lists(CODES, min_size=1, max_size=5, unique=True))
    posts = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    people = draw(st.lists(CODES, min_size=2, max_size=5, unique=True))
    unit, post, person = st.sampled_from(units), st.sampled_from(posts), st.sampled_from(people)
    first, last = sorted([draw(DAYS), draw(DAYS)])
    name = TEXTS.filter(str.strip)
    above = [None, *units]
    return {
        "units": [
            {"code": code, "name": draw(name), "kind": "town", "parent": above[index]}
            for index, code in enumerate(units)
        ],
        "posts": [{"code": code, "name": "岗", "leads": draw(st.booleans()), "duty": "deputy"} for code in posts],
        "people": [{"login": code, "name": draw(name), "nameEn": draw(TEXTS), "email": "a@b.c"} for code in people],
        "holdings": [{"person": draw(person), "unit": draw(unit), "post": draw(post), "from": first, "to": last}],
        "groups": [{"code": "g", "name": draw(name), "kind": "inspection"}],
        "members": [{"group": "g", "person": draw(person), "role": draw(st.sampled_from(["head", "office"]))}],
        "groupUnits": [{"group": "g", "unit": draw(unit), "role": draw(st.sampled_from(["lead", "inspected"]))}],
        "absences": [{"person": people[0], "deputy": people[1], "from": first, "to": last, "reason": draw(TEXTS)}],
        "days": [{"unit": draw(unit), "day": draw(DAYS), "works": draw(st.booleans())}],
        "seasons": [{"unit": draw(unit), "from": "06-01", "to": "09-30", "hours": "08:00-12:00, 15:00-18:00"}],
    }


@settings(max_examples=40)
@given(organisations(), st.booleans())
def test_what_is_exported_imports_without_any_difference(
    values: dict[str, list[dict[str, Any]]], english: bool
) -> None:
    stored = filled(values)
    rows, errors = read_workbook(write_workbook(stored.rows, english=english))
    found = plan(read_document(rows), stored, today=TODAY, remove=True)
    assert (errors, found.errors, found.changes) == ([], (), ())
    assert read_document(rows).rows == stored.rows


def book(**sheets: list[list[Any]]) -> bytes:
    """Return a workbook of sheets by name."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def faults(content: bytes) -> set[tuple[str, int, str]]:
    rows, errors = read_workbook(content)
    document = read_document(rows)
    empty = Stored({name: {} for name in SECTIONS}, {name: {} for name in SECTIONS})
    document.errors += errors
    found = plan(document, empty, today=TODAY)
    assert all(" / " in one.sentence for one in found.errors)
    return {(one.section, one.row, one.column) for one in found.errors}


def test_faults_are_told_with_sheet_row_and_column() -> None:
    content = book(
        单位=[
            ["代码", "名称", "类别", "上级单位代码"],
            ["a", "甲", "town", None],
            ["b", "", "town", "a"],
            [None, None, None, None],
            ["a", "又是甲", "town", None],
            ["c d", "丙", "town", "nowhere"],
            ["e", "戊", "town", "f"],
            ["f", "己", "town", "e"],
        ],
        人员=[["账号", "姓名", "电子邮箱", "年龄"], ["x", "某", "no mail", 3]],
        任职=[["账号", "单位代码", "岗位代码", "开始日期", "结束日期"], ["x", "a", "boss", "2026-02-30", ""]],
    )
    assert faults(content) == {
        ("units", 3, "name"), ("units", 5, "code"), ("units", 6, "code"), ("units", 7, "parent"),
        ("units", 8, "parent"), ("people", 1, "年龄"), ("people", 2, "email"), ("holdings", 2, "from"),
    }  # fmt: skip


def test_numbers_dates_and_words_of_excel_are_understood() -> None:
    content = book(
        People=[["Login", "Name", "Administrator", "Active"], [1001, "Lee", "是", "TRUE"], [1002.0, "Ann", 0, "no"]],
        Units=[["Code", "Name", "Kind"], ["u", "U", "town"]],
        Posts=[["Code", "Name", "Duty"], ["p", "P", "分管副职"]],
        Holdings=[
            ["Login", "Unit code", "Post code", "From", "To"],
            ["1001", "u", "p", "2026年9月1日", date(2026, 12, 31)],
        ],
    )
    rows, errors = read_workbook(content)
    document = read_document(rows)
    assert (errors, document.errors) == ([], [])
    assert [row["active"] for row in document.rows["people"].values()] == [True, False]
    assert ("1001", "u", "p", date(2026, 9, 1)) in document.rows["holdings"]
    assert document.rows["posts"]["p",]["duty"] == "deputy"


def test_the_report_is_the_same_workbook_with_a_column_of_faults() -> None:
    content = book(单位=[["代码", "名称", "类别"], ["a", "甲", "town"], ["b c", "乙", "town"]])
    rows, errors = read_workbook(content)
    document = read_document(rows)
    sheet = load_workbook(BytesIO(report_workbook(content, [*errors, *document.errors])))["单位"]
    assert [cell.value for cell in sheet[1]] == ["错误", "代码", "名称", "类别"]
    assert sheet["A2"].value is None
    assert str(sheet["A3"].value).startswith("代码：“b c”不是代码")
    again, _ = read_workbook(report_workbook(content, [], english=True))
    assert [row.cells["code"] for row in again["units"]] == ["a", "b c"]


def _zip(**files: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


BOMB = _zip(**{"xl__workbook.xml": b"<workbook/>", "xl__worksheets__sheet1.xml": b" " * 160 * 1024 * 1024})
ENTITIES = _zip(**{"xl__workbook.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是能读的"),
        (b"name,code", "不是能读的"),
        (b"PK\x03\x04broken", "不是能读的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "旧格式"),
        (b"P" * (MOST_BYTES + 1), "超过 10 MB"),
        (BOMB, "解压后太大"),
        (ENTITIES, "不是能读的"),
        (_zip(**{"xl__workbook.xml": b"<a/>", "xl__vbaProject.bin": b"x"}), "宏"),
        (_zip(**{"xl__workbook.xml": b"<a"}), "不是能读的"),
        (_zip(**{"word__document.xml": b"<a/>"}), "不是能读的"),
        (book(随便=[["a"], ["b"]]), "没有一张认识的工作表"),
    ],
    ids=["empty", "csv", "broken", "xls", "large", "bomb", "entities", "macros", "xml", "docx", "unknown sheets"],
)
def test_a_hostile_or_wrong_file_gets_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_workbook(content)
    assert words in str(caught.value)
    assert " / " in str(caught.value)


@pytest.mark.parametrize("value", [[], {"units": {}}, {"boss": []}, {"units": [1]}, "x", None])
def test_a_document_of_another_shape_is_refused(value: object) -> None:
    rows, errors = given_by(value)
    assert errors
    assert rows == {}


def test_a_row_without_a_key_is_told_and_left_out() -> None:
    rows, _ = given_by({"units": [{"name": "x"}, {"code": "a", "name": 5, "kind": True, "boss": 1}]})
    document: Document = read_document(rows)
    assert {(one.row, one.column) for one in document.errors} == {(1, "code"), (2, "kind"), (2, "boss")}
