"""Listening to the doorbell: an RQ worker that may live in any thread."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import redis
import rq.registry
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from engine.work import rq_job

if TYPE_CHECKING:
    from engine.runtime import Engine

WORKER_TTL_SECONDS: Final = 30
PAUSE_AFTER_FAILURE_SECONDS: Final = 0.5

log = logging.getLogger(__name__)


class BellWorker(SimpleWorker):
    """RQ's simple worker without what needs the main thread, and without remote commands.

    A plain one refuses a thread: it installs signal handlers and measures time-outs by SIGALRM. Its command channel
    costs a thread and lets everybody who reaches Redis stop it.
    """

    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = 2.0

    def _install_signal_handlers(self) -> None:
        """Leave signals to the process."""

    def subscribe(self) -> None:
        """Open no command channel."""

    def unsubscribe(self) -> None:
        """Close no command channel."""

    def procline(self, message: str) -> None:
        """Leave the process its name."""

    @property
    def dequeue_timeout(self) -> int:
        """Return the seconds of one blocking pop: short, so that a stop is noticed."""
        return 2

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Report life; between two pops this is also where a stop takes effect."""
        if pipeline is None and self._stop_requested:
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def stop(self) -> None:
        """End after the job at hand, within the time of one pop."""
        self._stop_requested = True


class Listener:
    """A thread that serves an engine's queue, and comes back whenever Redis does."""

    def __init__(self, engine: "Engine", queue: str, connect: Callable[[], "redis.Redis"]) -> None:
        self._engine = engine
        self._queue = queue
        self._connect = connect
        self._stop = threading.Event()
        self._worker: BellWorker | None = None
        self._thread = threading.Thread(target=self._run, name="bell-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        # The registries' clean-up would use SIGALRM too (rq issue 2086).
        rq.registry.BaseRegistry.death_penalty_class = TimerDeathPenalty  # type: ignore[assignment]
        rq_job.serve(self._queue, self._engine, self._stop)
        self._thread.start()

    def stop(self, *, wait_seconds: float = 10.0) -> None:
        """Finish the instance at hand and end."""
        self._stop.set()
        if self._worker is not None:
            self._worker.stop()
        if self._thread.is_alive():
            self._thread.join(wait_seconds)
        rq_job.forget(self._queue)

    @property
    def alive(self) -> bool:
        """Whether the thread runs (health check)."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._worker = BellWorker(
                    [self._queue],
                    connection=self._connect(),
                    serializer=JSONSerializer,
                    worker_ttl=WORKER_TTL_SECONDS,
                )
                self._worker.work(logging_level="CRITICAL")
            except Exception as error:
                log.warning("the doorbell can't be heard, the sweeper carries on: %s", error)
            self._stop.wait(PAUSE_AFTER_FAILURE_SECONDS)
