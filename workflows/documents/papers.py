"""Papers of a campaign: bulletins, summaries, score sheets, certificates, whose figures are rows of its sheets."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.instances.models import Instance
from engine.wording import listed, say
from workflows.awards.models import AwardState, Grant
from workflows.campaigns.models import Campaign
from workflows.documents.models import Document
from workflows.documents.service import DOCX, File, store
from workflows.documents.writing import Table, Writing, as_excel, as_word
from workflows.organisation.tree import LOCAL
from workflows.parts.amounts import plain
from workflows.parts.subjects import names_of
from workflows.sheets.catalogue import sheet_kind
from workflows.sheets.names import CELL_WORDS, HEADINGS, SHEET_NAMES
from workflows.sheets.sheet import Cell, Column, Row
from workflows.spreadsheet import XLSX

PAPER_KINDS = {
    "bulletin": "简报",
    "circular": "通报",
    "summary": "总结",
    "ledger": "台账",
    "scores": "评分表",
    "report": "报告",
    "certificate": "证书",
}
"""Kinds of paper with their names."""
ISSUER = "活动领导小组"
MOST_ROWS = 2_000
"""Rows of one table of a paper; an Excel of the sheet has all of them."""


def write_paper(
    session: Session,
    *,
    campaign: Campaign,
    instance: Instance,
    kind: str,
    title: str,
    paragraphs: Sequence[str],
    sheets: Sequence[str],
    at: datetime,
    period: str = "",
    issuer: str = ISSUER,
    excel: bool = False,
    template: bytes | None = None,
) -> Document:
    """Write a paper from paragraphs and sheets of the campaign as they are now.

    What it says is kept beside the file, so that it can be had as PDF too; its rows name the sheet, the unit and the
    period of each figure. Raises InvalidInput for a kind of paper that there is not.
    """
    _known(kind)
    tables, traced = [], []
    for code in sheets:
        table, rows = printed_table(session, campaign, code, period, at)
        if len(table.rows) > MOST_ROWS:
            raise InvalidInput(
                say("“{title}”超过 {most} 行，请另附 Excel", title=table.title, most=MOST_ROWS),
                {"sheets": say("行数太多")},
            )
        tables.append(table)
        traced += rows
    writing = Writing(title, tuple(text for text in paragraphs if text), tuple(tables), issuer, _today(at))
    return _keep(
        session, campaign, instance, kind=kind, writing=writing, rows=traced, at=at, excel=excel, template=template
    )


def write_certificates(
    session: Session,
    *,
    campaign: Campaign,
    instance: Instance,
    award: str,
    at: datetime,
    period: str | None = None,
    issuer: str = ISSUER,
    template: bytes | None = None,
) -> list[Document]:
    """Write a certificate for each confirmed holder of an award."""
    query = select(Grant).where(
        Grant.campaign_id == campaign.id, Grant.award == award, Grant.state == AwardState.CONFIRMED
    )
    if period is not None:
        query = query.where(Grant.period == period)
    grants = session.scalars(query.order_by(Grant.rank, Grant.id)).all()
    names = names_of(session, campaign, [grant.subject for grant in grants])
    made = []
    for grant in grants:
        paragraphs = (f"{names[grant.subject]}：", f"在{campaign.title}中，被评为“{grant.name}”，特发此证。")
        writing = Writing("证书", paragraphs, (), issuer, _today(at))
        traced = [{"figure": names[grant.subject], "value": grant.name, "from": "award_grant", "id": str(grant.id)}]
        document = _keep(
            session, campaign, instance, kind="certificate", writing=writing, rows=traced, at=at, template=template
        )
        made.append(document)
    return made


def _keep(
    session: Session,
    campaign: Campaign,
    instance: Instance,
    *,
    kind: str,
    writing: Writing,
    rows: list[dict[str, Any]],
    at: datetime,
    excel: bool = False,
    template: bytes | None = None,
) -> Document:
    content = as_excel(writing) if excel else as_word(writing, template)
    title = writing.title if kind != "certificate" else f"{writing.title}（{writing.paragraphs[0].rstrip('：')}）"
    file = File(kind, title, ".xlsx" if excel else ".docx", XLSX if excel else DOCX, content)
    return store(session, campaign, instance, file=file, rows=rows, at=at, writing=writing.as_json())


def _known(kind: str) -> None:
    if kind not in PAPER_KINDS:
        raise InvalidInput(
            say("没有“{kind}”这种文件；有：{kinds}", kind=kind, kinds=listed(PAPER_KINDS)), {"kind": say("不存在")}
        )


def _today(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def printed_table(
    session: Session, campaign: Campaign, code: str, period: str, at: datetime
) -> tuple[Table, list[dict[str, Any]]]:
    """Return a sheet as it is printed, and for each row what it comes from."""
    kind = sheet_kind(code)
    rows = [row for row in kind.build(session, campaign, at) if not period or row.period == period]
    places = [number for number, column in enumerate(kind.columns) if column.kind == "subject"]
    codes = {str(row.cells[place]) for row in rows for place in places if row.cells[place]}
    names = names_of(session, campaign, codes) if codes else {}
    printed = tuple(tuple(_printed(column, cell, names) for column, cell in _pairs(kind.columns, row)) for row in rows)
    headings = tuple(HEADINGS[column.code] for column in kind.columns)
    traced = [
        {
            "figure": "、".join(cells),
            "from": code,
            "unit_id": row.unit_id,
            "period": row.period,
            "reasons": list(row.details),
        }
        for cells, row in zip(printed, rows, strict=True)
    ]
    return _without_empty_columns(Table(SHEET_NAMES[code], headings, printed)), traced


def _without_empty_columns(table: Table) -> Table:
    """Leave out what no row has: a paper is no form."""
    kept = [number for number in range(len(table.headings)) if not table.rows or any(row[number] for row in table.rows)]
    return Table(
        table.title,
        tuple(table.headings[number] for number in kept),
        tuple(tuple(row[number] for number in kept) for row in table.rows),
    )


def _pairs(columns: Sequence[Column], row: Row) -> list[tuple[Column, Cell]]:
    return list(zip(columns, row.cells, strict=True))


def _printed(column: Column, cell: Cell, names: Any) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    if isinstance(cell, Decimal):
        return f"{cell:.2f}" if column.kind == "money" else plain(cell)
    if column.kind == "subject":
        return str(names.get(cell, cell))
    return CELL_WORDS.get(str(cell), str(cell)) if column.kind == "word" else str(cell)
