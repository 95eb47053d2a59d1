"""Ranks, quotas and money by rule, with the catalogue's own figures."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from workflows.awards.money import TieMoney, by_rank, capital_base, cut_below
from workflows.awards.ranks import Candidate, Edge, Place, Ties, first, quota, ranked
from workflows.awards.rules import AwardSchema
from workflows.awards.selection import choose
from workflows.counters.ladder import CounterSchema, reached
from workflows.parts.amounts import Rounding, exact
from workflows.parts.sections import loaded


def _places(*values: int, ties: Ties = Ties.STANDARD) -> list[Place]:
    candidates = [Candidate(f"u{n}", "", Decimal(value)) for n, value in enumerate(values)]
    return ranked(candidates, per_category=False, ties=ties)


def _award(**written: Any) -> dict[str, Any]:
    return loaded(AwardSchema, [{"code": "a", "ranking": "r", **written}], {})[0]


@pytest.mark.parametrize(
    ("ties", "ranks"), [(Ties.STANDARD, [1, 1, 3, 4]), (Ties.DENSE, [1, 1, 2, 3]), (Ties.ORDINAL, [1, 2, 3, 4])]
)
def test_equal_values_are_ranked_as_the_rule_says(ties: Ties, ranks: list[int]) -> None:
    assert [place.rank for place in _places(90, 95, 95, 80, ties=ties)] == ranks


def test_a_tie_break_separates_equals_and_no_value_has_no_rank() -> None:
    candidates = [
        Candidate("a", "", Decimal(90), (Decimal(1),)),
        Candidate("b", "", Decimal(90), (Decimal(2),)),
        Candidate("c", "", None),
    ]
    assert [(p.candidate.code, p.rank) for p in ranked(candidates, per_category=False)] == [("b", 1), ("a", 2)]


@pytest.mark.parametrize(
    ("size", "percent", "rule", "count"),
    [
        (7, 40, Rounding.DOWN, 2),
        (7, 40, Rounding.HALF_UP, 3),
        (7, 40, Rounding.UP, 3),
        (7, 20, Rounding.HALF_UP, 1),
        (2, 20, Rounding.DOWN, 0),
    ],
)
def test_quota_by_percentage_states_its_rounding_s4_02(size: int, percent: int, rule: Rounding, count: int) -> None:
    assert quota(size, percent, rounding=rule) == count


def test_school_confirms_twenty_percent_of_all_out_of_those_nominated_s4_02() -> None:
    places = _places(*range(99, 89, -1))
    nominated = choose(_award(percent=40, rounding="down"), places, per_category=False)
    assert len(nominated) == 4
    codes = {one.place.candidate.code for one in nominated[1:]}
    confirmed = choose(_award(percent=20, rounding="down", among="n"), places, per_category=False, among=codes)
    assert [one.place.candidate.code for one in confirmed] == ["u1", "u2"]


def test_equals_at_the_edge_are_all_in_or_cut_or_all_out() -> None:
    places = _places(95, 90, 90, 80)
    picked = {edge: [p.candidate.code for p in first(places, 2, edge=edge)] for edge in Edge}
    assert picked == {Edge.ALL: ["u0", "u1", "u2"], Edge.CUT: ["u0", "u1"], Edge.NONE: ["u0"]}
    assert [p.candidate.code for p in first(places, 1, edge=Edge.ALL, bottom=True)] == ["u3"]


def test_best_three_need_85_points_and_the_next_moves_up_s1_19() -> None:
    rule = _award(top=3, eligible_from=85, money=[300, 200, 100])
    chosen = choose(rule, _places(92, 90, 84, 80), per_category=False)
    assert [(one.place.candidate.code, one.money) for one in chosen] == [("u0", 300), ("u1", 200)]


def test_worst_three_are_fined_from_the_last_one_s1_19() -> None:
    rule = _award(kind="penalty", bottom=3, money=[300, 200, 100])
    chosen = choose(rule, _places(92, 90, 84, 80), per_category=False)
    assert [(one.place.candidate.code, one.money) for one in chosen] == [("u3", 300), ("u2", 200), ("u1", 100)]


def test_bands_of_the_class_other_s0_05() -> None:
    rule = _award(bands=[{"from": 96, "money": 200}, {"from": 94, "money": 150}, {"from": 92, "money": 100}])
    chosen = choose(rule, _places(97, 96, 95, 92, 91), per_category=False)
    assert [one.money for one in chosen] == [200, 200, 150, 100]


def test_rank_money_goes_by_class_s0_05() -> None:
    rule = _award(top={"electro": 2, "winning": 1}, money={"electro": [150, 100], "winning": [200]})
    candidates = [Candidate(f"{kind}{n}", kind, Decimal(90 - n)) for kind in ("electro", "winning") for n in range(3)]
    chosen = choose(rule, ranked(candidates, per_category=True), per_category=True)
    assert [(one.place.candidate.code, one.money) for one in chosen] == [
        ("electro0", 150),
        ("electro1", 100),
        ("winning0", 200),
    ]


def test_two_firsts_each_get_the_prize_or_share_what_their_ranks_get() -> None:
    places = _places(95, 95, 90)
    table = [Fraction(300), Fraction(200), Fraction(100)]
    assert list(by_rank(places, table, TieMoney.EACH).values()) == [300, 300, 100]
    assert list(by_rank(places, table, TieMoney.SHARE).values()) == [250, 250, 100]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 500), max_size=6))
def test_shared_rank_money_is_never_more_than_the_table(values: list[int], amounts: list[int]) -> None:
    paid = by_rank(_places(*values), [Fraction(amount) for amount in amounts], TieMoney.SHARE)
    assert sum(paid.values(), Decimal(0)) == sum(amounts[: len(values)])


@given(st.lists(st.integers(0, 9), max_size=20))
def test_a_rank_is_one_more_than_those_ahead(values: list[int]) -> None:
    for place in _places(*values):
        assert place.rank == 1 + sum(
            value > place.candidate.value for value in values if place.candidate.value is not None
        )


def test_quality_wage_loses_one_percent_a_missing_point_s0_05() -> None:
    assert cut_below(Decimal(900), exact("87.5"), line=Fraction(90)) == Decimal("877.50")
    assert cut_below(Decimal(900), exact(90), line=Fraction(90)) == Decimal("900.00")
    assert cut_below(Decimal(900), exact(-30), line=Fraction(90)) == 0


def test_yearly_pledge_is_interest_on_a_capital_at_five_percent_s1_03() -> None:
    assert capital_base(Decimal(200), exact("5%")) == Decimal("4000.00")


DEMERITS = {
    "code": "demerit",
    "full": 12,
    "measures": [
        {"code": "talk", "above": 0},
        {"code": "suspend_3", "from": 6, "lasts": "P3M"},
        {"code": "suspend_6", "from": 9, "lasts": "P6M"},
        {"code": "suspend_12", "from": 12, "lasts": "P1Y"},
    ],
}


@pytest.mark.parametrize(
    ("points", "measure"),
    [(5, "talk"), (6, "suspend_3"), ("8.5", "suspend_3"), (9, "suspend_6"), (12, "suspend_12"), (0, None)],
)
def test_demerit_points_lead_to_their_measure_s1_06(points: object, measure: str | None) -> None:
    step = reached(loaded(CounterSchema, [DEMERITS], {})[0], exact(points))
    assert (step["code"] if step else None) == measure


def test_who_detected_it_decides_at_once_s2_06() -> None:
    rule = loaded(
        CounterSchema,
        [
            {
                "code": "games",
                "measures": [
                    {"code": "month_bonus", "from": 1},
                    {"code": "off_post", "from": 2},
                    {"code": "rated_fail", "found_by": ["district"]},
                ],
            }
        ],
        {},
    )[0]
    steps = [
        reached(rule, Fraction(times), found_by) for times, found_by in ((1, "office"), (2, "office"), (1, "district"))
    ]
    assert [step and step["code"] for step in steps] == ["month_bonus", "off_post", "rated_fail"]


def test_an_award_says_in_one_way_who_gets_it() -> None:
    with pytest.raises(InvalidInput):
        _award(top=3, line=90)
    with pytest.raises(InvalidInput):
        _award()
