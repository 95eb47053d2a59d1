"""Campaigns by REST: the list, the matrix, the schedule, moving a phase; on both databases."""

from collections.abc import Callable

import pytest
from flask import Flask

from engine.store import Database
from tests.support.api import Caller, api_app
from tests.support.campaigns import Launched, launched
from workflows.access.service import Scope

PLAN = """
name: 试验行动
launch: {parameters: [{name: year, type: integer, required: true}]}
units: {kinds: [class, office]}
roles: [{code: teacher, name: 班主任, rule: post(head)}]
phases:
  - code: study
    name: 学习
    starts: --04-01
    ends: --04-30
    steps:
      - each: 各班学习
        code: classes
        steps: [{work: 学习, code: learn, who: teacher, form: [{key: done, label: 完成情况, required: false}]}]
  - code: fix
    name: 整改
    starts: 1 days after study.ends
    ends: --06-30
    steps: [{work: 整改, code: repair, who: initiator}]
"""
UNITS = [
    {"kind": "class", "names": {"one": "一班", "two": "二班"}, "posts": ["head"]},
    {"kind": "office", "names": {"hall": "教务处"}, "posts": ["head"]},
]
Call = Callable[..., Caller]


@pytest.fixture
def world(database: Database) -> Launched:
    world = launched(database, PLAN, UNITS)
    world.go_to("2026-04-10T09:00")
    return world


@pytest.fixture
def app(world: Launched) -> Flask:
    return api_app(world.engine)


@pytest.fixture
def call(world: Launched, app: Flask) -> Call:
    return lambda login, *more: world.caller(app, login, *more)


def test_campaigns_are_listed_for_who_has_to_do_with_them(world: Launched, call: Call) -> None:
    for login in ("organiser", "leader", "one-head"):
        (row,) = call(login).get("/campaign").json["rows"]
        assert (row["id"], row["title"], row["status"]) == (str(world.campaign.id), "试验行动", "running")
    organiser = call("organiser")
    assert organiser.get("/campaign?status=completed").json == {"rows": [], "count": 0}
    assert organiser.get("/campaign?titleLike=试验&packageKey=trial").json["count"] == 1
    assert organiser.get("/campaign?firstResult=1").json == {"rows": [], "count": 1}
    assert call("stranger").get("/campaign").json == {"rows": [], "count": 0}


def test_a_campaign_is_launched_for_some_of_the_units(world: Launched, call: Call) -> None:
    organiser = call("organiser")
    address = f"/process-definition/key/{world.campaign.package_key}/start"
    wish = {"variables": {"year": {"value": 2026}}, "unitIds": [str(world.units["two"])]}
    refused = organiser.post(address, {**wish, "unitIds": ["987654321"]})
    assert (refused.status_code, refused.json["code"], list(refused.json["fields"])) == (
        422,
        "invalid-input",
        ["units"],
    )
    started = organiser.post(address, wish)
    assert started.status_code == 200, started.json
    world.settle()
    newest = call("organiser").get("/campaign").json["rows"][0]
    assert newest["id"] != str(world.campaign.id)
    matrix = call("organiser").get(f"/campaign/{newest['id']}/matrix").json
    assert [row["unitName"] for row in matrix["rows"]] == ["二班"]


def test_a_campaign_says_how_its_phases_stand(world: Launched, call: Call) -> None:
    world.do("learn", "one")
    found = call("leader").get(world.address).json
    assert (found["day"], found["days"], found["units"], found["everything"]) == (10, 91, 3, True)
    study = found["phases"][0]
    assert (study["starts"], study["ends"], study["current"]) == ("2026-04-01", "2026-04-30", True)
    assert (study["done"], study["doing"], study["late"], study["total"]) == (1, 2, 0, 3)
    assert found["findings"]["total"] == 0
    trends = call("leader").get(f"{world.address}/trends").json
    assert trends["phases"][0] == {"name": "学习", "plannedPercent": 33, "actualPercent": 33}


def test_the_matrix_is_had_in_parts_and_a_unit_sees_its_own_line(world: Launched, call: Call) -> None:
    world.do("learn", "one")
    world.go_to("2026-05-02T09:00")
    leader = call("leader")
    whole = leader.get(f"{world.address}/matrix").json
    assert [row["unitName"] for row in whole["rows"]] == ["一班", "二班", "教务处"]
    assert {cell["phase"]: cell["state"] for cell in whole["rows"][1]["cells"]} == {"study": "late", "fix": "doing"}
    part = leader.get(f"{world.address}/matrix?firstResult=1&maxResults=1").json
    assert ([row["unitName"] for row in part["rows"]], part["count"]) == (["二班"], 3)
    assert leader.get(f"{world.address}/matrix?late=true").json["count"] == 2
    assert leader.get(f"{world.address}/matrix?kind=office&search=教务").json["count"] == 1
    own = call("two-head").get(f"{world.address}/matrix").json
    assert [row["unitName"] for row in own["rows"]] == ["二班"]


def test_a_phase_is_moved_by_a_request_that_a_head_decides(world: Launched, call: Call) -> None:
    organiser, leader = call("organiser"), call("leader")
    wish = {"phase": "study", "ends": "2026-05-10", "reason": "台风停课"}
    asked = organiser.post(f"{world.address}/move", wish)
    assert (asked.status_code, asked.json["state"], asked.json["proposedByName"]) == (200, "proposed", "organiser")
    again = organiser.post(f"{world.address}/move", wish)
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    place = f"{world.address}/move/{asked.json['id']}"
    assert organiser.post(f"{place}/agree", {}).status_code == 404
    refused = leader.post(f"{place}/reject", {})
    assert (refused.status_code, refused.json["fields"]) == (422, {"opinion": "请写明不同意的理由"})
    assert leader.post(f"{place}/agree", {"opinion": "同意"}).json["state"] == "agreed"
    late = leader.post(f"{place}/agree", {})
    assert (late.status_code, late.json["code"]) == (409, "stale")
    world.settle()
    assert world.due("learn") == {"05-10"}
    schedule = leader.get(f"{world.address}/schedule").json
    assert (schedule["first"], schedule["last"], schedule["today"]) == ("2026-04-01", "2026-06-30", "2026-04-10")
    assert [phase["ends"] for phase in schedule["phases"]] == ["2026-05-10", "2026-06-30"]
    assert (schedule["mayDecide"], schedule["moves"][0]["oldEnds"]) == (True, "2026-04-30")


def test_days_that_do_not_fit_are_named(world: Launched, call: Call) -> None:
    organiser = call("organiser")
    wrong = organiser.post(f"{world.address}/move", {"phase": "study", "ends": "2026-02-30", "reason": "x"})
    assert (wrong.status_code, set(wrong.json["fields"])) == (422, {"ends"})
    early = organiser.post(f"{world.address}/move", {"phase": "study", "ends": "2026-04-01", "reason": "x"})
    assert (early.status_code, early.json["fields"]) == (422, {"ends": "新的结束日不能早于今天"})
    unknown = organiser.post(f"{world.address}/move", {"phase": "none", "ends": "2026-05-01", "reason": "x"})
    assert unknown.status_code == 404


def test_a_stranger_finds_nothing_of_a_campaign(world: Launched, call: Call) -> None:
    stranger = call("stranger")
    for part in ("", "/matrix", "/schedule", "/trends"):
        assert stranger.get(f"{world.address}{part}").status_code == 404, part
    wish = {"phase": "study", "ends": "2026-05-10", "reason": "x"}
    assert stranger.post(f"{world.address}/move", wish).status_code == 404
    assert call("one-head").post(f"{world.address}/move", wish).status_code == 404
    assert stranger.post(f"{world.address}/move/1/agree", {}).status_code == 404


def test_reading_a_campaign_needs_its_scope(world: Launched, call: Call) -> None:
    assert call("leader", [Scope.CAMPAIGNS_WRITE]).get(world.address).status_code == 403
    reader = call("leader", [Scope.CAMPAIGNS_READ])
    assert reader.get(world.address).status_code == 200
    assert reader.post(f"{world.address}/move", {"phase": "study", "reason": "x"}).json["code"] == "scope-missing"
