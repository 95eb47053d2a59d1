"""Forms, drafts and attachments of tasks: the server decides what counts."""

import json
import zipfile
from functools import partial
from io import BytesIO

import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotFound, Stale
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Attachment, Submission
from tests.support.turning import begin, instance_of, line, make_engine, open_slots, user

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
FORM = json.dumps(
    {
        "type": "default",
        "id": "report",
        "schemaVersion": 19,
        "components": [
            {"type": "textfield", "key": "summary", "label": "摘要", "id": "a", "validate": {"required": True}},
            {"type": "number", "key": "people", "label": "人数", "id": "b"},
            {"type": "filepicker", "key": "proof", "label": "佐证", "id": "c", "multiple": True},
            {"type": "filepicker", "key": "word", "label": "底稿", "id": "d", "accept": ".docx, image/*"},
        ],
    }
).encode()


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _begin(engine: Engine) -> int:
    write = user("A", "1", form="report", variables="people")
    read = user("B", "2", kind="approval", form="report", fieldPermissions="*:read, people:hidden")
    return begin(engine, line(write, read), report__form=FORM)


def test_a_submission_counts_with_its_evidence_and_sets_declared_variables(engine: Engine) -> None:
    number = _begin(engine)
    slot = open_slots(engine)["A", 1]
    uploaded = tasks.attach(engine, slot_id=slot.id, actor_id=1, field="proof", filename="会议记录.pdf", content=PDF)
    data = {"summary": "已学习", "people": 12, "proof": [str(uploaded.id)]}
    tasks.complete(engine, slot_id=slot.id, actor_id=1, data=data)
    assert instance_of(engine, number).variables["people"] == 12
    assert "summary" not in instance_of(engine, number).variables
    with engine.db.read() as session:
        submission = session.scalars(select(Submission)).one()
        assert session.get_one(Attachment, uploaded.id).submission_id == submission.id
        detail = tasks.task_detail(engine, session, slot_id=open_slots(engine)["B", 2].id, person_id=2)
        assert detail.data["summary"] == "已学习"
        assert "people" not in detail.data
    assert tasks.download(engine, attachment_id=uploaded.id, person_id=2)[1] == PDF
    with pytest.raises(NotFound):
        tasks.download(engine, attachment_id=uploaded.id, person_id=3)


def test_rows_become_a_list_where_the_node_declares_them_up_to_a_hundred(engine: Engine) -> None:
    column = {"type": "textfield", "key": "name", "label": "姓名", "id": "n"}
    rows = {
        "type": "dynamiclist",
        "path": "pupils",
        "label": "学生",
        "id": "r",
        "isRepeating": True,
        "validate": {"min": 1},
    }
    form = {"type": "default", "id": "list", "schemaVersion": 19, "components": [rows | {"components": [column]}]}
    task = user("A", "1", form="list", variables="pupils")
    number = begin(engine, line(task, user("B", "2")), list__form=json.dumps(form).encode())
    slot = open_slots(engine)["A", 1]
    with pytest.raises(InvalidInput) as refused:
        tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"pupils": [{"name": "甲"}] * 101})
    assert "100" in refused.value.fields["pupils"]
    with pytest.raises(InvalidInput) as refused:
        tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"pupils": []})
    assert refused.value.fields["pupils"] == "“学生”：至少 1 行"
    tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"pupils": [{"name": "甲"}, {"name": "乙"}]})
    assert instance_of(engine, number).variables["pupils"] == [{"name": "甲"}, {"name": "乙"}]


def test_a_missing_or_undeclared_field_is_refused_and_changes_nothing(engine: Engine) -> None:
    number = _begin(engine)
    slot = open_slots(engine)["A", 1]
    with pytest.raises(InvalidInput) as missing:
        tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"people": 1})
    assert "summary" in missing.value.fields
    with pytest.raises(InvalidInput):
        tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"summary": "好", "admin": True})
    assert ("A", 1) in open_slots(engine, number)


def test_a_read_only_or_hidden_field_in_a_submission_changes_nothing(engine: Engine) -> None:
    number = _begin(engine)
    tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1, data={"summary": "原文", "people": 3})
    slot = open_slots(engine)["B", 2]
    tasks.agree(engine, slot_id=slot.id, actor_id=2, data={"summary": "伪造", "people": 9})
    assert instance_of(engine, number).variables["people"] == 3
    with engine.db.read() as session:
        assert [one.data["summary"] for one in session.scalars(select(Submission))] == ["原文"]


def test_a_draft_from_a_second_tab_is_stale(engine: Engine) -> None:
    _begin(engine)
    slot = open_slots(engine)["A", 1]
    first = tasks.save_draft(engine, slot_id=slot.id, actor_id=1, data={"summary": "草"}, draft_version=0)
    tasks.save_draft(engine, slot_id=slot.id, actor_id=1, data={"summary": "草稿"}, draft_version=first)
    with pytest.raises(Stale):
        tasks.save_draft(engine, slot_id=slot.id, actor_id=1, data={"summary": "旧"}, draft_version=first)
    with engine.db.read() as session:
        detail = tasks.task_detail(engine, session, slot_id=slot.id, person_id=1)
        assert (detail.data["summary"], detail.draft_version) == ("草稿", 2)


def test_somebody_elses_file_is_no_evidence(engine: Engine) -> None:
    _begin(engine)
    slot = open_slots(engine)["A", 1]
    with pytest.raises(InvalidInput):
        tasks.complete(engine, slot_id=slot.id, actor_id=1, data={"summary": "好", "proof": ["123"]})


def test_a_field_takes_only_the_types_that_it_accepts(engine: Engine) -> None:
    _begin(engine)
    slot = open_slots(engine)["A", 1]
    upload = partial(tasks.attach, engine, slot_id=slot.id, actor_id=1, field="word")
    with pytest.raises(InvalidInput) as refused:
        upload(filename="底稿.pdf", content=PDF)
    assert ".docx, image/*" in refused.value.fields["file"]
    assert upload(filename="底稿.docx", content=_office("word")).field == "word"
    assert upload(filename="照片.gif", content=b"GIF89a" + bytes(20)).field == "word"


def _office(folder: str, size: int = 10) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(f"{folder}/document.xml", b"0" * size)
    return out.getvalue()


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.zip", _office("word")),
        ("a.pdf", b"<html>"),
        ("a.png", PDF),
        ("a.docx", _office("xl")),
        ("a.xlsx", b"PK\x03\x04broken"),
        ("a.txt", b"a\0b"),
        ("a.pdf", b""),
        ("noextension", PDF),
        ("big.pdf", PDF + b"0" * (20 * 1024 * 1024)),
        ("bomb.docx", _office("word", 201 * 1024 * 1024)),
    ],
    ids=["exe", "zip", "html", "pdf-as-png", "xlsx-as-docx", "broken", "binary", "empty", "bare", "big", "bomb"],
)
def test_a_file_that_is_not_what_it_says_is_refused_with_a_sentence(filename: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        tasks.judge_file(filename, content)
    assert refused.value.fields["file"]


def test_a_file_name_keeps_no_path_and_no_trick() -> None:
    assert tasks.judge_file("../../etc/会议\u202e记录.docx", _office("word"))[0] == "会议_记录.docx"
