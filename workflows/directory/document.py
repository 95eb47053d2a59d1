"""Reading a document: every cell becomes a value, and every fault a sentence with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.directory.sections import SECTIONS, Column, Section
from workflows.directory.values import Value, WrongValue

MOST_ROWS = 100_000
"""Rows of one section."""

Key = tuple[Value, ...]
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault: section, row (as the sheet counts, from 1 in JSON), column (empty for the row), and a sentence."""

    section: str
    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A row as it came: its number and its cells by column."""

    number: int
    cells: Mapping[str, Any]


Given = Mapping[str, Sequence[GivenRow]]


@dataclass(slots=True)
class Document:
    """What a document says: rows by section and key, their numbers, and the faults that were found."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    numbers: dict[tuple[str, Key], int] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, section: str, key: Key, column: str, sentence: str) -> None:
        """Add a fault to the row with this key."""
        self.errors.append(RowError(section, self.numbers.get((section, key), 0), column, sentence))


def given_by(document: Any) -> tuple[Given, list[RowError]]:
    """Take a JSON document apart: an object with a list of objects for each section that it is about."""
    if not isinstance(document, Mapping):
        return {}, [RowError("", 0, "", "应是一个对象 / An object is expected")]
    given: dict[str, Sequence[GivenRow]] = {}
    errors: list[RowError] = []
    for name, rows in document.items():
        if name not in SECTIONS:
            errors.append(RowError(str(name)[:40], 0, "", f"没有“{str(name)[:40]}”这一部分 / There is no such section"))
        elif not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            errors.append(RowError(name, 0, "", "应是对象的列表 / A list of objects is expected"))
        else:
            given[name] = [GivenRow(number, row) for number, row in enumerate(rows, start=1)]
    return given, errors


def read_document(given: Given) -> Document:
    """Read every row; what is wrong is in ``errors``, and the rows without a usable key are left out."""
    document = Document()
    for name, section in SECTIONS.items():
        if name not in given:
            continue
        rows = document.rows.setdefault(name, {})
        if len(given[name]) > MOST_ROWS:
            sentence = f"超过 {MOST_ROWS} 行 / More than {MOST_ROWS} rows"
            document.errors.append(RowError(name, 0, "", sentence))
            continue
        for one in given[name]:
            row = _read_row(document, section, one)
            if row is None:
                continue
            key = tuple(row[part] for part in section.key)
            if key in rows:
                first = document.numbers[name, key]
                sentence = f"与第 {first} 行重复 / The same as row {first}"
                document.errors.append(RowError(name, one.number, section.key[0], sentence))
                continue
            rows[key] = row
            document.numbers[name, key] = one.number
    return document


def _read_row(document: Document, section: Section, given: GivenRow) -> Row | None:
    """Read a row's cells; None when its key cannot be told."""
    known = {column.name: column for column in section.columns}
    row: Row = {}
    usable = True

    def refuse(column: str, sentence: str) -> None:
        document.errors.append(RowError(section.name, given.number, column, sentence))

    for name in given.cells:
        if name not in known:
            refuse(str(name)[:40], f"没有“{str(name)[:40]}”这一列 / There is no such column")
    for name, column in known.items():
        in_key = name in section.key
        if name not in given.cells and not in_key:
            continue
        try:
            row[name] = _read_cell(column, given.cells.get(name))
        except WrongValue as error:
            refuse(name, str(error))
            usable = usable and not in_key
    return row if usable else None


def _read_cell(column: Column, cell: Any) -> Value:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        if column.must:
            raise WrongValue(f"请填写{column.chinese} / {column.english} is missing")
        return column.default
    value = column.read(cell)
    if isinstance(value, str):
        if not value and column.must:
            raise WrongValue(f"请填写{column.chinese} / {column.english} is missing")
        if len(value) > column.longest:
            raise WrongValue(
                f"{column.chinese}最多 {column.longest} 个字 / {column.english}: at most {column.longest} characters"
            )
        return value or column.default
    return value
