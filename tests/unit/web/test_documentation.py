"""No page of the documentation leads nowhere, and each guide shows the same in both languages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_TARGET = re.compile(r"\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def _text(page: Path) -> str:
    return _CODE.sub("", page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_and_link_of_a_page_is_there(page: Path) -> None:
    targets = [one.partition("#")[0] for one in _TARGET.findall(_text(page)) if "://" not in one]
    missing = [one for one in targets if one and not one.startswith("mailto:") and not (page.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("name", ["guide", "guide-campaigns", "designer"])
def test_both_languages_of_a_guide_show_the_same_pictures(name: str) -> None:
    english, chinese = (_text(ROOT / "docs" / f"{name}{ending}") for ending in (".md", ".zh-CN.md"))
    assert _PICTURE.findall(english) == _PICTURE.findall(chinese)
    assert len(_PICTURE.findall(english)) > 3
