"""Several people at the same instant: every one in a thread of its own, let go together."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.errors import DubanError


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do all at once; return for each what it returned, or the refusal. Any other exception is raised."""
    barrier = Barrier(len(acts))

    def meet(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except DubanError as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(meet, acts))


def wait_until_held_up(session: Session, other: Future[object]) -> None:
    """Return once something else waits for a lock on PostgreSQL that this session's transaction holds."""
    waiting = select(func.count()).select_from(text("pg_locks")).where(text("not granted"))
    while not session.scalar(waiting):
        assert not other.done(), "nobody waited"
