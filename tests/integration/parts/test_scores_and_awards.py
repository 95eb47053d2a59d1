"""Scores, ranks, awards, money, counters and registers on their tables, through the service kinds of diagrams."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.store import Database
from tests.support.parts import PartWorld, part_world
from workflows.awards.models import Grant, MoneyLine, RankingRow
from workflows.campaigns.models import CampaignUnit
from workflows.counters.models import Measure
from workflows.parts.subjects import subjects_of
from workflows.registers.models import RegisterEntry
from workflows.sampling.draw import position_of
from workflows.scoring.models import Score, ScoreEntry
from workflows.scoring.service import what_if

PLAN = {
    "scoring": [
        {
            "code": "check",
            "every": "month",
            "items": [{"code": "order", "points": 60}, {"code": "clean", "points": 40, "per": "{per_household}"}],
            "vetoes": [{"code": "accident", "name": "安全事故"}],
        },
        {"code": "quarter", "every": "quarter", "over": {"from": "check"}, "result": True},
    ],
    "rankings": [{"code": "quarterly", "scheme": "quarter"}],
    "awards": [
        {
            "code": "best",
            "name": "先进村",
            "ranking": "quarterly",
            "top": 3,
            "eligible_from": "{line}",
            "money": [300, 200, 100],
            "split": {"cadres": 50, "cleaners": 30, "attached": 20},
        },
        {
            "code": "worst",
            "kind": "penalty",
            "ranking": "quarterly",
            "bottom": 2,
            "lacking": ["best"],
            "money": [300, 200],
            "split": {"cadres": 1, "attached": 1},
            "counter": "last_three",
        },
    ],
    "counters": [
        {"code": "last_three", "every": "year", "measures": [{"code": "talk", "name": "诫勉谈话", "from": 2}]},
        {
            "code": "demerit",
            "full": 12,
            "measures": [
                {"code": "suspend_3", "from": 6, "lasts": "P3M"},
                {"code": "barred", "from": 12, "lasts": "P1Y"},
            ],
        },
    ],
    "registers": [
        {
            "code": "patients",
            "fields": ["phone", "risk"],
            "states": ["suspect", "filed", "lost"],
            "closed": ["lost"],
            "moves": {"suspect": ["filed"]},
        },
        {"code": "cases", "private": True, "states": ["suspect", "filed"]},
    ],
    "frequencies": [{"code": "follow_up", "of": "patients", "at_least": 4, "every": "year", "misses": 3}],
}
VILLAGES = {f"v{number}": "village" for number in range(1, 6)}


@pytest.fixture
def world(database: Database) -> Iterator[PartWorld]:
    with Session(database.sql) as session:
        yield part_world(database, session, PLAN, VILLAGES, {"line": 85, "per_household": 0.5})
        session.rollback()


def _check(world: PartWorld, *, period: str, **points: float) -> None:
    for code, value in points.items():
        marks = [{"item": "order", "amount": 60}, {"item": "clean", "amount": (100 - value) * 2, "reason": "漏户"}]
        world.call("score.enter", scheme="check", unit=code, period=period, marks=marks, step=f"sheet-{code}")


def test_quarter_is_the_mean_of_its_months_and_explains_itself(world: PartWorld) -> None:
    _check(world, period="2026-07", v1=90, v2=80)
    _check(world, period="2026-08", v1=91, v2=81.5)
    _check(world, period="2026-10", v1=60)
    result = world.call("score.compute", scheme="quarter", period="2026-Q3")
    assert (result["scored_count"], result["unscored_subjects"]) == (2, ["v3", "v4", "v5"])
    score = world.session.scalars(select(Score).where(Score.subject == "v2", Score.scheme == "quarter")).one()
    assert score.value == Decimal("80.7500")
    assert [line["text"] for line in score.lines] == ["2026-07 得 80", "2026-08 得 81.5", "2 次平均"]
    unit = world.session.get(CampaignUnit, (world.campaign.id, world.units["v1"].id))
    assert unit is not None
    assert unit.score == Decimal("90.50")


def test_the_same_sheet_handed_in_again_replaces_its_marks(world: PartWorld) -> None:
    world.submit("sheet", order=50, clean=4, reason_clean="两户未清扫")
    for _ in range(2):
        world.call("score.enter", scheme="check", unit="v1", element="sheet", period="2026-07")
    world.call("score.enter", scheme="check", unit="v1", period="2026-07", element="sheet", round=2)
    assert world.session.scalar(select(func.count()).select_from(ScoreEntry)) == 4
    world.call("score.compute", scheme="check", period="2026-07", unit="v1")
    assert world.variables["score_value"] == 88.0


def test_a_mark_of_zero_in_a_form_is_a_mark(world: PartWorld) -> None:
    world.submit("sheet", order=0)
    world.call("score.enter", scheme="check", unit="v1", element="sheet", period="2026-07")
    entry = world.session.scalars(select(ScoreEntry)).one()
    assert (entry.item, entry.amount) == ("order", 0)


def test_an_amount_that_came_out_empty_is_refused(world: PartWorld) -> None:
    with pytest.raises(InvalidInput, match="空"):
        world.call("score.enter", scheme="check", unit="v1", period="2026-07", item="order", amount=None)
    world.call("score.enter", scheme="check", unit="v1", period="2026-07", item="accident", amount=None)
    assert world.session.scalars(select(ScoreEntry.item)).all() == ["accident"]


def test_best_and_worst_get_their_money_in_shares_that_add_up(world: PartWorld) -> None:
    _check(world, period="2026-07", v1=95, v2=90, v3=84.5, v4=70, v5=70)
    world.call("score.compute", scheme="quarter", period="2026-Q3")
    ranked = world.call("rank.make", ranking="quarterly", period="2026-Q3")
    assert ranked["tied_count"] == 2
    given = world.call("awards.give", award="best,worst", period="2026-Q3")
    assert given["awarded"] == {"best": ["v1", "v2"], "worst": ["v5", "v4"]}
    assert given["award_money"] == 500 - 600
    shares = world.session.execute(
        select(MoneyLine.subject, MoneyLine.beneficiary, MoneyLine.amount).where(MoneyLine.code == "best")
    ).all()
    assert [tuple(row) for row in shares[:3]] == [("v1", "cadres", 150), ("v1", "cleaners", 90), ("v1", "attached", 60)]


def test_awards_decided_again_are_not_given_twice_and_confirmed_ones_stay(world: PartWorld) -> None:
    _check(world, period="2026-07", v1=95, v2=90)
    world.call("score.compute", scheme="quarter", period="2026-Q3")
    world.call("rank.make", ranking="quarterly", period="2026-Q3")
    for _ in range(2):
        world.call("awards.give", award="best", period="2026-Q3")
    assert world.session.scalar(select(func.count()).select_from(Grant)) == 2
    world.call("awards.settle", award="best", period="2026-Q3")
    with pytest.raises(InvalidInput, match="已经确定"):
        world.call("awards.give", award="best", period="2026-Q3")
    assert world.call("awards.history", subject="v1", year=2026)["honours"] == ["先进村"]
    world.call("awards.settle", award="best", subjects=["v1"], state="cancelled")
    assert world.call("awards.history", subject="v1", year=2026)["honour_count"] == 0
    assert world.session.scalar(select(func.sum(MoneyLine.amount))) == 200


def test_twice_among_the_last_in_a_year_leads_to_a_talk_s1_19(world: PartWorld) -> None:
    for quarter, month in (("2026-Q2", "2026-05"), ("2026-Q3", "2026-08")):
        _check(world, period=month, v1=95, v2=90, v3=88, v4=60, v5=50)
        world.call("score.compute", scheme="quarter", period=quarter)
        world.call("rank.make", ranking="quarterly", period=quarter)
        world.call("awards.give", award="best,worst", period=quarter)
    taken = world.session.scalars(select(Measure).order_by(Measure.subject)).all()
    assert [(one.subject, one.code, one.total) for one in taken] == [("v4", "talk", 2), ("v5", "talk", 2)]
    row = world.session.scalars(
        select(RankingRow).where(RankingRow.subject == "v4", RankingRow.period == "2026-Q3")
    ).one()
    assert (row.rank, row.previous, row.of) == (4, 4, 5)


def test_veto_keeps_the_first_from_the_award_and_an_upheld_appeal_gives_it_back(world: PartWorld) -> None:
    _check(world, period="2026-07", v1=95, v2=90)
    world.call("score.enter", scheme="check", unit="v1", period="2026-07", item="accident", step="veto", add=True)
    entry = world.variables["score_entry_id"]
    world.call("score.compute", scheme="quarter", period="2026-Q3")
    assert world.variables["scored_count"] == 2
    world.call("rank.make", ranking="quarterly", period="2026-Q3")
    assert world.call("awards.give", award="best", period="2026-Q3")["award_subjects"] == ["v2"]
    world.call("appeal.open", entry_id=entry, reason="事故不在本村", limit="15 working days")
    world.call("appeal.decide", outcome="upheld", answer="查明属实")
    world.call("score.compute", scheme="quarter", period="2026-Q3")
    world.call("rank.make", ranking="quarterly", period="2026-Q3")
    assert world.call("awards.give", award="best", period="2026-Q3")["award_subjects"] == ["v1", "v2"]


def test_appeal_after_fifteen_working_days_is_too_late_s1_06(world: PartWorld) -> None:
    _check(world, period="2026-09", v1=80)
    world.at += timedelta(days=22)
    with pytest.raises(InvalidInput, match="届满"):
        world.call("appeal.open", unit="v1", reason="不服")
    world.at -= timedelta(days=1)
    assert world.call("appeal.open", unit="v1", reason="不服")["appeal_until"].startswith("2026-09-28")


def test_demerits_stop_at_twelve_and_begin_anew_each_year_s1_06(world: PartWorld) -> None:
    world.person("doctor")
    first = world.call("counter.add", counter="demerit", subject="doctor", amount=7, reason="甲医院")
    assert (first["counter_measure"], first["counter_measure_until"][:10]) == ("suspend_3", "2026-12-07")
    second = world.call("counter.add", counter="demerit", subject="doctor", amount=9, reason="乙医院")
    assert (second["counter_total"], second["counter_measure"], second["counter_measure_times"]) == (12.0, "barred", 1)
    assert second["counter_measure_until"][:4] == "2027"
    third = world.call("counter.add", counter="demerit", subject="doctor", amount=1, day="2027-01-04")
    assert (third["counter_total"], third["counter_measure"]) == (1.0, "")


def test_what_an_objection_overturned_is_taken_back_with_its_measure(world: PartWorld) -> None:
    world.person("doctor")
    world.call("counter.add", counter="demerit", subject="doctor", amount=7)
    assert world.call("counter.add", counter="demerit", subject="doctor", amount=5)["counter_measure"] == "barred"
    voided = world.call("counter.void", counter="demerit", subject="doctor")
    assert (voided["counter_voided"], voided["counter_total"], voided["counter_lifted"]) == (5.0, 7.0, ["barred"])
    assert world.session.scalars(select(Measure.code)).all() == ["suspend_3"]
    assert world.call("counter.add", counter="demerit", subject="doctor", amount=5)["counter_measure"] == "barred"
    for _ in range(2):
        world.call("counter.void", counter="demerit", subject="doctor")
    with pytest.raises(NotFound, match="没有可以撤销的计数"):
        world.call("counter.void", counter="demerit", subject="doctor")


def test_patient_is_followed_up_four_times_a_year_and_lost_after_three_misses_s1_01_s1_11(world: PartWorld) -> None:
    world.call(
        "register.enter", register="patients", key="p-1", name="患者一", unit="v1", values={"phone": "1", "x": 2}
    )
    entry = world.session.scalars(select(RegisterEntry)).one()
    assert (entry.state, entry.fields) == ("suspect", {"phone": "1"})
    with pytest.raises(InvalidInput, match="不能改为"):
        world.call("register.update", register="patients", key="p-1", state="lost")
    world.call("register.update", register="patients", key="p-1", state="filed")
    for _ in range(2):
        world.call("frequency.record", frequency="follow_up", subject="p-1")
    assert world.call("frequency.check", frequency="follow_up") == {
        "short_subjects": ["p-1"],
        "short_unit_ids": [world.units["v1"].id],
        "short_count": 1,
        "short_left": 2,
    }
    for number in range(1, 4):
        missed = world.call("frequency.record", frequency="follow_up", subject="p-1", done=False)
        assert (missed["frequency_misses"], missed["frequency_lost"]) == (number, number == 3)
    world.call("register.update", register="patients", key="p-1", state="lost")
    assert world.call("frequency.check", frequency="follow_up")["short_count"] == 0


def test_lots_among_the_entries_of_a_register_are_drawn_again_from_the_seed_s3_04(world: PartWorld) -> None:
    for number in range(5):
        world.call("register.enter", register="patients", key=f"P{number}", name=f"户{number}")
    world.call("register.update", register="patients", key="P4", state="filed")
    drawn = world.call("register.draw", register="patients", state="suspect", count=3, seed="s", becomes="filed")
    order = sorted((f"P{number}" for number in range(4)), key=lambda key: position_of("s", "patients", key))
    assert (drawn["drawn_keys"], drawn["drawn_short"]) == (order[:3], False)
    left = world.call("register.list", register="patients", state="suspect")
    assert left["register_keys"] == [order[3]]
    again = world.call("register.draw", register="patients", state="suspect", count=3, seed="t", becomes="filed")
    assert (again["drawn_keys"], again["drawn_short"]) == ([order[3]], True)
    world.call("register.enter", register="cases", key="C1", name="一案")
    with pytest.raises(InvalidInput, match="公开"):
        world.call("register.draw", register="cases", count=1, becomes="filed")


def test_public_notice_counts_down_and_an_upheld_objection_cancels_the_award(world: PartWorld) -> None:
    world.call("awards.grant", award="model", name="标兵", subjects=["v1", "v2"])
    opened = world.call("notice.open", title="拟表彰名单公示", award="model", lasts="5 working days")
    assert opened["notice_closes"].startswith("2026-09-14T15:59:59")
    world.call("notice.object", text="材料不实", subject="v2")
    with pytest.raises(InvalidInput, match="公示期未满"):
        world.call("notice.close")
    world.call("notice.decide", upheld=True, answer="核实")
    world.at += timedelta(days=9)
    with pytest.raises(InvalidInput, match="不再受理"):
        world.call("notice.object", text="太晚了")
    assert world.call("notice.close") == {"objection_count": 1, "objections_upheld": 1, "notice_names": "单位v1"}
    world.call("awards.settle", award="model")
    assert world.call("awards.history", subject="v2", year=2026)["honour_count"] == 0
    assert world.call("awards.history", subject="v1", year=2026)["honour_count"] == 1


def test_pool_never_pays_more_than_it_has_s4_10(world: PartWorld) -> None:
    world.call("money.deposit", pool="support", amount=200_000)
    assert world.call("money.pay", pool="support", subject="v1", amount=150_000)["pool_balance"] == 50_000
    with pytest.raises(InvalidInput, match="余额"):
        world.call("money.pay", pool="support", subject="v2", amount=60_000)
    paid = world.call("money.pay", pool="support", subject="v2", amount=60_000, up_to_balance=True)
    assert (paid["money_amount"], paid["pool_balance"]) == (50_000, 0)


def test_leader_reward_is_taken_back_into_the_pool_s1_20(world: PartWorld) -> None:
    world.call("money.deposit", pool="leaders", amount=100)
    taken = world.call("money.pay", pool="leaders", subject="v1", amount=-100, reason="抽查不合格超过三次")
    assert taken["pool_balance"] == 200


def test_what_if_changes_nothing(world: PartWorld) -> None:
    _check(world, period="2026-07", v1=95)
    entry = world.session.scalars(select(ScoreEntry).where(ScoreEntry.item == "clean")).one()
    who = subjects_of(world.session, world.campaign, ["v1"])
    asked = what_if(
        world.session,
        campaign=world.campaign,
        scheme="check",
        subjects=who,
        period="2026-07",
        amounts={entry.id: Fraction(0)},
    )
    assert asked == {"v1": (Decimal("95.00"), Decimal("100.00"))}
    assert world.session.scalar(select(func.count()).select_from(Score)) == 0


def test_points_of_a_reprint_by_three_authors_s0_02(world: PartWorld) -> None:
    world.call(
        "score.enter", scheme="check", unit="v1", item="order", amount=40, factor="1/4", authors=3, period="2026"
    )
    entry = world.session.scalars(select(ScoreEntry)).one()
    assert entry.amount == Decimal("3.3333")
