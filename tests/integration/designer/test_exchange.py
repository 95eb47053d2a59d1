"""Files in and out: nothing is changed on the way, other tools' diagrams are translated, hostile archives refused."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest

from engine.definitions.packages import read_folder
from engine.errors import InvalidInput
from engine.runtime import Engine
from tests.support.designing import Speaking, on_sqlite, speaking
from tests.support.turning import diagram, line, process, user
from workflows.designer.archives import MAX_ENTRIES, read_archive, write_archive

SIMPLE = diagram(process("main", line(user("A", "initiator"))))
CAMUNDA = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="n" id="d"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="paid" name="Payment" isExecutable="true">
<startEvent id="s"/><sequenceFlow id="a" sourceRef="s" targetRef="g"/><exclusiveGateway id="g" default="d2"/>
<sequenceFlow id="b" sourceRef="g" targetRef="u">
<conditionExpression>${amount &gt; 10}</conditionExpression></sequenceFlow>
<sequenceFlow id="d2" sourceRef="g" targetRef="e"/><userTask id="u" camunda:assignee="${starter}"/>
<sequenceFlow id="c" sourceRef="u" targetRef="e"/><endEvent id="e"/></process></definitions>"""
LIBRARY = Path(__file__).parents[3] / "bpmn" / "s2-03-checking-rules"


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    return speaking(engine, "drawer")


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _upload(client: Speaking, address: str, files: Mapping[str, bytes], **data: str) -> tuple[int, str]:
    uploads = [(BytesIO(content), name) for name, content in files.items()]
    answer = client.client.post(address, data={**data, "file": uploads}, headers={"Accept": "application/json"})
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def test_a_package_goes_out_and_comes_in_as_the_same_files(drawer: Speaking) -> None:
    package = read_folder(LIBRARY)
    status, where = _upload(
        drawer, "/designer/import", {"s.zip": write_archive(package.key, package.files)}, key="twin"
    )
    assert (status, where) == (302, "/designer/twin/")
    with_own_name = {("twin.bpmn" if p == "s2-03-checking-rules.bpmn" else p): c for p, c in package.files.items()}
    _, out = read_archive(drawer("GET", "/designer/twin/export.zip"))
    assert out == with_own_name
    assert drawer("GET", "/designer/twin/files/department.bpmn") == package.files["department.bpmn"]
    assert drawer("POST", "/designer/twin/check", {"files": {}})["findings"] is not None


def test_the_same_package_is_the_same_archive() -> None:
    package = read_folder(LIBRARY)
    assert write_archive("a", package.files) == write_archive("a", dict(reversed(package.files.items())))


@on_sqlite
def test_another_tools_diagram_is_translated_and_reported(drawer: Speaking) -> None:
    answer = drawer.client.post("/designer/import", data={"file": [(BytesIO(CAMUNDA), "payment.bpmn")]})
    assert answer.status_code == 200
    assert "已翻译" in answer.text
    text = drawer("GET", "/designer/payment/draft")["files"]["payment.bpmn"]
    assert "${amount" not in text
    assert drawer("GET", "/designer/payment/draft")["name"] == "Payment"


def test_files_are_added_beside_those_that_are_there(drawer: Speaking) -> None:
    drawer.page("/designer/new", key="leave", name="请假")
    status, text = _upload(drawer, "/designer/leave/import", {"leave.bpmn": SIMPLE, "x.md": b"x"}, version="1")
    assert status == 200, text
    draft = drawer("GET", "/designer/leave/draft")
    assert draft["files"]["leave-2.bpmn"] == SIMPLE.decode()
    status, _ = _upload(drawer, "/designer/leave/import", {"leave.bpmn": SIMPLE}, version="2", replace="true")
    assert status == 200
    assert drawer("GET", "/designer/leave/draft")["files"]["leave.bpmn"] == SIMPLE.decode()
    assert _upload(drawer, "/designer/leave/import", {"x.md": b"y"}, version="1")[0] == 409


@on_sqlite
def test_a_file_that_cannot_be_read_does_not_stop_the_others(drawer: Speaking) -> None:
    files = {"good.bpmn": SIMPLE, "bad.bpmn": b"<definitions", "note.exe": b"MZ"}
    answer = drawer.client.post(
        "/designer/import", data={"file": [(BytesIO(c), n) for n, c in files.items()], "key": "some"}
    )
    assert answer.text.count("没有导入") == 2
    assert list(drawer("GET", "/designer/some/draft")["files"]) == ["some.bpmn"]


@on_sqlite
@pytest.mark.parametrize("files", [{}, {"a.bpmn": b""}, {"a.md": b"x"}, {"a.zip": b"PK no"}, {"a.zip": _archive({})}])
def test_nothing_to_import_is_said(drawer: Speaking, files: Mapping[str, bytes]) -> None:
    assert _upload(drawer, "/designer/import", files)[0] == 422


@pytest.mark.parametrize("name", ["../evil.bpmn", "/evil.bpmn", "a/../../evil.bpmn", "..\\evil.bpmn", "C:\\evil.bpmn"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"外面|文件名"):
        read_archive(_archive({name: b"x"}))


def test_an_archive_that_unpacks_to_too_much_is_refused_without_unpacking_it() -> None:
    with pytest.raises(InvalidInput, match="太大"):
        read_archive(_archive({"bomb.md": b"\0" * (200 << 20)}))
    with pytest.raises(InvalidInput, match="太大"):
        read_archive(_archive({f"bomb-{number}.md": b"\0" * (8 << 20) for number in range(8)}))


def test_an_archive_with_too_many_entries_is_refused() -> None:
    with pytest.raises(InvalidInput, match="超过"):
        read_archive(_archive({f"{number}.md": b"" for number in range(MAX_ENTRIES + 1)}))


def test_a_link_in_an_archive_is_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("link.bpmn")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InvalidInput, match="链接"):
        read_archive(buffer.getvalue())


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    content = bytearray(_archive({"a.md": b"x" * 100_000}))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    with pytest.raises(InvalidInput):
        read_archive(bytes(content))


def test_what_the_system_adds_to_archives_is_left_out() -> None:
    folder, files = read_archive(
        _archive({"p/a.bpmn": b"x", "p/.DS_Store": b"", "__MACOSX/p/._a.bpmn": b"", "p/b.exe": b""})
    )
    assert (folder, files) == ("p", {"a.bpmn": b"x"})
