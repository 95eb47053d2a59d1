"""Small diagrams written as text, and an environment for the interpreter with the real FEEL."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.calendars import WorkingCalendar, resolve_due
from engine.definitions.model import Definition
from engine.definitions.parse import parse_diagram
from engine.expressions import evaluator
from engine.interpreter import apply, start
from engine.interpreter.contract import (
    Decision,
    Effect,
    Ended,
    Left,
    Step,
    Stimulus,
    TimerFired,
    TimerSet,
    WaitFinished,
    WaitOpened,
)
from engine.interpreter.waits import open_waits

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
"""Monday 7 September 2026, 09:00 in Shanghai."""

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:duban="https://duban.dev/bpmn/1.0">'
)


def document(body: str, roots: str = "") -> bytes:
    """Return a BPMN file with one process ``P``."""
    return f'{_HEAD}{roots}<process id="P" isExecutable="true">{body}</process></definitions>'.encode()


def draw(body: str, roots: str = "") -> Definition:
    return parse_diagram(document(body, roots), "test.bpmn")


def flows(*chains: str) -> str:
    """Return sequence flows for chains such as ``s > a > e``; a condition stands in brackets: ``g [x > 1]> a``."""
    result = []
    for chain in chains:
        for (source, condition), (target, _) in pairwise(_STEP.findall(chain)):
            body = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
            result.append(
                f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{body}</sequenceFlow>'
            )
    return "".join(result)


def node(tag: str, node_id: str, inner: str = "", **attributes: str) -> str:
    """Return an element; ``duban_kind`` becomes ``duban:kind``."""
    text = "".join(
        f" {key.replace('duban_', 'duban:').replace('camunda_', 'camunda:')}={quoteattr(value)}"
        for key, value in attributes.items()
    )
    return f'<{tag} id="{node_id}"{text}>{inner}</{tag}>'


def user(*ids: str) -> str:
    return "".join(node("userTask", node_id) for node_id in ids)


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


_STEP = re.compile(r"(\w+)(?: \[([^\]]*)\])?(?:\s*>\s*|$)")

ENDS = node("startEvent", "s") + node("endEvent", "e")


class FakeEnvironment:
    """Real FEEL and JavaScript, no decisions but those given."""

    def __init__(self, decisions: Mapping[str, Decision] | None = None) -> None:
        self._decisions = decisions or {}

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return evaluator().evaluate(expression, variables)

    def replace_script(
        self, element_id: str, language: str, text: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        return None

    def run_script(self, language: str, text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return evaluator().run_script(language, text, variables)

    def decide(self, decision: str, variables: Mapping[str, Any]) -> Decision:
        return self._decisions[decision]

    def due(self, kind: str, text: str, variables: Mapping[str, Any], at: datetime) -> datetime:
        value = self.evaluate(text, variables) if text.startswith("=") else text
        return resolve_due(value, at, WorkingCalendar())


class Played:
    """An instance under test: every stimulus goes through a stored snapshot."""

    def __init__(
        self,
        definition: Definition,
        variables: Mapping[str, Any] | None = None,
        *,
        start_event: str | None = None,
        start_definition: int | None = None,
        **decisions: Decision,
    ) -> None:
        self.definition = definition
        self.environment = FakeEnvironment(decisions)
        self.all: list[Effect] = []
        self.open: dict[str, str] = {}
        self.timers: dict[str, str] = {}
        step = start(
            definition, "P", variables or {}, self.environment,
            at=AT, start_event=start_event, start_definition=start_definition,
        )  # fmt: skip
        self.take(step)

    def take(self, step: Step) -> tuple[Effect, ...]:
        self.step = step
        self.snapshot, self.variables, self.effects = step.snapshot, step.variables, step.effects
        self.all += step.effects
        for effect in step.effects:
            if isinstance(effect, WaitOpened):
                self.open[effect.element_id] = effect.token
            elif isinstance(effect, TimerSet):
                self.timers[effect.element_id] = effect.token
        return step.effects

    def send(self, stimulus: Stimulus) -> tuple[Effect, ...]:
        return self.take(apply(self.definition, "P", self.snapshot, self.variables, stimulus, self.environment))

    def complete(self, element_id: str, **result: Any) -> tuple[Effect, ...]:
        return self.send(WaitFinished(at=AT, token=self.open[element_id], result=result))

    def happen(self, element_id: str, at: datetime = AT, **payload: Any) -> tuple[Effect, ...]:
        """Let the oldest open subscription or timer of an event happen."""
        wait = next(wait for wait in open_waits(self.snapshot) if wait.element_id == element_id)
        if wait.kind == "timer":
            return self.send(TimerFired(at=at, token=wait.token))
        return self.send(WaitFinished(at=at, token=wait.token, result=payload))

    @property
    def waiting(self) -> list[str]:
        """The elements that wait for something, oldest first; an event with several definitions once for each."""
        return [wait.element_id for wait in open_waits(self.snapshot)]

    @property
    def left(self) -> list[str]:
        """The elements that were left since the start, in their order."""
        return [effect.element_id for effect in self.all if isinstance(effect, Left)]

    @property
    def outcome(self) -> str | None:
        """How the instance ended, None while it goes on."""
        return next((effect.outcome for effect in self.all if isinstance(effect, Ended)), None)

    def of(self, kind: type[Effect]) -> list[Any]:
        """Return the effects of the last step of a kind."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def places(self, kind: type[Effect]) -> list[str]:
        return [effect.element_id for effect in self.of(kind)]


def ids(effects: Sequence[Any]) -> list[str]:
    return [effect.element_id for effect in effects]
