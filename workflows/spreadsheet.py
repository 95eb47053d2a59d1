"""Excel workbooks whose cells never start a formula."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from workflows.organisation.tree import LOCAL

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEADS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not begin with."""

MOST_STYLED = 1_000
"""Rows of a workbook that get styles; with more of them a caller writes plainly."""
_CONTROL = dict.fromkeys(code for code in range(32) if code not in (9, 10, 13))
_LONGEST_CELL = 32_767
Value = str | int | float | Decimal | date | datetime | None


def safe(value: Value) -> str | float | datetime | None:
    """Return a value for a cell: a text that spreadsheets would run gets an apostrophe in front.

    Instants become local ones without zone, which is all that Excel knows.
    """
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - Excel has no zones
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        clean = value.translate(_CONTROL)
        return (f"'{clean}" if clean.lstrip().startswith(LEADS) or clean.startswith(LEADS) else clean)[:_LONGEST_CELL]
    return value


def workbook(
    sheets: Sequence[tuple[str, Sequence[tuple[str, int]], Iterable[Sequence[Value]]]], *, plain: bool = False
) -> bytes:
    """Write sheets: each a name, columns (heading, width in characters) and rows.

    ``plain`` leaves the cells of rows without styles, which is several times as fast for tens of thousands of rows.
    """
    book = Workbook(write_only=True)
    for name, columns, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for index, (_, width) in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        cells = []
        for heading, _ in columns:
            cell = _text_cell(WriteOnlyCell(sheet, value=safe(heading)))
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="E8EEF7")
            cells.append(cell)
        sheet.append(cells)
        for row in rows:
            values = [safe(value) for value in row]
            sheet.append(values if plain else [_cell(WriteOnlyCell(sheet, value=value)) for value in values])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(cell: Cell) -> Cell:
    if isinstance(cell.value, str):
        return _text_cell(cell)
    if isinstance(cell.value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    return cell


def _text_cell(cell: Cell) -> Cell:
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
