"""The examples of docs/playground.md are executed as they stand there."""

import re
from pathlib import Path

import pytest

from engine.interpreter.contract import WaitKind
from engine.testing.observed import KINDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "playground.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def test_the_examples_of_the_page_run(page):
    examples = list(re.finditer(r"```python\n(.*?)```", page, re.DOTALL))
    names: dict[str, object] = {}
    for example in examples:
        lines_before = "\n" * page.count("\n", 0, example.start(1))
        exec(compile(lines_before + example[1], str(PAGE), "exec"), names)
    assert len(examples) == 2


def test_the_page_names_every_kind_of_open_item(page):
    table = page.split("## Open items")[1].split("## Errors")[0]
    kinds = {KINDS.get(kind.value, kind.value) for kind in WaitKind} | {"timer"}
    assert set(re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE)) == kinds
