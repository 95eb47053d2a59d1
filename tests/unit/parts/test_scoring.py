"""Sheets, composites and results over periods, with the catalogue's own figures."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from workflows.plans.schema import read_plan
from workflows.scoring.compute import Mark, Result, of_parts, of_periods, of_sheet
from workflows.scoring.schemes import check_launched, read_schemes, weight_sets

LESSON = {
    "code": "check",
    "items": [
        {"code": "attendance", "points": 5},
        {"code": "discipline", "points": 3},
        {"code": "room", "points": 2},
    ],
}
VILLAGE = {
    "code": "village",
    "items": [
        {"code": "households", "name": "门前三包", "points": 7, "per": 0.5},
        {"code": "sorted", "name": "垃圾分类", "points": 15, "per": 1, "of": 10},
        {"code": "fees", "bands": [{"from": 80, "points": 4}, {"from": 40, "points": 0}, {"from": 0, "points": -2}]},
    ],
}


def _scheme(**written: Any) -> dict[str, Any]:
    return read_schemes([written], {})[0]


def _marks(**amounts: Any) -> list[Mark]:
    return [Mark(number, 1, item, Fraction(str(amount))) for number, (item, amount) in enumerate(amounts.items())]


def test_study_discipline_sheet_adds_up_to_ten_s2_12() -> None:
    assert of_sheet(_scheme(**LESSON), _marks(attendance="4.5", discipline=3, room=1)).value == Decimal("8.50")
    full = of_sheet(_scheme(**LESSON), _marks(attendance=9, discipline=9, room=9))
    assert full.value == 10


def test_annual_score_is_the_mean_of_eight_checks_s2_12() -> None:
    annual = _scheme(code="annual", over={"from": "check", "count": 8}, full=10, scale=10)
    results = [(f"2026-{month:02d}", Result(Decimal(month), Fraction(10))) for month in range(1, 9)]
    assert of_periods(annual, results).value == Decimal("4.50")
    assert of_periods(annual, results[:7]).value is None


def test_village_sheet_takes_half_a_point_a_household_and_never_more_than_the_item_s1_19() -> None:
    sheet = _scheme(**VILLAGE)
    assert of_sheet(sheet, _marks(households=3, sorted=29, fees=85)).value == Decimal("22.50")
    lowest = of_sheet(sheet, _marks(households=100, sorted=1000, fees=39))
    assert lowest.value == Decimal(0)
    assert [str(line.points) for line in lowest.lines][:3] == ["0.0000", "0.0000", "-2.0000"]


def test_acceptance_and_daily_check_weigh_ninety_and_ten_s0_05() -> None:
    profession = _scheme(code="p", parts=[{"from": "acceptance", "weight": 90}, {"from": "daily", "weight": 10}])
    parts = {"acceptance": Result(Decimal(920), Fraction(1000)), "daily": Result(Decimal(80), Fraction(100))}
    result = of_parts(profession, {"acceptance": Fraction(90), "daily": Fraction(10)}, parts)
    assert result.value == Decimal("90.80")
    assert [line.text for line in result.lines] == ["acceptance 920 × 90%", "daily 80 × 10%"]


def test_weights_go_by_class_of_unit_s0_05() -> None:
    classes = {
        "winning": {"winning": 30, "equipment": 25, "ventilation": 25, "electro": 10, "transport": 10},
        "haulage": {"transport": 70, "electro": 30},
    }
    scheme = _scheme(code="total", by_category=classes)
    weights = {source: weight or Fraction(0) for source, weight in weight_sets(scheme)["haulage"].items()}
    parts = {"transport": Result(Decimal(90), Fraction(100)), "electro": Result(Decimal(80), Fraction(100))}
    assert of_parts(scheme, weights, parts).value == Decimal("87.00")


def test_thousand_point_sheet_is_converted_and_rounds_are_averaged_s0_05() -> None:
    sheet = _scheme(code="a", full=1000, scale=100, items=[{"code": "all", "points": 1000}])
    marks = [Mark(1, 1, "all", Fraction(910)), Mark(2, 2, "all", Fraction(945))]
    assert of_sheet(sheet, marks).value == Decimal("92.75")
    assert of_sheet(sheet | {"rounds": "worst"}, marks).value == Decimal("91.00")


def test_missing_part_is_refused_zero_or_left_out_as_the_plan_says() -> None:
    parts = {"a": Result(Decimal(80), Fraction(100)), "b": Result(None, Fraction(100))}
    weights = {"a": Fraction(60), "b": Fraction(40)}
    values = [
        of_parts(
            _scheme(code="c", missing=way, parts=[{"from": "a", "weight": 60}, {"from": "b", "weight": 40}]),
            weights,
            parts,
        )
        for way in ("refuse", "zero", "skip")
    ]
    assert [one.value for one in values] == [None, Decimal("48.00"), Decimal("80.00")]


def test_veto_makes_zero_or_the_lowest_grade_and_names_itself_s3_03() -> None:
    vetoes = [{"code": "order", "name": "社会治安"}, {"code": "ethics", "effect": "fail"}]
    sheet = _scheme(
        code="s", items=[{"code": "work", "points": 100}], vetoes=vetoes, grades={"good": 80, "pass": 60, "fail": 0}
    )
    clean = of_sheet(sheet, _marks(work=95))
    assert (clean.value, clean.grade, clean.veto) == (Decimal(95), "good", "")
    zero = of_sheet(sheet, _marks(work=95, order=1))
    assert (zero.value, zero.grade, zero.veto) == (Decimal(0), "fail", "order")
    failed = of_sheet(sheet, _marks(work=95, ethics=1))
    assert (failed.value, failed.grade, failed.veto) == (Decimal(95), "fail", "ethics")


def test_bonus_is_capped_and_the_cap_is_a_line_of_its_own() -> None:
    items = [{"code": "base", "points": 100}, {"code": "bonus", "bonus": True}]
    result = of_sheet(_scheme(code="s", items=items, bonus_cap=5), _marks(base=90, bonus=8))
    assert result.value == Decimal(95)
    assert [line.rule for line in result.lines] == ["base", "bonus", "bonus_cap"]


@given(st.lists(st.decimals(0, 50, places=1), max_size=6))
def test_deductions_never_leave_the_limits_of_their_item(amounts: list[Decimal]) -> None:
    sheet = _scheme(code="s", items=[{"code": "i", "points": 7, "per": 0.5, "floor": 1}])
    result = of_sheet(sheet, [Mark(n, 1, "i", Fraction(amount)) for n, amount in enumerate(amounts)])
    if amounts:
        assert result.value is not None
        assert 1 <= result.value <= 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a"},
        {"code": "a", "items": [{"code": "i"}], "parts": [{"from": "b", "weight": 100}]},
        {"code": "a", "parts": [{"from": "later", "weight": 100}]},
        {"code": "a", "items": [{"code": "i", "pints": 3}]},
        {"code": "a", "items": [{"code": "i", "points": "{undeclared}"}]},
    ],
)
def test_a_plan_with_a_wrong_scheme_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_plan({"scoring": [wrong]})


def test_weights_must_be_a_hundred_together() -> None:
    sheet = {"code": "a", "items": [{"code": "i", "points": 100}]}
    with pytest.raises(InvalidInput) as refused:
        read_plan({"scoring": [sheet, {"code": "b", "parts": [{"from": "a", "weight": 99}]}]})
    assert "99" in str(refused.value.fields)


def test_weights_that_a_launch_sets_are_100_together_s4_02() -> None:
    parts = [{"from": "open", "weight": "{open}"}, {"from": "peer", "weight": "{peer}"}]
    sheets = [{"code": code, "items": [{"code": "mark", "points": 100}]} for code in ("open", "peer")]
    plan = {"scoring": [*sheets, {"code": "total", "name": "总分", "parts": parts}]}
    check_launched(plan, {"open": 60, "peer": 40})
    with pytest.raises(InvalidInput, match="60，应为 100"):
        check_launched(plan, {"open": 60, "peer": 0})
