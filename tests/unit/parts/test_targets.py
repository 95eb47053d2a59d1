"""Targets, polls, rosters, teams: pure rules with the catalogue's own figures."""

from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from workflows.opinions.section import PollSchema
from workflows.opinions.tally import Answered, tally
from workflows.parts.sections import loaded
from workflows.rosters.rotation import turns
from workflows.rosters.sections import RosterSchema
from workflows.sampling.teams import Inspector, make_teams, share_out
from workflows.targets.assess import Figures, assess, quantity, score
from workflows.targets.section import TargetSchema

TARGETS = loaded(
    TargetSchema,
    [
        {"code": "checked", "target": 95, "weight": 60},
        {"code": "persons"},
        {"code": "wrong"},
        {"code": "wrong_share", "equals": {"how": "percent", "of": ["wrong", "persons"]}},
        {"code": "accidents", "target": 0, "direction": "at_most", "veto": True, "weight": 40},
        {"code": "share", "target": 45, "direction": "above"},
        {"code": "complaints", "target": 3, "direction": "below"},
        {"code": "turnout", "baseline": 94.3, "equals": {"how": "same", "of": ["turnout"]}},
        {"code": "turnout_points", "equals": {"how": "difference", "of": ["turnout", "turnout_before"]}},
        {"code": "turnout_before"},
    ],
    {},
)


def _assessed(**actual: Any) -> dict[str, Any]:
    goals = {target["code"]: target["target"] for target in TARGETS}
    figures = {code: Figures(goal=goals[code], actual=quantity(value)) for code, value in actual.items()}
    return {one.code: one for one in assess(TARGETS, figures)}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,280.85万元", Fraction(12_808_500)),
        ("0.36%", Fraction(36, 100)),
        ("3.23千人", Fraction(3230)),
        (94.3, Fraction(943, 10)),
    ],
)
def test_a_figure_is_read_as_reports_write_it(written: object, meant: Fraction) -> None:
    assert quantity(written) == meant


def test_a_blank_or_a_word_is_no_figure() -> None:
    with pytest.raises(InvalidInput):
        quantity("完成")


@pytest.mark.parametrize(("share", "complaints", "met"), [(45, 3, False), (45.1, 2, True), (44.9, 4, False)])
def test_above_and_below_leave_the_goal_itself_out(share: float, complaints: int, met: bool) -> None:
    found = _assessed(share=share, complaints=complaints)
    assert [found["share"].met, found["complaints"].met] == [met, met]


def test_share_of_wrongly_admitted_is_0_36_percent_s3_03() -> None:
    right = _assessed(wrong=1398, persons=386_328, wrong_share="0.36%")
    assert right["wrong_share"].contradiction == ""
    wrong = _assessed(wrong=1398, persons=386_328, wrong_share="3.6%")
    assert wrong["wrong_share"].contradiction == "应为 0.36，填报 3.6"


@pytest.mark.parametrize(
    ("written", "unit", "meant"),
    [
        ("27.5公里", "米", 27_500),
        ("43,000亩", "公顷", Fraction(8600, 3)),
        ("4万吨", "公斤", 40_000_000),
        ("3亩", "户", 3),
    ],
)
def test_lengths_areas_and_weights_are_converted_to_the_unit_asked_for_s3_04(
    written: str, unit: str, meant: float
) -> None:
    assert quantity(written, unit) == meant


def test_growth_is_held_against_the_figure_of_the_year_before_s3_04() -> None:
    growth = {"how": "growth", "of": ["revenue", "before"], "decimals": 0}
    targets = loaded(TargetSchema, [{"code": "revenue"}, {"code": "before"}, {"code": "up", "equals": growth}], {})
    figures = {"revenue": Figures(actual=Fraction(5_700_000)), "before": Figures(actual=Fraction(5_181_818))}
    assert assess(targets, figures | {"up": Figures(actual=Fraction(10))})[2].contradiction == ""
    assert assess(targets, figures | {"up": Figures(actual=Fraction(13))})[2].contradiction == "应为 10，填报 13"


def test_percentage_points_are_a_difference_not_a_growth_s3_03() -> None:
    assert _assessed(turnout=97.6, turnout_before=94.3, turnout_points=3.3)["turnout_points"].contradiction == ""
    assert _assessed(turnout=97.6, turnout_before=94.3, turnout_points=3.5)["turnout_points"].contradiction != ""


def test_goal_met_missed_and_blank() -> None:
    results = _assessed(checked=96, accidents=0)
    assert (results["checked"].met, results["accidents"].met, results["persons"].met) == (True, True, None)
    assert score(TARGETS, list(results.values())) == 100
    assert results["checked"].rate == Fraction(9600, 95)


def test_a_missed_veto_makes_the_whole_zero_and_half_a_goal_counts_half() -> None:
    assert score(TARGETS, list(_assessed(checked=96, accidents=1).values())) == 0
    assert score(TARGETS, list(_assessed(checked=Fraction(95, 2), accidents=0).values())) == 70


def test_verified_figures_count_before_reported_ones() -> None:
    figures = {"checked": Figures(goal=Fraction(95), actual=Fraction(96), verified=Fraction(94))}
    result = assess(TARGETS, figures)[0]
    assert (result.met, result.difference) == (False, -2)


POLL = {
    "code": "ethics",
    "questions": [{"code": "overall", "scale": {"good": 100, "fair": 60}}],
    "groups": {"pupils": 50, "parents": 30, "colleagues": 20},
}


def test_three_groups_appraise_with_their_weights_s0_01() -> None:
    poll = loaded(PollSchema, [POLL], {})[0]
    answers = [
        Answered("overall", "pupils", "good", Fraction(100)),
        Answered("overall", "pupils", "fair", Fraction(60)),
        Answered("overall", "parents", "good", Fraction(100)),
        Answered("overall", "colleagues", "fair", Fraction(60)),
    ]
    assert tally(poll, answers, people=4).score == 80 * Fraction(50, 100) + 100 * Fraction(30, 100) + Fraction(12)
    assert tally(poll, answers[:3], people=3).score == Fraction(80 * 50 + 100 * 30, 80)


@pytest.mark.parametrize(("yes", "no", "of", "passed"), [(6, 2, 8, True), (4, 4, 8, False), (5, 0, 8, False)])
def test_a_vote_needs_quorum_and_more_than_half_s4_08(yes: int, no: int, of: int, passed: bool) -> None:
    rule = {
        "code": "adopt",
        "questions": [{"code": "adopt", "choices": ["yes", "no"]}],
        "quorum": "200/3",
        "majority": 50,
        "more_than": True,
    }
    poll = loaded(PollSchema, [rule], {})[0]
    answers = [Answered("adopt", "", word, None) for word in ["yes"] * yes + ["no"] * no]
    assert tally(poll, answers, people=yes + no, electorate=of).passed is passed


ROSTER = {
    "code": "duty",
    "people": "group(duty)",
    "shifts": [{"code": "early", "from": "06:00", "to": "08:00"}, {"code": "night", "from": "22:00", "to": "06:00"}],
}


@given(st.integers(1, 7), st.integers(1, 60))
def test_turns_are_even_and_never_twice_in_a_row(people: int, days: int) -> None:
    rule = loaded(RosterSchema, [ROSTER], {})[0]
    last = date.fromordinal(date(2026, 9, 1).toordinal() + days - 1)
    found = turns(rule, list(range(people)), date(2026, 9, 1), last, WorkingCalendar())
    load = Counter(turn.person for turn in found)
    assert len(found) == 2 * days
    assert max(load.values()) - min([*load.values(), *([0] if len(load) < people else [])]) <= 1
    if people > 1:
        assert all(first.person != second.person for first, second in pairwise(found))
    assert all(turn.starts < turn.ends for turn in found)


def test_season_and_days_off_decide_which_shift_runs_s1_13() -> None:
    shifts = [
        {"code": "summer", "from": "08:00", "to": "18:30", "months": [5, 6, 7, 8, 9], "days": "working"},
        {"code": "winter", "from": "08:00", "to": "17:30", "months": [10, 11, 12, 1, 2, 3, 4], "days": "working"},
        {"code": "weekend", "from": "06:00", "to": "12:00", "days": "off"},
    ]
    rule = loaded(RosterSchema, [ROSTER | {"shifts": shifts}], {})[0]
    found = turns(rule, [1, 2], date(2026, 9, 24), date(2026, 10, 9), WorkingCalendar())
    by_day = {turn.day: turn.shift for turn in found}
    assert by_day[date(2026, 9, 24)] == "summer"
    assert by_day[date(2026, 9, 25)] == "weekend"
    assert by_day[date(2026, 10, 9)] == "winter"


INSPECTORS = [Inspector(number, f"expert-{number}", frozenset({number} if number < 3 else ())) for number in range(6)]


@given(st.text(max_size=8), st.integers(1, 20))
def test_teams_are_reproducible_even_and_free_of_conflict(seed: str, count: int) -> None:
    units = [(number, f"u{number}") for number in range(count)]
    teams = make_teams(seed=seed, units=units, inspectors=INSPECTORS, size=2)
    again = make_teams(seed=seed, units=units[::-1], inspectors=INSPECTORS, size=2)
    assert {one.unit_id: one.people for one in teams} == {one.unit_id: one.people for one in again}
    assert all(len(set(one.people)) == 2 and not one.short for one in teams)
    assert all(one.unit_id not in person.homes for one in teams for person in one.people)


def test_nobody_inspects_the_same_unit_twice_in_a_row_and_a_short_team_says_so() -> None:
    team = make_teams(seed="s", units=[(1, "u1")], inspectors=INSPECTORS[:3], size=2, last={1: frozenset({0})})[0]
    assert [one.login for one in team.people] == ["expert-2"]
    assert team.short
    assert team.excluded == {"expert-1": "在本单位任职", "expert-0": "上次检查过本单位"}


def test_120_units_are_shared_out_evenly_s2_02() -> None:
    units = [(number, f"u{number}") for number in range(120)]
    shares = share_out(seed="s", units=units, teams=7)
    assert sorted(unit for share in shares for unit in share) == list(range(120))
    assert {len(share) for share in shares} == {17, 18}
