"""The doorbell: tells idle workers at once that there is work. It may be lost at any time; a sweeper always follows."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import fakeredis
import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

JOB: Final = "engine.work.rq_job.drain_job"
CONNECT_TIMEOUT_SECONDS: Final = 0.25
SOCKET_TIMEOUT_SECONDS: Final = 0.5
SILENCE_AFTER_FAILURE_SECONDS: Final = 2.0
BELLS_ENOUGH: Final = 16
JOB_OPTIONS: Final[dict[str, Any]] = {"job_timeout": 600, "result_ttl": 0, "failure_ttl": 60, "ttl": 30}

log = logging.getLogger(__name__)


class Bell(Protocol):
    """Rung after a commit that wrote work; never before, never inside a transaction."""

    def ring(self) -> None:
        """Wake a worker. Never raises and never waits long: whoever rings has already committed."""


class SilentBell:
    """No bell at all: tests, scenarios and programs that drain by themselves."""

    def ring(self) -> None:
        """Do nothing."""


class RedisBell:
    """Rings by an RQ job on a queue of this database.

    Parameters
    ----------
    connection
        A client that gives up fast: ``Wire.ringing``.
    queue
        The queue's name; it carries the database's id, so that workers of another database don't steal bells.
    monotonic
        Seconds that never run back, for the circuit breaker.

    """

    def __init__(
        self, connection: "redis.Redis", queue: str, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.connection = connection
        self.queue_name = queue
        self._queue = Queue(queue, connection=connection, serializer=JSONSerializer)
        self._monotonic = monotonic
        self._silent_until = 0.0

    def ring(self) -> None:
        """Enqueue a drain, unless enough of them wait already or Redis failed a moment ago."""
        if self._monotonic() < self._silent_until:
            return
        try:
            if int(self.connection.llen(self._queue.key)) < BELLS_ENOUGH:
                self._queue.enqueue(JOB, self.queue_name, **JOB_OPTIONS)
        except (RedisError, OSError) as error:
            # A dead Redis must not slow down the web: the sweepers find the work within a second anyway.
            self._silent_until = self._monotonic() + SILENCE_AFTER_FAILURE_SECONDS
            log.warning("the doorbell is silent for %.0f s: %s", SILENCE_AFTER_FAILURE_SECONDS, error)


@dataclass(frozen=True, slots=True)
class Wire:
    """Where bells are rung and heard: ``ringing`` gives up fast, ``listening`` makes clients that wait."""

    ringing: "redis.Redis"
    listening: Callable[[], "redis.Redis"]


def wire_to(url: str) -> Wire:
    """Return the wire to a Redis server."""
    # With redis-py's defaults ringing at a dead Redis costs 4 s of the request that has already committed.
    ringing = redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=SOCKET_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Wire(ringing, lambda: redis.Redis.from_url(url, socket_connect_timeout=1))


def wire_within_process() -> Wire:
    """Return a wire inside this process (embedded mode): losing it with the process loses bells only."""
    server = fakeredis.FakeServer()
    return Wire(fakeredis.FakeRedis(server=server), lambda: fakeredis.FakeRedis(server=server))


def queue_name(database_id: str) -> str:
    """Return the name of the queue that belongs to a database."""
    return f"duban-{database_id}"
