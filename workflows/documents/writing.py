"""A paper made of paragraphs and tables, as Word by a template, as Excel, or as PDF when somebody asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from workflows.documents.paper import Paper, Row, Section, print_paper
from workflows.documents.template import signed_off, titled_document
from workflows.spreadsheet import MOST_STYLED, workbook


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every cell is a text as it is printed."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """What a paper says. ``issuer`` and ``day`` stand at its end."""

    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]
    issuer: str
    day: date

    def as_json(self) -> dict[str, Any]:
        """Return the paper for a column."""
        return {
            "title": self.title,
            "paragraphs": list(self.paragraphs),
            "tables": [{"title": one.title, "headings": one.headings, "rows": one.rows} for one in self.tables],
            "issuer": self.issuer,
            "day": self.day.isoformat(),
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Writing":
        """Read a paper that was kept."""
        tables = [
            Table(one["title"], tuple(one["headings"]), tuple(tuple(row) for row in one["rows"]))
            for one in kept["tables"]
        ]
        day = date.fromisoformat(kept["day"])
        return cls(kept["title"], tuple(kept["paragraphs"]), tuple(tables), kept["issuer"], day)


def chinese_day(day: date) -> str:
    """Return a day as papers write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def as_word(writing: Writing, template: bytes | None = None) -> bytes:
    """Return the paper as a Word file by the house template, or a package's own with the same names."""
    document = DocxTemplate(BytesIO(template or paper_template()))
    context = writing.as_json() | {"date": chinese_day(writing.day)}
    document.render(context, jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def as_excel(writing: Writing) -> bytes:
    """Return the tables of the paper as a workbook, a sheet each; without tables its paragraphs."""
    if not writing.tables:
        return workbook([("正文", [(writing.title, 100)], [(text,) for text in writing.paragraphs])])
    names = _sheet_names([one.title for one in writing.tables])
    return workbook(
        [
            (name, [(heading, 20) for heading in one.headings], one.rows)
            for name, one in zip(names, writing.tables, strict=True)
        ],
        plain=sum(len(one.rows) for one in writing.tables) > MOST_STYLED,
    )


def as_pdf(writing: Writing, *, font: Path, number: str, digest: str) -> bytes:
    """Return the paper as PDF; ``digest`` is that of the file it was made with, by which it is verified."""
    sections = [Section("正文", [Row("", text) for text in writing.paragraphs])] if writing.paragraphs else []
    sections += [Section(one.title, _lines(one)) for one in writing.tables]
    sections.append(Section("落款", [Row(writing.issuer, chinese_day(writing.day))]))
    paper = Paper(
        heading=writing.issuer,
        title=writing.title,
        sections=sections,
        running=f"{writing.title} {number}",
        verification=f"编号 {number}，SHA-256 {digest}",
        page_words="第 {page} 页，共 {pages} 页",
    )
    return print_paper(paper, font=font)


_PARAGRAPHS = ("{%p for text in paragraphs %}", "{{ text }}", "{%p endfor %}")


@cache
def paper_template() -> bytes:
    """Return the house template as a Word file with Jinja places."""
    document = titled_document()
    for text in (*_PARAGRAPHS, "{%p for table in tables %}", "{{ table.title }}"):
        document.add_paragraph(text)
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    for row, text in ((0, "heading in table.headings"), (2, "cell in row")):
        cells = table.rows[row].cells
        cells[0].text = "{%tc for " + text + " %}"
        cells[1].text = "{{ " + text.split()[0] + " }}"
        cells[2].text = "{%tc endfor %}"
    table.rows[1].cells[0].text = "{%tr for row in table.rows %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph("{%p endfor %}")
    return signed_off(document)


def _lines(table: Table) -> list[Row]:
    return [Row(row[0], _line(table.headings, row)) for row in table.rows]


def _line(headings: Sequence[str], row: Sequence[str]) -> str:
    cells = zip(headings[1:], row[1:], strict=True)
    return "；".join(f"{heading} {cell}" for heading, cell in cells if cell)


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return names that Excel takes: 31 characters, none of its signs, each once."""
    names: list[str] = []
    for title in titles:
        clean = "".join(one for one in title if one not in "[]:*?/\\")[:28] or "表"
        names.append(clean if clean not in names else f"{clean}{len(names) + 1}")
    return names
