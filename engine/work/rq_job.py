"""What an RQ job of the doorbell calls: a drain of the engine that this process serves."""

import threading
from typing import TYPE_CHECKING

from engine.work.drain import drain

if TYPE_CHECKING:
    from engine.runtime import Engine

_served: dict[str, tuple["Engine", threading.Event]] = {}


def serve(queue: str, engine: "Engine", stop: threading.Event) -> None:
    """Say which engine the bells of a queue drain in this process."""
    _served[queue] = (engine, stop)


def forget(queue: str) -> None:
    """Take back :func:`serve`."""
    _served.pop(queue, None)


def drain_job(queue: str) -> int:
    """Drain the engine behind a queue; a bell for an engine that this process does not serve is void."""
    served = _served.get(queue)
    if served is None:
        return 0
    engine, stop = served
    return drain(engine, stop=stop)
