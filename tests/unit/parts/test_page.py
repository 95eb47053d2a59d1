"""docs/campaign-parts.md is what the code has: its table of kinds, its plan, its subjects."""

import re
from pathlib import Path
from typing import Any

import yaml

from workflows.part_descriptions import PART_DESCRIPTIONS, table
from workflows.plans.schema import read_plan
from workflows.scenarios.observe_parts import SUBJECTS as OF_PARTS
from workflows.scenarios.observe_rounds import SUBJECTS as OF_ROUNDS
from workflows.services import service_kinds

PAGE = Path("docs/campaign-parts.md").read_text("utf-8")
PARAMETERS = [{"name": name} for name in ("fee_middle", "severe_days")]


def _plan() -> dict[str, Any]:
    plan: dict[str, Any] = {"launch": {"parameters": PARAMETERS}}
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        plan |= yaml.safe_load(block)
    return plan


def test_the_table_of_kinds_is_the_codes() -> None:
    assert table() in PAGE
    assert set(PART_DESCRIPTIONS) <= set(service_kinds())


def test_every_subject_stands_on_the_page_with_its_arguments() -> None:
    for name, subject in (OF_PARTS | OF_ROUNDS).items():
        found = re.search(rf"\| `{name}: \{{(.*?)\}}` \|", PAGE)
        assert found, name
        assert set(found[1].split(", ")) <= set(subject.schema().fields), name


def test_the_examples_of_the_page_are_one_plan_that_is_right_but_for_what_they_name_elsewhere() -> None:
    plan = _plan()
    plan["scoring"].insert(
        2, {"code": "daily", "each": ["winning", "heading"], "items": [{"code": "all", "points": 100}]}
    )
    plan["rankings"] += [{"code": code, "scheme": "total"} for code in ("lessons", "works", "monthly")]
    plan["counters"].append({"code": "last_three"})
    plan["registers"].append({"code": "teachers"})
    plan["targets"] += [{"code": "wrong"}, {"code": "persons"}]
    plan["processes"] = [
        {"code": "cure", "name": "整改", "steps": [{"work": "整改", "code": "fix", "who": "initiator"}]}
    ]
    read = read_plan(plan)
    assert {"scoring", "awards", "ledger", "polls", "frequencies"} <= set(read)
