"""What goes into the interpreter and what comes out of it: plain values, no database, no SpiffWorkflow.

A *stimulus* is anything that happens to an instance. One call of :func:`engine.interpreter.apply` handles one
stimulus until nothing moves, and returns a :class:`Step`: the new snapshot, the variables, and the *effects*
that the turn has to write (architecture.md, "The turn").

A *token* is an opaque text that names one wait of one element in one instance; it stays the same from the effect
that opens the wait to the stimulus that ends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Variables = dict[str, Any]


# --- stimuli ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """Something that happens at an instant. ``at`` is the only time the interpreter knows."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFinished(Stimulus):
    """A wait came to its end: a human task, a service result, a finished child or fan-out.

    ``result`` is merged into the instance's variables (into the item's scope inside a multi-instance).
    """

    token: str
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFailed(Stimulus):
    """A service, decision or child ended with a BPMN error: the innermost matching error boundary catches it.

    ``technical`` says that it could not be called at all or broke: what nothing catches is then an incident, where
    the error of a called process would be thrown on.
    """

    token: str
    code: str
    message: str = ""
    technical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEscalated(Stimulus):
    """What a token waits for (a child, somebody) raises an escalation; the wait goes on unless a catcher interrupts.

    A wait that is over meanwhile is no error: there is nothing left to interrupt.
    """

    token: str
    code: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Stimulus):
    """The timer set under this token is due."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageArrived(Stimulus):
    """A message for a waiting receive task or message event; ``payload`` is merged like a result."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalArrived(Stimulus):
    """A broadcast signal."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Stimulus):
    """Tokens are taken away and the process goes on at ``element_id`` (return, jump, retrieve)."""

    tokens: Sequence[str]
    element_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesSet(Stimulus):
    """Variables changed from outside the diagram (an administrator, a form draft that counts)."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Stimulus):
    """Run a failed element again (an incident's retry)."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Stimulus):
    """An element that failed, or that waits, is taken for done with this result: somebody did it by hand."""

    token: str
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a modification lets the process go on: before an element, or after it as if it had just been done.

    ``inside`` names the live scope (or multi-instance item) to go on in where there are several.
    """

    element_id: str
    after: bool = False
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modified(Stimulus):
    """An operator repairs the instance: variables are set, then tokens started, then tokens taken away.

    Unlike :class:`Moved` it takes nothing away by itself. ``local`` sets variables as a token sees them: in its
    multi-instance item, else in the instance.
    """

    cancel: Sequence[str] = ()
    start: Sequence[Start] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: str = "modified"


# --- effects ---------------------------------------------------------------------------------------------


class WaitKind(StrEnum):
    """What a token waits for."""

    USER = "user"
    MANUAL = "manual"
    SERVICE = "service"
    RECEIVE = "receive"
    CALL = "call"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that the turn has to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOpened(Effect):
    """A token arrived at an element that waits for somebody or something outside, or for a condition.

    The wait is over with :class:`WaitCancelled`, :class:`WaitEnded` or :class:`Left` of its token. ``name`` is that of
    a message or signal, or the condition's text. An event with several definitions opens a wait for each. ``scope``
    holds the values of the multi-instance item it belongs to (empty elsewhere). ``correlation`` holds the values that
    a message must carry, by name (a single value may have the empty name); None takes any message of the name.
    """

    token: str
    element_id: str
    kind: WaitKind
    name: str | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    correlation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCancelled(Effect):
    """A wait ended without a result: interrupted by a boundary event, a terminate end, a move."""

    token: str
    element_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEnded(Effect):
    """A multi-instance item or a round of a loop got what it waited for; only the activity as a whole is left."""

    token: str
    element_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet(Effect):
    """The interpreter wants :class:`TimerFired` with this token at ``due``."""

    token: str
    element_id: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDropped(Effect):
    """A timer is no longer wanted."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildrenRequested(Effect):
    """A call activity wants instances of their own; the token waits until they are done.

    ``items`` is None for a single call, else one value per child, given to it as the variable ``item_name``;
    without that name each item is the mapping of variables that its child alone is given.
    ``inputs`` are the variables that every child starts with. ``completion_condition`` (FEEL) sees
    numberOfInstances, numberOfCompletedInstances, numberOfActiveInstances and the parent's variables.
    ``sequential`` asks for one child at a time.
    The wait ends with WaitFinished; its result carries ``outputs`` as the designer mapped them.
    """

    token: str
    element_id: str
    called: str
    items: Sequence[Any] | None
    item_name: str | None
    inputs: Mapping[str, Any]
    completion_condition: str | None = None
    sequential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrown(Effect):
    """A message or a signal leaves the instance, or an escalation was thrown (``name`` is then its code).

    ``correlation`` names the values by which a message finds its receiver; ``element_id`` says who throws.
    """

    kind: str
    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    element_id: str | None = field(default=None, compare=False)
    correlation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncaught(Effect):
    """An ``error`` or ``escalation`` that nothing in this instance catches. An escalation goes to the caller's."""

    kind: str
    code: str
    element_id: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Effect):
    """A token entered an element (history)."""

    token: str
    element_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Effect):
    """A token left an element, having completed it (history)."""

    token: str
    element_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Effect):
    """A token was taken away from an element that it had entered (history); its wait, if any, ends beside this."""

    token: str
    element_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Effect):
    """A business rule task decided: inputs, matched rules and outputs, so that a result can be explained.

    ``steps`` are the required decisions and the tables of functions that it went by, in the order of evaluation.
    """

    element_id: str
    decision: str
    inputs: Mapping[str, Any]
    rules: Sequence[int]
    outputs: Any
    steps: Sequence["DecisionStep"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWritten(Effect):
    """An element wrote a row of a data store: these fields are updated, None takes the row away.

    ``capacity`` is the most rows that the store may have, None without a limit.
    """

    store: str
    key: str
    values: Mapping[str, Any] | None
    element_id: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Effect):
    """An element failed and nothing in the diagram catches it: an incident. The token can be retried."""

    token: str
    element_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Effect):
    """The instance is over. ``outcome`` is ``completed``, ``terminated`` or ``error``; ``code`` the error's code."""

    outcome: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one stimulus."""

    snapshot: bytes
    variables: Variables
    effects: tuple[Effect, ...]


class Environment(Protocol):
    """What the interpreter may ask while it works; all of it is pure for the same arguments."""

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate a FEEL expression. Raises :class:`engine.expressions.ExpressionError`."""

    def run_script(self, language: str, text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a script task's text; returns the variables it sets."""

    def replace_script(
        self, element_id: str, language: str, text: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return variables to set instead of running a script task; None runs it (the rule outside of tests)."""
        return None

    def decide(self, decision: str, variables: Mapping[str, Any]) -> "Decision":
        """Evaluate a decision of the instance's package.

        Raises :class:`engine.interpreter.errors.LeftToOthers` for one that somebody outside makes: the task waits
        like a service.
        """

    def stored(self, store: str, key: str | None = None) -> Mapping[str, Mapping[str, Any]]:
        """Return a data store's rows by key as this turn sees them: all of them, or the one of a key if it is there."""
        return {}

    def due(self, kind: str, text: str, variables: Mapping[str, Any], at: datetime) -> datetime:
        """Say when a timer is due. ``kind`` is date or duration; ``text`` ISO 8601 or FEEL; working time allowed."""


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """One decision, or one table of a function, on the way to an answer; ``name`` says whose and which entry."""

    decision: str
    name: str
    inputs: Mapping[str, Any]
    rules: tuple[int, ...]
    outputs: Any


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision's answer with its reasons: 1-based numbers of the matched rules, and what it required.

    ``names`` are those of its output columns, where it is a table.
    """

    outputs: Any
    rules: tuple[int, ...]
    inputs: Mapping[str, Any]
    steps: tuple[DecisionStep, ...] = ()
    names: tuple[str, ...] = ()
