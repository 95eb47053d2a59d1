"""Working together: remarks pinned to elements, reviews as a process of ours, comparing states in words."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import tasks
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Activation, Notice, Slot, SlotState
from engine.work.drain import drain
from tests.support.designing import PEOPLE, Speaking, on_sqlite, speaking, studio
from tests.support.turning import diagram, line, process, user

SIMPLE = diagram(process("main", line(user("A", "initiator")))).decode()
LONGER = diagram(process("main", line(user("A", "group(designers)"), user("B", "initiator")))).decode()
FORM = '{"schemaVersion": 19, "id": "f", "components": [{"type": "number", "key": "days", "id": "a", "label": "天数"}]}'
BASE = "/designer/live"


@pytest.fixture
def engine(database: Database) -> Engine:
    engine = studio(database)
    publish(engine, Package("live", {"live.bpmn": SIMPLE.encode(), "notes.md": b"one\ntwo\n"}), note="第一版")
    return engine


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    return speaking(engine, "drawer")


def _changed(client: Speaking, text: str = LONGER, version: int = 0) -> int:
    saved = client("PUT", f"{BASE}/draft", {"version": version, "files": {"live.bpmn": text}})
    return int(saved["version"])


def test_a_remark_is_answered_resolved_and_opened_again(engine: Engine, drawer: Speaking) -> None:
    thread = drawer("POST", f"{BASE}/comments", {"path": "live.bpmn", "element": "A", "text": "为什么是发起人？"})
    other = speaking(engine, "other")
    other("POST", f"{BASE}/comments", {"thread": thread["id"], "text": "改成主任"})
    assert drawer("POST", f"{BASE}/presence", {"tab": "t"})["comments"] == 1
    resolved = drawer("POST", f"{BASE}/comments/{thread['id']}/resolve", {"resolved": True})
    assert (resolved["resolved"], resolved["resolved_by"], resolved["element"]) == (True, "drawer", "A")
    assert drawer("POST", f"{BASE}/presence", {"tab": "t"})["comments"] == 0
    other("POST", f"{BASE}/comments", {"thread": thread["id"], "text": "还没改"})
    told = drawer("GET", f"{BASE}/comments")["threads"]
    assert [(one["author"], one["mine"], one["text"]) for one in told[0]["comments"]] == [
        ("drawer", True, "为什么是发起人？"),
        ("other", False, "改成主任"),
        ("other", False, "还没改"),
    ]
    assert not told[0]["resolved"]


def test_a_remark_is_taken_away_by_its_author_alone(engine: Engine, drawer: Speaking) -> None:
    thread = drawer("POST", f"{BASE}/comments", {"text": "一"})
    other = speaking(engine, "other")
    other("DELETE", f"{BASE}/comments/{thread['id']}", status=404)
    answered = other("POST", f"{BASE}/comments", {"thread": thread["id"], "text": "二"})
    assert "已有人回复" in drawer("DELETE", f"{BASE}/comments/{thread['id']}", status=403)["detail"]
    other("DELETE", f"{BASE}/comments/{answered['comments'][1]['id']}", status=204)
    drawer("DELETE", f"{BASE}/comments/{thread['id']}", status=204)
    assert drawer("GET", f"{BASE}/comments")["threads"] == []
    drawer("POST", f"{BASE}/comments", {"text": " "}, status=422)
    drawer("POST", f"{BASE}/comments", {"thread": "77", "text": "x"}, status=404)


def test_a_remark_tells_those_whom_it_calls_and_leads_them_to_it(engine: Engine, drawer: Speaking) -> None:
    offered = drawer("GET", f"{BASE}/people?q=oth")
    assert [one["text"] for one in offered] == ["other"]
    asked = {"path": "live.bpmn", "element": "A", "text": "@other @drawer @stranger 为什么是发起人？"}
    thread = drawer("POST", f"{BASE}/comments", asked)
    assert thread["unknown"] == ["stranger"]
    assert thread["comments"][0]["mentions"] == ["other", "drawer"]
    with engine.db.read() as session:
        notice = session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.kind) == (PEOPLE["other"], "mention")
    assert notice.title.startswith("drawer在“")
    other = speaking(engine, "other")
    opened = other.page(f"/notices/{notice.id}")
    assert opened.location == f"{BASE}/?tab=live.bpmn&element=A&thread={thread['id']}"
    other("POST", f"{BASE}/comments", {"thread": thread["id"], "text": "@drawer 已改"})
    with engine.db.read() as session:
        assert [one.person_id for one in session.scalars(select(Notice).order_by(Notice.id))] == [
            PEOPLE["other"],
            PEOPLE["drawer"],
        ]


def _review(client: Speaking, version: int, status: int = 200) -> dict[str, object]:
    reviewer = next(one for one in client("GET", f"{BASE}/reviewers")["people"] if one["name"] == "chief")
    body = {"version": version, "reviewer": reviewer["id"], "note": "加一步"}
    asked: dict[str, object] = client("POST", f"{BASE}/review", body, status=status)
    return asked


def _decide(engine: Engine, login: str, element: str, operation: str, **more: object) -> None:
    """Act on the open task of an element as the inbox does, then do what follows."""
    with engine.db.read() as session:
        query = select(Slot, Instance).join(Activation, Activation.id == Slot.activation_id)
        query = query.join(Instance, Instance.id == Slot.instance_id)
        slot, instance = session.execute(
            query.where(Activation.element_id == element, Slot.state == SlotState.READY)
        ).one()
    getattr(tasks, operation)(engine, slot_id=slot.id, actor_id=PEOPLE[login], version=instance.version, **more)
    drain(engine)


def _live(client: Speaking) -> list[int]:
    return [one["version"] for one in client("GET", f"{BASE}/versions")["versions"] if one["live"]]


def test_a_review_is_asked_for_agreed_to_in_the_inbox_and_publishes(engine: Engine, drawer: Speaking) -> None:
    version = _changed(drawer)
    asked = _review(drawer, version)
    assert (asked["state"], asked["reviewer"], asked["requested_by"]) == ("open", "chief", "drawer")
    drain(engine)
    chief = speaking(engine, "chief")
    task = chief.page(re.findall(r'href="(/tasks/\d+)', chief.page("/inbox").text)[0]).text
    changes = f"{BASE}/changes?from=1&amp;to=draft:{version}"
    assert changes in task
    assert "新增人工环节“B”" in chief.page(changes.replace("&amp;", "&")).text
    assert drawer("GET", f"{BASE}/draft")["review"]["state"] == "open"
    assert "评审" in _review(drawer, version, status=403)["detail"]  # type: ignore[operator]
    _decide(engine, "chief", "review", "agree", opinion="可以")
    assert _live(drawer) == [2]
    draft = drawer("GET", f"{BASE}/draft")
    assert (draft["drafted"], draft["files"]["live.bpmn"], draft["review"]["state"]) == (False, LONGER, "published")
    assert drawer("GET", f"{BASE}/versions")["versions"][0]["note"] == "加一步"


def test_what_was_reviewed_is_published_also_when_the_draft_went_on(engine: Engine, drawer: Speaking) -> None:
    _review(drawer, _changed(drawer))
    drain(engine)
    engine.clock.advance(timedelta(seconds=30))  # type: ignore[attr-defined]
    further = LONGER.replace('name="B"', 'name="C"')
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"live.bpmn": further}})
    _decide(engine, "chief", "review", "agree")
    assert drawer("GET", f"{BASE}/versions/2/files")["files"]["live.bpmn"] == LONGER
    draft = drawer("GET", f"{BASE}/draft")
    assert (draft["drafted"], draft["based_on"], draft["files"]["live.bpmn"]) == (True, 2, further)


def test_a_returned_review_goes_on_with_the_mended_draft(engine: Engine, drawer: Speaking) -> None:
    _review(drawer, _changed(drawer))
    drain(engine)
    _decide(engine, "chief", "review", "return_task", target="request", reason="请改名", mode="again")
    mended = LONGER.replace('name="B"', 'name="复核"')
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"live.bpmn": mended}})
    _decide(engine, "drawer", "request", "complete", data={"note": "改好了"})
    assert drawer("GET", f"{BASE}/draft")["review"]["version"] == 2
    _decide(engine, "chief", "review", "agree")
    assert drawer("GET", f"{BASE}/versions/2/files")["files"]["live.bpmn"] == mended


def test_a_draft_that_broke_meanwhile_comes_back_to_who_asked(engine: Engine, drawer: Speaking) -> None:
    _review(drawer, _changed(drawer))
    drain(engine)
    _decide(engine, "chief", "review", "return_task", target="request", reason="请改名", mode="again")
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"live.bpmn": LONGER.replace("initiator", "((")}})
    _decide(engine, "drawer", "request", "complete", data={"note": "改好了"})
    page = drawer.page(re.findall(r'href="(/tasks/\d+)', drawer.page("/inbox").text)[0]).text
    assert "有 1 处错误" in page
    assert _live(drawer) == [1]


def test_a_refused_review_publishes_nothing(engine: Engine, drawer: Speaking) -> None:
    _review(drawer, _changed(drawer))
    drain(engine)
    _decide(engine, "chief", "review", "reject", opinion="不需要")
    assert drawer("GET", f"{BASE}/draft")["review"]["state"] == "rejected"
    assert _live(drawer) == [1]
    assert _review(drawer, 1)["state"] == "open"


@on_sqlite
def test_a_review_is_not_asked_of_oneself_nor_for_what_cannot_be_published(engine: Engine, drawer: Speaking) -> None:
    version = _changed(drawer, LONGER.replace("initiator", "(("))
    assert _review(drawer, version, status=422)["type"] == "urn:duban:refused-diagram"
    version = _changed(drawer, version=version)
    me = {"version": version, "reviewer": str(PEOPLE["drawer"]), "note": "x"}
    drawer("POST", f"{BASE}/review", me, status=422)
    assert "drawer" not in {one["name"] for one in drawer("GET", f"{BASE}/reviewers")["people"]}
    assert "process-review" not in drawer.page("/start").text


@on_sqlite
def test_two_states_are_compared_in_words(drawer: Speaking) -> None:
    drawer(
        "PUT",
        f"{BASE}/draft",
        {"version": 0, "files": {"live.bpmn": LONGER, "f.form": FORM, "notes.md": "one\nthree\n"}},
    )
    told = drawer("GET", f"{BASE}/compare?from=1&to=draft")
    assert (told["from"]["label"], told["to"]["label"]) == ("第 1 版", "草稿")
    assert told["from"]["files"]["live.bpmn"] == SIMPLE
    words = [one["words"] for one in told["changes"]]
    assert "新增文件 f.form" in words
    assert "人工环节“A”的办理人由 initiator 改为 group(designers)" in words
    assert "新增人工环节“B”" in words
    notes = next(one for one in told["changes"] if one["path"] == "notes.md")
    assert (notes["before"], notes["after"]) == ("two", "three")
    drawer("PUT", f"{BASE}/draft", {"version": 1, "files": {"f.form": FORM.replace("天数", "请假天数")}})
    drawer("POST", f"{BASE}/publish", {"version": 2, "note": "x"}, status=403)
    told = drawer("GET", f"{BASE}/compare?from=1&to=draft:2")["changes"]
    assert told == drawer("GET", f"{BASE}/compare?from=1")["changes"]
    drawer("GET", f"{BASE}/compare?from=draft:77&to=draft", status=404)
    drawer("GET", f"{BASE}/compare?from=yesterday", status=422)


@on_sqlite
def test_a_package_is_handed_over_and_taken_away_by_its_owner_alone(engine: Engine, drawer: Speaking) -> None:
    drawer.page("/designer/new", key="trial", name="试一试")
    other = speaking(engine, "other")
    assert other.page("/designer/trial/owner").status_code == 404
    assert "试一试" in drawer.page("/designer/trial/owner").text
    assert drawer.page("/designer/trial/owner", owner=str(PEOPLE["stranger"])).status_code == 422
    assert drawer.page("/designer/trial/owner", owner=str(PEOPLE["other"])).status_code == 302
    assert drawer.page("/designer/trial/owner", operation="remove").status_code == 404
    other("POST", "/designer/trial/comments", {"text": "一"})
    assert other.page("/designer/trial/owner", operation="remove").status_code == 302
    other("GET", "/designer/trial/draft", status=404)
    admin = speaking(engine, "admin")
    assert "发布过" in admin.page("/designer/live/owner", operation="remove").text
