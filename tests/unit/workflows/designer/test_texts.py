"""Keys and paths of packages: plain ones only, and none that leads out."""

import pytest

from engine.errors import InvalidInput
from workflows.designer.texts import checked_key, checked_path


@pytest.mark.parametrize("key", ["leave", "s2-03-checking-rules", "7", "a" * 60])
def test_a_plain_key_is_taken(key: str) -> None:
    assert checked_key(f" {key} ") == key


@pytest.mark.parametrize("key", ["Leave", "leave request", "-x", "new", "import", "", "x" * 61, "a/b", "请假"])
def test_another_key_is_refused_by_its_field(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_key(key)
    assert set(refused.value.fields) == {"key"}


@pytest.mark.parametrize(
    "path", ["leave.bpmn", "forms/request.form", "templates/通报.docx", "请假（草案）.md", "a/b/c/d.yaml"]
)
def test_a_path_inside_the_package_is_taken(path: str) -> None:
    assert checked_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "../x.bpmn",
        "/x.bpmn",
        "a/../../x.bpmn",
        "a/./x.bpmn",
        "x.exe",
        "a\\b.bpmn",
        "a/b/c/d/e.md",
        ".x.md",
        "",
        "x\n.md",
        "x",
    ],
)
def test_a_path_that_leads_out_or_is_no_file_of_a_package_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        checked_path(path)
