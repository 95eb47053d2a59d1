"""The tree: what a block-structured diagram is made of, and how Hypothesis grows one.

A block has one way in and, unless it throws or terminates, one way out. Elements are named by their place in the
tree: the second part of ``n`` is ``n_1``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Task:
    """A person's task."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A task that is over at once."""


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Xor:
    """One of the branches; the first one is the default."""

    branches: tuple["Block", ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class And:
    branches: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Those branches that are taken; the first one is the default."""

    branches: tuple["Block", ...]
    taken: frozenset[int]


@dataclass(frozen=True, slots=True)
class Loop:
    """The body, then a person says whether once more."""

    body: "Block"


@dataclass(frozen=True, slots=True)
class Handler:
    """An event subprocess that waits for a message."""

    interrupting: bool
    body: "Block"


@dataclass(frozen=True, slots=True)
class Sub:
    """An embedded subprocess."""

    body: "Block"
    handlers: tuple[Handler, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """A multi-instance activity."""

    inner: "Task | Sub"
    count: int
    sequential: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """A standard loop with a maximum and no condition."""

    inner: "Task | Sub"
    times: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A boundary event: ``timer``, ``message`` or ``error`` (with a code, or for all codes)."""

    kind: str
    interrupting: bool
    body: "Block"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Guarded:
    host: "Task | Sub | Many"
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class First:
    """An event-based gateway: each branch begins with a timer or a message."""

    branches: tuple[tuple[str, "Block"], ...]


@dataclass(frozen=True, slots=True)
class Throw:
    """A person's task, then an error end event."""

    code: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A person's task, then a terminate end event."""


Block = Task | Pass | Seq | Xor | And | Or | Loop | Sub | Many | Repeat | Guarded | First | Throw | Stop


def goes_on(block: Block) -> bool:
    """Say whether anything can leave a block by its way out."""
    match block:
        case Throw() | Stop():
            return False
        case Seq(parts):
            return all(goes_on(part) for part in parts)
        case Xor(branches, _):
            return any(goes_on(branch) for branch in branches)
        case And(branches):
            return all(goes_on(branch) for branch in branches)
        case First(branches):
            return any(goes_on(branch) for _, branch in branches)
        case _:
            return True


def choices(block: Any, name: str = "n") -> Iterator[tuple[str, Any]]:
    """Yield the variables by which the gateways of a tree choose."""
    match block:
        case Seq(parts) | And(parts):
            yield from _choices_of(parts, name)
        case Xor(branches, chosen):
            yield f"chosen_{name}", chosen
            yield from _choices_of(branches, name)
        case Or(branches, taken):
            yield from ((f"taken_{name}_{number}", number in taken) for number in range(len(branches)))
            yield from _choices_of(branches, name)
        case Loop(body):
            yield from choices(body, f"{name}_0")
        case Sub(body, handlers):
            yield from choices(body, f"{name}_0")
            yield from _choices_of([handler.body for handler in handlers], f"{name}_h")
        case Many(inner, _, _) | Repeat(inner, _):
            yield from choices(inner, name)
        case Guarded(host, edges):
            yield from choices(host, f"{name}_0")
            yield from _choices_of([edge.body for edge in edges], f"{name}_b")
        case First(branches):
            yield from _choices_of([branch for _, branch in branches], name)


def _choices_of(blocks: Any, name: str) -> Iterator[tuple[str, Any]]:
    for number, block in enumerate(blocks):
        yield from choices(block, f"{name}_{number}")


CODES = ("E1", "E2")


@st.composite
def blocks(draw: st.DrawFn, depth: int = 3, *, through: bool = False) -> Block:
    """Grow a block. ``through`` asks for one that always goes on."""
    kinds = ["task", "task", "pass"]
    if depth > 0:
        kinds += ["seq", "seq", "xor", "and", "or", "loop", "sub", "many", "repeat", "guarded", "guarded", "first"]
    if not through:
        kinds += ["throw", "stop"]
    kind = draw(st.sampled_from(kinds))
    return draw(_GROWERS[kind](depth - 1, through))


def _inner(depth: int, through: bool) -> st.SearchStrategy[Block]:
    return blocks(depth, through=through)


def _several(depth: int, through: bool, most: int = 3) -> st.SearchStrategy[tuple[Block, ...]]:
    return st.lists(_inner(depth, through), min_size=2, max_size=most).map(tuple)


@st.composite
def _seq(draw: st.DrawFn, depth: int, through: bool) -> Block:
    first = draw(st.lists(_inner(depth, True), min_size=1, max_size=2))
    return Seq((*first, draw(_inner(depth, through))))


@st.composite
def _xor(draw: st.DrawFn, depth: int, through: bool) -> Block:
    branches = draw(_several(depth, through))
    return Xor(branches, draw(st.integers(0, len(branches) - 1)))


@st.composite
def _or(draw: st.DrawFn, depth: int, through: bool) -> Block:
    branches = draw(_several(depth, True))
    return Or(branches, draw(st.frozensets(st.integers(1, len(branches) - 1))))


@st.composite
def _sub(draw: st.DrawFn, depth: int, through: bool = True) -> Sub:
    handlers = draw(st.lists(st.builds(Handler, st.booleans(), _inner(depth - 1, False)), max_size=1))
    return Sub(draw(_inner(depth, False)), tuple(handlers) if depth > 0 else ())


def _activity(depth: int) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(Task()), _sub(depth))


def _many(depth: int) -> st.SearchStrategy[Any]:
    return st.builds(Many, _activity(depth), st.integers(0, 3), st.booleans())


@st.composite
def _edge(draw: st.DrawFn, depth: int, through: bool) -> Edge:
    kind = draw(st.sampled_from(("timer", "message", "error")))
    if kind == "error" or draw(st.booleans()):
        return Edge(kind, True, draw(_inner(depth, through)), draw(st.sampled_from(("", *CODES))))
    # What runs beside the host may run twice at a time: in a scope of its own it meets nobody at its joins.
    return Edge(kind, False, draw(_sub(depth)))


@st.composite
def _guarded(draw: st.DrawFn, depth: int, through: bool) -> Block:
    host = draw(st.one_of(_activity(depth), _many(depth)))
    edges = draw(st.lists(_edge(depth, through), min_size=1, max_size=2))
    codes = [edge.code for edge in edges if edge.kind == "error"]
    if len(set(codes)) < len(codes):
        edges.pop()
    return Guarded(host, tuple(edges))


def _first(depth: int, through: bool) -> st.SearchStrategy[Block]:
    branch = st.tuples(st.sampled_from(("timer", "message")), _inner(depth, through))
    return st.lists(branch, min_size=2, max_size=3).map(lambda branches: First(tuple(branches)))


_GROWERS: dict[str, Any] = {
    "task": lambda depth, through: st.just(Task()),
    "pass": lambda depth, through: st.just(Pass()),
    "throw": lambda depth, through: st.sampled_from([Throw(code) for code in CODES]),
    "stop": lambda depth, through: st.just(Stop()),
    "seq": _seq,
    "xor": _xor,
    "and": lambda depth, through: _several(depth, through).map(And),
    "or": _or,
    "loop": lambda depth, through: _inner(depth, True).map(Loop),
    "sub": _sub,
    "many": lambda depth, through: _many(depth),
    "repeat": lambda depth, through: st.builds(Repeat, _activity(depth), st.integers(1, 3)),
    "guarded": _guarded,
    "first": _first,
}


@st.composite
def processes(draw: st.DrawFn, depth: int = 3) -> Sub:
    """Grow a process: a scope like a subprocess, that nothing is around."""
    return draw(_sub(depth))
