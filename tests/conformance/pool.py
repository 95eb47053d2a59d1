"""Tries cases in several processes, each case with a time limit: a diagram that hangs costs only itself."""

import itertools
import multiprocessing
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tests.conformance.outcome import Case, Outcome

PATIENCE = 180.0
"""Seconds that a case may wait, beside ten times its processor time."""

OVERTIME = "no end within"
"""How the reason of a case begins that did not come to an end."""

CASES_PER_PROCESS = 150
"""A process is replaced after so many cases, so that what they leave in its caches does not add up."""


@dataclass(slots=True)
class _Worker:
    """A process, the pipe to it and what it is at."""

    process: Any
    pipe: Connection
    case: Case | None = None
    until: float = 0.0
    left: int = field(default=CASES_PER_PROCESS)


def try_all(folder: Path, cases: Iterable[Case], *, processes: int, seconds: float) -> Iterator[Outcome]:
    """Try cases; the outcomes come in the order in which they are finished.

    ``seconds`` is processor time, which a busy machine does not stretch; what waits instead of working is ended
    in the end too.
    """
    pending = iter(cases)
    busy: list[_Worker] = []
    try:
        for case in itertools.islice(pending, processes):
            busy.append(_start(folder, seconds))
            _give(busy[-1], case, seconds)
        while busy:
            ready = wait([worker.pipe for worker in busy], timeout=0.5)
            for worker in list(busy):
                outcome = _answer(worker, worker.pipe in ready, seconds)
                if outcome is not None:
                    busy.remove(worker)
                    busy += _go_on(worker, folder, next(pending, None), seconds)
                    yield outcome
    finally:
        for worker in busy:
            _end(worker)


def _go_on(worker: _Worker, folder: Path, case: Case | None, seconds: float) -> list[_Worker]:
    """Give the next case to the worker, or to a new one in its place; an empty list when there is none."""
    if case is None or worker.left <= 0 or not worker.process.is_alive():
        _end(worker)
        if case is None:
            return []
        worker = _start(folder, seconds)
    _give(worker, case, seconds)
    return [worker]


def _start(folder: Path, seconds: float) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, folder, seconds), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, case: Case, seconds: float) -> None:
    worker.case = case
    worker.until = time.monotonic() + PATIENCE + 10 * seconds
    worker.left -= 1
    worker.pipe.send(case)


def _answer(worker: _Worker, ready: bool, seconds: float) -> Outcome | None:
    """Return the outcome of a worker's case when there is one: its own, or that it hangs or died."""
    assert worker.case is not None
    if ready:
        try:
            outcome: Outcome = worker.pipe.recv()
            if outcome.reason.startswith(OVERTIME):
                worker.left = 0
            return outcome
        except EOFError:
            worker.process.join()
            return Outcome(worker.case, passed=False, reason="crash: the process died")
    if time.monotonic() > worker.until:
        worker.process.kill()
        worker.process.join()
        return Outcome(worker.case, passed=False, reason=f"{OVERTIME} {seconds:.0f} seconds")
    return None


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


class OutOfTime(BaseException):
    """A case has used up its processor time; nothing on the way may catch it."""


def _work(pipe: Connection, folder: Path, seconds: float) -> None:
    """Answer cases until the pipe is closed."""
    import logging

    from tests.conformance.corpora import try_case

    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGPROF, _stop)
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            outcome = try_case(folder, case)
        except OutOfTime:
            # It may have been interrupted while it held a lock: the process is not used again.
            outcome = Outcome(case, passed=False, reason=f"{OVERTIME} {seconds:.0f} seconds of processor time")
        except Exception as error:
            outcome = Outcome(case, passed=False, reason=f"crash: {type(error).__name__}: {str(error)[:80]}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        pipe.send(outcome)


def _stop(number: int, frame: object) -> None:
    raise OutOfTime
