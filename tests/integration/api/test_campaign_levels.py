"""The cascade and the reports by REST: level by level, within what each person may see; on both databases."""

from collections.abc import Callable

import pytest
from flask import Flask

from engine.store import Database
from tests.support.api import Caller, api_app
from tests.support.levels import LevelWorld, half_way

Call = Callable[[str], Caller]


@pytest.fixture
def world(database: Database) -> LevelWorld:
    return half_way(database)


@pytest.fixture
def app(world: LevelWorld) -> Flask:
    return api_app(world.engine)


@pytest.fixture
def call(world: LevelWorld, app: Flask) -> Call:
    return lambda login: world.caller(app, login)


def test_the_cascade_tells_plans_reasons_and_what_is_rolled_up(world: LevelWorld, call: Call) -> None:
    leader, at = call("leader"), f"{world.address}/cascade"
    rows = {row["code"]: row for row in leader.get(at).json["rows"]}
    assert {code: row["state"] for code, row in rows.items()} == {
        "east": "approved", "e1": "missing", "e2": "missing", "west": "refused", "w1": "missing",
    }  # fmt: skip
    assert {one["code"]: one["verdict"] for one in rows["east"]["comparisons"]} == dict.fromkeys(
        ("finish", "coverage", "accidents"), "tighter"
    )
    assert "完成日期不得晚于 2026-10-31" in rows["west"]["refusal"]
    assert (rows["east"]["plansFiled"], rows["east"]["plansExpected"], rows["east"]["reportsMissing"]) == (1, 3, 0)
    assert (rows["west"]["reportsMissing"], rows["west"]["reportsLate"]) == (1, 1)
    below = leader.get(f"{at}?below={world.units['east']}&maxResults=1").json
    assert ([row["code"] for row in below["rows"]], below["count"]) == (["e1"], 2)
    assert leader.get(f"{at}?state=refused&search=西").json["count"] == 1
    assert [row["code"] for row in call("e1-head").get(at).json["rows"]] == ["e1"]


def test_reports_tell_what_is_overdue_and_add_up_to_their_source_rows(world: LevelWorld, call: Call) -> None:
    leader, at = call("leader"), f"{world.address}/report"
    (standing,) = leader.get(at).json
    assert (standing["name"], standing["expected"], standing["filed"], standing["missing"]) == ("进度表", 3, 2, 1)
    assert standing["lamp"] == "red"
    (late,) = leader.get(f"{at}/filing?state=overdue").json["rows"]
    assert (late["unitName"], late["lateTimes"], late["filedAt"]) == ("西一村", 1, None)
    assert leader.get(f"{at}/filing?unitId={world.units['e1']}&period=2026-03&report=monthly").json["count"] == 1
    world.do("monthly_file", "w1", {"done": 5})
    world.do("monthly_file_2", "east", {"done": 8})
    east = leader.get(f"{at}/monthly?period=2026-03&below={world.units['east']}").json
    assert (east["sums"], east["above"]["figures"], east["differing"]) == ({"done": 7.0}, {"done": 8.0}, ["done"])
    assert sorted(row["unitName"] for row in east["rows"]) == ["东一村", "东二村"]
    top = leader.get(f"{at}/monthly?period=2026-03").json
    assert set(top["hasLower"]) == {str(world.units["east"]), str(world.units["west"])}


def test_a_unit_sees_its_own_and_a_stranger_nothing(world: LevelWorld, call: Call) -> None:
    village, stranger, at = call("e1-head"), call("stranger"), world.address
    assert [row["unitName"] for row in village.get(f"{at}/report/filing").json["rows"]] == ["东一村"]
    assert village.get(f"{at}/report/monthly?below={world.units['west']}").status_code == 404
    assert village.get(f"{at}/report/nothing").status_code == 404
    for path in ("cascade", "report", "report/filing", "report/monthly"):
        assert stranger.get(f"{at}/{path}").status_code == 404
