"""The runner of other people's diagrams, on diagrams of our own; and a sample of theirs where they lie beside us."""

import json
from pathlib import Path

import pytest

from tests.conformance import page
from tests.conformance.corpora import FOLDER, cases_of, present, try_case
from tests.conformance.outcome import Case, Outcome
from tests.conformance.plausible import plausible
from tests.conformance.pool import try_all
from tests.conformance.report import lines_of
from tests.support.drawing import ENDS, document, draw, flows, node, timer, user

NOT_OURS = ("crash", "error", "stuck", "no end within")
"""Beginnings of reasons that would be a defect of the engine or the runner, whatever was drawn."""


def words(node_id: str, text: str) -> str:
    return node("scriptTask", node_id, f"<script>{text}</script>")


LOGGING = document(
    ENDS + words("a", "CREATE_LOG_FILE") + words("b", "SCRIPT_task1") + words("c", "SCRIPT_task2")
    + flows("s > a", 'a [test.contains("a")]> b > e', 'a [test.contains("b")]> c > e')
)  # fmt: skip
APPROVAL = document(
    ENDS + user("decide", "rework") + node("exclusiveGateway", "g") + node("boundaryEvent", "late", timer("P3D"),
    attachedToRef="decide") + node("serviceTask", "remind", camunda_topic="mail")
    + flows("s > decide > g [approved = true and amount > 100]> e", "g [not(approved)]> rework > decide",
    "late > remind > e")
)  # fmt: skip
BROKEN = document(ENDS + user("a") + flows("s > a > nowhere"))
ENDLESS = document(ENDS + user("a") + node("exclusiveGateway", "g") + flows("s > a > g [1 > 2]> e", "g [1 < 2]> a"))
TEST_CASE = "".join(f"<node>{name}</node>" for name in ("s", "decide", "late", "remind", "e"))
PATH = APPROVAL.replace(
    b"<startEvent",
    f"<extensionElements><testCases><testCase>{TEST_CASE}</testCase></testCases></extensionElements><startEvent".encode(),
    1,
)
EXPECTED = {
    "tests": [
        {
            "file": "Logging.bpmn",
            "process_id": "P",
            "cases": [
                {"number": 1, "variables": {"test": "a"}, "delay_ms": 0, "expected": ["SCRIPT_task1"]},
                {"number": 2, "variables": {"test": "c"}, "delay_ms": 0, "expected": ["ERROR_runtime"]},
                {"number": 3, "variables": {"test": "b"}, "delay_ms": 0, "expected": ["SCRIPT_task1"]},
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corpora of our own, laid out like the others."""
    place = tmp_path_factory.mktemp("corpora")
    files = {
        "betsy/Logging.bpmn": LOGGING,
        "must-refuse/broken.bpmn": BROKEN,
        "must-refuse/sound.bpmn": APPROVAL,
        "files/driven-testing/path.bpmn": PATH,
        "files/flowable/approval.bpmn20.xml": APPROVAL,
        "files/flowable/broken.bpmn20.xml": BROKEN,
        "files/flowable/endless.bpmn20.xml": ENDLESS,
        "files/flowable/nothing.xml": b"<definitions/>",
    }
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    (place / "betsy.json").write_text(json.dumps(EXPECTED))
    return place


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> dict[str, list[Outcome]]:
    """What became of them, by corpus."""
    return {one.name: [try_case(folder, case) for case in cases_of(one, folder)] for one in present(folder)}


def test_logs_are_compared_with_the_expected_ones(outcomes):
    first, second, third = outcomes["betsy"]
    assert (first.passed, second.passed, third.passed) == (True, True, False)
    assert third.detail == "['SCRIPT_task2'] instead of ['SCRIPT_task1']"


def test_only_a_refusal_is_right_for_a_broken_model(outcomes):
    assert [one.passed for one in outcomes["must-refuse"]] == [True, False]


def test_a_wanted_path_is_walked_node_by_node(outcomes):
    (outcome,) = outcomes["driven-paths"]
    assert (outcome.passed, outcome.detail) == (True, "")


def test_the_neutral_driver_reaches_an_end_or_says_why_not(outcomes):
    approval, broken, endless, nothing = outcomes["flowable"]
    assert (approval.passed, approval.taken, approval.reason) == (True, True, "")
    assert (broken.passed, broken.taken, broken.reason.split(":")[0]) == (False, False, "refused")
    assert (endless.passed, endless.taken, endless.reason) == (False, True, "no end: goes round for ever")
    assert (nothing.passed, nothing.counts) == (False, False)


def test_plausible_data_fulfil_each_condition_in_some_choice():
    drawing = (
        ENDS
        + user("a", "b")
        + flows("s > a", 'a [kind = "new" and order.total > 100]> e', "a [count(lines) > 1 or old]> b > e")
    )
    data = plausible(draw(drawing))
    assert data.choice(0) == {"kind": "new", "order": {"total": 101}, "lines": ["one", "two", "three"], "old": True}
    assert data.choice(1) == {"kind": "another", "order": {"total": 100}, "lines": [], "old": False}


def test_a_case_that_hangs_or_dies_costs_only_itself(folder):
    cases = [Case("flowable", name) for name in ("endless.bpmn20.xml", "absent.bpmn", "nothing.xml")]
    found = {one.case.file: one.reason.split(":")[0] for one in try_all(folder, cases, processes=1, seconds=1)}
    assert found == {
        "endless.bpmn20.xml": "no end within 1 seconds of processor time",
        "absent.bpmn": "crash",
        "nothing.xml": "refused",
    }


def test_failures_are_listed_by_reason(outcomes):
    lines = lines_of("flowable", outcomes["flowable"], shown=1)
    assert lines[0] == "flowable: 1 of 3 passed (33.3 %), 2 accepted; stock 46.8 %"
    assert any("no end: goes round for ever" in line for line in lines)
    assert any(line.strip().startswith("broken.bpmn20.xml: dangling-flow") for line in lines)


def test_the_page_shows_rates_beside_the_stock_engines(outcomes):
    written = page.page([one for found in outcomes.values() for one in found])
    assert "| betsy | 3 | 2 (66.7 %) | 45 of 56 (80.4 %) |" in written
    assert "| flowable | 3 | 66.7 % | 33.3 % | 88 % | 46.8 % |" in written
    assert "The drawing loops until data appear that only its own services would set. | 1 |" in written


def test_a_sample_of_other_peoples_diagrams_ends_in_outcomes_that_are_explained(outcomes):
    sampled = [one for found in outcomes.values() for one in found]
    for corpus in present(FOLDER):
        cases = cases_of(corpus, FOLDER)
        sampled += [try_case(FOLDER, case) for case in cases[:: 1 + len(cases) // 2]]
    assert len(sampled) >= len(outcomes)
    assert [one for one in sampled if one.counts and one.reason.startswith(NOT_OURS)] == []
