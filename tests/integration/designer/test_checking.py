"""Checking while somebody draws: findings with fixes, expressions, decisions, forms, pickers; then publishing."""

import json
from typing import Any

import pytest

from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.instances import start_instance
from engine.runtime import Engine
from tests.support.designing import PEOPLE, Speaking, on_sqlite, speaking
from tests.support.turning import diagram, line, process, user

SIMPLE = diagram(process("main", line(user("A", "initiator")))).decode()
LONGER = diagram(process("main", line(user("A", "initiator"), user("B", "initiator")))).decode()
BRANCHES = diagram(
    process(
        "main",
        '<startEvent id="begin"/><exclusiveGateway id="G"/><endEvent id="x"/><endEvent id="y"/>'
        '<sequenceFlow id="in" sourceRef="begin" targetRef="G"/>'
        '<sequenceFlow id="left" sourceRef="G" targetRef="x"/>'
        '<sequenceFlow id="right" name="其余" sourceRef="G" targetRef="y"/>',
    )
).decode()
DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="levels" name="审批层级"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i"><inputExpression id="e"><text>days</text></inputExpression></input>
<output id="o" name="level"/>
<rule id="r1"><inputEntry id="c1"><text>&lt;= 3</text></inputEntry>
<outputEntry id="a1"><text>"director"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c2"><text>&gt; 3</text></inputEntry>
<outputEntry id="a2"><text>"head"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
FORM = json.dumps(
    {
        "schemaVersion": 19,
        "type": "default",
        "id": "request",
        "components": [
            {"type": "number", "key": "days", "id": "f1", "label": "天数", "validate": {"required": True, "min": 1}},
            {"type": "textfield", "key": "reason", "id": "f2", "label": "事由"},
        ],
    },
    ensure_ascii=False,
)


@pytest.fixture
def drawer(engine: Engine) -> Speaking:
    client = speaking(engine, "drawer")
    client.page("/designer/new", key="leave", name="请假")
    files = {"leave.bpmn": SIMPLE, "days.dmn": DMN, "request.form": FORM}
    client("PUT", "/designer/leave/draft", {"version": 1, "files": files})
    return client


def _findings(client: Speaking, files: dict[str, str]) -> dict[str, Any]:
    found = client("POST", "/designer/leave/check", {"files": files})["findings"]
    return {one["code"]: one for one in found}


@on_sqlite
def test_a_finding_has_its_place_its_sentence_and_a_fix(drawer: Speaking) -> None:
    assert drawer("POST", "/designer/leave/check", {"files": {}})["errors"] == 0
    found = _findings(drawer, {"leave.bpmn": BRANCHES})["no-condition"]
    assert (found["path"], found["element"], found["severity"]) == ("leave.bpmn", "G", "error")
    assert found["source"].startswith("10.6.2")
    assert [fix["changes"] for fix in found["fixes"]] == [
        [{"op": "set", "element": "G", "property": "default", "value": "left"}],
        [{"op": "set", "element": "G", "property": "default", "value": "right"}],
    ]
    assert found["fixes"][1]["label"] == "以“其余”为默认流向"


@on_sqlite
def test_unknown_names_are_found_and_the_likely_ones_offered(drawer: Speaking) -> None:
    wrong = diagram(
        process(
            "main",
            line(
                user("A", "group(designer)", form="requst", fieldPermissions="days:read, *:edit, gone:hidden"),
                user("B", "nobody at all"),
                '<businessRuleTask id="D" camunda:decisionRef="level" camunda:resultVariable="l"/>',
            ),
        )
    ).decode()
    found = _findings(drawer, {"leave.bpmn": wrong})
    assert {"unknown-people", "unknown-form", "assignment-rule", "unknown-decision"} <= set(found)
    assert found["unknown-form"]["fixes"][0]["changes"][0]["value"] == "request"
    assert found["unknown-decision"]["fixes"][0]["changes"][0]["value"] == "levels"
    right = wrong.replace("requst", "request").replace("group(designer)", "group(designers)")
    found = _findings(drawer, {"leave.bpmn": right})
    assert "gone" in found["unknown-field"]["message"]
    assert "unknown-people" not in found


@on_sqlite
def test_a_field_that_an_expression_asks_for_has_to_be_kept(drawer: Speaking) -> None:
    asked = BRANCHES.replace(
        '<startEvent id="begin"/>',
        '<startEvent id="begin"/><userTask id="U" camunda:assignee="initiator" duban:form="request"/>'
        '<sequenceFlow id="first" sourceRef="begin" targetRef="U"/>',
    ).replace('sourceRef="begin" targetRef="G"', 'sourceRef="U" targetRef="G"')
    asked = asked.replace(
        '<sequenceFlow id="left" sourceRef="G" targetRef="x"/>',
        '<sequenceFlow id="left" sourceRef="G" targetRef="x"><conditionExpression>days &gt; 3</conditionExpression>'
        "</sequenceFlow>",
    )
    found = _findings(drawer, {"leave.bpmn": asked})["field-not-kept"]
    assert (found["element"], found["severity"]) == ("U", "warning")
    assert found["fixes"][0]["changes"] == [
        {"op": "set", "element": "U", "property": "duban:variables", "value": "days"}
    ]
    kept = asked.replace('duban:form="request"', 'duban:form="request" duban:variables="days"')
    assert "field-not-kept" not in _findings(drawer, {"leave.bpmn": kept})
    titled = kept.replace('duban:form="request"', 'duban:form="request" duban:title="=&quot;days: &quot; + reason"')
    found = _findings(drawer, {"leave.bpmn": titled})["field-not-kept"]
    assert found["fixes"][0]["changes"][0]["value"] == "days, reason"


@on_sqlite
def test_what_is_on_the_screen_is_checked_also_when_it_cannot_be_read(drawer: Speaking) -> None:
    found = _findings(drawer, {"leave.bpmn": SIMPLE[:-20]})
    assert found["not-xml"]["severity"] == "error"
    drawer("PUT", "/designer/leave/draft", {"version": 2, "files": {"leave.bpmn": SIMPLE[:-20]}})
    assert _findings(drawer, {})["unreadable"]["path"] == "leave.bpmn"
    assert "unreadable" not in _findings(drawer, {"leave.bpmn": SIMPLE})


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"expression": "days > 3", "variables": {"days": 5}}, {"ok": True, "value": True, "type": "boolean"}),
        ({"expression": "= date(\"2026-01-05\")", "variables": {}}, {"value": "2026-01-05", "type": "date"}),
        ({"expression": "days >", "variables": {}}, {"ok": False, "stage": "syntax"}),
        ({"expression": "days > 3", "variables": None}, {"ok": True, "type": "unknown"}),
        ({"expression": "[1..3]", "kind": "unary", "input": 2}, {"ok": True, "value": True}),
        ({"expression": "not(2)", "kind": "unary", "input": 2}, {"ok": True, "value": False}),
        ({"expression": "-", "kind": "unary", "input": 2}, {"ok": True, "value": True}),
        ({"expression": "> (", "kind": "unary", "input": 2}, {"ok": False, "stage": "syntax"}),
        ({"expression": "2 working days", "kind": "duration"}, {"ok": True, "value": "2026-09-09T01:00:00+00:00"}),
        ({"expression": "2026-10-01", "kind": "date"}, {"ok": True, "value": "2026-10-01T00:00:00+08:00"}),
        ({"expression": "  "}, {"ok": False}),
    ],
)  # fmt: skip
def test_an_expression_is_tried_with_sample_values(
    drawer: Speaking, asked: dict[str, Any], answer: dict[str, Any]
) -> None:
    told = drawer("POST", "/designer/leave/feel", asked)
    assert {key: told[key] for key in answer} == answer


@on_sqlite
def test_a_decision_is_tried_as_it_will_decide(drawer: Speaking) -> None:
    address = "/designer/leave/decisions/evaluate"
    known = drawer("POST", address, {"path": "days.dmn"})["decisions"]
    assert known == [{"id": "levels", "name": "审批层级", "inputs": ["days"], "outputs": ["level"]}]
    made = drawer("POST", address, {"path": "days.dmn", "decision": "levels", "variables": {"days": 5}})
    assert (made["outputs"], made["rules"]) == ("head", [2])
    wrong = DMN.replace("&gt; 3", "&gt; 2")
    broken = drawer("POST", address, {"text": wrong, "decision": "levels", "variables": {"days": 3}})
    assert not broken["ok"]
    assert "唯一" in broken["message"]
    drawer("POST", address, {"path": "none.dmn"}, status=404)


@on_sqlite
def test_a_submission_is_judged_as_it_will_be(drawer: Speaking) -> None:
    address = "/designer/leave/forms/validate"
    assert [one["key"] for one in drawer("POST", address, {"path": "request.form"})["fields"]] == ["days", "reason"]
    assert drawer("POST", address, {"path": "request.form", "data": {"days": 2}})["data"]["days"] == 2
    refused = drawer("POST", address, {"path": "request.form", "data": {"days": 0}})
    assert set(refused["fields"]) == {"days"}
    read = drawer(
        "POST",
        address,
        {"path": "request.form", "data": {"days": 9}, "rights": {"days": "read"}, "stored": {"days": 2}},
    )
    assert read["data"]["days"] == 2


def test_pickers_offer_what_there_is(drawer: Speaking) -> None:
    found = drawer("GET", "/designer/leave/pickers")
    rules = {one["value"]: one["label"] for one in found["rules"]}
    assert rules["initiator"] == "发起人"
    assert rules["group(designers, head)"] == "流程设计组组长"
    assert found["forms"][0]["fields"][0] == {"key": "days", "label": "天数", "label_en": "", "type": "number"}
    assert found["decisions"][0]["inputs"] == ["days"]
    notify = next(one for one in found["services"] if one["value"] == "notify")
    assert [one["name"] for one in notify["inputs"] if one["required"]] == ["title", "people"]
    assert {one["name"] for one in found["variables"]} == {"days", "reason"}
    shown = [one["label"] for one in found["services"]]
    shown += [one["label"] for service in found["services"] for one in service["inputs"]]
    assert [label for label in shown if "/ " in label] == [], "labels show one language"


PLAN = """name: 自查活动
phases:
  - {code: study, name: 学习, name_en: Study, starts: --09-05, ends: --09-12}
launch:
  parameters:
    - {name: year, label: 年度, label_en: Year, type: integer, required: true}
    - {name: how, type: choice, choices: {mean: 平均 / Mean, best: 最好 / Best}, default: best}
    - {name: share, label: 比例, type: number, unit: "%", default: 50, min: 1, max: 100, open: 原文未定 / left open}
"""
LAUNCHED = """name: 一
starts_at: "2027-09-01 09:00"
people: {others: {office: 办公室}}
steps:
  - launch: {who: office, parameters: {share: 0}, refused: invalid-input}
  - launch: {who: office, parameters: {year: 2027}}
"""


def test_what_a_launch_asks_for_comes_with_the_values_of_the_scenario(drawer: Speaking) -> None:
    address = "/designer/leave/pickers"
    assert drawer("GET", address)["launch"] == [], "a package without a plan asks for nothing"
    drawer("PUT", "/designer/leave/draft", {"version": 2, "files": {"plan.yaml": PLAN}})
    found = drawer("GET", address)
    assert found["phases"] == [{"value": "study", "label": "学习"}]
    year, how, share = found["launch"]
    assert how["choices"] == [["mean", "平均"], ["best", "最好"]]
    assert (year["value"], year["label"], year["type"], year["required"]) == ("year", "年度", "integer", True)
    assert 2020 < year["default"] < 2100, "this year"
    assert (share["default"], share["unit"], share["min"], share["max"]) == (50, "%", 1, 100)
    assert share["hint"] == "原文未定"
    drawer("PUT", "/designer/leave/draft", {"version": 3, "files": {"scenario.yaml": LAUNCHED}})
    assert [one["default"] for one in drawer("GET", address)["launch"]] == [2027, "best", 50]
    drawer(
        "PUT", "/designer/leave/draft", {"version": 4, "files": {"scenario.yaml": "name: [", "plan.yaml": "phases: 1"}}
    )
    assert drawer("GET", address)["launch"] == [], "a plan with faults asks for nothing"


def test_publishing_makes_a_version_and_ends_the_draft(engine: Engine, drawer: Speaking) -> None:
    base = "/designer/leave"
    assert "note" in drawer("POST", f"{base}/publish", {"version": 2, "note": " "}, status=422)["fields"]
    drawer("POST", f"{base}/publish", {"version": 1, "note": "第一版"}, status=409)
    done = drawer("POST", f"{base}/publish", {"version": 2, "note": "第一版"})
    assert (done["published"], done["running"], done["migrate"]) == (1, 0, None)
    draft = drawer("GET", f"{base}/draft")
    assert (draft["drafted"], draft["live"], draft["version"]) == (False, 1, 3)
    start_instance(engine, package_key="leave", variables={}, title="一", initiator_id=PEOPLE["drawer"])
    drawer("PUT", f"{base}/draft", {"version": 3, "files": {"leave.bpmn": LONGER}})
    admin = speaking(engine, "admin")
    done = admin("POST", f"{base}/publish", {"version": 4, "note": "加一步"})
    assert (done["published"], done["running"]) == (2, 1)
    assert "/operations/migrate?source=" in done["migrate"]
    assert admin.page(done["migrate"]).status_code == 200
    told = drawer("GET", f"{base}/versions")["versions"]
    assert [(one["version"], one["live"], one["running"], one["note"]) for one in told] == [
        (2, True, 0, "加一步"),
        (1, False, 1, "第一版"),
    ]


def test_an_older_version_becomes_the_live_one_again(drawer: Speaking) -> None:
    base = "/designer/leave"
    drawer("POST", f"{base}/publish", {"version": 2, "note": "第一版"})
    drawer("PUT", f"{base}/draft", {"version": 3, "files": {"leave.bpmn": LONGER}})
    drawer("POST", f"{base}/publish", {"version": 4, "note": "第二版"})
    assert "note" in drawer("POST", f"{base}/versions/1/publish", {}, status=422)["fields"]
    assert drawer("POST", f"{base}/versions/1/publish", {"note": "第二版有误"})["published"] == 1
    drawer("POST", f"{base}/versions/1/publish", {"note": "再来一次"}, status=422)
    told = drawer("GET", f"{base}/versions")
    assert [(one["version"], one["live"], one["note"]) for one in told["versions"]] == [
        (2, False, "第二版"),
        (1, True, "第一版"),
    ]
    assert [(one["version"], one["again"], one["note"]) for one in told["publications"]] == [
        (1, True, "第二版有误"),
        (2, False, "第二版"),
        (1, False, "第一版"),
    ]
    assert {one["published_by"] for one in told["publications"]} == {"drawer"}
    assert drawer("GET", f"{base}/draft")["files"]["leave.bpmn"] == SIMPLE
    assert drawer("GET", f"{base}/versions/2/files")["files"]["leave.bpmn"] == LONGER
    drawer("POST", f"{base}/versions/9/publish", {"note": "x"}, status=404)


@on_sqlite
def test_errors_stand_against_publishing(drawer: Speaking) -> None:
    drawer("PUT", "/designer/leave/draft", {"version": 2, "files": {"leave.bpmn": BRANCHES}})
    refused = drawer("POST", "/designer/leave/publish", {"version": 3, "note": "x"}, status=422)
    assert refused["type"] == "urn:duban:refused-diagram"
    assert "no-condition" in {one["code"] for one in refused["findings"]}
    assert drawer("GET", "/designer/leave/draft")["live"] is None


@on_sqlite
def test_who_may_not_publish_is_sent_to_a_review(engine: Engine) -> None:
    publish(engine, Package("live", {"live.bpmn": SIMPLE.encode()}))
    drawer = speaking(engine, "drawer")
    drawer("PUT", "/designer/live/draft", {"version": 0, "files": {"live.bpmn": LONGER}})
    refused = drawer("POST", "/designer/live/publish", {"version": 1, "note": "x"}, status=403)
    assert refused["type"] == "urn:duban:review-needed"


SCENARIO = """
starts_at: "2026-09-07 09:00"
people: {others: {li: 李}}
steps:
  - start: {who: li}
  - do: {task: A, who: li}
  - expect: {instances: {process: main, status: completed}, equals: 1, source: recorded}
"""


def test_a_scenario_that_no_longer_holds_stands_against_publishing(drawer: Speaking) -> None:
    base = "/designer/leave"
    drawer("PUT", f"{base}/draft", {"version": 2, "files": {"scenarios/short.yaml": SCENARIO}})
    played = drawer("POST", f"{base}/replay", {"version": 3})["replays"]
    assert [(one["path"], one["ok"]) for one in played] == [("scenarios/short.yaml", True)]
    drawer("POST", f"{base}/publish", {"version": 3, "note": "第一版"})
    drawer("PUT", f"{base}/draft", {"version": 4, "files": {"leave.bpmn": LONGER}})
    refused = drawer("POST", f"{base}/publish", {"version": 5, "note": "加一步"}, status=422)
    assert refused["type"] == "urn:duban:replay-failed"
    failed = refused["replays"][0]
    assert [check["actual"] for check in failed["checks"]] == [0]
    drawer("PUT", f"{base}/draft", {"version": 5, "files": {"scenarios/short.yaml": "steps: 1"}})
    assert _findings(drawer, {})["scenario"]["path"] == "scenarios/short.yaml"


def test_who_is_editing_is_seen_until_the_tab_is_gone(engine: Engine, drawer: Speaking) -> None:
    base = "/designer/leave"
    drawer("POST", f"{base}/presence", {"tab": "t1", "path": "leave.bpmn", "element": "A"})
    other = speaking(engine, "other")
    told = other("POST", f"{base}/presence", {"tab": "t2"})
    assert [(one["name"], one["element"], one["you"]) for one in told["editors"]] == [
        ("drawer", "A", False),
        ("other", "", True),
    ]
    drawer("DELETE", f"{base}/presence", {"tab": "t1"}, status=204)
    other("DELETE", f"{base}/presence", {"tab": "t1"}, status=204)
    assert [one["name"] for one in other("GET", f"{base}/draft")["editors"]] == ["other"]
    engine.clock.advance_to(engine.clock.now().replace(hour=2))  # type: ignore[attr-defined]
    assert other("GET", f"{base}/draft")["editors"] == []
