"""Forecast: the route that an instance will probably take and who will sign, by the rules that will decide it.

The interpreter is pure, so the future is played: everybody agrees, services answer nothing, timers fire when nothing
else is left to do. Conditions, scripts and decisions are the diagram's own, over the variables as they are now.
Nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import interpreter
from engine.errors import DubanError
from engine.instances.models import OPEN_STATUSES, Instance
from engine.instances.run import Run, load_run
from engine.instances.start import Start, new_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import (
    ChildrenRequested,
    Ended,
    MessageArrived,
    Moved,
    SignalArrived,
    Step,
    Stimulus,
    TimerDropped,
    TimerFired,
    TimerSet,
    WaitCancelled,
    WaitFinished,
    WaitKind,
    WaitOpened,
)
from engine.interpreter.tokens import TIMER
from engine.interpreter.waits import OpenWait, open_waits
from engine.tasks.assignment import find_people
from engine.tasks.models import Activation
from engine.tasks.opening import node_settings

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_STEPS = 30
MOST_STIMULI = 120


@dataclass(frozen=True, slots=True)
class Predicted:
    """One step to come: node, people and the rule that finds them.

    ``certain`` is False behind what the forecast cannot know: an event, a service's answer, a called process.
    """

    element_id: str
    name: str
    policy: str
    people: tuple[str, ...]
    person_ids: tuple[int, ...]
    rule: str
    certain: bool


@dataclass(slots=True)
class _Future:
    """What is open while the future is played."""

    run: Run
    snapshot: bytes
    variables: dict[str, Any]
    waits: dict[str, WaitOpened | ChildrenRequested] = field(default_factory=dict)
    timers: dict[str, TimerSet] = field(default_factory=dict)
    ended: bool = False
    certain: bool = True

    def take(self, step: Step) -> list[WaitOpened]:
        """Take over a step; returns the human waits that it opened."""
        self.snapshot, self.variables = step.snapshot, dict(step.variables)
        opened: list[WaitOpened] = []
        for effect in step.effects:
            match effect:
                case WaitOpened(kind=WaitKind.CONDITIONAL):
                    pass
                case WaitOpened() | ChildrenRequested():
                    self.waits[effect.token] = effect
                    if isinstance(effect, WaitOpened) and effect.kind is WaitKind.USER:
                        opened.append(effect)
                case WaitCancelled():
                    self.waits.pop(effect.token, None)
                    opened = [one for one in opened if one.token != effect.token]
                case TimerSet():
                    self.timers[effect.token] = effect
                case TimerDropped():
                    self.timers.pop(effect.token, None)
                case Ended():
                    self.ended = True
        return opened

    def apply(self, stimulus: Stimulus) -> list[WaitOpened]:
        """Let something happen."""
        run = self.run
        return self.take(
            interpreter.apply(
                run.definition, run.process.id, self.snapshot, self.variables, stimulus, run.environment
            )
        )  # fmt: skip


def forecast(engine: "Engine", session: Session, *, instance: Instance) -> list[Predicted]:
    """Return the steps that a running instance has still to go, in their order; empty when it is over."""
    if instance.status not in OPEN_STATUSES:
        return []
    with session.no_autoflush:
        run = load_run(TurnWriter(engine, session, engine.clock.now()), instance)
        future = _Future(run, instance.snapshot, dict(instance.variables))
        for wait in open_waits(instance.snapshot):
            if wait.kind == TIMER:
                future.timers[wait.token] = TimerSet(token=wait.token, element_id=wait.element_id, due=run.at)
            elif wait.kind != WaitKind.CONDITIONAL:
                name = wait.name or _event_name(run, wait)
                future.waits[wait.token] = WaitOpened(
                    token=wait.token, element_id=wait.element_id, kind=WaitKind(wait.kind), name=name,
                    scope=wait.scope,
                )  # fmt: skip
        query = select(Activation).where(
            Activation.instance_id == instance.id, Activation.closed_at.is_(None), Activation.return_to.is_not(None)
        )
        returned = {activation.token: activation for activation in session.scalars(query)}
        return _play(future, seen={wait.element_id for wait in future.waits.values()}, returned=returned)


def _event_name(run: Run, wait: OpenWait) -> str | None:
    events = run.node(wait.element_id).events
    return events[wait.event].details.get("name") if wait.event < len(events) else None


def forecast_start(
    engine: "Engine",
    session: Session,
    *,
    package_key: str,
    variables: Mapping[str, Any],
    initiator_id: int | None,
    unit_id: int | None = None,
) -> list[Predicted]:
    """Return the steps that a process would take if it were started now with these variables."""
    version = engine.packages.live(session, package_key)
    writer = TurnWriter(engine, session, engine.clock.now())
    with session.no_autoflush:
        start = Start(version_id=version.id, variables=variables, title="", initiator_id=initiator_id, unit_id=unit_id)
        run = load_run(writer, new_instance(writer, start))
        future = _Future(run, b"", dict(variables))
        try:
            step = interpreter.start(run.definition, run.process.id, future.variables, run.environment, at=run.at)
        except DubanError:
            return []
        opened = [_predicted(future, wait) for wait in future.take(step)]
        return opened + _play(future, seen={one.element_id for one in opened}, returned={})


def _play(future: _Future, *, seen: set[str], returned: Mapping[str, Activation]) -> list[Predicted]:
    found: list[Predicted] = []
    for _ in range(MOST_STIMULI):
        stimulus = _next(future, returned)
        if stimulus is None or future.ended or len(found) >= MOST_STEPS:
            break
        try:
            opened = future.apply(stimulus)
        except DubanError:
            break
        for wait in opened:
            if wait.element_id in seen:
                future.waits.pop(wait.token, None)
                continue
            seen.add(wait.element_id)
            found.append(_predicted(future, wait))
    return found


def _next(future: _Future, returned: Mapping[str, Activation]) -> Stimulus | None:
    """Let the oldest human wait agree; then what is outside answer; at last let the earliest timer fire."""
    at = future.run.at
    by_turn = sorted(future.waits.values(), key=lambda wait: (not _is_human(wait), int(wait.token.split(":")[0])))
    for wait in by_turn:
        del future.waits[wait.token]
        activation = returned.get(wait.token)
        if activation is not None and activation.return_to is not None:
            back = future.run.session.get(Activation, activation.return_to)
            if back is not None:
                return Moved(at=at, tokens=[wait.token], element_id=back.element_id, reason="forecast")
        if _is_human(wait):
            return WaitFinished(at=at, token=wait.token, result={"outcome": "agreed"})
        future.certain = False
        return _answer(future, wait)
    if future.timers:
        first = min(future.timers.values(), key=lambda timer: timer.due)
        del future.timers[first.token]
        future.certain = False
        return TimerFired(at=max(at, first.due), token=first.token)
    return None


def _answer(future: _Future, wait: WaitOpened | ChildrenRequested) -> Stimulus:
    """Answer what waits for the outside: nothing is known of what it will bring."""
    at = future.run.at
    if isinstance(wait, WaitOpened) and wait.kind in (WaitKind.MESSAGE, WaitKind.RECEIVE):
        return MessageArrived(at=at, name=wait.name or "", token=wait.token)
    if isinstance(wait, WaitOpened) and wait.kind is WaitKind.SIGNAL:
        return SignalArrived(at=at, name=wait.name or "")
    return WaitFinished(at=at, token=wait.token)


def _is_human(wait: WaitOpened | ChildrenRequested) -> bool:
    return isinstance(wait, WaitOpened) and wait.kind in (WaitKind.USER, WaitKind.MANUAL)


def _predicted(future: _Future, wait: WaitOpened) -> Predicted:
    run = replace(future.run, variables=future.variables)
    node = run.node(wait.element_id)
    settings = node_settings(node)
    try:
        rule, people = find_people(run, settings, wait.scope)
    except DubanError:
        rule, people = "", []
    names = run.engine.people.names(run.session, people) if people else {}
    return Predicted(
        element_id=wait.element_id,
        name=wait.name or node.name or node.id,
        policy=settings["policy"],
        people=tuple(names.get(person, "") for person in people),
        person_ids=tuple(people),
        rule=rule,
        certain=future.certain,
    )
