"""The engine put together: what every function of the engine needs, in one value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.clock import Clock
from engine.definitions.packages import PackageCache
from engine.ports import Calendars, Herald, Homes, OutsideKind, People, ServiceKind, TurnListener
from engine.store import Database
from engine.work.bell import Bell, SilentBell

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.work.models import Errand


@dataclass(slots=True)
class Engine:
    """A running engine. Made once per process by :func:`workflows.application.build_engine`.

    ``history_key`` makes the history's chain an HMAC; without it the chain is a plain hash. ``by_hand`` names kinds of
    waits that the engine leaves to whoever drives it (engine.testing): services that are not installed, tasks that
    nobody is named for; ``service:<name>`` is one kind of service. ``errands`` and ``outside`` are the domain's kinds
    of errands (inside, and to the outside); ``herald`` tells people what happened; ``homes`` finds the campaign of what
    an event starts. ``message_ttl`` is how long a message waits for its receiver when its sender doesn't say.
    """

    db: Database
    clock: Clock
    people: People
    calendars: Calendars
    services: Mapping[str, ServiceKind]
    packages: PackageCache = field(default_factory=PackageCache)
    bell: Bell = field(default_factory=SilentBell)
    listeners: Sequence[TurnListener] = ()
    errands: Mapping[str, Callable[["Engine", "Session", "Errand"], None]] = field(default_factory=dict)
    outside: Mapping[str, OutsideKind] = field(default_factory=dict)
    herald: Herald | None = None
    homes: Homes | None = None
    by_hand: frozenset[str] = frozenset()
    message_ttl: timedelta = timedelta(days=1)
    history_key: bytes | None = field(default=None, repr=False)
