"""The pages of the cascade and of the reports: level by level, within what each person may see; on both databases."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from engine.store import Database
from tests.support.levels import LevelWorld, half_way
from tests.support.web import Settings
from tests.support.website import signed_in, website


@pytest.fixture
def world(database: Database) -> LevelWorld:
    return half_way(database)


@pytest.fixture
def app(world: LevelWorld) -> Flask:
    return website(world.engine, Settings(demo=True))  # type: ignore[arg-type]


@pytest.fixture
def at(world: LevelWorld) -> str:
    return f"/campaigns/{world.campaign.id}"


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def test_the_cascade_is_read_level_by_level_with_what_is_tighter_and_why_a_plan_came_back(
    world: LevelWorld, app: Flask, at: str
) -> None:
    leader = signed_in(app, "leader")
    top = text(leader, f"{at}/cascade")
    assert top.count('class="unit-name"') == 2
    assert "完成日期不得晚于 2026-10-31；覆盖率不得低于 95%；事故不得高于 2起" in top
    assert top.count("收紧") == 6  # three of the eastern town, in the table and in its card
    assert "1 个低于上级要求" in top
    below = text(leader, f"{at}/cascade?below={world.units['east']}")
    assert "东一村" in below
    assert "西一村" not in below
    assert 'aria-current="page">东镇' in below


def test_units_of_all_levels_are_found_by_name_and_state(app: Flask, at: str) -> None:
    leader = signed_in(app, "leader")
    found = text(leader, f"{at}/cascade?q=村")
    assert found.count('class="unit-name"') == 3
    refused = text(leader, f"{at}/cascade?state=refused")
    assert refused.count('class="unit-name"') == 1
    assert "没有符合的单位" in text(leader, f"{at}/cascade?q=没有这个单位")
    assert text(leader, f"{at}/cascade?below=99&page=x").count('class="unit-name"') == 2
    leader.set_cookie("lang", "en")
    assert "Looser, being rewritten" in text(leader, f"{at}/cascade")


def test_reports_are_listed_with_what_is_overdue_and_how_often(app: Flask, at: str) -> None:
    leader = signed_in(app, "leader")
    page = text(leader, f"{at}/reports")
    assert "3 项报送" in page
    assert "1 项逾期未报" in page
    late = text(leader, f"{at}/reports?state=overdue&report=monthly&period=2026-03")
    assert "西一村" in late
    assert "东一村" not in late
    assert "累计逾期 1 次" in late
    assert "东一村" in text(leader, f"{at}/reports?state=filed&q=一村")
    assert "没有符合的报送" in text(leader, f"{at}/reports?q=没有这个单位")
    assert leader.get(f"{at}/reports?state=nothing").status_code == 422


def test_while_only_the_lowest_level_is_asked_the_top_of_a_report_shows_it(app: Flask, at: str) -> None:
    top = text(signed_in(app, "leader"), f"{at}/reports/monthly?period=2026-03")
    assert all(village in top for village in ("东一村", "东二村", "西一村"))
    assert "<b>7</b>" in top


def test_a_report_adds_up_its_source_rows_and_a_wrong_sum_is_marked(world: LevelWorld, app: Flask, at: str) -> None:
    world.do("monthly_file", "w1", {"done": 5})
    world.do("monthly_file_2", "east", {"done": 8})
    world.do("monthly_file_2", "west", {"done": 5})
    leader = signed_in(app, "leader")
    top = text(leader, f"{at}/reports/monthly?period=2026-03")
    assert f"below={world.units['east']}" in top
    assert "<b>13</b>" in top
    east = text(leader, f"{at}/reports/monthly?period=2026-03&below={world.units['east']}")
    assert "<b>7</b>" in east
    assert "东镇所报" in east
    assert "与合计不符" in east
    west = text(leader, f"{at}/reports/monthly?period=2026-03&below={world.units['west']}")
    assert "与合计不符" not in west
    book = load_workbook(
        BytesIO(leader.get(f"{at}/reports/monthly.xlsx?below={world.units['east']}&period=2026-03").data)
    )
    assert [row[1].value for row in book.worksheets[0].iter_rows()] == ["完成数", 3, 4, 7]


def test_a_unit_sees_its_own_line_and_a_stranger_nothing(world: LevelWorld, app: Flask, at: str) -> None:
    village = signed_in(app, "e1-head")
    assert text(village, f"{at}/cascade").count('class="unit-name"') == 1
    assert "东二村" not in text(village, f"{at}/reports")
    assert village.get(f"{at}/reports/monthly?below={world.units['west']}").status_code == 404
    stranger = signed_in(app, "stranger")
    for path in ("cascade", "reports", "reports/monthly", "reports/monthly.xlsx"):
        assert stranger.get(f"{at}/{path}").status_code == 404
    assert signed_in(app, "leader").get(f"{at}/reports/nothing").status_code == 404
