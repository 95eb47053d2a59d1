"""The parts of a campaign: each sheet (scores, ranks, registers, rosters, …) as typed rows and as a workbook."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields

from web.api.campaigns import READ, part_of
from web.api.room import Room
from web.api.shared import PartSchema
from web.api.values import Day, Exact, Identifier, Instant, Schema, Text, about
from web.campaigns.sheets import sheet_workbook
from web.context import person, running_engine
from web.downloads import attachment
from workflows.sheets.catalogue import SHEETS
from workflows.sheets.names import HEADINGS, SHEET_NAMES
from workflows.sheets.sheet import Column, Row, Sheet, SheetKind, read_sheet
from workflows.spreadsheet import XLSX

sheets = Room("campaign-part", "The parts of a campaign: everybody sees the rows that the pages show to him")


class SheetFilterSchema(Schema):
    """Which rows of a part."""

    period = Text(most=20, load_default="", metadata=about("Only rows of this period, such as 2026-09 or 2026-Q3"))
    search = Text(most=100, load_default="", metadata=about("A text in the row"))


class SheetQuerySchema(SheetFilterSchema, PartSchema):
    """Which rows of a part, and which part of them."""


class SubjectSchema(Schema):
    """Whom a row is about: a unit's code, a login, or the key of a register's entry, with its name."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class RowSchema(Schema):
    """What every row has."""

    id = Identifier(allow_none=True, metadata=about("Of the row that it comes from; null where it is computed"))
    unit_id = Identifier(allow_none=True)
    details = fields.List(fields.String(), metadata=about("How it came about, line by line"))


def _field(column: Column) -> fields.Field[Any]:
    shown = about(HEADINGS[column.code])
    match column.kind:
        case "subject":
            return fields.Nested(SubjectSchema, allow_none=True, metadata=shown)
        case "number" | "money" | "change":
            return Exact(allow_none=True, metadata=shown)
        case "instant":
            return Instant(allow_none=True, metadata=shown)
        case "day":
            return Day(allow_none=True, metadata=shown)
        case "yes":
            return fields.Boolean(allow_none=True, metadata=shown)
        case _:
            return fields.String(allow_none=True, metadata=shown)


def _add(kind: SheetKind) -> None:
    words = kind.code.replace("_", " ").title().replace(" ", "")
    address = f"/campaign/<id:campaign_id>/{kind.code.replace('_', '-')}"
    row = RowSchema.from_dict({column.code: _field(column) for column in kind.columns}, name=f"{words}RowSchema")
    page = Schema.from_dict(
        {
            "rows": fields.List(fields.Nested(row), required=True),
            "count": fields.Integer(required=True, metadata=about("Of all rows that fit")),
            "periods": fields.List(fields.String(), metadata=about("Periods that there are, the latest first")),
        },
        name=f"{words}PageSchema",
    )

    def rows(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
        found = _read(kind, campaign_id, query)
        shown = [_row(found, one) for one in part_of(found.rows, query)]
        return {"rows": shown, "count": len(found.rows), "periods": found.periods()}

    def workbook(query: Mapping[str, Any], campaign_id: int) -> Response:
        filename, content = sheet_workbook(_read(kind, campaign_id, query))
        return attachment(content, filename=filename, media_type=XLSX)

    rows.__name__, rows.__doc__ = (
        f"get_{kind.code}",
        f"Get the rows of 《{SHEET_NAMES[kind.code]}》 that the caller may see.",
    )
    workbook.__name__, workbook.__doc__ = (
        f"get_{kind.code}_workbook",
        f"Download 《{SHEET_NAMES[kind.code]}》 as Excel.",
    )
    sheets.operation("GET", address, scope=READ, query=SheetQuerySchema, gives=page,
                     operationId=f"getCampaign{words}")(rows)  # fmt: skip
    sheets.operation("GET", f"{address}/workbook", scope=READ, query=SheetFilterSchema, file=XLSX,
                     operationId=f"getCampaign{words}Workbook")(workbook)  # fmt: skip


for one in SHEETS:
    _add(one)


def _read(kind: SheetKind, campaign_id: int, query: Mapping[str, Any]) -> Sheet:
    running = running_engine()
    with running.db.read() as session:
        return read_sheet(
            session, kind=kind, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now(),
            period=query["period"], search=query["search"],
        )  # fmt: skip


def _row(sheet: Sheet, row: Row) -> Mapping[str, Any]:
    shown: dict[str, Any] = {"id": row.id, "unit_id": row.unit_id, "details": row.details}
    for column, cell in zip(sheet.kind.columns, row.cells, strict=True):
        if column.kind == "subject" and cell is not None:
            shown[column.code] = {"code": cell, "name": sheet.names.get(str(cell), str(cell))}
        else:
            shown[column.code] = cell
    return shown
