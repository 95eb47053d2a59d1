"""Drafts on both databases: nothing is lost, nothing is overwritten, whoever saves at the same time."""

import threading
from datetime import timedelta
from typing import cast

import pytest

from engine.clock import FakeClock
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.runtime import Engine
from engine.wording import ENGLISH, in_language
from tests.support.designing import PEOPLE, Speaking, speaking
from tests.support.turning import diagram, line, process, user
from workflows.designer import history
from workflows.designer.drafts import read_draft, save_draft
from workflows.designer.errors import DraftConflict

SIMPLE = diagram(process("main", line(user("A", "initiator")))).decode()
OTHER = diagram(process("main", line(user("B", "initiator")))).decode()
BROKEN = SIMPLE.replace("</definitions>", "")


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    return speaking(engine, "drawer")


def _new(client: Speaking, key: str = "leave") -> str:
    answer = client.page("/designer/new", key=key, name="请假")
    assert answer.status_code == 302, answer.text
    return f"/designer/{key}"


def test_a_new_package_opens_with_an_empty_canvas(drawer: Speaking) -> None:
    base = _new(drawer)
    draft = drawer("GET", f"{base}/draft")
    assert list(draft["files"]) == ["leave.bpmn"]
    assert (draft["version"], draft["live"], draft["based_on"]) == (1, None, None)
    assert draft["name"] == "请假"
    assert draft["may"] == {"edit": True, "publish": True, "review": True, "own": True}
    assert "请假" in drawer.page("/designer/").text
    assert 'data-island="designer"' in drawer.page(f"{base}/").text


def test_a_published_package_is_called_by_its_english_name_in_english(engine: Engine) -> None:
    plan = "name: 请假\nname_en: Leave of absence\n".encode()
    publish(engine, Package("leave", {"leave.bpmn": SIMPLE.encode(), "plan.yaml": plan}))
    with engine.db.read() as session:
        name = read_draft(session, "leave").name
    assert (name, in_language(name, ENGLISH)) == ("请假", "Leave of absence")


def test_saves_are_merged_by_file_and_numbered(drawer: Speaking) -> None:
    base = _new(drawer)
    saved = drawer("PUT", f"{base}/draft", {"version": 1, "files": {"leave.bpmn": SIMPLE, "notes.md": "说明"}})
    assert saved["version"] == 2
    again = drawer("PUT", f"{base}/draft", {"version": 2, "files": {"notes.md": None}})
    draft = drawer("GET", f"{base}/draft")
    assert (again["version"], draft["files"]) == (3, {"leave.bpmn": SIMPLE})
    same = drawer("PUT", f"{base}/draft", {"version": 3, "files": {"leave.bpmn": SIMPLE}})
    assert same["version"] == 3


def test_a_second_tab_is_told_who_saved_and_loses_nothing(engine: Engine, drawer: Speaking) -> None:
    base = _new(drawer)
    drawer("PUT", f"{base}/draft", {"version": 1, "files": {"leave.bpmn": SIMPLE}})
    refused = speaking(engine, "other")(
        "PUT", f"{base}/draft", {"version": 1, "files": {"leave.bpmn": OTHER}}, status=409
    )
    assert (refused["type"], refused["version"], refused["who"]) == ("urn:duban:draft-conflict", 2, "drawer")
    assert refused["at"].startswith("2026-09-07T01:00")
    assert drawer("GET", f"{base}/draft")["files"]["leave.bpmn"] == SIMPLE


def test_two_who_save_at_the_same_instant_are_one_save_and_one_conflict(engine: Engine, drawer: Speaking) -> None:
    _new(drawer)
    gate, outcomes = threading.Barrier(2), []

    def save(login: str, text: str) -> None:
        gate.wait()
        try:
            files = {"leave.bpmn": text.encode()}
            save_draft(engine, key="leave", person_id=PEOPLE[login], version=1, changes=files)
            outcomes.append("saved")
        except DraftConflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=save, args=pair) for pair in (("drawer", SIMPLE), ("other", OTHER))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "saved"]


def test_a_broken_file_is_kept_beside_the_last_good_one(drawer: Speaking) -> None:
    base = _new(drawer)
    drawer("PUT", f"{base}/draft", {"version": 1, "files": {"leave.bpmn": SIMPLE}})
    saved = drawer("PUT", f"{base}/draft", {"version": 2, "files": {"leave.bpmn": BROKEN}})
    assert saved["broken"]["leave.bpmn"]["text"] == BROKEN
    assert "XML" in saved["broken"]["leave.bpmn"]["message"]
    draft = drawer("GET", f"{base}/draft")
    assert draft["files"]["leave.bpmn"] == SIMPLE
    assert draft["broken"]["leave.bpmn"]["saved_by"] == "drawer"
    drawer("PUT", f"{base}/draft", {"version": 3, "files": {}, "discard": ["leave.bpmn"]})
    draft = drawer("GET", f"{base}/draft")
    assert (draft["files"]["leave.bpmn"], draft["broken"]) == (SIMPLE, {})


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [("a.dmn", "<definitions", 0), ("a.form", '{\n"id": ]', 2), ("plan.yaml", "a: 1\nb: [", 2), ("a.form", "[1]", 0)],
)
def test_every_kind_of_file_says_why_it_cannot_be_read(drawer: Speaking, path: str, text: str, line: int) -> None:
    base = _new(drawer)
    broken = drawer("PUT", f"{base}/draft", {"version": 1, "files": {path: text}})["broken"][path]
    assert broken["message"]
    assert broken["line"] == line
    assert path not in drawer("GET", f"{base}/draft")["files"]


def test_a_published_package_is_drafted_discarded_and_restored(engine: Engine) -> None:
    publish(engine, Package("leave", {"leave.bpmn": SIMPLE.encode(), "old.md": b"old"}))
    chief = speaking(engine, "chief")
    base = "/designer/leave"
    draft = chief("GET", f"{base}/draft")
    assert (draft["version"], draft["drafted"], draft["live"], draft["based_on"]) == (0, False, 1, 1)
    chief("PUT", f"{base}/draft", {"version": 0, "files": {"leave.bpmn": OTHER, "old.md": None}})
    draft = chief("GET", f"{base}/draft")
    assert (draft["drafted"], draft["based_on"], draft["files"]) == (True, 1, {"leave.bpmn": OTHER})
    chief("DELETE", f"{base}/draft", {"version": 1}, status=204)
    draft = chief("GET", f"{base}/draft")
    assert (draft["drafted"], draft["version"]) == (False, 2)
    assert draft["files"] == {"leave.bpmn": SIMPLE, "old.md": "old"}
    assert chief("POST", f"{base}/draft/restore", {"version": 2, "to": 1})["version"] == 3
    assert chief("GET", f"{base}/draft")["files"] == {"leave.bpmn": OTHER}
    chief("POST", f"{base}/draft/from", {"version": 3, "published": 1})
    assert chief("GET", f"{base}/draft")["files"] == {"leave.bpmn": SIMPLE, "old.md": "old"}


def test_the_only_draft_of_an_unpublished_package_cannot_be_discarded(drawer: Speaking) -> None:
    base = _new(drawer)
    assert "没有发布过" in drawer("DELETE", f"{base}/draft", {"version": 1}, status=422)["detail"]


def test_history_joins_saves_of_one_sitting_and_brings_back_any(engine: Engine, drawer: Speaking) -> None:
    base, clock = _new(drawer), cast("FakeClock", engine.clock)
    drawer("PUT", f"{base}/draft", {"version": 1, "files": {"leave.bpmn": SIMPLE}})
    drawer("PUT", f"{base}/draft", {"version": 2, "files": {"notes.md": "1"}})
    clock.advance(timedelta(minutes=6))
    drawer("PUT", f"{base}/draft", {"version": 3, "files": {"notes.md": "2"}})
    speaking(engine, "other")("PUT", f"{base}/draft", {"version": 4, "files": {"notes.md": "3"}})
    told = drawer("GET", f"{base}/draft/history")["revisions"]
    assert [(one["version"], one["saved_by"], one["paths"]) for one in told] == [
        (5, "other", ["notes.md"]),
        (4, "drawer", ["notes.md"]),
        (3, "drawer", ["leave.bpmn", "notes.md"]),
    ]
    assert drawer("GET", f"{base}/draft/history/3")["files"] == {"leave.bpmn": SIMPLE, "notes.md": "1"}
    drawer("GET", f"{base}/draft/history/2", status=404)


def test_history_stays_bounded_and_whole(engine: Engine, drawer: Speaking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_REVISIONS", 10)
    _new(drawer)
    version = 1
    for number in range(30):
        path = f"note-{number % 7}.md"
        changes = {path: str(number).encode()}
        draft = save_draft(
            engine, key="leave", person_id=PEOPLE["drawer"], version=version, changes=changes, note=str(number)
        )
        version = draft.version
    with engine.db.read() as session:
        found = read_draft(session, "leave")
    assert len(drawer("GET", "/designer/leave/draft/history")["revisions"]) == 10
    assert {found.files[f"note-{(29 - back) % 7}.md"] for back in range(7)} == {
        str(29 - back).encode() for back in range(7)
    }
    assert "leave.bpmn" in found.files


def test_too_large_a_file_is_refused_with_its_name(drawer: Speaking) -> None:
    base = _new(drawer)
    refused = drawer("PUT", f"{base}/draft", {"version": 1, "files": {"big.md": "x" * (9 << 20)}}, status=422)
    assert "big.md" in refused["detail"]


@pytest.mark.parametrize(
    "body", [None, [], {"version": "x", "files": {}}, {"version": 1, "files": []}, {"files": {"a": 1}}]
)
def test_a_wrong_request_says_what_is_wrong(drawer: Speaking, body: object) -> None:
    base = _new(drawer)
    assert drawer("PUT", f"{base}/draft", body, status=422)["detail"]


def test_to_a_stranger_the_designer_does_not_exist(engine: Engine, drawer: Speaking) -> None:
    base = _new(drawer)
    stranger = speaking(engine, "stranger")
    for address in (
        "/designer/",
        f"{base}/",
        f"{base}/draft",
        f"{base}/export.zip",
        "/designer/new",
        f"{base}/draft/history",
    ):
        stranger("GET", address, status=404)
    stranger("PUT", f"{base}/draft", {"version": 1, "files": {}}, status=404)
    assert "设计" not in stranger.page("/inbox").text


def test_a_wrong_key_and_a_wrong_path_are_refused_with_a_sentence(drawer: Speaking) -> None:
    assert drawer.page("/designer/new", key="new", name="请假").status_code == 422
    base = _new(drawer)
    refused = drawer("PUT", f"{base}/draft", {"version": 1, "files": {"../x.bpmn": "x"}}, status=422)
    assert "../x.bpmn" in refused["detail"]


def test_a_key_is_taken_once(engine: Engine, drawer: Speaking) -> None:
    _new(drawer)
    assert "已经有代码" in drawer.page("/designer/new", key="leave", name="又一个").text
    publish(engine, Package("live", {"live.bpmn": SIMPLE.encode()}))
    assert drawer.page("/designer/new", key="live", name="又一个").status_code == 422


def test_a_copy_has_its_own_name_and_files(engine: Engine, drawer: Speaking) -> None:
    publish(engine, Package("live", {"live.bpmn": SIMPLE.encode(), "notes.md": b"x"}))
    assert drawer.page("/designer/new", key="twin", name="副本", source="live").status_code == 302
    draft = drawer("GET", "/designer/twin/draft")
    assert sorted(draft["files"]) == ["notes.md", "twin.bpmn"]
    assert draft["name"] == "副本"
