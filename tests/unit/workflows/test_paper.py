"""Papers as PDF: whatever people typed comes out as text on A4 pages with their numbers."""

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.pictures import photo
from workflows.documents.paper import Paper, Row, Section, _Sheet, print_paper

FONT = Path(__file__).resolve().parents[3] / "web/static/dist/fonts/noto-sans-sc.ttf"
HOSTILE = (
    "<script>alert(1)</script>",
    "**粗体** __下划线__ [link](javascript:1)",
    "\x00\x1b[31m\u202eexe.pdf\u2066\u200b",
    "审批😀通过👩‍👩‍👧",
    "مرحبا بالعالم",
    "e\u0301" * 300,
    "字" * 5000,
    "word " * 2000,
    "a" * 4000,
    "{nb} {page} %s",
    "\n" * 200,
    "\ud800",
)


def paper(rows: Sequence[Row], title: str = "采购申请") -> Paper:
    return Paper(
        heading="审批单",
        title=title,
        sections=[Section("办理意见", rows)],
        running=f"{title} · 编号 1",
        verification="历史校验 0123456789abcdef",
        page_words="第 {page} 页，共 {pages} 页",
        unreadable="（签名图片无法显示）",
    )


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", content))


def pictures(content: bytes) -> int:
    return content.count(b"/Subtype /Image")


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_printed_as_text(text: str) -> None:
    content = print_paper(paper([Row(text, text, text)], title=text), font=FONT)
    assert content.startswith(b"%PDF-")
    assert pages(content) >= 1
    assert b"/JavaScript" not in content
    assert b"/URI" not in content


def test_what_the_font_cannot_draw_becomes_a_box_and_steering_characters_vanish() -> None:
    sheet = _Sheet(paper([]), FONT)
    assert sheet.clean("同意😀\u202e\x07。") == "同意□。"
    assert sheet.clean("a\tb\r\nc") == "a    b\nc"


def test_two_hundred_signers_fill_numbered_pages_with_their_signatures() -> None:
    signed = photo(120, 60, 24)
    rows = [Row(f"第 {n} 位", f"甲{n}  同意\n情况属实。" * 3, "2026-09-15 14:00", signed) for n in range(200)]
    content = print_paper(paper(rows), font=FONT)
    assert pages(content) > 15
    assert pictures(content) == 1, "the same picture is embedded once"
    assert len(content) < 600_000


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"no picture",
        photo(100)[:200],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        photo(100, 1, 1).replace(
            b"IHDR\0\0\0\1\0\0\0\1", b"IHDR\0\0\xff\xff\0\0\xff\xff"
        ),
    ],
    ids=["empty", "text", "cut off", "zeros", "65535 x 65535"],
)  # fmt: skip
def test_a_picture_that_cannot_be_shown_is_left_out(picture: bytes) -> None:
    content = print_paper(paper([Row("签名", "同意", picture=picture)]), font=FONT)
    assert pages(content) == 1
    assert pictures(content) == 0


def test_every_page_has_number_and_verification() -> None:
    content = print_paper(paper([Row("意见", "很长的意见。\n" * 400)]), font=FONT)
    streams = [zlib.decompress(one) for one in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", content, re.S)]
    drawn = [one for one in streams if b" Tf" in one]
    assert len(drawn) == pages(content) > 5
    sizes = [re.findall(rb"/F\d+ ([\d.]+) Tf", one) for one in drawn]
    assert all(b"7.50" in found for found in sizes), "the foot is set in 7.5 points"
