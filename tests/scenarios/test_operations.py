"""Scenarios can do every operation on a task that a person can."""

import pytest

from engine.definitions.packages import Package
from tests.support.turning import diagram, line, process, user
from workflows.scenarios import Result, play
from workflows.scenarios.operations import ACTIONS

LEADING = "group(leading)"
BODY = line(
    user("D", "initiator"),
    user("A", LEADING, kind="approval", policy="all"),
    user("V", LEADING, kind="approval", policy="vote", voteCount="2", due="2 working days", extendBy="group(office)"),
    user("P", "group(office)"),
)
HEAD = """
starts_at: "2026-09-01 09:00"
people:
  groups: {leading: {head: [leader], deputy: [deputy-1, deputy-2]}, office: {office: [organiser, clerk]}}
  others: {expert: 专家}
steps:
  - start: {who: organiser, process: main, title: 一件事}
"""
TO_A = "  - do: {task: D, opinion: 请审}\n"
TO_V = TO_A + "  - do: {task: A, action: agree, each: true, count: 3, source: test}\n"
TO_P = TO_V + "  - do: {task: V, who: leader, action: agree}\n  - do: {task: V, who: deputy-1, action: agree}\n"


def _package(steps: str) -> Package:
    body = process("main", BODY).replace('<process id="main"', '<process id="main" duban:withdraw="draft"')
    files = {"main.bpmn": diagram(body), "plan.yaml": b"main_process: main\n", "scenario.yaml": (HEAD + steps).encode()}
    return Package("operations", files)


STORIES = {
    "complete": TO_A + "  - expect: {open: {task: A}, equals: 3, source: test}\n",
    "agree": TO_V + "  - expect: {open: {task: V}, equals: 3, source: test}\n",
    "reject": TO_A + "  - do: {task: A, who: leader, action: reject, opinion: 不行}\n"
    "  - expect: {open: {task: A}, equals: 0, source: test}\n",
    "abstain": TO_V + "  - do: {task: V, who: leader, action: abstain}\n"
    "  - expect: {open: {task: V}, equals: 2, source: test}\n",
    "return": TO_A + "  - do: {task: A, who: leader, action: return, to: D, opinion: 补充}\n"
    "  - expect: {rounds: {task: D}, equals: 2, source: test}\n",
    "retrieve": "  - see: {task: D, as: page}\n" + TO_A
    + "  - do: {task: D, seen: page, who: organiser, action: retrieve, opinion: 写错了}\n"
    "  - expect: [{open: {task: A}, equals: 0, source: test}, {open: {task: D}, equals: 1, source: test}]\n",
    "withdraw": TO_A + "  - see: {task: A, who: leader, as: page}\n"
    "  - do: {task: A, seen: page, who: organiser, action: withdraw, opinion: 不办了}\n"
    "  - expect: {open: {task: A}, equals: 0, source: test}\n",
    "claim": TO_P + "  - do: {task: P, who: clerk, action: claim}\n"
    "  - expect: {routed: {task: P}, equals: clerk, source: test}\n",
    "unclaim": TO_P + "  - do: {task: P, who: clerk, action: claim}\n  - do: {task: P, action: unclaim}\n"
    "  - expect: {history: {operation: unclaim, who: clerk}, equals: 1, source: test}\n",
    "transfer": TO_A + "  - do: {task: A, who: leader, action: transfer, people: expert, opinion: 请代为审核}\n"
    "  - expect: {open: {task: A, who: expert}, equals: 1, source: test}\n",
    "hand_over": TO_A + "  - see: {task: A, who: leader, as: page}\n"
    "  - do: {task: A, seen: page, who: admin, action: hand_over, people: expert, opinion: 调离}\n"
    "  - expect: {open: {task: A, who: expert}, equals: 1, source: test}\n",
    "delegate": TO_A + "  - do: {task: A, who: leader, action: delegate, people: expert}\n"
    "  - expect: {open: {task: A, who: leader}, equals: 0, source: test}\n",
    "give_opinion": TO_A + "  - do: {task: A, who: leader, action: delegate, people: expert}\n"
    "  - do: {task: A, who: expert, action: give_opinion, opinion: 可行}\n"
    "  - expect: {open: {task: A, who: leader}, equals: 1, source: test}\n",
    "hand_back": TO_A + "  - do: {task: A, who: leader, action: delegate, people: expert}\n"
    "  - do: {task: A, who: expert, action: hand_back}\n"
    "  - expect: {open: {task: A, who: leader}, equals: 1, source: test}\n",
    "recall": TO_A + "  - see: {task: A, who: leader, as: page}\n"
    "  - do: {task: A, who: leader, action: delegate, people: expert}\n"
    "  - do: {task: A, seen: page, who: leader, action: recall}\n"
    "  - expect: {open: {task: A, who: expert}, equals: 0, source: test}\n",
    "add_before": TO_A + "  - do: {task: A, who: leader, action: add_before, people: [expert, clerk], policy: any}\n"
    "  - do: {task: A, who: expert, action: agree}\n"
    "  - expect: {open: {task: A, who: clerk}, equals: 0, source: test}\n"
    "  - expect: {open: {task: A, who: leader}, equals: 1, source: test}\n",
    "add_after": TO_A + "  - do: {task: A, who: leader, action: add_after, people: expert, opinion: 同意}\n"
    "  - expect: {open: {task: A, who: expert}, equals: 1, source: test}\n",
    "add_beside": TO_A + "  - do: {task: A, who: leader, action: add_beside, people: expert}\n"
    "  - expect: {open: {task: A}, equals: 4, source: test}\n",
    "remove_signer": TO_A + "  - see: {task: A, who: deputy-1, as: page}\n"
    "  - do: {task: A, seen: page, who: admin, action: remove_signer, opinion: 出差}\n"
    "  - expect: {open: {task: A}, equals: 2, source: test}\n",
    "extend": TO_V + '  - do: {task: V, who: leader, action: extend, due: "2026-09-20 17:00", opinion: 材料多}\n'
    "  - expect: {history: {operation: ask_extension, who: leader}, equals: 1, source: test}\n",
    "jump": TO_A + "  - see: {task: A, who: leader, as: page}\n"
    "  - do: {task: A, seen: page, who: admin, action: jump, to: P, opinion: 越过}\n"
    "  - expect: {open: {task: P}, equals: 1, source: test}\n",
    "copy": TO_A + "  - do: {task: A, who: leader, action: copy, people: expert, opinion: 供参阅}\n"
    "  - expect: {inbox: {who: expert, box: copies}, equals: 1, source: test}\n",
    "urge": TO_A + "  - see: {task: A, who: leader, as: page}\n"
    "  - do: {task: A, seen: page, who: organiser, action: urge}\n"
    "  - expect: {history: {operation: urge, who: organiser}, equals: 1, source: test}\n",
    "draft": "  - do: {task: D, action: draft}\n  - expect: {open: {task: D}, equals: 1, source: test}\n",
    "comment": TO_A + "  - do: {task: A, who: leader, action: comment, opinion: 请看附件}\n"
    "  - expect: {history: {operation: comment, who: leader}, equals: 1, source: test}\n",
}  # fmt: skip


def _played(steps: str) -> Result:
    return play(_package(steps))


def test_every_action_has_a_story() -> None:
    assert set(STORIES) == set(ACTIONS)


@pytest.mark.parametrize("action", STORIES)
def test_a_scenario_does_it(action: str) -> None:
    result = _played(STORIES[action])
    assert (result.error, [check for check in result.checks if not check.ok]) == ("", [])
    assert result.ok


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("{task: A, who: leader, action: transfer}", "people 要写一个人"),
        ("{task: A, who: leader, action: transfer, people: [expert, clerk]}", "people 要写一个人"),
        ("{task: V, who: leader, action: extend, opinion: 材料多}", "没有符合的待办"),
        ("{task: A, who: leader, action: extend, opinion: 材料多}", "extend 要写 due"),
        ("{task: A, who: leader, action: dance}", "动作须为"),
    ],
)
def test_a_step_that_says_too_little_is_told_so(step: str, sentence: str) -> None:
    result = _played(f"{TO_A}  - do: {step}\n")
    assert sentence in result.error
