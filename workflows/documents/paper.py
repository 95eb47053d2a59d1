"""A document on A4 as PDF: headed sections of rows, page numbers and a line that says how to verify it.

Text of any kind is printed as text: what the font cannot draw becomes a box, characters that only steer the direction
or the device are left out, and nothing is read as markup.
"""

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from PIL import Image, UnidentifiedImageError

MARGIN: Final = 18.0  # millimetres, as all lengths here
LABEL_WIDTH: Final = 38.0
LINE: Final = 5.4
PICTURE_HEIGHT: Final = 12.0
MOST_PIXELS: Final = 4_000_000
BOX: Final = "□"
GREY: Final = 105
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a label, its text, a grey note under it, and a picture (PNG) such as a signature."""

    label: str
    text: str
    note: str = ""
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading."""

    heading: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document.

    ``running`` stands on top of every page but the first; ``verification`` at the foot of each; ``page_words`` says
    the page with ``{page}`` and ``{pages}``; ``unreadable`` stands in for a picture that cannot be read.
    """

    heading: str
    title: str
    sections: Sequence[Section]
    running: str
    verification: str
    page_words: str
    unreadable: str = ""
    subject: str = field(default="")


def print_paper(paper: Paper, *, font: Path) -> bytes:
    """Return the document as PDF with the used glyphs of a TrueType font embedded."""
    sheet = _Sheet(paper, font)
    sheet.first_page()
    for section in paper.sections:
        sheet.section(section)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(sheet.output())


class _Sheet(FPDF):
    """The pages while they are written."""

    def __init__(self, paper: Paper, font: Path) -> None:
        super().__init__(format="A4")
        self.paper = paper
        self.drawable = _drawable(font)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 8)
        self.add_font("paper", "", font)
        self.set_font("paper", size=10)
        self.set_title(self.clean(paper.title))
        self.set_lang("zh-CN")

    def clean(self, text: str) -> str:
        """Return text as it can be printed."""
        kept = []
        for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", "    ")):
            if character == "\n" or ord(character) in self.drawable:
                kept.append(character)
            elif unicodedata.category(character) not in _STEERING and not unicodedata.combining(character):
                kept.append(BOX)
        return "".join(kept)

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self.set_font("paper", size=8)
        self.set_text_color(GREY)
        self.cell(0, 5, self.clean(_short(self.paper.running)), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.rule()
        self.set_text_color(0)
        self.set_font("paper", size=10)

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font("paper", size=7.5)
        self.set_text_color(GREY)
        self.cell(0, 4, self.clean(self.paper.verification), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        words = self.paper.page_words.format(page=self.page_no(), pages="{nb}")
        self.cell(0, 4, words, align="R")
        self.set_text_color(0)

    def first_page(self) -> None:
        """Begin with heading and title."""
        self.add_page()
        self.words(0, 16, self.paper.heading, align="C")
        self.ln(1)
        self.words(0, 12, self.paper.title, align="C")
        self.ln(3)

    def section(self, section: Section) -> None:
        """Write a section; a heading never stands alone at the foot of a page."""
        if not section.rows:
            return
        if self.will_page_break(4 * LINE):
            self.add_page()
        self.ln(3)
        self.words(0, 11, section.heading)
        self.rule()
        for row in section.rows:
            self.row(row)

    def row(self, row: Row) -> None:
        """Write a row; long texts go on over the next pages."""
        if self.will_page_break(2 * LINE):
            self.add_page()
        self.ln(1.2)
        page, top = self.page, self.get_y()
        self.set_text_color(GREY)
        self.words(LABEL_WIDTH - 3, 9, row.label)
        self.set_text_color(0)
        below = (self.page, self.get_y())
        self.page = page
        self.set_xy(MARGIN + LABEL_WIDTH, top)
        width = self.epw - LABEL_WIDTH
        if row.text:
            self.words(width, 10, row.text, left=MARGIN + LABEL_WIDTH)
        if row.picture is not None:
            self.picture(row.picture)
        if row.note:
            self.set_text_color(GREY)
            self.words(width, 8.5, row.note, left=MARGIN + LABEL_WIDTH)
            self.set_text_color(0)
        if (self.page, self.get_y()) < below:
            self.page = below[0]
            self.set_y(below[1])
        self.set_x(MARGIN)
        self.ln(1.2)
        self.rule(light=True)

    def words(self, width: float, size: float, text: str, *, align: str = "L", left: float | None = None) -> None:
        """Write text from here on, or from ``left``; Chinese breaks anywhere, other scripts between words."""
        self.set_font("paper", size=size)
        cleaned = self.clean(text)
        wrap = WrapMode.CHAR if any(ord(one) > 0x2E80 for one in cleaned) else WrapMode.WORD
        if left is not None:
            self.set_x(left)
        self.multi_cell(
            width, max(LINE, size * 0.5), cleaned, align=align, wrapmode=wrap, new_x=XPos.LEFT, new_y=YPos.NEXT
        )

    def picture(self, content: bytes) -> None:
        """Place a picture, or say that it cannot be read."""
        if not _is_small_picture(content):
            self.words(self.epw - LABEL_WIDTH, 9, self.paper.unreadable, left=MARGIN + LABEL_WIDTH)
            return
        if self.will_page_break(PICTURE_HEIGHT):
            self.add_page()
        self.image(BytesIO(content), x=MARGIN + LABEL_WIDTH, h=PICTURE_HEIGHT, w=60, keep_aspect_ratio=True)

    def rule(self, *, light: bool = False) -> None:
        """Draw a line across the page."""
        self.set_draw_color(215 if light else 90)
        self.set_line_width(0.15 if light else 0.3)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _is_small_picture(content: bytes) -> bool:
    try:
        with Image.open(BytesIO(content)) as picture:
            width, height = picture.size
            if not 0 < width * height <= MOST_PIXELS:
                return False
            picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


@cache
def _drawable(font: Path) -> frozenset[int]:
    """Return the characters that a font draws."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
