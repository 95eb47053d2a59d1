"""Runaways of every kind become incidents, or are caught by an error boundary; the instance goes on afterwards."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.expressions import evaluator
from engine.expressions.decisions import DecisionModel
from engine.interpreter import apply, start
from engine.interpreter.contract import Decision, Ended, Entered, Failed, Left, Retried, VariablesSet, WaitOpened
from tests.support.drawing import AT, ENDS, FakeEnvironment, Played, draw, flows, node, user

FEEL_BOMBS = [
    "for i in 1..100000, j in 1..100000 return i * j",
    "count(for i in 1..100000000 return i)",
    'matches("' + "a" * 50 + '!", "^(a+)+$")',
    "(" * 20_000 + "1" + ")" * 20_000,
]
SCRIPT_BOMBS = [
    "while (true) {}",
    "var a = []; while (true) a.push(new Array(1000).fill(1));",
    "function f() { return f() + 1 } f()",
    "throw { toString() { while (true) {} } }",
    "var x = []; for (var i = 0; i < 100000; i++) x = [x]; return { x: x }",
]
STOPPED = ("expression-timeout", "expression-memory")


def cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def guarded(text: str, language: str) -> str:
    """Draw a script task that explodes as long as ``armed`` is set."""
    text = f"if armed then {text} else 1" if language == "feel" else f"if (armed) {{ {text} }}"
    more = {"camunda_resultVariable": "x"} if language == "feel" else {}
    return node("scriptTask", "a", f"<script>{cdata(text)}</script>", scriptFormat=language, **more)


@pytest.mark.parametrize(
    ("language", "bomb"), [("feel", bomb) for bomb in FEEL_BOMBS] + [("javascript", bomb) for bomb in SCRIPT_BOMBS]
)
def test_a_script_that_runs_away_is_an_incident_and_can_be_repaired(language: str, bomb: str) -> None:
    drawing = draw(ENDS + guarded(bomb, language) + user("after") + flows("s > a > after > e"))
    played = Played(drawing, {"armed": True})
    failed = played.of(Failed)[0]
    assert failed.element_id == "a"
    assert failed.code in STOPPED
    if not bomb.startswith("("):
        played.send(VariablesSet(at=AT, values={"armed": False}))
        played.send(Retried(at=AT, token=failed.token))
        assert played.places(WaitOpened) == ["after"]


@pytest.mark.parametrize("bomb", FEEL_BOMBS)
def test_a_condition_that_runs_away_is_an_incident_of_its_gateway(bomb: str) -> None:
    condition = bomb if bomb.startswith("matches") else f"({bomb}) = 1"
    gateway = node("exclusiveGateway", "g", default="g-e") + user("a")
    risky = f"<conditionExpression>{cdata(condition)}</conditionExpression>"
    flow = node("sequenceFlow", "f", risky, sourceRef="g", targetRef="a")
    played = Played(draw(ENDS + gateway + flow + flows("s > g > e", "a > e")))
    failed = played.of(Failed)[0]
    assert failed.element_id == "g"
    assert failed.code in STOPPED


def test_a_runaway_is_caught_by_an_error_boundary_with_its_stable_code() -> None:
    catch = node("boundaryEvent", "b", '<errorEventDefinition errorRef="t"/>', attachedToRef="a") + user("repair")
    body = ENDS + guarded("while (true) {}", "javascript") + catch + flows("s > a > e", "b > repair > e")
    played = Played(draw(body, '<error id="t" errorCode="expression-timeout"/>'), {"armed": True})
    assert played.places(WaitOpened) == ["repair"]
    assert played.of(Failed) == []


class DecidingEnvironment(FakeEnvironment):
    """Decisions of a real DMN file."""

    def __init__(self, model: DecisionModel) -> None:
        super().__init__()
        self._model = model

    def decide(self, decision: str, variables: Mapping[str, Any]) -> Decision:
        answer = self._model.decide(evaluator(), decision, variables)
        return Decision(outputs=answer.outputs, rules=tuple(answer.rules), inputs=answer.inputs)


def table(cell: str) -> bytes:
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
      <decision id="award" name="award"><decisionTable id="t"><input id="i"><inputExpression id="ie"><text>n</text>
      </inputExpression></input><output id="o" name="award"/><rule id="r"><inputEntry id="x"><text>-</text></inputEntry>
      <outputEntry id="y"><text>{cdata(cell)}</text></outputEntry></rule></decisionTable></decision>
      </definitions>""".encode()


@pytest.mark.parametrize("bomb", FEEL_BOMBS[:3])
def test_a_decision_cell_that_runs_away_is_an_incident_of_the_task(bomb: str) -> None:
    model = DecisionModel.parse(table(f"if n = 1 then {bomb} else 2"))
    task = node("businessRuleTask", "a", camunda_decisionRef="award", camunda_resultVariable="award")
    definition = draw(ENDS + task + flows("s > a > e"))
    environment = DecidingEnvironment(model)
    step = start(definition, "P", {"n": 1}, environment, at=AT)
    failed = next(effect for effect in step.effects if isinstance(effect, Failed))
    assert failed.element_id == "a"
    assert failed.code.startswith(("expression-", "decision-"))
    step = apply(definition, "P", step.snapshot, {"n": 2}, Retried(at=AT, token=failed.token), environment)
    assert Ended(outcome="completed") in step.effects


def test_values_that_no_database_takes_are_made_plain() -> None:
    script = "return { a: '\\ud800x', b: 'y\\u0000', c: 1 / 0, d: 123456789012345678901234567890 }"
    played = Played(draw(ENDS + node("scriptTask", "a", f"<script>{cdata(script)}</script>", scriptFormat="javascript")
                         + user("after") + flows("s > a > after > e")))  # fmt: skip
    assert played.variables == {"a": "\ufffdx", "b": "y\ufffd", "c": None, "d": 1.2345678901234568e29}


def test_values_nested_too_deep_are_an_incident() -> None:
    script = "var x = []; for (var i = 0; i < 200; i++) x = [x]; return { x: x }"
    played = Played(draw(ENDS + node("scriptTask", "a", f"<script>{cdata(script)}</script>", scriptFormat="javascript")
                         + flows("s > a > e")))  # fmt: skip
    assert played.of(Failed)[0].code == "value-too-deep"


def test_a_token_that_doubles_in_every_round_is_an_incident() -> None:
    body = ENDS + node("task", "t") + node("task", "p") + node("task", "q")
    played = Played(draw(body + flows("s > t > p > t", "t > q > t", "t [false]> e")))
    assert played.of(Failed)[0].code == "runaway"
    assert len(played.effects) < 1_000
    assert len(played.snapshot) < 4_000_000


def test_a_loop_with_scripts_is_stopped_with_bounded_history() -> None:
    script = node("scriptTask", "a", "<script>n + 1</script>", camunda_resultVariable="n")
    body = ENDS + script + node("exclusiveGateway", "x", default="x-a")
    played = Played(draw(body + flows("s > a > x > a", "x [n &lt; 0]> e".replace("&lt;", "<"))), {"n": 0})
    assert played.of(Failed)[0].code == "runaway"
    assert len(played.effects) < 500
    assert played.variables["n"] > 10


def test_subprocesses_that_are_opened_again_and_again_are_an_endless_loop_too() -> None:
    inner = node("startEvent", "s1") + node("task", "t") + flows("s1 > t")
    body = ENDS + node("subProcess", "u", inner) + node("exclusiveGateway", "x", default="x-u")
    played = Played(draw(body + flows("s > u > x > u", "x [stop]> e")))
    assert played.of(Failed)[0].code == "runaway"


def test_events_that_call_each_other_are_an_endless_loop_too() -> None:
    throw = node("intermediateThrowEvent", "t", '<signalEventDefinition signalRef="g"/>')
    start_event = node("startEvent", "h_s", '<signalEventDefinition signalRef="g"/>', isInterrupting="false")
    again = node("intermediateThrowEvent", "h_t", '<signalEventDefinition signalRef="g"/>')
    handler = node("subProcess", "h", start_event + again + flows("h_s > h_t"), triggeredByEvent="true")
    played = Played(
        draw(ENDS + throw + user("a") + handler + flows("s > a > e", "s > t"), '<signal id="g" name="go"/>')
    )
    assert played.of(Failed)[0].code == "runaway"


def test_a_wait_that_ends_in_an_endless_loop_is_told_as_over() -> None:
    body = ENDS + user("a") + node("exclusiveGateway", "g") + node("task", "t") + flows("s > a > g > t > g")
    played = Played(draw(body))
    token = played.open["a"]
    played.complete("a")
    assert played.of(Failed)[0].code == "runaway"
    assert token in [effect.token for effect in played.of(Left)]
    entered = [effect.token for effect in played.of(Entered)]
    assert len(entered) < 300
    assert {effect.token for effect in played.of(Left)} - {token} <= set(entered)
