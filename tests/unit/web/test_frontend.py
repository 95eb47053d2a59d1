"""The islands' logic, tested by node's own runner, and the designer's words against what the engine knows."""

import json
import re
import subprocess
from pathlib import Path

from engine.definitions.lint import lint_diagram
from engine.definitions.lint.approvals import CHOICES, WITHDRAW
from engine.definitions.parse import parse_diagram

ROOT = Path(__file__).resolve().parents[3]
DESIGNER = ROOT / "web/frontend/designer"
TESTS = ROOT / "tests/frontend"

LEFT_TO_THE_DESIGNER = {"no-called-process", "no-service"}
"""What a template cannot know: which process is called, which service is asked."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["node", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_islands_logic_passes_its_own_tests() -> None:
    result = run("--test", *map(str, sorted(TESTS.glob("*.test.js"))))
    assert result.returncode == 0, [line for line in result.stdout.splitlines() if line.startswith("not ok")]


def test_house_templates_are_executable_but_for_what_the_designer_chooses() -> None:
    printed = run(str(TESTS / "templates.js"))
    assert printed.returncode == 0, printed.stderr
    diagrams = json.loads(printed.stdout)
    assert {"approval", "work", "self-check", "rectify", "fan-out", "notice"} <= diagrams.keys()
    for name, xml in diagrams.items():
        found = {one.rule for one in lint_diagram(parse_diagram(xml.encode(), f"{name}.bpmn"))}
        assert found <= LEFT_TO_THE_DESIGNER, (name, found)


def test_the_editor_knows_every_attribute_that_the_engine_checks() -> None:
    types = json.loads((DESIGNER / "bpmn/duban.json").read_text("utf-8"))["types"]
    written = {f"duban:{one['name']}" for kind in types for one in kind["properties"]}
    assert CHOICES.keys() <= written
    assert {"duban:voteRatio", "duban:voteCount", "duban:escalateTo", "duban:service", "duban:retry"} <= written


def test_the_panel_offers_the_choices_that_the_engine_takes() -> None:
    source = (DESIGNER / "bpmn/panel/people_task.js").read_text("utf-8")
    for name, allowed in CHOICES.items():
        field = re.search(rf"attribute\('{name.removeprefix('duban:')}', 'choice'.*?\n  }}\)", source, re.DOTALL)
        if allowed == {"true", "false"}:
            assert f"flag('{name.removeprefix('duban:')}'" in source
        else:
            assert field is not None, name
            assert set(re.findall(r"\[\s*'([\w,]+)',", field[0])) == set(allowed), name


def test_the_panel_offers_the_ways_of_withdrawing() -> None:
    source = (DESIGNER / "bpmn/panel/groups.js").read_text("utf-8")
    offered = re.search(r"attribute\('withdraw'.*?\n  }\)", source, re.DOTALL)
    assert offered is not None
    assert set(re.findall(r"\['(\w+)',", offered[0])) == set(WITHDRAW)
