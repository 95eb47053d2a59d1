"""A plan that is wrong says where and what was expected; every sentence in both languages."""

from pathlib import Path
from textwrap import dedent

import pytest

from engine.errors import InvalidInput
from workflows.plans.file import PlanFileError
from workflows.plans.schema import read_plan, read_plan_file

LIBRARY = Path(__file__).parents[3] / "bpmn"


def _refused(text: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_plan_file(dedent(text).encode())
    return dict(caught.value.fields)


WRONG = [
    ("nmae: x", "nmae", 1, "不认识的键 / unknown key"),
    ("kind: party", "kind", 1, "之一 / expected one of phased-campaign"),
    ("phases: 3", "phases", 1, "应是列表 / expected a list"),
    ("phases: [3]", "phases[0]", 1, "应是键值对 / expected a mapping"),
    ("phases:\n  - {code: a}", "phases[0].name", 2, "缺少此项 / is missing"),
    ("phases:\n  - {code: 1a, name: x}", "phases[0].code", 2, "代码只能用字母"),
    ("phases:\n  - {code: a, name: x, starts: soon-ish}", "phases[0].starts", 2, "expected --MM-DD"),
    ("phases:\n  - {code: a, name: x, starts: --02-30}", "phases[0].starts", 2, "there is no such day"),
    ("phases:\n  - {code: a, name: x, lasts: long}", "phases[0].lasts", 2, "expected '10 working days'"),
    ("phases:\n  - {code: a, name: x, ends: --02-01, lasts: 2 days}", "phases[0].lasts", 2, "either ends or lasts"),
    ("phases:\n  - {code: a, name: x, starts: --02-01, after: a}", "phases[0].after", 2, "either starts or after"),
    ("phases:\n  - {code: a, name: x, after: b}", "phases[0].after", 2, "there is no phase b"),
    ("phases:\n  - {code: a, name: x}\n  - {code: a, name: y}", "phases[1].code", 3, "stands twice"),
    ("phases:\n  - {code: a, name: x, starts: 2 days after z.ends}", "phases[0].starts", 2, "no phase for z.ends"),
    ("phases:\n  - {code: a, name: x, starts: '{day}'}", "phases[0].starts", 2, "no launch parameter {day}"),
    ("phases:\n  - {code: a, name: x, starts: 1 days after a.ends, ends: 1 days after a.starts}",
     "phases[0].starts", 2, "refer to each other"),
    ("phases:\n  - {code: a, name: x, starts: 2026-03-01, ends: 2026-02-01}", "phases[0].ends", 2, "before it starts"),
    ("dates:\n  - {code: d, name: x, date: e}", "dates[0].date", 2, "there is no date e"),
    ("phases:\n  - {code: a, name: x}\ndates:\n  - {code: a_ends, name: x, date: --05-01}", "dates[0].code", 4,
     "the variable of another day"),
    ("dates:\n  - {code: a_due, name: x, date: --05-01}\nopening:\n"
     "  - {work: x, code: a, who: initiator, due: --06-01}", "dates[0].code", 2, "the variable of another day"),
    ("roles:\n  - {code: r, name: x, rule: initiator}\n  - {code: r, name: y, rule: initiator}",
     "roles[1].code", 3, "stands twice"),
    ("launch:\n  parameters:\n    - {name: n, open: 原文未定}", "launch.parameters[0].default", 3, "needs a default"),
    ("launch:\n  parameters:\n    - {name: n, type: choice}", "launch.parameters[0].choices", 3, "needs choices"),
    ("opening: go", "opening", 1, "expected a list of steps"),
    ("opening:\n  - draft", "opening[0]", 2, "a verb with its options"),
    ("opening:\n  - {draft: x}", "opening[0]", 2, "exactly one verb"),
    ("opening:\n  - {work: x, end: y}", "opening[0]", 2, "exactly one verb"),
    ("opening:\n  - {work: x, code: a, who: initiator, policy: all}", "opening[0].policy", 2, "unknown key"),
    ("opening:\n  - {approve: x, code: a, who: initiator, policy: most}", "opening[0].policy", 2, "expected one of"),
    ("opening:\n  - choose: x\n    branches:\n      - {steps: []}\n      - {steps: []}", "opening[0].branches", 3,
     "only one branch may lack its when"),
    ("opening:\n  - {wait: x}", "opening[0].until", 2, "write until, for or message"),
    ("opening:\n  - {rounds: x, code: r, every: fortnight, steps: []}", "opening[0].every.period", 2,
     "expected one of"),
    ("opening:\n  - {rounds: x, code: r, every: {period: day, days: [1]}, steps: []}", "opening[0].every.days", 2,
     "a day has no days"),
    ("opening:\n  - {rounds: x, code: r, every: {period: month, days: [32]}, steps: []}", "opening[0].every.days", 2,
     "expected 1-31"),
    ("opening:\n  - {rounds: x, code: r, every: {period: day, only: odd}, steps: []}", "opening[0].every.only", 2,
     "for weeks and months"),
    ("forms:\n  - {code: f, fields: [{key: a, label: x, type: choice}]}", "forms[0].fields[0].options", 2,
     "need options"),
    ("forms:\n  - {code: f, fields: [{key: a, label: x, type: rows}]}", "forms[0].fields[0].columns", 2,
     "need columns"),
    ("forms:\n  - {code: f, fields: [{key: a, label: x, min: few}]}", "forms[0].fields[0].min", 2, "expected a number"),
    ("decisions:\n  - code: d\n    name: x\n    inputs: [{expression: n, name: n}]\n    outputs: [{key: r, name: r}]\n"
     "    rules:\n      - {when: [], then: ['1']}", "decisions[0].rules[0].when", 7, "expected 1 cells"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "line", "sentence"), WRONG)
def test_an_error_names_place_line_and_what_was_expected(text: str, place: str, line: int, sentence: str) -> None:
    told = _refused(text)
    assert place in told, told
    assert told[place].startswith(f"plan.yaml:{line}：")
    assert sentence in told[place]


def test_all_errors_are_told_at_once() -> None:
    assert set(_refused("kind: party\nphases: 3\nnmae: x")) == {"kind", "phases", "nmae"}


def test_a_file_that_is_no_yaml_says_so() -> None:
    with pytest.raises(PlanFileError, match="is not YAML"):
        read_plan_file(b"phases: [")
    with pytest.raises(PlanFileError, match="expected a mapping at the top"):
        read_plan_file(b"- a")
    with pytest.raises(PlanFileError, match="name stands twice"):
        read_plan_file(b"name: a\nname: b")


def test_aliases_cannot_make_a_small_file_explode() -> None:
    levels = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 12))]
    assert "a0" in _refused("\n".join(levels))


def test_every_plan_of_the_library_is_right() -> None:
    plans = sorted(LIBRARY.glob("*/plan.yaml"))
    assert plans
    for path in plans:
        assert read_plan_file(path.read_bytes())["name"], path


def test_an_absent_plan_is_an_empty_one() -> None:
    assert read_plan(None)["phases"] == []
