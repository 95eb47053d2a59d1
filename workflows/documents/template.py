"""The house template of a circular (通报), built in code so that it can be read and reviewed as text.

A package may bring its own ``templates/circular.docx`` with the same names.
"""

from functools import cache
from io import BytesIO

from docx import Document as new_document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

TITLE_FONT, BODY_FONT = "黑体", "仿宋"


def titled_document() -> DocxDocument:
    """Return a document in the house's fonts that begins with the place of its title."""
    document = new_document()
    normal = document.styles["Normal"]
    normal.font.size = Pt(14)
    normal.font.name = BODY_FONT
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY_FONT)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, "{{ title }}", TITLE_FONT, 20)
    return document


def signed_off(document: DocxDocument) -> bytes:
    """Return the file of a document, ended by the places of who issues it and when."""
    for text in ("{{ issuer }}", "{{ date }}"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


@cache
def circular_template() -> bytes:
    """Return the template as a Word file with Jinja places."""
    document = titled_document()
    document.add_paragraph("各科室：")
    document.add_paragraph(
        "{{ period }}开展了“{{ campaign }}”，参加单位 {{ unit_count }} 个，发现问题 {{ finding_count }} 条，"
        "已销号 {{ closed_count }} 条，销号率 {{ closed_rate }}。"
    )
    document.add_paragraph("{%p if summary %}")
    document.add_paragraph("{{ summary }}")
    document.add_paragraph("{%p endif %}")
    _section(
        document, "一、表彰", "commended", "达到 {{ commend_line }} 分，予以表彰的科室：", "本次没有科室达到表彰线。"
    )
    _section(
        document,
        "二、通报批评并限期整改",
        "poor",
        "低于 {{ poor_line }} 分，予以通报批评、须于 {{ rectification_due }} 前完成整改的科室：",
        "本次没有科室低于通报线。",
    )
    heading = document.add_paragraph()
    _run(heading, "三、各科室结果", TITLE_FONT, 15)
    _results(document)
    document.add_paragraph("以上结果纳入年度质量考核。")
    return signed_off(document)


def _section(document: DocxDocument, heading: str, name: str, lead: str, none: str) -> None:
    _run(document.add_paragraph(), heading, TITLE_FONT, 15)
    document.add_paragraph(f"{{%p if {name} %}}")
    document.add_paragraph(lead)
    document.add_paragraph(f"{{%p for unit in {name} %}}")
    document.add_paragraph("{{ unit.name }}（{{ unit.score }} 分，{{ unit.rating }}）：{{ unit.reason }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p else %}")
    document.add_paragraph(none)
    document.add_paragraph("{%p endif %}")


def _results(document: DocxDocument) -> None:
    headings = ("名次", "科室", "得分", "等次", "问题", "已销号")
    places = ("rank", "name", "score", "rating", "findings", "closed")
    table = document.add_table(rows=4, cols=len(headings))
    table.style = "Table Grid"
    for index, heading in enumerate(headings):
        table.rows[0].cells[index].text = heading
        table.rows[2].cells[index].text = "{{ unit." + places[index] + " }}"
    table.rows[1].cells[0].text = "{%tr for unit in units %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"


def _run(paragraph: Paragraph, text: str, font: str, size: int) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
