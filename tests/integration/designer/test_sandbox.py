"""Dry runs: the real engine in memory, isolated, taken back, played again elsewhere, recorded as scenarios."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from engine.definitions.packages import read_folder
from engine.errors import DubanError
from engine.instances.models import Instance
from engine.ports import ServiceKind
from engine.runtime import Engine
from engine.store import Base
from engine.tasks.models import Notice
from engine.work.models import Work
from tests.support.designing import PEOPLE, Speaking, on_sqlite, speaking
from tests.support.turning import diagram, line, process, user
from workflows.designer import sandbox
from workflows.designer.archives import write_archive
from workflows.designer.models import SandboxRecord
from workflows.designer.sandbox.live import alive

NOTIFY = (
    '<serviceTask id="tell" name="通知" duban:service="notify"><extensionElements><camunda:inputOutput>'
    '<camunda:inputParameter name="title">="请假 " + string(days)</camunda:inputParameter>'
    '<camunda:inputParameter name="people">="initiator"</camunda:inputParameter>'
    "</camunda:inputOutput></extensionElements></serviceTask>"
)
BODY = (
    '<startEvent id="begin"/><userTask id="ask" name="填写" camunda:assignee="initiator"'
    ' duban:form="request" duban:variables="days"/>'
    '<userTask id="approve" name="审批" duban:kind="approval" camunda:assignee="group(designers, head)"'
    ' duban:due="2 working days"/>'
    '<exclusiveGateway id="G" default="no"/>'
    f'{NOTIFY}<endEvent id="done"/><endEvent id="refused"/>'
    '<sequenceFlow id="a" sourceRef="begin" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="approve"/>'
    '<sequenceFlow id="c" sourceRef="approve" targetRef="G"/><sequenceFlow id="no" sourceRef="G" targetRef="refused"/>'
    '<sequenceFlow id="yes" sourceRef="G" targetRef="tell">'
    '<conditionExpression>outcome = "agreed"</conditionExpression></sequenceFlow>'
    '<sequenceFlow id="d" sourceRef="tell" targetRef="done"/>'
)
LEAVE = diagram(process("leave", BODY)).decode()
FORM = (
    '{"schemaVersion": 19, "type": "default", "id": "request", "components": ['
    '{"type": "number", "key": "days", "id": "f1", "label": "天数", "validate": {"required": true, "min": 1}}]}'
)
BASE = "/designer/leave"


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    client = speaking(engine, "drawer")
    client.page("/designer/new", key="leave", name="请假")
    client("PUT", f"{BASE}/draft", {"version": 1, "files": {"leave.bpmn": LEAVE, "request.form": FORM}})
    return client


def _step(client: Speaking, state: Mapping[str, Any], status: int = 200, **asked: Any) -> Any:
    return client("POST", f"{BASE}/sandbox/{state['id']}/steps", asked, status=status)


def _approved(client: Speaking) -> Any:
    state = client("POST", f"{BASE}/sandbox", {})
    state = _step(client, state, do="complete", task="ask:1", who="unit-staff", values={"days": 3})
    return _step(client, state, do="agree", task="approve:1", who="designers-head", opinion="同意")


@on_sqlite
def test_somebody_is_invented_for_every_rule_and_the_process_starts(drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {})
    people = {one["login"]: one["about"] for one in state["people"]}
    assert people["unit-staff"] == "本单位工作人员"
    assert people["designers-head"] == "流程设计组组长"
    assert [(one["element"], one["people"]) for one in state["tasks"]] == [("ask", ["unit-staff"])]
    assert "complete" in state["tasks"][0]["actions"]
    assert state["tasks"][0]["form"]["components"][0]["key"] == "days"
    instance = state["instances"][0]
    assert (instance["done"], instance["flows"]) == (["leave_begin"], ["a"])
    assert [(one["element"], one["state"]) for one in instance["tokens"]] == [("ask", "waiting")]
    assert state["now"] == "2026-09-07 09:00"


@on_sqlite
def test_a_dry_run_goes_to_the_end_and_tells_what_happened(drawer: Speaking) -> None:
    state = _approved(drawer)
    assert state["ended"]
    assert state["instances"][0]["variables"]["days"] == 3
    assert set(state["instances"][0]["flows"]) == {"a", "b", "c", "yes", "d"}
    assert ("designers-head", "agree", "同意") in [
        (one["who"], one["operation"], one["words"]) for one in state["history"]
    ]


def test_nothing_of_it_reaches_the_real_database(engine: Engine, drawer: Speaking) -> None:
    def counts() -> dict[str, int]:
        with engine.db.read() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
                if name not in ("designer_sandbox", "login_session")
            }

    before = counts()
    _approved(drawer)
    assert counts() == before
    with engine.db.read() as session:
        for model in (Instance, Notice, Work):
            assert session.scalar(select(func.count()).select_from(model)) == 0


@on_sqlite
def test_what_would_call_outside_waits_for_the_designers_answer(engine: Engine, drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {"answered": ["notify"]})
    state = _step(drawer, state, do="complete", task="ask:1", who="unit-staff", values={"days": 3})
    state = _step(drawer, state, do="agree", task="approve:1", who="designers-head")
    wait = state["waits"][0]
    assert (wait["kind"], wait["name"], wait["inputs"]) == (
        "service",
        "notify",
        {"title": "请假 3", "people": "initiator"},
    )
    failed = _step(drawer, state, do="fail", instance=wait["instance"], token=wait["token"], code="no-mail")
    assert [one["element"] for one in failed["instances"][0]["incidents"]] == ["tell"]
    drawer("POST", f"{BASE}/sandbox/{state['id']}/undo", {})
    again = drawer("GET", f"{BASE}/sandbox/{state['id']}")["waits"][0]
    state = _step(drawer, state, do="answer", instance=again["instance"], token=again["token"], values={"notified": 1})
    assert state["ended"]
    assert state["instances"][0]["variables"]["notified"] == 1


@on_sqlite
def test_an_external_kind_is_never_called(engine: Engine, drawer: Speaking, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(_call: object) -> Mapping[str, Any]:
        raise AssertionError("a dry run called another system")

    kinds = {"notify": ServiceKind("notify", call, external=True)}
    monkeypatch.setattr("workflows.application.service_kinds", lambda: kinds)
    engine.services = kinds
    state = _approved(drawer)
    assert [one["kind"] for one in state["waits"]] == ["service"]


@on_sqlite
def test_a_refused_step_changes_nothing(drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {})
    refused = _step(drawer, state, 422, do="complete", task="ask:1", who="unit-staff", values={"days": 0})
    assert "天数" in str(refused)
    _step(drawer, state, 404, do="complete", task="ask:2", who="unit-staff", values={})
    _step(drawer, state, 422, do="dance")
    _step(drawer, state, 422, do="wait", **{"for": "some time"})
    after = drawer("GET", f"{BASE}/sandbox/{state['id']}")
    same = ("tasks", "steps", "now", "history")
    assert {name: after[name] for name in same} == {name: state[name] for name in same}


@on_sqlite
def test_time_is_moved_and_stops_at_what_falls_due(drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {"starts_at": "2026-09-07 09:00"})
    state = _step(drawer, state, do="complete", task="ask:1", who="unit-staff", values={"days": 3})
    assert state["tasks"][0]["due"] == "2026-09-09 09:00"
    state = _step(drawer, state, do="wait", **{"for": "1 working day"})
    assert state["now"] == "2026-09-08 09:00"
    state = _step(drawer, state, do="next")
    assert state["now"] == "2026-09-09 09:00"
    assert state["steps"][-1]["words"] == "时间：2026-09-09 09:00"


def test_steps_are_taken_back_also_in_another_process(drawer: Speaking) -> None:
    state = _approved(drawer)
    alive.forget(int(state["id"]))
    again = drawer("GET", f"{BASE}/sandbox/{state['id']}")
    assert again["ended"]
    back = drawer("POST", f"{BASE}/sandbox/{state['id']}/undo", {})
    assert [one["element"] for one in back["tasks"]] == ["approve"]
    alive.forget(int(state["id"]))
    back = drawer("POST", f"{BASE}/sandbox/{state['id']}/undo", {})
    assert [one["element"] for one in back["tasks"]] == ["ask"]
    assert not back["may_undo"]
    drawer("POST", f"{BASE}/sandbox/{state['id']}/undo", {}, status=403)


def test_a_recorded_dry_run_is_replayed_and_stands_against_publishing(drawer: Speaking) -> None:
    state = _approved(drawer)
    saved = drawer("POST", f"{BASE}/sandbox/{state['id']}/record", {"name": "请假三天", "version": 2})
    assert (saved["path"], saved["version"]) == ("scenarios/请假三天.yaml", 3)
    steps = yaml.safe_load(saved["text"])["steps"]
    assert [next(iter(one)) for one in steps] == ["start", "expect", "do", "expect", "do", "expect", "expect"]
    played = drawer("POST", f"{BASE}/replay", {"version": 3})["replays"]
    assert [(one["name"], one["ok"], one["error"]) for one in played] == [("请假三天", True, "")]
    drawer("POST", f"{BASE}/publish", {"version": 3, "note": "第一版"})
    changed = LEAVE.replace('outcome = "agreed"', "days > 5")
    drawer(
        "PUT",
        f"{BASE}/draft",
        {
            "version": 4,
            "files": {
                "leave.bpmn": changed.replace('id="done"', 'id="done2"').replace(
                    'targetRef="done"', 'targetRef="done2"'
                )
            },
        },
    )
    other = changed.replace('default="no"', 'default="no" name="几天"').replace("group(designers, head)", "initiator")
    drawer("PUT", f"{BASE}/draft", {"version": 5, "files": {"leave.bpmn": other}})
    refused = drawer("POST", f"{BASE}/publish", {"version": 6, "note": "改"}, status=422)
    assert refused["type"] == "urn:duban:replay-failed"
    assert "approve" in refused["replays"][0]["error"]


@on_sqlite
def test_several_tasks_of_one_element_are_told_apart_in_a_record(drawer: Speaking) -> None:
    several = diagram(
        process("leave", line(user("each", "person(li)", kind="work").replace("/>", ">") + LOOP + "</userTask>"))
    ).decode()
    drawer("PUT", f"{BASE}/draft", {"version": 2, "files": {"leave.bpmn": several}})
    state = drawer("POST", f"{BASE}/sandbox", {"variables": {"things": ["a", "b"]}})
    assert [one["id"] for one in state["tasks"]] == ["each:1", "each:2"]
    state = _step(drawer, state, do="complete", task="each:2", who="li", values={})
    state = _step(drawer, state, do="complete", task="each:1", who="li", values={})
    assert state["ended"]
    saved = drawer("POST", f"{BASE}/sandbox/{state['id']}/record", {"name": "两件", "version": 3})
    assert [one["do"].get("nth") for one in yaml.safe_load(saved["text"])["steps"] if "do" in one] == [2, None]
    assert drawer("POST", f"{BASE}/replay", {"version": 4})["replays"][0]["ok"]


LOOP = (
    '<multiInstanceLoopCharacteristics camunda:collection="things" camunda:elementVariable="thing">'
    "</multiInstanceLoopCharacteristics>"
)


@on_sqlite
def test_messages_are_sent_from_outside(drawer: Speaking) -> None:
    waiting = (
        f"{HEAD_WITH_MESSAGE}"
        + process(
            "leave",
            line('<intermediateCatchEvent id="W"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'),
        )
        + "</definitions>"
    )
    drawer("PUT", f"{BASE}/draft", {"version": 2, "files": {"leave.bpmn": waiting}})
    state = drawer("POST", f"{BASE}/sandbox", {})
    assert state["messages"] == ["paid"]
    assert [(one["kind"], one["name"]) for one in state["waits"]] == [("message", "paid")]
    state = _step(drawer, state, do="message", name="paid", payload={"sum": 5})
    assert state["ended"]
    assert state["instances"][0]["variables"] == {"sum": 5}


HEAD_WITH_MESSAGE = LEAVE[: LEAVE.index("<process")] + '<message id="m" name="paid"/>'


@on_sqlite
def test_errors_keep_a_draft_from_being_tried_out(drawer: Speaking) -> None:
    wrong = LEAVE.replace('default="no"', "")
    refused = drawer(
        "POST", f"{BASE}/sandbox", {"files": {"leave.bpmn": wrong.replace('initiator"', '("')}}, status=422
    )
    assert {one["code"] for one in refused["findings"]} >= {"assignment-rule"}


@on_sqlite
def test_a_campaign_is_launched_with_the_people_of_its_scenario(engine: Engine) -> None:
    package = read_folder(Path(__file__).parents[3] / "bpmn" / "s2-03-checking-rules")
    drawer = speaking(engine, "drawer")
    from io import BytesIO

    archive = BytesIO(write_archive(package.key, package.files))
    drawer.client.post("/designer/import", data={"file": [(archive, "s.zip")], "key": "drive"})
    body = {"variables": {"year": 2026, "seed": "x"}}
    state = drawer("POST", "/designer/drive/sandbox", body)
    assert [one["element"] for one in state["tasks"]] == ["draft_plan"]
    assert state["now"] == "2026-09-01 09:00"


def test_a_dry_run_is_ones_own_expires_and_is_bounded_in_number(engine: Engine, drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {})
    speaking(engine, "other")("GET", f"{BASE}/sandbox/{state['id']}", status=404)
    for _ in range(3):
        drawer("POST", f"{BASE}/sandbox", {})
    drawer("GET", f"{BASE}/sandbox/{state['id']}", status=404)
    with engine.db.read() as session:
        ids = list(session.scalars(select(SandboxRecord.id)))
    assert len(ids) == 3
    engine.clock.advance(timedelta(minutes=31))  # type: ignore[attr-defined]
    drawer("GET", f"{BASE}/sandbox/{ids[0]}", status=404)
    newest = drawer("POST", f"{BASE}/sandbox", {})
    drawer("DELETE", f"{BASE}/sandbox/{newest['id']}", status=204)
    drawer("GET", f"{BASE}/sandbox/{newest['id']}", status=404)
    drawer("GET", f"{BASE}/sandbox/nonsense", status=404)


def test_two_tabs_that_step_at_the_same_instant_are_one_step_and_one_refusal(engine: Engine, drawer: Speaking) -> None:
    state = drawer("POST", f"{BASE}/sandbox", {})
    mine = {"sandbox_id": int(state["id"]), "key": "leave", "person_id": PEOPLE["drawer"]}
    asked = {"do": "complete", "task": "ask:1", "who": "unit-staff", "values": {"days": 3}}
    gate, outcomes = threading.Barrier(2), []

    def step() -> None:
        gate.wait()
        try:
            sandbox.step(engine, **mine, asked=asked)
            outcomes.append("done")
        except DubanError:
            outcomes.append("refused")

    threads = [threading.Thread(target=step) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    after = drawer("GET", f"{BASE}/sandbox/{state['id']}")
    assert [one["element"] for one in after["tasks"]] == ["approve"]
    assert len(after["steps"]) == 2


@on_sqlite
def test_an_endless_loop_ends_as_an_incident_and_not_as_a_hanging_page(drawer: Speaking) -> None:
    endless = diagram(
        process(
            "leave",
            '<startEvent id="begin"/><exclusiveGateway id="A"/>'
            '<scriptTask id="S" scriptFormat="feel" camunda:resultVariable="x"><script>1</script></scriptTask>'
            '<sequenceFlow id="a" sourceRef="begin" targetRef="A"/>'
            '<sequenceFlow id="b" sourceRef="A" targetRef="S"/><sequenceFlow id="c" sourceRef="S" targetRef="A"/>',
        )
    ).decode()
    drawer("PUT", f"{BASE}/draft", {"version": 2, "files": {"leave.bpmn": endless}})
    answer = drawer.client.post(f"{BASE}/sandbox", json={}, headers={"Accept": "application/json"})
    assert answer.status_code in (200, 422)
    assert "incident" in answer.text or answer.status_code == 422
