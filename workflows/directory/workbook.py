"""The organisation as an Excel workbook: what is exported can be imported again, and faults come back in it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from engine.errors import InvalidInput
from workflows.directory.document import MOST_ROWS, Given, GivenRow, Key, Row, RowError
from workflows.directory.sections import SECTIONS, Column, Section
from workflows.directory.values import Value
from workflows.spreadsheet import LEADS, workbook

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 150 * 1024 * 1024
MOST_PARTS = 500
MOST_COLUMNS = 40
_OLE = b"\xd0\xcf\x11\xe0"
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_GUARDED = ("'", *LEADS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was read: its section, its heading row and its rows with their numbers."""

    title: str
    section: Section | None
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def write_workbook(rows: Mapping[str, Mapping[Key, Row]], *, english: bool = False) -> bytes:
    """Write a document as a workbook: one sheet a section, with headings in one language."""
    return workbook([_written(SECTIONS[name], of.values(), english) for name, of in rows.items()], plain=True)


def read_workbook(content: bytes) -> tuple[Given, list[RowError]]:
    """Read a workbook's rows by section; sheets of other names are left alone.

    Raises InvalidInput, with one sentence, for what is no workbook, too large, hostile, or without any known sheet.
    """
    given: dict[str, Sequence[GivenRow]] = {}
    errors: list[RowError] = []
    for sheet in read_sheets(content):
        if sheet.section is None:
            continue
        columns = {name: index for index, name in enumerate(_columns(sheet, errors)) if name}
        given[sheet.section.name] = [
            GivenRow(number, {name: _shown(cells[index]) for name, index in columns.items() if index < len(cells)})
            for number, cells in sheet.rows
        ]
    if not given:
        names = "、".join(one.chinese for one in SECTIONS.values())
        raise InvalidInput(
            f"没有一张认识的工作表。工作表要叫：{names}"
            f" / No sheet is known: call them {', '.join(one.english for one in SECTIONS.values())}"
        )
    return given, errors


def report_workbook(content: bytes, errors: Iterable[RowError], *, english: bool = False) -> bytes:
    """Write the uploaded rows again with one more column that says what is wrong with each."""
    sentences: dict[tuple[str, int], list[str]] = {}
    for one in errors:
        sentences.setdefault((one.section, one.row), []).append(_sentence(one, english))
    heading = "Errors" if english else "错误"
    sheets = []
    for sheet in read_sheets(content):
        if sheet.section is None:
            continue
        name = sheet.section.name
        columns = [(heading, 50), *((text, 20) for text in sheet.headings)]
        rows = [
            ["; ".join(sentences.get((name, number), ())), *(_guard(_shown(cell)) for cell in cells)]
            for number, cells in sheet.rows
        ]
        whole = sentences.get((name, 0), [])
        sheets.append((sheet.title, columns, [*([one] for one in whole), *rows]))
    return workbook(sheets, plain=True)


def read_sheets(content: bytes) -> list[Sheet]:
    """Read every sheet within bounds. Raises InvalidInput for anything that is no plain workbook."""
    _check_archive(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return [_sheet(one) for one in book.worksheets]
    except InvalidInput:
        raise
    except (InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError,
            IndexError, OverflowError, EOFError) as error:  # fmt: skip
        raise _no_workbook() from error


def _no_workbook() -> InvalidInput:
    return InvalidInput(
        "这不是能读的 Excel 工作簿（.xlsx）。请用 Excel 或 WPS 另存为“Excel 工作簿 (*.xlsx)”。"
        " / This is no Excel workbook (.xlsx) that can be read: save it as “Excel workbook (*.xlsx)”."
    )


def _check_archive(content: bytes) -> None:
    """Refuse what is too large, packed to burst, encrypted, old, or carries macros or its own entities."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"文件超过 {MOST_BYTES // 1024 // 1024} MB / The file is larger than {MOST_BYTES // 1024 // 1024} MB"
        )
    if content.startswith(_OLE):
        raise InvalidInput(
            "这是旧格式（.xls）或加了密码的文件，请去掉密码并另存为 .xlsx"
            " / This is the old format (.xls) or has a password: save it as .xlsx without one"
        )
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise InvalidInput("文件解压后太大，没有读取 / Unpacked, the file would be too large: it was not read")
            names = {one.filename.lower() for one in parts}
            if any(name.endswith(("vbaproject.bin", ".bin.macro")) for name in names):
                raise InvalidInput(
                    "文件带有宏，请另存为不带宏的 .xlsx / The file has macros: save it as .xlsx without them"
                )
            if "xl/workbook.xml" not in names:
                raise _no_workbook()
            for one in parts:
                if one.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(one) as part:
                        if _DOCTYPE.search(part.read(4096)):
                            raise _no_workbook()
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise _no_workbook() from error


def _sheet(sheet: Any) -> Sheet:
    title, section = sheet.title, _section(sheet.title)
    first = next(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS, values_only=True), ())
    headings = tuple("" if cell is None else str(cell).strip() for cell in first)
    while headings and not headings[-1]:
        headings = headings[:-1]
    if section is None or not headings:
        return Sheet(title, section, headings, ())
    found: list[tuple[int, tuple[Any, ...]]] = []
    rows = sheet.iter_rows(min_row=2, max_col=len(headings), values_only=True)
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            raise InvalidInput(f"“{title}”超过 {MOST_ROWS} 行 / “{title}” has more than {MOST_ROWS} rows")
        if any(cell is not None and str(cell).strip() for cell in cells):
            found.append((number, cells))
    return Sheet(title, section, headings, tuple(found))


def _section(title: str) -> Section | None:
    wanted = title.strip().lower()
    for one in SECTIONS.values():
        if wanted in (one.name.lower(), one.chinese, one.english.lower()):
            return one
    return None


def _columns(sheet: Sheet, errors: list[RowError]) -> list[str]:
    """Return the column that each heading means, empty for none; unknown headings are faults of the first row."""
    assert sheet.section is not None
    names = {
        heading.lower(): column.name
        for column in sheet.section.columns
        for heading in (column.name, column.chinese, column.english)
    }
    found: list[str] = []
    for heading in sheet.headings:
        name = names.get(heading.lower(), "")
        if heading and not name and heading not in ("错误", "Errors"):
            shown = heading[:40]
            errors.append(RowError(sheet.section.name, 1, shown, f"没有“{shown}”这一列 / There is no column “{shown}”"))
        if name in found and name:
            errors.append(RowError(sheet.section.name, 1, heading, "这一列有两次 / This column is there twice"))
            name = ""
        found.append(name)
    missing = [sheet.section.column(key) for key in sheet.section.key if key not in found]
    for column in missing:
        if column.must:
            sentence = f"缺少“{column.chinese}”这一列 / The column “{column.english}” is missing"
            errors.append(RowError(sheet.section.name, 1, column.name, sentence))
    return found


def _written(
    section: Section, rows: Iterable[Row], english: bool
) -> tuple[str, list[tuple[str, int]], list[list[Any]]]:
    columns = [(one.english if english else one.chinese, 22) for one in section.columns]
    cells = [[_cell(column, row[column.name], english) for column in section.columns] for row in rows]
    return section.english if english else section.chinese, columns, cells


def _cell(column: Column, value: Value, english: bool) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return ("yes" if value else "no") if english else ("是" if value else "否")
    if isinstance(value, date):
        return value.isoformat()
    if column.choices is not None:
        choice = column.choices[str(value)]
        return choice.english if english else choice.chinese
    return _guard(value)


def _guard(value: Any) -> Any:
    """Put one more apostrophe before a text that has one: the writer gives one to what would start a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith("'") else value


def _shown(cell: Any) -> Any:
    """Take the apostrophe away that keeps a text from being a formula."""
    if isinstance(cell, str) and cell.startswith("'") and cell[1:].lstrip().startswith(_GUARDED):
        return cell[1:]
    return cell


def _sentence(error: RowError, english: bool) -> str:
    chinese, _, other = error.sentence.partition(" / ")
    column = ""
    if error.section in SECTIONS:
        known = {one.name: one for one in SECTIONS[error.section].columns}
        if error.column in known:
            column = known[error.column].english if english else known[error.column].chinese
    sentence = other if english and other else chinese
    return f"{column}: {sentence}" if column and english else f"{column}：{sentence}" if column else sentence
