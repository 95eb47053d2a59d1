"""Paired measuring: the two sides take turns, so that a change of the machine's speed meets both."""

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """Medians of both sides in milliseconds and how many times the second one the first takes.

    ``goal`` is None where nothing was promised: the number is then for information, without a verdict.
    """

    name: str
    ours_ms: float
    yardstick_ms: float
    ratio: float
    goal: float | None
    rounds: int

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "within_goal": None if self.goal is None else self.ratio <= self.goal}


def pair(
    name: str,
    ours: Callable[[], float],
    yardstick: Callable[[], float],
    *,
    goal: float | None,
    rounds: int,
    warm_up: int | None = None,
) -> Ratio:
    """Run both in turn; each returns the seconds that one round took.

    ``warm_up`` rounds come first and are not counted; without it a tenth of the rounds, and three at least.
    """
    warm_up = max(3, rounds // 10) if warm_up is None else warm_up
    left: list[float] = []
    right: list[float] = []
    for number in range(rounds + warm_up):
        a, b = ours(), yardstick()
        if number >= warm_up:
            left.append(a)
            right.append(b)
    first, second = statistics.median(left), statistics.median(right)
    return Ratio(name, round(first * 1e3, 3), round(second * 1e3, 3), float(f"{first / second:.3g}"), goal, rounds)
