"""Dry runs that are alive in this process: a world each, with the states before its last steps."""

import threading
import zlib
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.clock import FakeClock
from engine.definitions.packages import Package
from engine.errors import DubanError, NotAllowed
from engine.testing.databases import driver_of
from workflows.designer.archives import read_archive
from workflows.designer.models import SandboxRecord
from workflows.scenarios.people import with_usual
from workflows.scenarios.player import perform
from workflows.scenarios.reading import read_people, read_step
from workflows.scenarios.world import World, build_world

MOST_ALIVE = 6
"""Worlds that a process keeps; one that has to go is played again when it is asked for."""

STATES_KEPT = 10
SETTLE_SECONDS = 10.0
MOST_BYTES = 64 << 20


@dataclass
class Live:
    """A dry run in memory at one version of its record."""

    key: str
    world: World
    people: Mapping[str, Any]
    version: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    before: deque[tuple[int, datetime, bytes]] = field(default_factory=lambda: deque(maxlen=STATES_KEPT))

    def perform(self, number: int, step: Mapping[str, Any]) -> None:
        """Do a step. One that is refused changes nothing."""
        state = (number, self.world.clock.now(), zlib.compress(self._content(), 1))
        try:
            verb, arguments = next(iter(step.items()))
            perform(self.world, read_step(number, verb, arguments))
            if len(self._content()) > MOST_BYTES:
                most = MOST_BYTES >> 20
                raise NotAllowed(f"试运行会超过 {most} MB / The dry run would be larger than {most} MB")
        except DubanError:
            self._restore(state)
            raise
        self.before.append(state)

    def take_back(self, number: int) -> bool:
        """Return to the state before a step; False where it is not remembered any more."""
        if not self.before or self.before[-1][0] != number:
            return False
        self._restore(self.before.pop())
        return True

    def _content(self) -> bytes:
        return bytes(driver_of(self.world.engine.db).serialize())

    def _restore(self, state: tuple[int, datetime, bytes]) -> None:
        _, now, content = state
        driver_of(self.world.engine.db).deserialize(zlib.decompress(content))
        self.world.clock = FakeClock(now)
        self.world.engine.clock = self.world.clock


class Alive:
    """The worlds of this process, the least used one going first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[int, Live] = OrderedDict()

    @contextmanager
    def entered(self, record: SandboxRecord) -> Iterator[Live]:
        """Lend a record's world at the record's version, played anew where it is not alive; one request at a time."""
        live = self._take(record)
        with live.lock:
            yield live

    def forget(self, sandbox_id: int) -> None:
        """Let a world go."""
        with self._lock:
            gone = self._found.pop(sandbox_id, None)
        _close(gone)

    def _take(self, record: SandboxRecord) -> Live:
        with self._lock:
            live = self._found.get(record.id)
            if live is not None and live.version == record.version:
                self._found.move_to_end(record.id)
                return live
        played = play_again(record)
        with self._lock:
            gone = [self._found.pop(record.id, None)]
            self._found[record.id] = played
            while len(self._found) > MOST_ALIVE:
                gone.append(self._found.popitem(last=False)[1])
        for one in gone:
            _close(one)
        return played


def play_again(record: SandboxRecord) -> Live:
    """Build the world of a record and do its steps."""
    _, files = read_archive(record.archive)
    setup = record.setup
    people = read_people(setup["people"])
    world = build_world(
        Package(record.key, files), starts_at=setup["starts_at"], people=people, answered=setup["answered"]
    )
    world.budget_seconds = SETTLE_SECONDS
    live = Live(record.key, world, with_usual(people), version=record.version)
    try:
        for number, one in enumerate(record.steps, start=1):
            live.perform(number, one["step"])
    except DubanError:
        world.close()
        raise
    return live


def _close(live: Live | None) -> None:
    if live is not None:
        with live.lock:
            live.world.close()


alive = Alive()
"""This process's."""
