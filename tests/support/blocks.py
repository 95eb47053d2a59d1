"""Random block-structured drawings for property-based tests, as text with elements named by their place."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.support.drawing import ENDS, flows, node, timer, user

Block = tuple[str, list[str], str, str]
"""Elements, chains of flows, and the ids of the first and the last element."""

MANY = (
    '<multiInstanceLoopCharacteristics isSequential="{0}" camunda:collection="items" camunda:elementVariable="item"'
    ' duban:outputCollection="out" duban:outputElement="answer"/>'
)
LOOP = '<standardLoopCharacteristics loopMaximum="2"/>'


def drawings() -> SearchStrategy[str]:
    """Return bodies of processes: tasks, timers, items, loops, scopes, branches, boundary and scope events."""
    return st.recursive(_leaves(), _compounds, max_leaves=6).map(_whole)


def _leaves() -> SearchStrategy[str]:
    kinds = ("task", "timer", "parallel", "sequential", "loop", "edge", "repeat", "gate")
    return st.sampled_from(kinds).map(lambda kind: f"({kind})")


def _compounds(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    kinds = st.sampled_from(("seq", "and", "or", "sub", "items", "event"))
    return st.tuples(kinds, inner, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})")


def _whole(text: str) -> str:
    elements, chains, first, last = _Reader(text).block("n")
    return ENDS + elements + flows(f"s > {first}", f"{last} > e", *chains)


class _Reader:
    """Reads the nested text that the strategies make, and draws it."""

    def __init__(self, text: str) -> None:
        self._words = text.replace("(", " ( ").replace(")", " ) ").split()

    def block(self, name: str) -> Block:
        self._words.pop(0)
        kind = self._words.pop(0)
        inner = []
        while self._words[0] == "(":
            inner.append(self.block(f"{name}{'ab'[len(inner)]}"))
        self._words.pop(0)
        return _COMPOUNDS[kind](name, *inner) if inner else _leaf(kind, name)


def _leaf(kind: str, name: str) -> Block:
    edge = node("boundaryEvent", f"{name}t", timer("PT1H"), attachedToRef=name, cancelActivity="false")
    again = edge.replace("<timeDuration>PT1H</timeDuration>", "<timeCycle>R3/PT1H</timeCycle>")
    aside = user(f"{name}u") + node("endEvent", f"{name}x")
    chains = [f"{name}t > {name}u > {name}x"]
    simple = {
        "task": user(name),
        "timer": node("intermediateCatchEvent", name, timer("PT1H")),
        "parallel": node("userTask", name, MANY.format("false")),
        "sequential": node("userTask", name, MANY.format("true")),
        "loop": node("userTask", name, LOOP),
    }
    if kind in simple:
        return simple[kind], [], name, name
    if kind in ("edge", "repeat"):
        return user(name) + (edge if kind == "edge" else again) + aside, chains, name, name
    events = [node("intermediateCatchEvent", f"{name}{one}", timer(f"PT{one}H")) for one in (1, 2)]
    ends = node("eventBasedGateway", name) + node("exclusiveGateway", f"{name}j")
    return ends + "".join(events), [f"{name} > {name}{one} > {name}j" for one in (1, 2)], name, f"{name}j"


def _sequence(name: str, one: Block, other: Block) -> Block:
    return one[0] + other[0], [*one[1], *other[1], f"{one[3]} > {other[2]}"], one[2], other[3]


def _branches(kind: str, name: str, one: Block, other: Block) -> Block:
    gateways = node(kind, f"{name}g") + node(kind, f"{name}j")
    chains = [f"{name}g > {part[2]}" for part in (one, other)] + [f"{part[3]} > {name}j" for part in (one, other)]
    return gateways + one[0] + other[0], [*one[1], *other[1], *chains], f"{name}g", f"{name}j"


def _scope(name: str, one: Block, other: Block, extra: str = "", inside: str = "") -> Block:
    elements, chains, first, last = _sequence(name, one, other)
    ends = node("startEvent", f"{name}s") + node("endEvent", f"{name}e")
    content = extra + ends + elements + flows(f"{name}s > {first}", f"{last} > {name}e", *chains) + inside
    return node("subProcess", name, content), [], name, name


def _listening(name: str, one: Block, other: Block) -> Block:
    begin = node("startEvent", f"{name}v", timer("PT1H"), isInterrupting="false")
    content = begin + user(f"{name}w") + node("endEvent", f"{name}y") + flows(f"{name}v > {name}w > {name}y")
    return _scope(name, one, other, inside=node("subProcess", f"{name}z", content, triggeredByEvent="true"))


_COMPOUNDS = {
    "seq": _sequence,
    "and": lambda name, one, other: _branches("parallelGateway", name, one, other),
    "or": lambda name, one, other: _branches("inclusiveGateway", name, one, other),
    "sub": _scope,
    "items": lambda name, one, other: _scope(name, one, other, extra=MANY.format("false")),
    "event": _listening,
}
