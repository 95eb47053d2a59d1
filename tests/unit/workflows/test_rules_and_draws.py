"""Assignment rules, samples, launch parameters, phases, safe cells, settings: what needs no database."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from engine.definitions.assignment import Term, parse_rule
from engine.errors import InvalidInput
from workflows.application import read_settings
from workflows.documents.template import circular_template
from workflows.plans.parameters import read_parameters
from workflows.plans.phases import phase_dates
from workflows.plans.schema import read_plan
from workflows.sampling.draw import Candidate, Quota, draw_stratum
from workflows.spreadsheet import safe, workbook

PLAN = {
    "launch": {
        "parameters": [
            {"name": "year", "label": "年度", "type": "integer", "min": 2020, "max": 2100, "required": True},
            {"name": "share", "label": "抽查比例", "type": "number", "unit": "%", "min": 1, "max": 100, "default": 50},
        ]
    },
    "phases": [
        {"code": "rectify", "name": "整改", "starts": "--09-13", "ends": "--09-27"},
        {"code": "evaluate", "name": "总结", "starts": "--09-27", "ends": "--10-04"},
        {"code": "winter", "name": "冬季", "starts": "--12-20", "ends": "--01-10"},
    ],
}
UNITS = [Candidate(number, f"unit-{number}", f"科室{number}") for number in range(1, 11)]


def test_rule_is_a_union_of_terms() -> None:
    terms = parse_rule("post(director) | group(leading, head)|initiator | chosen(next, group(experts) | leader())")
    assert terms == (
        Term("post", ("director",)),
        Term("group", ("leading", "head")),
        Term("initiator", ()),
        Term("chosen", ("next", (Term("group", ("experts",)), Term("leader", ())))),
    )


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "boss",
        "leader",
        "group()",
        "group(a, king)",
        "post(a, b, c)",
        "person(a b)",
        "post(a))",
        "post(a",
        "initiator_leader(99)",
        "initiator_leader(up)",
        "inspectors(king)",
        "chosen()",
        "chosen(a, b)",
        "a(b)|",
        "|",
    ],
)
def test_rule_that_nobody_understands_is_refused(rule: str) -> None:
    with pytest.raises(InvalidInput):
        parse_rule(rule)


def test_draw_is_the_same_for_the_same_seed_and_rounds_up() -> None:
    quota = Quota(percent=Decimal(25))
    first = draw_stratum(seed="s", name="clinical", candidates=UNITS, quota=quota)
    again = draw_stratum(seed="s", name="clinical", candidates=UNITS[::-1], quota=quota)
    assert [one.code for one in first.drawn] == [one.code for one in again.drawn]
    assert len(first.drawn) == 3


@given(st.text(max_size=20), st.integers(0, 10), st.sets(st.sampled_from([one.code for one in UNITS])))
def test_draw_never_takes_the_excluded_and_says_when_it_is_short(seed: str, count: int, out: set[str]) -> None:
    drawn = draw_stratum(
        seed=seed, name="x", candidates=UNITS, quota=Quota(count=count), excluded=dict.fromkeys(out, "回避")
    )
    assert not {one.code for one in drawn.drawn} & out
    assert len(drawn.drawn) == min(count, len(UNITS) - len(out))
    assert drawn.short == (len(drawn.drawn) < count)


def test_parameters_are_filled_with_defaults() -> None:
    assert read_parameters(read_plan(PLAN), {"year": "2026", "share": ""}) == {"year": 2026, "share": 50}


@pytest.mark.parametrize(
    ("given_values", "field", "words"),
    [
        ({}, "year", "请填写年度"),
        ({"year": "soon"}, "year", "年度填写有误"),
        ({"year": 1999}, "year", "年度须在 2020 与 2100 之间"),
        ({"year": 2026, "share": 0}, "share", "抽查比例须在 1 与 100% 之间"),
        ({"year": 2026, "colour": "red"}, "colour", "没有这个参数"),
    ],
)
def test_wrong_parameter_gets_a_sentence(given_values: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_parameters(read_plan(PLAN), given_values)
    assert caught.value.fields[field] == words


def test_boundary_day_belongs_to_both_phases_and_a_phase_may_end_next_year() -> None:
    rectify, evaluate, winter = phase_dates(read_plan(PLAN), 2026)
    assert rectify.ends == evaluate.starts == date(2026, 9, 27)
    assert winter.ends == date(2027, 1, 10)


def test_plan_names_the_wrong_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_plan({"phases": [{"code": "a-b", "name": "甲", "starts": "--13-01", "ends": "--01-01"}]})
    assert set(caught.value.fields) == {"phases[0].code", "phases[0].starts"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_cell_never_starts_a_formula(text: str) -> None:
    content = workbook([("表", [("列", 10)], [[text]])])
    cell = load_workbook(BytesIO(content))["表"]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert safe("正常") == "正常"


def test_template_of_the_circular_is_a_word_file() -> None:
    assert circular_template().startswith(b"PK")


def test_settings_make_and_keep_a_key_beside_sqlite(tmp_path: Path) -> None:
    environment = {"DUBAN_DATABASE": f"sqlite:///{tmp_path}/duban.db"}
    first = read_settings(environment)
    assert first.secret_key == read_settings(environment).secret_key
    assert first.history_key == read_settings(environment).history_key != first.secret_key
    for name in ("secret-key", "history-key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert not first.demo
    assert read_settings({**environment, "DUBAN_DEMO": "1"}).demo


@pytest.mark.parametrize(
    "environment",
    [
        {"DUBAN_DEMO": "perhaps"},
        {"DUBAN_SECRET_KEY": "short"},
        {"DUBAN_DATABASE": "postgresql://localhost/duban"},
        {"DUBAN_DATABASE": "postgresql://localhost/duban", "DUBAN_SECRET_KEY": "k" * 32},
        {"DUBAN_HISTORY_KEY_FILE": "/nowhere"},
    ],
)
def test_wrong_settings_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_settings(environment)
