"""``duban lint``: files, packages and folders; sentences or JSON; exit status 0, 1 and 2."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.drawing import ENDS, document, flows, node, user
from workflows.cli import LIBRARY, duban

GOOD = document(ENDS + user("a") + flows("s > a > e"))
WRONG = document(ENDS + "\n" + node("userTask", "a", name="填报", startQuantity="0") + flows("s > a > e"))
CALLING = document(ENDS + node("callActivity", "a", calledElement="Q") + flows("s > a > e"))
CALLED = GOOD.replace(b'<process id="P"', b'<process id="Q"')


def lint(*arguments: Path | str) -> Result:
    return CliRunner().invoke(duban, ["lint", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    return tmp_path


def test_a_clean_diagram_has_status_0(files: Path) -> None:
    result = lint(files / "good.bpmn")
    assert (result.exit_code, result.output) == (0, "0 处错误，0 处提醒 / 0 errors, 0 warnings\n")


def test_a_finding_tells_file_line_element_rule_sentence_and_advice_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "wrong.bpmn").write_bytes(WRONG)
    result = lint(tmp_path / "wrong.bpmn")
    first, total = result.output.splitlines()
    assert first.startswith(f"{tmp_path / 'wrong.bpmn'}:2: a “填报” error [quantity] — startQuantity=“0”应至少为 1 / ")
    assert first.endswith("Make it 1 or remove it")
    assert (result.exit_code, total) == (1, "1 处错误，0 处提醒 / 1 errors, 0 warnings")


def test_what_cannot_be_read_has_status_2_whatever_else_was_found(files: Path) -> None:
    (files / "wrong.bpmn").write_bytes(WRONG)
    (files / "none.bpmn").write_bytes(b"nothing")
    assert lint(files / "good.bpmn", files / "wrong.bpmn").exit_code == 1
    assert lint(files / "good.bpmn", files / "wrong.bpmn", files / "none.bpmn").exit_code == 2
    assert lint(files / "absent.bpmn").exit_code == 2


def test_json_holds_every_finding_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.bpmn").write_bytes(WRONG)
    result = lint("--json", tmp_path / "wrong.bpmn")
    (finding,) = json.loads(result.output)
    assert result.exit_code == 1
    assert {key: finding[key] for key in ("rule", "severity", "element_id", "element_name", "line", "file")} == {
        "rule": "quantity",
        "severity": "error",
        "element_id": "a",
        "element_name": "填报",
        "line": 2,
        "file": str(tmp_path / "wrong.bpmn"),
    }
    assert finding["message"]
    assert finding["advice"]


def test_a_file_of_any_name_is_a_diagram(tmp_path: Path) -> None:
    path = tmp_path / "process.bpmn20.xml"
    path.write_bytes(WRONG)
    result = lint(path)
    assert result.exit_code == 1
    assert result.output.startswith(f"{path}:2: ")


def test_a_single_file_knows_its_siblings_but_does_not_answer_for_them(tmp_path: Path) -> None:
    (tmp_path / "calling.bpmn").write_bytes(CALLING)
    assert "unknown-process" in lint(tmp_path / "calling.bpmn").output
    (tmp_path / "called.bpmn").write_bytes(CALLED)
    (tmp_path / "broken.bpmn").write_bytes(b"nothing")
    assert lint(tmp_path / "calling.bpmn").exit_code == 0


def test_a_folder_is_a_package_or_is_searched_for_packages(tmp_path: Path) -> None:
    for name, content in (("one", GOOD), ("two", WRONG)):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / f"{name}.bpmn").write_bytes(content)
    assert lint(tmp_path / "all" / "one").exit_code == 0
    result = lint(tmp_path / "all")
    assert result.exit_code == 1
    assert result.output.startswith(str(tmp_path / "all" / "two" / "two.bpmn"))


def test_a_folder_without_diagrams_cannot_be_read(tmp_path: Path) -> None:
    result = lint(tmp_path)
    assert result.exit_code == 2
    assert "There is no .bpmn diagram in it" in result.output


def test_the_library_is_clean() -> None:
    assert lint(LIBRARY).exit_code == 0
