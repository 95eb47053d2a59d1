"""A diagram as Duban sees it: immutable, content-addressed, with the line of every element."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One event definition of an event: kind (``timer``, ``message``, ``error`` …) and its details.

    ``details`` holds plain texts: for timers ``date`` | ``duration`` | ``cycle``; for messages, signals, errors and
    escalations ``name`` and ``code`` of the referenced root element; for conditional events ``condition``;
    for links ``name``; for compensation ``activityRef`` and ``waitForCompletion``.
    """

    kind: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``id`` is made up (``flow_<n>``) where the drawing has none."""

    id: str
    source: str
    target: str
    name: str | None
    condition: str | None
    line: int


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Multi-instance or standard loop characteristics of an activity."""

    sequential: bool
    collection: str | None = None
    cardinality: str | None = None
    item_name: str | None = None
    completion_condition: str | None = None
    output_collection: str | None = None
    output_item: str | None = None


@dataclass(frozen=True, slots=True)
class DataStore:
    """A data store (BPMN 2.0.2, 10.4.1): all of one ``name`` are the same. ``capacity`` is None without a limit."""

    name: str
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class DataAssociation:
    """A data association of an activity or event (BPMN 2.0.2, 10.4.2).

    ``source`` and ``target`` are names of variables, data inputs or data outputs (:mod:`engine.definitions.data`).
    With an ``expression`` (FEEL: an assignment's ``from`` or a transformation) its value goes to the target; without
    one the source is copied, if it has a value. ``store`` is the data store at the other end; ``key`` is FEEL for the
    key of one of its rows, and ``remove`` takes that row away instead of writing it.
    """

    source: str | None
    target: str
    expression: str | None = None
    store: DataStore | None = None
    key: str | None = None
    remove: bool = False


@dataclass(frozen=True, slots=True)
class NodeScript:
    """JavaScript beside a flow node (``duban:script``): ``on`` is enter, leave, or take with the ``flow`` taken."""

    on: str
    text: str
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node.

    ``type`` is the BPMN tag without namespace (``userTask``, ``exclusiveGateway`` …). ``attributes`` holds the
    extension attributes with their prefix (``camunda:assignee``, ``duban:policy``) and BPMN's own attributes
    without (``default``, ``cancelActivity``, ``attachedToRef``, ``calledElement``, ``triggeredByEvent``);
    ``properties`` the texts of nested things: ``script``, ``scriptFormat``, ``resultVariable``, ``decisionRef``,
    ``documentation``, of a standard loop ``standardLoop``, ``loopCondition``, ``loopMaximum``, ``testBefore``, the
    ``activationCondition`` of a complex gateway, the ``completionCondition`` of an ad-hoc subprocess, and under
    ``compensatedBy`` the id of a compensation boundary event's handler; ``inputs``/``outputs`` the
    camunda:inputOutput or camunda:in/out mappings (name -> FEEL).
    """

    id: str
    type: str
    name: str | None
    line: int
    parent: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    events: tuple[EventDefinition, ...] = ()
    multi: MultiInstance | None = None
    lane: str | None = None
    data_inputs: tuple[DataAssociation, ...] = ()
    data_outputs: tuple[DataAssociation, ...] = ()
    scripts: tuple[NodeScript, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrelatedValue:
    """A correlation property for one message (BPMN 2.0.2, 8.4.2).

    ``message_path`` is FEEL over the message's payload, ``data_path`` over the process's variables, where the process
    has a correlation subscription; without one the value is that of the first message sent or received.
    """

    id: str
    message_path: str
    data_path: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A pool; ``process_id`` is None for one that is drawn closed: somebody outside."""

    id: str
    name: str | None
    process_id: str | None
    line: int


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message flow from an element or pool to another; ``message`` is the name of its own message, if it has one."""

    id: str
    name: str | None
    source: str
    target: str
    message: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Collaboration:
    """Pools by id, and the message flows between them and their elements."""

    participants: Mapping[str, Participant] = field(default_factory=dict)
    flows: tuple[MessageFlow, ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """A process of a diagram: its nodes by id (those of embedded subprocesses too; ``Node.parent`` tells) and flows.

    ``initial`` holds the values that the data objects of the process and its subprocesses begin with, by scope;
    ``correlations`` the standard's correlation keys by message name.
    """

    id: str
    name: str | None
    executable: bool
    line: int
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    attributes: Mapping[str, str] = field(default_factory=dict)
    documentation: str | None = None
    initial: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    correlations: Mapping[str, tuple[tuple[CorrelatedValue, ...], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A parsed diagram file. ``digest`` is the SHA-256 of its bytes, in hexadecimal."""

    digest: str
    processes: Mapping[str, Process]
    source: bytes = field(repr=False)
    collaboration: Collaboration = Collaboration()

    @cached_property
    def read_stores(self) -> frozenset[str]:
        """Names of the data stores that elements read."""
        return frozenset(one.store.name for node in self._nodes() for one in node.data_inputs if one.store)

    @cached_property
    def written_stores(self) -> frozenset[str]:
        """Names of the data stores that elements write."""
        return frozenset(one.store.name for node in self._nodes() for one in node.data_outputs if one.store)

    def _nodes(self) -> Iterator[Node]:
        return (node for process in self.processes.values() for node in process.nodes.values())


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing that stands against publishing: where it is, what is wrong, what to do.

    ``severity`` is ``error`` (refused) or ``warning``. ``rule`` is a stable code such as ``reserved-id``.
    """

    rule: str
    severity: str
    element_id: str | None
    element_name: str | None
    line: int
    message: str
    advice: str
    file: str = ""
