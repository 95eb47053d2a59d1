"""Several people at the same instant: every one in a thread of its own, let go together."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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
