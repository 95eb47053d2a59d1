"""Exact numbers: no float, one rounding, shares that add up."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from workflows.parts.amounts import Rounding, exact, rounded, shared
from workflows.parts.periods import Every, Periods

CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
WEIGHTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 1000).map(Fraction), min_size=1, max_size=8
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0.1, Fraction(1, 10)),
        ("1/4", Fraction(1, 4)),
        ("30%", Fraction(3, 10)),
        (Decimal("2.50"), Fraction(5, 2)),
        (7, Fraction(7)),
    ],
)
def test_a_number_means_what_was_written(written: object, meant: Fraction) -> None:
    assert exact(written) == meant


@pytest.mark.parametrize("written", [None, True, "", "nan", "inf", "1/0", "十", 1e300, "1e11", "1e999999999"])
def test_what_is_no_number_is_refused(written: object) -> None:
    with pytest.raises(InvalidInput):
        exact(written)


@pytest.mark.parametrize(
    ("value", "rule", "result"),
    [
        ("0.125", Rounding.HALF_UP, "0.13"),
        ("-0.125", Rounding.HALF_UP, "-0.13"),
        ("0.129", Rounding.DOWN, "0.12"),
        ("0.121", Rounding.UP, "0.13"),
        ("1.005", Rounding.HALF_UP, "1.01"),
    ],
)
def test_rounding_follows_its_rule(value: str, rule: Rounding, result: str) -> None:
    assert rounded(exact(value), 2, rule) == Decimal(result)


def test_rewards_of_best_three_are_split_50_30_20_s1_19() -> None:
    split = {"cadres": Fraction(50), "cleaners": Fraction(30), "attached": Fraction(20)}
    assert list(shared(Decimal(300), split).values()) == [Decimal(150), Decimal(90), Decimal(60)]
    assert list(shared(Decimal(-100), {"attached": Fraction(1), "village": Fraction(1)}).values()) == [-50, -50]


def test_provincial_and_city_finance_share_six_to_four_s1_09() -> None:
    shares = shared(Decimal("100.01"), {"province": Fraction(6), "city": Fraction(4)})
    assert shares == {"province": Decimal("60.01"), "city": Decimal("40.00")}


@given(CENTS, WEIGHTS)
def test_shares_always_add_up_and_are_within_a_cent(amount: Decimal, weights: dict[str, Fraction]) -> None:
    shares = shared(amount, weights)
    total = sum(weights.values())
    assert sum(shares.values()) == amount
    for name, weight in weights.items():
        assert abs(Fraction(shares[name]) - Fraction(amount) * weight / total) < Fraction(1, 100)


def test_shares_need_positive_weights_and_whole_cents() -> None:
    with pytest.raises(InvalidInput):
        shared(Decimal(1), {})
    with pytest.raises(InvalidInput):
        shared(Decimal("0.001"), {"a": Fraction(1)})


PERIODS = Periods({"autumn": (date(2026, 9, 1), date(2027, 1, 22))})


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from([e for e in Every if e is not Every.TERM]))
def test_a_day_lies_within_its_period(day: date, every: Every) -> None:
    first, last = PERIODS.bounds(PERIODS.of(day, every))
    assert first <= day <= last


def test_periods_lie_in_each_other_and_terms_cross_years() -> None:
    assert PERIODS.within("2026-09", "2026-Q3")
    assert PERIODS.within("2026-Q3", "2026-H2")
    assert not PERIODS.within("2026-W40", "2026-09")
    assert PERIODS.of(date(2027, 1, 5), Every.TERM) == "autumn"
    assert PERIODS.between(date(2026, 12, 20), date(2027, 2, 1), Every.MONTH) == ["2026-12", "2027-01", "2027-02"]
    with pytest.raises(InvalidInput):
        PERIODS.of(date(2027, 3, 1), Every.TERM)
    with pytest.raises(InvalidInput):
        PERIODS.bounds("2026-13")
