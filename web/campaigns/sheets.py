"""The parts of a campaign as tables: an index of them, one table with filters, and the same as a workbook."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from web.campaigns.head import head_of
from web.campaigns.paging import kept_arguments, page_number, pages_of
from web.campaigns.words import cell_words, heading, sheet_name
from web.context import person, running_engine
from web.downloads import attachment
from web.language import sided
from workflows.sheets.catalogue import sheet_kind, sheets_of
from workflows.sheets.sheet import Cell, Column, Row, Sheet, read_sheet
from workflows.spreadsheet import MOST_STYLED, XLSX, workbook

campaign_sheets = Blueprint("campaign_sheets", __name__)

PAGE = 100
"""Rows of one page; a workbook has them all."""
_WIDTHS = {"text": 24, "subject": 20, "instant": 18, "day": 12}


@campaign_sheets.get("/campaigns/<int:campaign_id>/parts")
def index(campaign_id: int) -> ResponseReturnValue:
    """Show which tables the campaign has."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        found = sheets_of(session, campaign=head["campaign"], viewer_id=person().id, at=head["now"])
        tiles = [(kind.code, sheet_name(kind.code), number) for kind, number in found]
        return render_template("campaigns/parts.html", tab="parts", tiles=tiles, **head)


@campaign_sheets.get("/campaigns/<int:campaign_id>/parts/<code>")
def table(campaign_id: int, code: str) -> ResponseReturnValue:
    """Show one table."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        whole = _sheet(session, campaign_id, code, period="")
        sheet = whole.of_period(request.args.get("period", ""))
        page = page_number()
        rows = sheet.rows[(page - 1) * PAGE : page * PAGE]
        return render_template(
            "campaigns/sheet.html",
            tab="parts",
            code=code,
            title=sheet_name(code),
            columns=[(column, heading(column.code)) for column in sheet.kind.columns],
            rows=[(row, _shown_row(sheet, row)) for row in rows],
            periods=whole.periods(),
            filters=kept_arguments("period", "q"),
            **pages_of(len(sheet.rows), page, PAGE),
            **head,
        )


@campaign_sheets.get("/campaigns/<int:campaign_id>/parts/<code>.xlsx")
def file(campaign_id: int, code: str) -> Response:
    """Download the table with the same filters; how each row came about is on a second sheet."""
    running = running_engine()
    with running.db.read() as session:
        sheet = _sheet(session, campaign_id, code, period=request.args.get("period", ""))
        filename, content = sheet_workbook(sheet)
    return attachment(content, filename=filename, media_type=XLSX)


def sheet_workbook(sheet: Sheet) -> tuple[str, bytes]:
    """Return a sheet as a workbook with its file name; how each row came about is on a second page."""
    name = sheet_name(sheet.kind.code)
    columns = [(heading(one.code), _WIDTHS.get(one.kind, 12)) for one in sheet.kind.columns]
    rows = [[sided(cell) for _column, cell in _shown_row(sheet, row)] for row in sheet.rows]
    sheets: list[Any] = [(name, columns, rows)]
    if any(row.details for row in sheet.rows):
        lines = [(number, sided(text)) for number, row in enumerate(sheet.rows, start=2) for text in row.details]
        sheets.append((_("来历"), [(_("行"), 8), (_("依据"), 80)], lines))
    return f"{sheet.campaign.title}{name}.xlsx", workbook(sheets, plain=len(rows) > MOST_STYLED)


def _sheet(session: Any, campaign_id: int, code: str, *, period: str) -> Sheet:
    return read_sheet(
        session,
        kind=sheet_kind(code),
        campaign_id=campaign_id,
        viewer_id=person().id,
        at=running_engine().clock.now(),
        period=period,
        search=request.args.get("q", ""),
    )


def _shown_row(sheet: Sheet, row: Row) -> list[tuple[Column, Any]]:
    pairs = zip(sheet.kind.columns, row.cells, strict=True)
    return [(column, _shown(sheet, column, cell)) for column, cell in pairs]


def _shown(sheet: Sheet, column: Column, cell: Cell) -> Any:
    """Return a cell for the page; instants, days and numbers are formatted by the template."""
    if column.kind == "subject" and isinstance(cell, str):
        return sheet.names.get(cell, cell)
    if column.kind == "word" and isinstance(cell, str):
        return cell_words(cell)
    if column.kind == "yes":
        return "" if cell is None else _("是") if cell else _("否")
    return cell
