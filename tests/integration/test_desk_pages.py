"""The desk's pages: views that people keep, decisions that are rehearsed, papers, and what each page may show."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Comment, Slot
from tests.support.turning import diagram, line, process, publish, user
from tests.support.web import signed_in_client
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Person
from workflows.organisation.people import Organisation
from workflows.saved_views.models import SavedView

LOGINS = ("init", "ann", "bob", "cid")
Client = Callable[[str], FlaskClient]
FORM = {
    "schemaVersion": 19,
    "type": "default",
    "id": "request",
    "components": [
        {"type": "textfield", "id": "f1", "key": "item", "label": "项目", "properties": {"summary": "true"}},
        {"type": "textfield", "id": "f2", "key": "secret", "label": "内部备注"},
    ],
}


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    with database.write() as session:
        session.add_all([Person(id=n, login=login, name=f"{login}先生") for n, login in enumerate(LOGINS, 1)])
    return Engine(db=database, clock=clock, people=Organisation(), calendars=UnitCalendars(), services={})


@pytest.fixture
def client(engine: Engine) -> Client:
    return lambda login: signed_in_client(engine, person_id=LOGINS.index(login) + 1)


def begin(engine: Engine, *nodes: str) -> int:
    files = {
        "main.bpmn": diagram(process("main", line(*nodes))),
        "request.form": json.dumps(FORM).encode(),
    }
    version = publish(engine, files)
    return start_instance(
        engine, version_id=version, process_id="main", variables={}, title="采购申请", initiator_id=1
    )  # fmt: skip


def slot_of(engine: Engine, login: str) -> Slot:
    with engine.db.read() as session:
        query = select(Slot).where(Slot.owner_id == LOGINS.index(login) + 1).order_by(Slot.id.desc())
        return session.scalars(query).first() or pytest.fail(f"{login} has no slot")


def filled(engine: Engine, client: Client) -> int:
    """Start an instance whose initiator has filled in a secret that bob's node hides and cid's shows."""
    hides = {"form": "request", "fieldPermissions": "*:read, secret:hidden"}
    shows = {"form": "request", "fieldPermissions": "*:read"}
    instance = begin(
        engine,
        user("A", "person(init)", kind="work", form="request"),
        user("B", "person(bob)", kind="approval", **hides),
        user("C", "person(cid)", kind="approval", **shows),
    )
    data = {"operation": "complete", "version": "9", "f.item": "离心机", "f.secret": "底价九千"}
    assert client("init").post(f"/tasks/{slot_of(engine, 'init').id}", data=data).status_code == 302
    return instance


def test_views_are_saved_renamed_opened_by_default_and_deleted(engine: Engine, client: Client) -> None:
    ann = client("ann")
    ann.post("/inbox/views", data={"name": "快到期的", "box": "todo", "overdue": "1"})
    assert "快到期的" in ann.get("/inbox").text
    with engine.db.read() as session:
        view = session.scalars(select(SavedView)).one()
        assert view.filters == {"box": "todo", "overdue": "1"}
    change = f"/inbox/views/{view.id}"
    ann.post(change, data={"operation": "default", "name": "逾期的"})
    assert ann.get("/inbox").headers["Location"] == "/inbox?box=todo&overdue=1"
    assert ann.get("/inbox?box=todo").status_code == 200
    assert "逾期的" in ann.get("/inbox/views").text
    ann.post(change, data={"operation": "no-default", "name": "逾期的"})
    assert ann.get("/inbox").status_code == 200
    assert client("bob").post(change, data={"operation": "delete"}).status_code == 404
    ann.post(change, data={"operation": "delete"})
    assert "逾期的" not in ann.get("/inbox").text


def test_a_view_needs_a_name_of_its_own(engine: Engine, client: Client) -> None:
    ann = client("ann")
    for name in ("甲", "乙"):
        ann.post("/inbox/views", data={"name": name})
    with engine.db.read() as session:
        second = session.scalars(select(SavedView).where(SavedView.name == "乙")).one()
    assert ann.post(f"/inbox/views/{second.id}", data={"operation": "rename", "name": "甲"}).status_code == 422
    assert ann.post("/inbox/views", data={"name": " "}).status_code == 422
    assert ann.post("/inbox/views", data={"name": "长" * 41}).status_code == 422
    ann.post("/inbox/views", data={"name": "甲", "q": "新"})
    with engine.db.read() as session:
        assert {one.name: one.filters for one in session.scalars(select(SavedView))} == {"甲": {"q": "新"}, "乙": {}}


def test_a_rehearsed_decision_changes_nothing_and_is_checked_like_a_real_one(engine: Engine, client: Client) -> None:
    begin(engine, user("A", "person(bob)", kind="approval", opinion="required"))
    mine = slot_of(engine, "bob")
    bob, address = client("bob"), f"/tasks/{mine.id}"
    rehearsal = {"X-Rehearsal": "1", "HX-Request-Type": "partial", "Accept": "text/html"}
    refused = bob.post(address, data={"operation": "agree", "version": "1"}, headers=rehearsal)
    assert refused.status_code == 422
    assert "请填写意见" in refused.text
    data = {"operation": "agree", "version": "1", "opinion": "可以", "key": "k"}
    tried = bob.post(address, data=data, headers=rehearsal)
    assert tried.json == {"sentence": "已同意“采购申请”"}
    assert slot_of(engine, "bob").state == "ready"
    for _ in range(2):
        sent = bob.post(address, data=data, headers={"Accept": "application/json"})
        assert sent.json == {"sentence": "已同意“采购申请”"}
    assert slot_of(engine, "bob").state == "agreed"


def test_who_is_too_late_sees_the_task_and_keeps_the_opinion(engine: Engine, client: Client) -> None:
    begin(engine, user("A", "person(ann)|person(bob)", kind="approval", policy="any"), user("B", "person(cid)"))
    late = slot_of(engine, "bob")
    client("ann").post(f"/tasks/{slot_of(engine, 'ann').id}", data={"operation": "agree", "version": "1"})
    answer = client("bob").post(
        f"/tasks/{late.id}",
        data={"operation": "agree", "version": "1", "opinion": "我也同意"},
        headers={"X-Rehearsal": "1", "HX-Request-Type": "partial"},
    )
    assert answer.status_code == 409
    assert "已由 ann先生 于" in answer.text
    assert "办理过程" in answer.text
    with engine.db.read() as session:
        assert session.scalars(select(Comment.text)).all() == ["我也同意"]


@pytest.mark.parametrize(("login", "sees"), [("init", True), ("cid", True), ("bob", False)])
def test_hidden_fields_never_appear_on_the_instances_page_nor_on_paper(
    engine: Engine, client: Client, monkeypatch: pytest.MonkeyPatch, login: str, sees: bool
) -> None:
    printed = []
    monkeypatch.setattr("web.instances.views.print_paper", lambda paper, font: printed.append(paper) or b"%PDF-")
    instance = filled(engine, client)
    if login == "cid":
        client("bob").post(f"/tasks/{slot_of(engine, 'bob').id}", data={"operation": "agree", "version": "9"})
    page = client(login).get(f"/instances/{instance}").text
    assert "离心机" in page
    assert ("底价九千" in page) is sees
    assert client(login).get(f"/instances/{instance}/form.pdf").status_code == 200
    assert ("底价九千" in repr(printed)) is sees


def test_the_paper_has_everybodys_opinion_and_the_historys_digest(engine: Engine, client: Client) -> None:
    instance = filled(engine, client)
    client("bob").post(
        f"/tasks/{slot_of(engine, 'bob').id}", data={"operation": "agree", "version": "9", "opinion": "手续齐全"}
    )
    answer = client("init").get(f"/instances/{instance}/form.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert client("ann").get(f"/instances/{instance}/form.pdf").status_code == 404
    with engine.db.read() as session:
        assert session.get_one(Instance, instance).history_digest


def test_a_returned_task_asks_only_the_chosen_signers_again(engine: Engine, client: Client) -> None:
    begin(
        engine,
        user("A", "person(ann)|person(bob)", kind="approval", policy="all"),
        user("B", "person(cid)", kind="approval"),
    )
    for login in ("ann", "bob"):
        client(login).post(f"/tasks/{slot_of(engine, login).id}", data={"operation": "agree", "version": "9"})
    address = f"/tasks/{slot_of(engine, 'cid').id}/return"
    cid = client("cid")
    form = cid.get(address).text
    assert "只由选择的人重新签署" in form
    hidden = dict(re.findall(r'<input type="hidden"\s+name="([a-z_]+)"\s+value="([^"]*)"', form))
    given = {**hidden, "target": "A", "mode": "direct", "reason": "请核实", "signing": "some"}
    assert cid.post(address, data=given).status_code == 422
    shown = cid.post(f"{address}/effects", data={**given, "signers": "3"}).text
    assert "打开“A”" in shown
    assert 'data-marks="' in shown
    assert cid.post(address, data={**given, "signers": "3"}).status_code == 302
    assert slot_of(engine, "bob").state == "ready"
    assert slot_of(engine, "ann").state == "agreed"


def test_an_instances_page_offers_what_its_people_may_do(engine: Engine, client: Client) -> None:
    instance = begin(engine, user("A", "person(bob)", kind="approval"), user("B", "person(cid)", kind="approval"))
    address = f"/instances/{instance}"
    waiting = slot_of(engine, "bob").id
    page = client("init").get(address).text
    assert f"/tasks/{waiting}/ask/withdraw" in page
    assert f"/tasks/{waiting}/urge" in page
    client("init").post(f"/tasks/{waiting}/urge", data={"version": "1", "key": "u"})
    again = client("init").get(address).text
    assert "已催办 1 次" in again
    assert f"/tasks/{waiting}/urge" not in again
    client("bob").post(f"/tasks/{waiting}", data={"operation": "agree", "version": "1"})
    assert f"/tasks/{waiting}/ask/retrieve" in client("bob").get(address).text
    assert client("ann").get(address).status_code == 404


def test_a_page_learns_that_it_is_old(engine: Engine, client: Client) -> None:
    begin(engine, user("A", "person(ann)|person(bob)", kind="approval", policy="all"), user("B", "person(cid)"))
    mine = slot_of(engine, "bob")
    bob = client("bob")
    version = re.search(r"pulse\?version=(\d+)", bob.get(f"/tasks/{mine.id}").text)
    assert version is not None
    pulse = f"/tasks/{mine.id}/pulse?version={version[1]}"
    assert bob.get(pulse).json == {"changed": False}
    client("ann").post(f"/tasks/{slot_of(engine, 'ann').id}", data={"operation": "agree", "version": "1"})
    assert bob.get(pulse).json == {"changed": True}
    assert client("cid").get(pulse).status_code == 404


def test_an_earlier_start_is_copied_by_whoever_started_it(engine: Engine, client: Client) -> None:
    assert client("init").get("/start?q=nothing").status_code == 200
    begin(engine, user("A", "person(bob)"))
    with engine.db.read() as session:
        key = session.scalars(select(PackageVersion.key)).first()
        instance = session.scalars(select(Instance.id)).one()
    assert client("init").get(f"/start/{key}?copy={instance}").status_code == 200
    assert client("bob").get(f"/start/{key}?copy={instance}").status_code == 404
