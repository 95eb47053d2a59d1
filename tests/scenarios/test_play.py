"""Plays the library, and makes sure that a wrong scenario cannot pass."""

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.definitions.packages import Package, read_folder
from workflows.cli import duban
from workflows.plans.compiler.folder import compile_folder
from workflows.plans.schema import read_plan_file
from workflows.scenarios import Result, play
from workflows.scenarios.catalogue import CATALOGUE
from workflows.scenarios.library import Library, packages_of, play_folders

pytestmark = pytest.mark.timeout(1200)
"""The first test that needs the library plays all of it: minutes, and more of them on a busy machine."""

LIBRARY = Path(__file__).parents[2] / "bpmn"
CHECKING_RULES = LIBRARY / "s2-03-checking-rules"

PEOPLE = """
people:
  posts: {director: 主任}
  units: [{kind: clinical, names: {internal: 内科}, posts: [director]}]
  groups: {office: {head: [organiser]}, leading: {head: [leader], deputy: [deputy-1, deputy-2]}}
"""
HEAD = 'starts_at: "2026-09-01 09:00"\n' + PEOPLE + "steps:\n  - launch: {who: organiser, parameters: {year: 2026}}\n"


@pytest.fixture(scope="module")
def played() -> Result:
    return play(read_folder(CHECKING_RULES))


def _with_scenario(text: str) -> Package:
    package = read_folder(CHECKING_RULES)
    return dataclasses.replace(package, files={**package.files, "scenario.yaml": text.encode()})


def _play(steps: str) -> Result:
    return play(_with_scenario(HEAD + steps))


def _figures(result: Result, source: str) -> list[object]:
    return [check.actual for check in result.checks if check.source.startswith(source)]


@pytest.fixture(scope="module")
def library() -> Library:
    return play_folders(packages_of(LIBRARY))


@pytest.mark.parametrize("folder", [path.name for path in packages_of(LIBRARY)])
def test_a_row_of_the_library_plays_through_with_every_figure(library: Library, folder: str) -> None:
    result = next(row.result for row in library.rows if row.folder == folder)
    assert result.error == ""
    assert [check for check in result.checks if not check.ok] == []
    assert result.ok


@pytest.mark.parametrize("folder", [path.name for path in packages_of(LIBRARY)])
def test_a_row_of_the_library_is_compiled_from_its_plan(folder: str) -> None:
    plan = read_plan_file((LIBRARY / folder / "plan.yaml").read_bytes())
    assert plan["catalogue"] in CATALOGUE
    if not plan["drawn_by_hand"]:
        outcome = compile_folder(LIBRARY / folder, check=True)
        assert not outcome.changes
        assert not outcome.refused


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in LIBRARY.glob("parts/*/plan.yaml")))
def test_a_shared_part_is_compiled_from_its_plan_and_some_row_calls_it(folder: str) -> None:
    outcome = compile_folder(LIBRARY / "parts" / folder, check=True)
    assert not outcome.changes
    assert not outcome.refused
    plans = [read_plan_file((path / "plan.yaml").read_bytes()) for path in packages_of(LIBRARY)]
    assert any(folder in plan["parts"] for plan in plans)


def test_no_entry_of_the_catalogue_has_two_packages() -> None:
    entries = [read_plan_file((path / "plan.yaml").read_bytes())["catalogue"] for path in packages_of(LIBRARY)]
    assert len(entries) == len(set(entries))
    assert len(CATALOGUE) == 68


def test_checking_rules_plays_from_draft_to_commendation(played: Result) -> None:
    assert played.error == ""
    assert [check for check in played.checks if not check.ok] == []
    assert played.ok


def test_every_figure_names_its_source(played: Result) -> None:
    assert len(played.checks) > 100
    assert all(check.source for check in played.checks)


def test_dates_of_the_entry_are_asserted(played: Result) -> None:
    assert {"2026-09-05", "2026-09-12 23:59"} <= {str(one) for one in _figures(played, "S2-03 phases[0]")}
    assert {"2026-09-13", "2026-09-27"} <= {str(one) for one in _figures(played, "S2-03 phases[1]")}
    assert {"2026-09-27", "2026-10-04"} <= {str(one) for one in _figures(played, "S2-03 phases[2]")}


def test_routing_of_the_entry_is_asserted(played: Result) -> None:
    routed = _figures(played, "S2-03 branching[0]")
    assert routed.count("medical-affairs-officer") == 3
    assert routed.count("nursing-department-officer") == 1


def test_documents_are_asserted(played: Result) -> None:
    circulars = [check for check in played.checks if check.what.startswith("document (kind circular")]
    results = [check for check in played.checks if check.what.startswith("document (kind results")]
    assert circulars
    assert len(results) >= 3


def test_a_wrong_figure_fails_the_play() -> None:
    result = _play("  - expect: {open: {task: draft_plan}, equals: 2, source: test}\n")
    assert not result.ok
    assert (result.checks[0].expected, result.checks[0].actual) == (2, 1)
    assert any("应为 2，实为 1（第" in line for line in result.lines())


def test_a_refusal_that_does_not_come_fails_the_play() -> None:
    result = _play("  - do: {task: draft_plan, refused: stale, values: {goal: a, requirements: b}}\n")
    assert not result.ok
    assert result.checks[0].actual == "没有被拒绝"


def test_no_figure_at_all_is_no_success() -> None:
    assert not _play("").ok


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("  - expect: {opne: {task: draft_plan}, equals: 1, source: test}\n", ["第 9 行", "opne"]),
        ("  - expect: {open: {tsak: draft_plan}, equals: 1, source: test}\n", ["tsak", "不认识的键"]),
        ("  - expect: {open: {task: draft_plan}, equals: 1}\n", ["source", "缺少此项"]),
        ("  - expect: {open: {task: draft_plan}, source: test}\n", ["比较"]),
        ("  - expect: {open: {task: no_such_task}, equals: 0, source: test}\n", ["没有节点“no_such_task”"]),
        ("  - do: {task: draft_plan, valeus: {goal: a}}\n", ["第 2 步", "valeus"]),
        ("  - do: {task: draft_plan, who: nobody}\n", ["没有“nobody”这个人"]),
        ("  - do: {task: draft_plan, unit: nowhere}\n", ["没有单位“nowhere”"]),
        ("  - do: {task: approve_plan, action: agree}\n", ["没有符合的待办"]),
        ("  - jump: {task: draft_plan}\n", ["不认识的动词“jump”"]),
        ("  - {at: '2026-09-05', wait: P1D}\n", ["一步只能有一个动词"]),
        ("  - at: '2026-08-01 09:00'\n", ["时间不能倒退"]),
        ("  - at: tomorrow\n", ["“tomorrow”不是日期时间"]),
        ("  - {note: a, note: b, at: '2026-09-05'}\n", ["写了两次"]),
    ],
)
def test_a_wrong_scenario_is_told_by_line(step: str, words: list[str]) -> None:
    result = _play(step)
    assert not result.ok
    for word in ["scenario.yaml", *words]:
        assert word in result.error


def test_several_tasks_need_each() -> None:
    draft = "  - do: {task: draft_plan, values: {goal: a, requirements: b}}\n"
    assert "each: true" in _play(draft + "  - do: {task: countersign, action: agree}\n").error


def test_for_each_fills_its_name_in() -> None:
    agree = "do: {task: countersign, who: '{name}', action: agree}"
    loop = f"  - for_each: {{in: [deputy-1, deputy-2], as: name, steps: [{agree}]}}\n"
    draft = "  - do: {task: draft_plan, values: {goal: a, requirements: b}}\n"
    result = _play(draft + loop + "  - expect: {routed: {task: approve_plan}, equals: leader, source: test}\n")
    assert result.error == ""
    assert result.ok


def test_the_command_tells_figures_and_status(tmp_path: Path) -> None:
    folder = tmp_path / CHECKING_RULES.name
    folder.mkdir()
    for name, content in read_folder(CHECKING_RULES).files.items():
        (folder / name).write_bytes(content)
    wrong = HEAD + "  - expect: {open: {task: draft_plan}, equals: 2, source: test}\n"
    (folder / "scenario.yaml").write_text(wrong, encoding="utf-8")
    run = CliRunner().invoke(duban, ["play", str(folder), "--json"])
    assert run.exit_code == 1
    report = json.loads(run.output)
    assert (report["played"], report["passed"]) == (1, 0)
    assert report["results"][0]["checks"][0]["source"] == "test"


def test_the_library_lints_without_a_finding() -> None:
    run = CliRunner().invoke(duban, ["lint", str(CHECKING_RULES)])
    assert run.exit_code == 0, run.output


def test_a_single_diagram_is_linted_among_its_own(tmp_path: Path) -> None:
    assert CliRunner().invoke(duban, ["lint", str(CHECKING_RULES / "department.bpmn")]).exit_code == 0
    broken = tmp_path / "broken.bpmn"
    broken.write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    run = CliRunner().invoke(duban, ["lint", str(broken)])
    assert run.exit_code == 2
    assert "broken.bpmn" in run.output


def test_further_scenarios_of_a_package_are_played_with_its_own(tmp_path: Path) -> None:
    steps = '  - expect: [{campaign: {}, equals: draft, source: "first"}]\n'
    further = '  - expect: [{campaign: {}, equals: completed, source: "second"}]\n'
    files = {**read_folder(CHECKING_RULES).files}
    files |= {"scenario.yaml": (HEAD + steps).encode(), "scenarios/other.yaml": (HEAD + further).encode()}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    result = play_folders([tmp_path], 1).rows[0].result
    assert [(check.source, check.ok) for check in result.checks] == [("first", True), ("second", False)]
    assert not result.ok
