"""A process as nested blocks: what is drawn, before it has places. Blocks are rows of nodes, branches and frames."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union

TASK_SIZE = (100, 80)
GATEWAY_SIZE = (50, 50)
EVENT_SIZE = (36, 36)

_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway"})


@dataclass(slots=True)
class Node:
    """One flow node. ``inputs`` and ``outputs`` are mapped parameters; for call activities what goes in and comes out.

    ``event`` is (kind, text) of a timer (``timeDate``, ``timeDuration``) or a message; ``many`` the collection, the
    item's name, whether one by one, and the completion condition; ``script`` the text of a script task; ``reads`` are
    the FEEL texts of the decision table that it asks.
    """

    id: str
    tag: str
    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    event: tuple[str, str] | None = None
    many: tuple[str, str, bool, str] | None = None
    script: str = ""
    reads: list[str] = field(default_factory=list)
    documentation: str = ""
    beside: list["Beside"] = field(default_factory=list)

    @property
    def is_event(self) -> bool:
        """Whether it is drawn as a circle."""
        return self.tag in _EVENTS

    @property
    def is_gateway(self) -> bool:
        """Whether it is drawn as a diamond."""
        return self.tag in _GATEWAYS

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its shape."""
        return EVENT_SIZE if self.is_event else GATEWAY_SIZE if self.is_gateway else TASK_SIZE


@dataclass(slots=True)
class Row:
    """Blocks one after the other."""

    blocks: list["Block"] = field(default_factory=list)

    @property
    def ends(self) -> bool:
        """Whether the row ends its process: nothing goes on behind it."""
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Node):
            return last.tag == "endEvent"
        return isinstance(last, Back) or (isinstance(last, Split) and all(one.row.ends for one in last.branches))


@dataclass(slots=True)
class Branch:
    """A way out of a gateway. ``condition`` is FEEL, empty for the default way."""

    name: str
    condition: str
    row: Row


@dataclass(slots=True)
class Split:
    """A gateway, its ways, and the gateway where they meet again; None where at most the first of them goes on."""

    gateway: Node
    branches: list[Branch]
    join: Node | None


@dataclass(slots=True)
class Back:
    """The way back to an earlier node of the row around the split that it stands in."""

    target: str


@dataclass(slots=True)
class Frame:
    """An embedded subprocess drawn open, with a row from its start event to its end event."""

    node: Node
    row: Row


@dataclass(slots=True)
class Beside:
    """A timer on the border of an activity and what it leads to; ``stop`` takes the activity's token."""

    event: Node
    row: Row
    stop: bool


Block = Union[Node, Split, Frame, Back]  # noqa: UP007 - the names are only known later


@dataclass(slots=True)
class Process:
    """One process: its row begins with a start event and ends with an end event."""

    id: str
    name: str
    row: Row
    documentation: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


def walk(row: Row) -> Iterator[Node]:
    """Yield every node of a row and of what lies inside and beside it, in drawing order."""
    for block in row.blocks:
        match block:
            case Node():
                yield block
                yield from _beside(block)
            case Split():
                yield block.gateway
                for branch in block.branches:
                    yield from walk(branch.row)
                if block.join is not None:
                    yield block.join
            case Frame():
                yield block.node
                yield from walk(block.row)
                yield from _beside(block.node)


def _beside(node: Node) -> Iterator[Node]:
    for beside in node.beside:
        yield beside.event
        yield from walk(beside.row)


def entry(block: Block) -> str:
    """Return the id of the node where a block is entered; that of a way back is its target."""
    match block:
        case Node():
            return block.id
        case Split():
            return block.gateway.id
        case Frame():
            return block.node.id
        case Back():
            return block.target


def conditions(row: Row) -> Iterator[str]:
    """Yield the conditions of every branch in a row and in what lies inside and beside it."""
    for block in row.blocks:
        match block:
            case Split():
                for branch in block.branches:
                    yield branch.condition
                    yield from conditions(branch.row)
            case Frame():
                yield from conditions(block.row)
                yield from (text for one in block.node.beside for text in conditions(one.row))
            case Node():
                yield from (text for one in block.beside for text in conditions(one.row))


def expressions(process: Process) -> Iterator[str]:
    """Yield every FEEL text of a process, without the ``=`` in front."""
    yield from (text for text in conditions(process.row) if text)
    for node in walk(process.row):
        texts = [*node.attributes.values(), *node.inputs.values(), *node.outputs.values()]
        if node.event is not None:
            texts.append(node.event[1])
        yield from (text[1:] for text in texts if text.startswith("="))
        if node.script:
            yield node.script
        yield from node.reads
        if node.many is not None:
            yield from (text.removeprefix("=") for text in (node.many[0], node.many[3]) if text)
