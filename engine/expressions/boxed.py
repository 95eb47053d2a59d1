"""Boxed expressions of DMN (1.5, chapter 7 and 10.2.1): what a decision or a function consists of, as plain values.

A *logic* is one of the classes below. Each has a ``kind``, by which js/boxed.js knows it, and crosses into the
sandbox as JSON. A relation is a list of contexts by definition (DMN 1.5, 7.3.5) and is kept as one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A FEEL text; ``type`` is what its value is turned into."""

    text: str
    type: str = ""
    line: int = 0
    kind: str = "literal"


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions. ``allowed`` are unary tests that its value must pass; ``name`` is seen by the cells."""

    label: str
    expression: str
    type: str = ""
    allowed: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; ``allowed`` lists its values from the highest priority down."""

    name: str
    label: str
    type: str = ""
    allowed: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a unary test per input, an expression per output."""

    id: str
    tests: tuple[str, ...]
    results: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table; ``aggregation`` is empty but for COLLECT."""

    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Entry:
    """A named part: an entry of a context (the result has no name), a binding of an invocation."""

    name: str
    logic: "Logic"
    type: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """Named entries, each of which sees those before it; the value is the unnamed last one, or all of them."""

    entries: tuple[Entry, ...]
    kind: str = "context"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of expressions."""

    items: tuple["Logic", ...]
    kind: str = "list"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter."""

    name: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: parameters and what it computes."""

    parameters: tuple[Parameter, ...]
    body: "Logic"
    kind: str = "function"


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with named arguments."""

    function: "Logic"
    bindings: tuple[Entry, ...]
    kind: str = "invocation"


@dataclass(frozen=True, slots=True)
class Conditional:
    """If, then, else (DMN 1.4)."""

    condition: "Logic"
    then: "Logic"
    otherwise: "Logic"
    kind: str = "conditional"


@dataclass(frozen=True, slots=True)
class Filter:
    """Those of a list for which ``match`` holds; it sees each as ``item`` (DMN 1.4)."""

    items: "Logic"
    match: "Logic"
    kind: str = "filter"


@dataclass(frozen=True, slots=True)
class Iteration:
    """``for``, ``every`` or ``some``: ``result`` for each of a list under the name ``variable`` (DMN 1.4)."""

    manner: str
    variable: str
    items: "Logic"
    result: "Logic"
    kind: str = "iteration"


Logic = Literal | Table | Context | ListOf | Function | Invocation | Conditional | Filter | Iteration


def parts_of(logic: Any) -> Iterator[Any]:
    """Yield every part of a logic, wherever it stands, itself included."""
    if isinstance(logic, tuple):
        for part in logic:
            yield from parts_of(part)
    elif hasattr(logic, "__slots__"):
        yield logic
        for name in logic.__slots__:
            yield from parts_of(getattr(logic, name))


def types_of(logic: Any) -> list[str]:
    """Return every type that a logic refers to."""
    return [part.type for part in parts_of(logic) if getattr(part, "type", "")]
