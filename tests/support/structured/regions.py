"""What the reference keeps while it runs: regions that are cancelled together, scopes, values, what is open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

After = Callable[[], None]


@dataclass
class Region:
    """What is cancelled together; an error is caught by the innermost region around it that can."""

    parent: "Region | None" = None
    alive: bool = True
    catches: Callable[[str], After | None] = lambda code: None

    def holds(self) -> bool:
        return self.alive and (self.parent is None or self.parent.holds())


@dataclass
class Scope:
    """A process, a subprocess, an event subprocess: over when its last thread is."""

    region: Region
    over: After
    threads: int = 1
    inner: Region = field(init=False)
    listening: Region = field(init=False)

    def __post_init__(self) -> None:
        self.inner, self.listening = Region(self.region), Region(self.region)

    def thread_ends(self) -> None:
        self.threads -= 1
        if self.threads == 0:
            self.close()

    def close(self) -> None:
        self.region.alive = False
        self.over()


@dataclass
class Values:
    """Variables: what an item sets is its own until it is over."""

    around: "Values | None" = None
    own: dict[str, Any] = field(default_factory=dict)

    def give_back(self) -> None:
        assert self.around is not None
        self.around.own.update(self.own)


@dataclass(frozen=True)
class Place:
    """Where a block runs."""

    scope: Scope
    region: Region
    values: Values

    def within(self, region: Region) -> "Place":
        return Place(self.scope, region, self.values)


@dataclass(eq=False, repr=False)
class Wait:
    """Something that is open: ``kind`` is ``user``, ``timer`` or ``message``.

    What is ``optional`` need never happen; what ``stays`` may happen again.
    """

    element: str
    kind: str
    region: Region
    happen: Callable[[dict[str, Any]], None]
    optional: bool
    stays: bool

    def __repr__(self) -> str:
        return f"{self.kind} {self.element}"


@dataclass(frozen=True)
class Event:
    """An element was entered or left; ``causes`` are the numbers of the events that led to it."""

    number: int
    entered: bool
    element: str
    causes: frozenset[int]
