"""No page of the documentation leads nowhere or names what is not there; each guide is the same in both languages."""

import re
from pathlib import Path

import click
import pytest

from web.cli import duban

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_TARGET = re.compile(r"\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_PATH = re.compile(r"`((?:engine|workflows|web|tests|scripts|docs|bpmn)/[\w./-]+)`")
_COMMAND = re.compile(r"\bduban ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
_MAKE = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)
_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
BUILT = ("web/static/dist", "engine/expressions/bundle")


def _text(page: Path) -> str:
    return _CODE.sub("", page.read_text("utf-8"))


def _code(page: Path) -> str:
    return "\n".join(_CODE.findall(page.read_text("utf-8")))


def _known(command: str, below: str) -> bool:
    found = duban.commands.get(command)
    return found is not None and (not isinstance(found, click.Group) or not below or below in found.commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_and_link_of_a_page_is_there(page: Path) -> None:
    targets = [one.partition("#")[0] for one in _TARGET.findall(_text(page)) if "://" not in one]
    missing = [one for one in targets if one and not one.startswith("mailto:") and not (page.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_command_that_a_page_names_is_there(page: Path) -> None:
    code = _code(page)
    paths = [one for one in _PATH.findall(code) if not one.startswith(BUILT)]
    assert [one for one in paths if not (ROOT / one).exists()] == []
    assert [named for named in _COMMAND.findall(code) if not _known(*named)] == []
    assert set(_MAKE.findall(code)) <= _TARGETS


@pytest.mark.parametrize("name", ["guide", "guide-campaigns", "designer"])
def test_both_languages_of_a_guide_show_the_same_pictures(name: str) -> None:
    english, chinese = (_text(ROOT / "docs" / f"{name}{ending}") for ending in (".md", ".zh-CN.md"))
    assert _PICTURE.findall(english) == _PICTURE.findall(chinese)
    assert len(_PICTURE.findall(english)) > 3
