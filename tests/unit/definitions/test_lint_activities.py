"""Activities, gateways and transactions: what executes is accepted, what would not work is refused."""

import pytest

from engine.definitions.lint import lint_diagram
from engine.expressions import evaluator
from tests.support.drawing import ENDS, draw, flows, node, user

CHAIN = flows("s > a > e")
LOOP = "<standardLoopCharacteristics{attributes}>{inner}</standardLoopCharacteristics>"
COMPENSATE = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"


def loop(inner: str = "", attributes: str = "") -> str:
    return node("userTask", "a", LOOP.format(inner=inner, attributes=attributes))


def rules(body: str) -> set[str]:
    findings = lint_diagram(draw(body), check_expression=evaluator().check)
    return {finding.rule for finding in findings if finding.severity == "error"}


def association(source: str, target: str) -> str:
    return node("association", f"{source}.{target}", sourceRef=source, targetRef=target)


def undone(handler: str = "", *, linked: bool = True, **attributes: str) -> str:
    """Draw a task ``a`` with a compensation boundary event and its handler ``h``."""
    attributes = {"isForCompensation": "true", **attributes}
    catch = node("boundaryEvent", "c", COMPENSATE, attachedToRef="a")
    link = association("c", "h") if linked else ""
    return user("a") + catch + node("userTask", "h", handler, **attributes) + link


def transaction(end: str, boundary: str = "") -> str:
    inner = node("startEvent", "s1") + user("x") + node("endEvent", "e1", end) + flows("s1 > x > e1")
    return node("transaction", "a", inner) + (
        node("boundaryEvent", "b", boundary, attachedToRef="a") + flows("b > e") if boundary else ""
    )


@pytest.mark.parametrize(
    "body",
    [
        ENDS + loop("<loopCondition>x</loopCondition>") + CHAIN,
        ENDS + loop(attributes=' loopMaximum="3" testBefore="true"') + CHAIN,
        ENDS + node("adHocSubProcess", "a", user("x", "y")) + CHAIN,
        ENDS + node("adHocSubProcess", "a", user("x") + node("intermediateThrowEvent", "y") + flows("x > y")) + CHAIN,
        ENDS + node("complexGateway", "a") + CHAIN,
        ENDS + undone() + CHAIN,
        ENDS + undone() + node("endEvent", "z", COMPENSATE) + CHAIN + flows("s > z"),
        ENDS
        + undone()
        + CHAIN
        + flows("s > z")
        + node("endEvent", "z", '<compensateEventDefinition activityRef="h"/>'),
        ENDS + transaction(CANCEL, CANCEL) + CHAIN,
        ENDS + transaction("") + CHAIN,
        ENDS + node("callActivity", "a", calledElement='= "p" + kind') + CHAIN,
        node("startEvent", "Start") + node("endEvent", "End") + flows("Start > End"),
        node("startEvent", "s") + user("a") + flows("s > a"),
        user("a", "b", "c") + flows("a > c", "b > c"),
        ENDS + user("a") + flows("s [x]> a > e"),
        ENDS + node("inclusiveGateway", "a") + user("b") + CHAIN + flows("a > b > e"),
    ],
)
def test_what_executes_is_accepted(body: str) -> None:
    assert rules(body) == set()


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("endless-loop", ENDS + loop() + CHAIN),
        ("loop-maximum", ENDS + loop(attributes=' loopMaximum="many"') + CHAIN),
        ("bad-expression", ENDS + loop("<loopCondition>1 +</loopCondition>") + CHAIN),
        ("two-loops", ENDS + node("userTask", "a", LOOP.format(inner="", attributes=' loopMaximum="3"')
            + "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>"
            "</multiInstanceLoopCharacteristics>") + CHAIN),
        ("ad-hoc-event", ENDS + node("adHocSubProcess", "a", node("startEvent", "x") + user("y")) + CHAIN),
        ("empty-ad-hoc", ENDS + node("adHocSubProcess", "a") + CHAIN),
        ("ordering", ENDS + node("adHocSubProcess", "a", user("y"), ordering="Random") + CHAIN),
        ("no-activation-condition", ENDS + user("a", "b") + node("complexGateway", "g")
            + flows("s > a > g > e", "s > b > g")),
        ("no-compensation", ENDS + undone(isForCompensation="false") + CHAIN),
        ("no-compensation", ENDS + undone(linked=False) + CHAIN),
        ("compensation-unused", ENDS + user("a", "b") + node("task", "h", isForCompensation="true") + CHAIN
            + flows("a > b")),
        ("compensation-flow", ENDS + undone() + CHAIN + flows("h > e")),
        ("compensation-flow", ENDS + undone() + CHAIN + flows("c > e")),
        ("dangling-reference", ENDS + undone() + CHAIN + flows("s > z")
            + node("endEvent", "z", '<compensateEventDefinition activityRef="nothing"/>')),
        ("not-compensable", ENDS + user("a", "b") + CHAIN + flows("s > b > z")
            + node("endEvent", "z", '<compensateEventDefinition activityRef="b"/>')),
        ("compensation-scope", ENDS + transaction("") + CHAIN + flows("s > z")
            + node("endEvent", "z", '<compensateEventDefinition activityRef="x"/>')),
        ("bad-expression", ENDS + node("callActivity", "a", calledElement="= 1 +") + CHAIN),
        ("cancel-not-caught", ENDS + transaction(CANCEL) + CHAIN),
        ("cancel-outside", ENDS + user("a") + CHAIN + node("endEvent", "z", CANCEL) + flows("s > z")),
        ("cancel-outside", ENDS + user("a") + CHAIN + node("boundaryEvent", "b", CANCEL, attachedToRef="a")
            + flows("b > e")),
    ],
)  # fmt: skip
def test_what_would_not_work_is_refused(rule: str, body: str) -> None:
    assert rule in rules(body)
