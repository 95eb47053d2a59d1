"""One instance while a stimulus is handled: SpiffWorkflow's workflow, kept flat (:mod:`engine.interpreter.tokens`)."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.errors import DubanError
from engine.interpreter import conditions, handlers, multi, runaway
from engine.interpreter.contract import (
    Effect,
    Ended,
    Entered,
    Environment,
    Failed,
    Left,
    TimerDropped,
    TimerSet,
    Uncaught,
    Variables,
    WaitCancelled,
    WaitEnded,
    WaitKind,
    WaitOpened,
    Withdrawn,
)
from engine.interpreter.errors import BpmnError, ElementFailed, ErrorThrown, UnknownToken
from engine.interpreter.stores import Stores
from engine.interpreter.tokens import INSIDE, NOT_INSIDE, ROOT, TIMER, Token, numbered
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.interpreter.specs import ProcessSpec


class Run(Workflow):
    """The live tokens of an instance, the variables, and the effects of the stimulus at hand."""

    def __init__(
        self, spec: "ProcessSpec", variables: Mapping[str, Any], environment: Environment, at: datetime
    ) -> None:
        super().__init__(spec, deserializing=True)
        self.variables: Variables = dict(variables)
        self.environment = environment
        self.stores = Stores(environment)
        self.at = at
        self.effects: list[Effect] = []
        self.counter = 0
        self.ended = False
        self.ready: deque[str] = deque()
        self.attached: dict[str, list[str]] = {}
        self.arrivals: dict[tuple[str, str], list[str]] = {}
        self.watching: dict[str, None] = {}
        self.changed: set[str] = set()
        self.unasked: set[str] = set()
        self.task_tree = Token(self, spec.start, None, TaskState.STARTED, ROOT)

    @property
    def process_spec(self) -> "ProcessSpec":
        return cast("ProcessSpec", self.spec)

    @property
    def root(self) -> Token:
        return self.task_tree

    def _task_completed_notify(self, task: Task) -> None:
        """Nothing is searched when a token completes: what may move is queued by whoever moved it."""

    def emit(self, effect: Effect) -> None:
        self.effects.append(effect)

    # Tokens

    def tokens(self) -> Iterator[Token]:
        """Return all live tokens but the root, oldest first."""
        return (cast(Token, token) for token in list(self.tasks.values()) if token.id != ROOT)

    def find(self, token_id: str) -> Token:
        """Return a live token. Raises :class:`UnknownToken`."""
        token = self.tasks.get(token_id)
        if token is None or token_id == ROOT:
            raise UnknownToken(token_id)
        return cast(Token, token)

    def live(self, token_id: str) -> Token | None:
        """Return a token, None when it is gone."""
        return cast(Token | None, self.tasks.get(token_id))

    def place(self, node_id: str, within: Token, /, **memory: Any) -> Token:
        """Put a new token before an element; it runs when its turn comes."""
        self.counter += 1
        token = Token(self, self.process_spec.task_specs[node_id], within, TaskState.FUTURE, numbered(self.counter))
        token.memory.update(memory)
        self.enqueue(token)
        return token

    def occur(self, node_id: str, within: Token, values: Mapping[str, Any]) -> Token:
        """Put a token at an event that has just happened, with what came with it."""
        token = self.place(node_id, within, stage="store", result=plain(values))
        self.emit(Entered(token=token.id, element_id=node_id))
        return token

    def enqueue(self, token: Token) -> None:
        token._set_state(TaskState.READY)
        self.ready.append(token.id)

    def enqueue_first(self, token: Token) -> None:
        """Let a token run before those that already wait for their turn."""
        token._set_state(TaskState.READY)
        self.ready.appendleft(token.id)

    def remove(self, token: Token) -> None:
        """Take a token out that has nothing inside; its scope ends with its last token."""
        scope = token.scope
        self.forget_arrival(token)
        self._remove_task(token.id)
        if not self.is_busy(scope):
            self._scope_is_empty(scope)

    def is_busy(self, scope: Token) -> bool:
        """Say whether anything goes on in a scope: event subprocesses that only listen do not count."""
        return any("listener" not in self.tasks[inner].memory for inner in scope._children)

    def _scope_is_empty(self, scope: Token) -> None:
        if scope.is_root:
            self.end("completed")
        elif scope.memory.get("stage") == "in" and "total" not in scope.memory:
            scope.spec.emptied(scope)

    def withdraw(self, token: Token, reason: str) -> None:
        """Cancel a token with all inside it and its boundary events. The scope around it is left to the caller."""
        for boundary in self.attached.pop(token.id, []):
            if boundary in self.tasks:
                self.withdraw(cast(Token, self.tasks[boundary]), reason)
        for inner in token.inner:
            if inner.id in self.tasks:
                self.withdraw(inner, reason)
        self._emit_cancelled(token, reason)
        self.forget_arrival(token)
        token._set_state(TaskState.CANCELLED)
        self._remove_task(token.id)

    def withdraw_all(self, scope: Token, reason: str) -> None:
        for token in scope.inner:
            if token.id in self.tasks:
                self.withdraw(token, reason)

    def _emit_cancelled(self, token: Token, reason: str) -> None:
        wait = token.memory.get("wait")
        if wait == TIMER:
            self.emit(TimerDropped(token=token.id))
        elif wait is not None or "incident" in token.memory:
            self.emit(WaitCancelled(token=token.id, element_id=token.spec.node.id, reason=reason))
        if "stage" in token.memory and NOT_INSIDE.isdisjoint(token.memory):
            self.emit(Withdrawn(token=token.id, element_id=token.spec.node.id, reason=reason))

    def disarm(self, token: Token) -> None:
        """Remove the boundary events of an activity that is over."""
        for boundary_id in self.attached.pop(token.id, []):
            boundary = self.tasks.get(boundary_id)
            if boundary is not None:
                self.withdraw(cast(Token, boundary), "host-completed")

    def attach(self, boundary: Token, host_id: str) -> None:
        boundary.memory["host"] = host_id
        self.attached.setdefault(host_id, []).append(boundary.id)

    def arrive(self, token: Token) -> list[Token]:
        """Let a token wait at its join; return all that wait there, oldest first."""
        waiting = self.arrivals.setdefault((token.scope.id, token.spec.node.id), [])
        if token.id not in waiting:
            waiting.append(token.id)
        return [self.find(other) for other in waiting]

    def forget_arrival(self, token: Token) -> None:
        key = (token.scope.id, token.task_spec.name)
        waiting = self.arrivals.get(key)
        if waiting and token.id in waiting:
            waiting.remove(token.id)
            if not waiting:
                del self.arrivals[key]

    # Waits

    def wait(
        self,
        token: Token,
        kind: WaitKind,
        name: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        *,
        correlation: Mapping[str, Any] | None = None,
    ) -> None:
        """Open a wait for somebody or something outside.

        ``inputs`` are mapped values that it sees, ``correlation`` the values that its message must carry.
        """
        token.memory["wait"] = kind.value
        if kind is WaitKind.CONDITIONAL:
            self.watch(token)
        scope = {**self.scope_of(token), **(inputs or {})}
        self.emit(
            WaitOpened(
                token=token.id,
                element_id=token.spec.node.id,
                kind=kind,
                name=name,
                scope=scope,
                correlation=correlation,
            )
        )

    def watch(self, token: Token) -> None:
        """Ask the condition that a token waits for at the next occasion, and whenever variables have changed."""
        self.watching[token.id] = None
        self.unasked.add(token.id)

    def set_timer(self, token: Token, due: datetime) -> None:
        token.memory["wait"] = TIMER
        self.emit(TimerSet(token=token.id, element_id=token.spec.node.id, due=due))

    def finish(self, token: Token, result: Mapping[str, Any]) -> None:
        """End a wait with a result; the token stores it and leaves when its turn comes."""
        if token.memory.pop("wait", None) is not None and "item" in token.memory:
            self.emit(WaitEnded(token=token.id, element_id=token.spec.node.id))
        token.memory.update(stage="store", result=plain(result))
        self.enqueue(token)

    # Variables

    def scope_of(self, token: Token) -> Variables:
        """Return the values that only the inside of the scopes around a token sees, the inner ones first."""
        layers = []
        at: Token | None = token
        while at is not None and not at.is_root:
            layers += [at.memory[key] for key in INSIDE if key in at.memory]
            at = at.scope
        return {key: value for layer in reversed(layers) for key, value in layer.items()}

    def view(self, token: Token, more: Mapping[str, Any] | None = None) -> Variables:
        """Return the variables as an element sees them, with the counters of the multi-instance around it."""
        scope = self.scope_of(token)
        counters = multi.counters_around(token) if scope else {}
        return {**self.variables, **counters, **scope, **(more or {})} if scope or more else self.variables

    def write(self, token: Token, values: Mapping[str, Any]) -> None:
        """Set variables: where a scope has a name of its own, in the innermost multi-instance item, in the instance."""
        self.changed.update(values)
        rest = plain(values)
        at: Token | None = token
        while at is not None and not at.is_root and rest:
            own = at.memory.get("own", {})
            own.update({key: value for key, value in rest.items() if key in own})
            rest = {key: value for key, value in rest.items() if key not in own}
            if "scope" in at.memory:
                at.memory["scope"].update(rest)
                return
            at = at.scope
        self.variables.update(rest)

    def evaluate(self, token: Token, expression: str, more: Mapping[str, Any] | None = None) -> Any:
        return self.environment.evaluate(expression, self.view(token, more))

    def holds(self, token: Token, condition: str, more: Mapping[str, Any] | None = None) -> bool:
        """Say whether a condition is true; null counts as false, anything else but a boolean is an error."""
        value = self.evaluate(token, condition, more)
        if value is None or isinstance(value, bool):
            return bool(value)
        message = f"条件“{condition}”应得出是或否，得到的是 {value!r:.60} / The condition is neither true nor false"
        raise ElementFailed("not-boolean", message)

    def evaluate_all(
        self, token: Token, expressions: Mapping[str, str], more: Mapping[str, Any] | None = None
    ) -> Variables:
        """Evaluate a mapping of names to expressions."""
        return {name: plain(self.evaluate(token, text, more)) for name, text in expressions.items()}

    # Going on

    def settle(self) -> None:
        """Run until nothing moves."""
        watch = runaway.Watch()
        while not self.ended:
            conditions.check(self)
            while self.ready and not self.ended:
                token = cast(Token | None, self.tasks.get(self.ready.popleft()))
                if token is None or token.state != TaskState.READY:
                    continue
                if watch.runs_away(token):
                    self.fail(token, runaway.error(token), catchable=False)
                    self.ready.clear()
                    self.effects = runaway.shortened(self)
                    return
                self.attempt(token, token.run)
                conditions.check(self)
            if not self.process_spec.fire_inclusive_joins(self):
                break
        if not self.ended:
            self._report_deadlock()

    def attempt(self, token: Token, action: Callable[[], object]) -> None:
        """Do something for a token; what goes wrong is caught in the diagram or becomes an incident of it."""
        try:
            action()
        except ErrorThrown as error:
            if not self.throw_error(token, error):
                self.emit(Uncaught(kind="error", code=error.code, element_id=token.spec.node.id))
                self.end("error", error.code)
        except DubanError as error:
            self.fail(token, error)

    def fail(self, token: Token, error: DubanError, *, catchable: bool = True) -> None:
        """Let the innermost catcher take an error, else keep the token as an incident."""
        if catchable and self.throw_error(token, error):
            return
        if token.memory.get("stage") == "in" and "wait" not in token.memory:
            self.disarm(token)
        token.set_failed()
        token.memory["incident"] = error.code
        if isinstance(error, BpmnError):
            self.emit(Uncaught(kind="error", code=error.code, element_id=token.spec.node.id))
        self.emit(Failed(token=token.id, element_id=token.spec.node.id, code=error.code, message=str(error)))

    def throw_error(self, token: Token, error: DubanError) -> bool:
        """Give an error to the innermost catcher; False when there is none."""
        return handlers.catch(self, token, handlers.Raised("error", error.code, str(error)))

    def end(self, outcome: str, code: str | None = None) -> None:
        """End the instance; what is still open is cancelled."""
        if self.ended:
            return
        self.ended = True
        self.withdraw_all(self.root, outcome)
        self.ready.clear()
        self.emit(Ended(outcome=outcome, code=code))

    def leave(self, token: Token) -> None:
        """Note that a token has left its element, once: an event that throws has left before it is caught."""
        if "left" not in token.memory:
            token.memory["left"] = True
            self.emit(Left(token=token.id, element_id=token.spec.node.id))

    def _report_deadlock(self) -> None:
        """Tokens that wait at joins while nothing else is alive would wait for ever: that is an incident."""
        waiting = {token_id for arrived in self.arrivals.values() for token_id in arrived}
        if not waiting:
            return
        scopes = {self.find(token_id).scope.id for token_id in waiting}
        others = [
            t
            for t in self.tokens()
            if t.id not in waiting and not t._children and t.id not in scopes and not handlers.only_adds(t)
        ]
        if others or any(self.find(token_id).failed for token_id in waiting):
            return
        token = self.find(min(waiting, key=int))
        message = "汇聚网关等不到其余分支 / The join waits for branches that nothing can reach any more"
        self.fail(token, ElementFailed("deadlock", message), catchable=False)
