"""Events that would not be executed where they stand are refused; those that are executed pass."""

import pytest

from engine.definitions.lint import lint_diagram
from engine.expressions import evaluator
from tests.support.drawing import ENDS, draw, flows, node, timer, user
from tests.support.eventing import (
    ANY_ERROR,
    ERROR,
    ESCALATION,
    MESSAGE,
    REPLY,
    ROOTS,
    SIGNAL,
    TERMINATE,
    boundary,
    condition,
    handler,
)

CHAIN = flows("s > a > e")
MAIN = ENDS + user("a") + CHAIN
LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
WAITED_FOR = {"message": MESSAGE, "signal": SIGNAL, "timer": timer("PT1H"), "conditional": condition("n > 3")}
COMPUTED = '<message id="msg" name="=&quot;to-&quot; + unit"/>'


def findings(body: str, severity: str, roots: str = ROOTS) -> set[str]:
    found = lint_diagram(draw(body, roots), check_expression=evaluator().check)
    return {finding.rule for finding in found if finding.severity == severity}


def errors(body: str, roots: str = ROOTS) -> set[str]:
    return findings(body, "error", roots)


def inside(name: str = "x") -> str:
    return user("h") + node("endEvent", "he") + flows(f"{name}_start > h > he")


def catch(event: str, **more: str) -> str:
    return ENDS + node("intermediateCatchEvent", "a", event, **more) + CHAIN


def throw(event: str) -> str:
    return ENDS + node("intermediateThrowEvent", "a", event) + CHAIN


def edge(event: str, **more: object) -> str:
    return MAIN + boundary("a", event, **more) + user("tb") + flows("b > tb > e")  # type: ignore[arg-type]


def end(event: str) -> str:
    return node("startEvent", "s") + node("endEvent", "a", event) + flows("s > a")


def mapped(side: str) -> str:
    return (
        f'<extensionElements><camunda:inputOutput><camunda:{side}Parameter name="n">=m</camunda:{side}Parameter>'
        "</camunda:inputOutput></extensionElements>"
    )


EXECUTED = [
    *(catch(event) for event in WAITED_FOR.values()),
    *(edge(event) for event in [*WAITED_FOR.values(), ERROR, ANY_ERROR, ESCALATION]),
    *(edge(event, interrupting=False) for event in [*WAITED_FOR.values(), ESCALATION]),
    *(MAIN + handler("x", event, inside()) for event in [*WAITED_FOR.values(), ERROR, ESCALATION]),
    *(MAIN + handler("x", event, inside(), interrupting=False) for event in [*WAITED_FOR.values(), ESCALATION]),
    *(throw(event) for event in (MESSAGE, SIGNAL, ESCALATION)),
    *(end(event) for event in (MESSAGE, SIGNAL, ESCALATION, ERROR, TERMINATE)),
    catch(MESSAGE + SIGNAL + timer("PT1H")),
    catch(MESSAGE + SIGNAL, parallelMultiple="true"),
    edge(MESSAGE + ERROR),
    edge(MESSAGE + SIGNAL, interrupting=False, parallelMultiple="true"),
    throw(MESSAGE + SIGNAL + ESCALATION),
    end(MESSAGE + TERMINATE),
    catch(timer("R3/PT1H", "timeCycle")),
    catch(mapped("output") + MESSAGE),
    throw(mapped("input") + MESSAGE),
    MAIN.replace('<startEvent id="s">', f'<startEvent id="s">{MESSAGE}'),
    node("eventBasedGateway", "g", instantiate="true")
    + node("intermediateCatchEvent", "c", SIGNAL) + node("receiveTask", "r", messageRef="msg2")
    + node("endEvent", "e") + flows("g > c > e", "g > r > e"),
    MAIN + node("receiveTask", "r", messageRef="msg", instantiate="true") + node("endEvent", "e2") + flows("r > e2"),
]  # fmt: skip


@pytest.mark.parametrize("body", EXECUTED)
def test_what_is_executed_is_accepted(body: str) -> None:
    assert errors(body) == set()


REFUSED = [
    ("forbidden-event", catch(ERROR)),
    ("forbidden-event", catch(ESCALATION)),
    ("forbidden-event", throw(timer("PT1H"))),
    ("forbidden-event", throw(ERROR)),
    ("forbidden-event", end(timer("PT1H"))),
    ("forbidden-event", MAIN.replace('<startEvent id="s">', f'<startEvent id="s">{ERROR}')),
    ("forbidden-event", ENDS + node("subProcess", "a", node("startEvent", "s1", MESSAGE) + node("endEvent", "e1")
     + flows("s1 > e1")) + CHAIN),
    ("no-event", catch("")),
    ("no-escalation-code", throw("<escalationEventDefinition/>")),
    ("no-error-code", end(ANY_ERROR)),
    ("no-reference", catch("<signalEventDefinition/>")),
    ("dangling-reference", catch('<messageEventDefinition messageRef="nothing"/>')),
    ("dangling-reference", catch(MESSAGE + '<signalEventDefinition signalRef="nothing"/>')),
    ("empty-expression", catch(condition(""))),
    ("bad-expression", catch(condition("n &gt;"))),
    ("multiple-event", catch(MESSAGE + '<linkEventDefinition name="L"/>')),
    ("multiple-event", edge(MESSAGE + ERROR, parallelMultiple="true")),
    ("multiple-event", end(ERROR + TERMINATE)),
    ("forbidden-event", edge(ERROR, interrupting=False)),
    ("forbidden-event", MAIN + handler("x", ERROR, inside(), interrupting=False)),
    ("event-mapping", catch(mapped("input") + MESSAGE)),
    ("event-mapping", throw(mapped("output") + MESSAGE)),
    ("event-mapping", end(mapped("input") + TERMINATE)),
    ("timer-cycle", catch(timer("0 0 9 * * MON", "timeCycle"))),
    ("timer-cycle", catch(timer("R3/", "timeCycle"))),
    ("bad-expression", catch(timer("every R3/PT1H", "timeCycle"))),
    ("timer", catch(timer("R3/P1X", "timeCycle"))),
    ("timer", catch(timer("R3/2026-13-45T00:00:00Z/PT1H", "timeCycle"))),
    ("timer", catch("<timerEventDefinition/>")),
    ("event-subprocess-start", MAIN + handler("x", "", inside())),
    ("event-subprocess-start", MAIN + handler("x", MESSAGE, inside() + node("startEvent", "x2", SIGNAL)
     + flows("x2 > h"))),
    ("event-subprocess-start", MAIN + node("subProcess", "x", user("h"), triggeredByEvent="true")),
    ("event-subprocess-flow", MAIN + handler("x", MESSAGE, inside()) + flows("x > a")),
    ("event-subprocess-loop", MAIN + handler("x", MESSAGE, inside() + LOOP)),
    ("event-subprocess-boundary", MAIN + handler("x", MESSAGE, inside()) + boundary("x", SIGNAL) + flows("b > e")),
    ("parallel-event-gateway", ENDS + node("eventBasedGateway", "g", eventGatewayType="Parallel")
     + node("intermediateCatchEvent", "c", MESSAGE) + flows("s > g > c > e")),
    ("instantiate", ENDS + node("eventBasedGateway", "g", instantiate="true")
     + node("intermediateCatchEvent", "c", MESSAGE) + flows("s > g > c > e")),
    ("instantiate", ENDS + node("receiveTask", "a", messageRef="msg", instantiate="true") + CHAIN),
    ("event-gateway-target", ENDS + node("eventBasedGateway", "g") + node("receiveTask", "a", messageRef="msg")
     + boundary("a", SIGNAL) + node("intermediateCatchEvent", "c", REPLY)
     + flows("s > g > a > e", "g > c > e", "b > e")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "body"), REFUSED)
def test_what_is_not_executed_there_is_refused(rule: str, body: str) -> None:
    assert rule in errors(body)


def test_names_may_be_computed_but_not_that_which_starts_a_process() -> None:
    assert errors(catch(MESSAGE), COMPUTED) == set()
    start = MAIN.replace('<startEvent id="s">', f'<startEvent id="s">{MESSAGE}')
    assert errors(start, COMPUTED) == {"computed-start"}


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("timer-cycle-once", catch(timer("R3/PT1H", "timeCycle"))),
        ("timer-cycle-once", edge(timer("R3/PT1H", "timeCycle"))),
        ("conditional-start", MAIN.replace('<startEvent id="s">', f'<startEvent id="s">{condition("n")}')),
        ("implied-message", catch("<messageEventDefinition/>")),
        ("implied-message", ENDS + node("receiveTask", "a") + CHAIN),
        ("boundary-on-instant", ENDS + node("task", "a") + CHAIN + boundary("a", timer("P1D")) + flows("b > e")),
    ],
)
def test_what_is_executed_otherwise_than_one_may_think_is_a_warning(rule: str, body: str) -> None:
    assert rule in findings(body, "warning")
    assert errors(body) == set()
    assert rule not in findings(edge(timer("R3/PT1H", "timeCycle"), interrupting=False), "warning")
