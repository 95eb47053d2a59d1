"""``duban import``: what it says of a file, what it writes, and how it exits."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.definitions.packages import read_folder
from engine.definitions.publish import lint_package
from tests.support.foreign import between, drawn
from workflows.cli import LIBRARY, duban

FIELD = '<camunda:formField id="a" type="string"/>'
FORM = f"<extensionElements><camunda:formData>{FIELD}</camunda:formData></extensionElements>"
GOOD = drawn(between(f'<userTask id="t" camunda:assignee="${{boss}}" camunda:priority="5">{FORM}</userTask>'))
BAD = drawn(between('<userTask id="t" camunda:assignee="${bean.boss()}"/>'))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.bpmn20.xml").write_bytes(GOOD)
    (tmp_path / "bad.bpmn").write_bytes(BAD)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(duban, ["import", *map(str, arguments)])


def test_translated_file_is_told_and_written(folder: Path) -> None:
    result = run(folder / "good.bpmn20.xml", "--output", folder / "out")
    assert result.exit_code == 0, result.output
    told = result.output.splitlines()
    assert [line.split(": ")[1:3] for line in told[:3]] == [["translated", "t"], ["translated", "t"], ["ignored", "t"]]
    assert told[3].endswith("2 translated，1 ignored，0 refused")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["P-t.form", "good.bpmn"]
    assert [one for one in lint_package(read_folder(folder / "out")) if one.severity == "error"] == []


def test_refused_expression_is_told_with_its_line(folder: Path) -> None:
    result = run(folder / "bad.bpmn", "--json")
    assert result.exit_code == 1
    [report] = json.loads(result.output)
    assert [(note["kind"], note["element_id"], note["line"]) for note in report["notes"]] == [("refused", "t", 1)]
    assert "bean.boss()" in report["notes"][0]["what"]


def test_folder_is_searched_and_the_worst_file_decides(folder: Path) -> None:
    (folder / "broken.xml").write_text("no xml")
    result = run(folder)
    assert result.exit_code == 2
    assert [line.split(": ")[0].rpartition("/")[2] for line in result.output.splitlines() if "XML" in line] == [
        "broken.xml"
    ]
    assert run(folder / "bad.bpmn", folder / "good.bpmn20.xml").exit_code == 1


def test_our_own_diagrams_need_nothing(tmp_path: Path) -> None:
    package = next(LIBRARY.glob("*/plan.yaml")).parent
    result = run(package, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    for path in package.glob("*.bpmn"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
