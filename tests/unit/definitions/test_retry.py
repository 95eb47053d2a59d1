"""Retry policies: the forms of Camunda 7, and ours with a growing wait."""

from datetime import timedelta

import pytest

from engine.definitions.lint import lint_diagram
from engine.definitions.retry import LONGEST_WAIT, parse_retry
from engine.errors import InvalidInput
from tests.support.drawing import ENDS, draw, flows, node

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("R3/PT10M", [10, 10]),
        ("R1/PT10M", []),
        ("R0/PT5M", []),
        ("R5/PT1M*2", [1, 2, 4, 8]),
        ("R3/PT2M*1.5", [2, 3]),
        ("PT1M,PT10M, PT1H", [1, 10, 60]),
        ("PT5M", [5]),
    ],
)
def test_a_policy_is_read_as_the_waits_between_attempts(text: str, waits: list[float]) -> None:
    policy = parse_retry(text)
    assert [wait / MINUTE for wait in policy.waits] == waits
    assert policy.attempts == len(waits) + 1
    assert policy.wait_after(len(waits) + 1) is None


def test_a_wait_does_not_grow_without_bound() -> None:
    assert max(parse_retry("R100/P1D*10").waits) == LONGEST_WAIT


@pytest.mark.parametrize(
    "text", ["", "10", "R3", "R3/", "R3/10M", "R999/PT1M", "R3/-PT1M", "R3/P1Y", "R3/PT1M*0", "${x}"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_retry(text)


def _rules(task: str) -> list[tuple[str, str]]:
    definition = draw(ENDS + task + flows("s > t > e"))
    found = lint_diagram(definition, check_expression=lambda _text: None)
    return [(one.severity, one.rule) for one in found if one.rule.startswith("retry")]


def test_the_lint_reads_policies_where_they_count() -> None:
    cycle = (
        "<extensionElements><camunda:failedJobRetryTimeCycle>{}</camunda:failedJobRetryTimeCycle></extensionElements>"
    )
    assert _rules(node("serviceTask", "t", duban_service="x", duban_retry="R3/PT1M*2")) == []
    assert _rules(node("serviceTask", "t", duban_service="x", duban_retry="soon")) == [("error", "retry")]
    assert _rules(node("serviceTask", "t", cycle.format("R3/PT10M"), duban_service="x")) == []
    assert _rules(node("serviceTask", "t", cycle.format("${x}"), duban_service="x")) == [("warning", "retry")]
    assert _rules(node("userTask", "t", cycle.format("R3/PT10M"))) == [("warning", "retry-ignored")]
