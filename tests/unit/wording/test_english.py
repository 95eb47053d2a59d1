"""Everything that the engine and the workflows say to people is said in English too."""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("engine", "workflows")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WIDE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
BOTH = re.compile(r" ?/ .*[A-Za-z]{3,}", re.DOTALL)
"""中文 / English in one text."""
ENGLISH = re.compile(r"[A-Z{]|.*[a-z] [a-zA-Z]", re.DOTALL)
PLACE = re.compile(r"\{(\w+)\}")
MARKS = ("say", "both")

CHINESE_IS_DATA = {
    "engine/calendars/due.py": "units as designers write them",
    "engine/definitions/lint": "words for the Chinese half of a text of both languages",
    "engine/interpreter/migration/mapping.py": "words for the Chinese half of a text of both languages",
    "engine/testing/playground.py": "the beginning of a finding, by which it is known",
    "workflows/cascade/section.py": "names in compiled diagrams",
    "workflows/counters/ladder.py": "a unit that plans may name otherwise",
    "workflows/demonstration": "invented people and what they write",
    "workflows/designer/drafts.py": "remarks that are kept with a draft's states",
    "workflows/designer/reviewing.py": "titles of reviews, and what is written into the review's form",
    "workflows/designer/sandbox/cast.py": "names of the sandbox's people",
    "workflows/directory": "headings and cells of the workbook, each with its English",
    "workflows/documents/papers.py": "papers in Chinese",
    "workflows/documents/service.py": "papers in Chinese",
    "workflows/documents/template.py": "papers in Chinese",
    "workflows/documents/writing.py": "papers in Chinese",
    "workflows/findings/bulk.py": "headings of the workbook that people fill in",
    "workflows/findings/ledger.py": "headings and cells of the ledger's workbook",
    "workflows/findings/starting.py": "titles of instances",
    "workflows/operations/instances.py": "the command line, whose tables have one language",
    "workflows/organisation/kinds.py": "names of kinds of unit, which pages translate",
    "workflows/organisation/service.py": "names of seats, each with its English",
    "workflows/plans/compiler": "names in compiled diagrams, and the compiler's report on the command line",
    "workflows/plans/deadlines.py": "names in compiled diagrams",
    "workflows/plans/rounds.py": "names of rounds",
    "workflows/reporting/section.py": "names in compiled diagrams",
    "workflows/scenarios/going_on.py": "words that invented people write",
    "workflows/scenarios/people.py": "names of invented people",
    "workflows/scenarios/plausible.py": "words that invented people write",
    "workflows/scenarios/report.py": "the command line's table",
    "workflows/sheets/names.py": "names that the pages translate",
    "workflows/targets/assess.py": "units as people write them",
}
"""Where a Chinese text is no sentence of the system, and what it is instead."""


def english(room: str) -> dict[str, str]:
    """Return a room's catalogue: Chinese to English."""
    with (ROOT / room / "english.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def said(room: str) -> set[str]:
    """Return every template of a room that does not bring its English along."""
    found = extract_from_dir(ROOT / room, method_map=[("**.py", "python")], keywords={"say": None})
    return {text for _, _, text, _, _ in found if isinstance(text, str) and WIDE.search(text) and not BOTH.search(text)}


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_its_english_and_the_catalogue_nothing_else(room: str) -> None:
    assert sorted(said(room) ^ english(room).keys()) == []


@pytest.mark.parametrize("room", ROOMS)
def test_placeholders_are_the_same_in_both_languages(room: str) -> None:
    wrong = {zh: en for zh, en in english(room).items() if {*PLACE.findall(zh)} != {*PLACE.findall(en)}}
    assert wrong == {}


@pytest.mark.parametrize("room", ROOMS)
def test_english_has_no_chinese(room: str) -> None:
    assert {zh: en for zh, en in english(room).items() if CHINESE.search(en)} == {}


def bare(path: Path) -> Iterator[str]:
    """Yield the Chinese texts of a module that no reader of English could be given."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                silent.add(docstring)
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant() as template, *_]) if name in MARKS:
                silent.add(template)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
                silent.update(ast.walk(node))
            case ast.Call(args=texts) | ast.Tuple(elts=texts) | ast.Dict(values=texts):
                silent.update(_translated(texts))
            case ast.JoinedStr(values=parts) if BOTH.search("".join(map(_literal, parts))):
                silent.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in silent or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if CHINESE.search(node.value) and not BOTH.search(node.value):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"


def _translated(texts: Sequence[ast.expr]) -> Iterator[ast.AST]:
    """Yield the Chinese texts that have their English beside them."""
    for chinese, other in pairwise(texts):
        english = "".join(_literal(part) for part in ast.walk(other))
        if ENGLISH.match(english) and not CHINESE.search(english):
            yield from ast.walk(chinese)


def _literal(part: ast.AST) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "{}"


def test_no_sentence_is_chinese_only() -> None:
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith(tuple(CHINESE_IS_DATA)):
                found += bare(path)
    assert found == []


def test_what_is_said_to_be_data_is_still_there() -> None:
    still = {data for data in CHINESE_IS_DATA for path in _modules(data) if next(bare(path), None)}
    assert CHINESE_IS_DATA.keys() - still == set()


def _modules(place: str) -> list[Path]:
    path = ROOT / place
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]
