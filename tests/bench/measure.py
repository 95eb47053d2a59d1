"""Paired measuring: the two sides take turns, so that a change of the machine's speed meets both."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median


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


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of what was measured by itself, in milliseconds of this machine at this hour.

    ``cpu_ms`` is the median of this process's own processor time, which a busy machine does not lengthen by waiting.
    """

    name: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    goal_ms: float | None
    rounds: int

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "within_goal": None if self.goal_ms is None else self.p95_ms <= self.goal_ms}


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
    return ratio_of(name, median(left), median(right), goal=goal, rounds=rounds)


def ratio_of(name: str, ours: float, yardstick: float, *, goal: float | None, rounds: int = 1) -> Ratio:
    """Compare two times in seconds."""
    shown = float(f"{ours / yardstick:.3g}")
    return Ratio(name, round(ours * 1e3, 3), round(yardstick * 1e3, 3), shown, goal, rounds)


def times(steps: Mapping[str, Callable[[], float]], *, goal_ms: float | None, rounds: int) -> list[Times]:
    """Run steps in turn; each returns the seconds that it took. One round comes first and is not counted."""
    spent: dict[str, list[float]] = {name: [] for name in steps}
    worked: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            begun = time.process_time()
            seconds = step()
            if number:
                spent[name].append(seconds * 1e3)
                worked[name].append((time.process_time() - begun) * 1e3)
    return [
        Times(name, round(median(one), 1), round(_p95(one), 1), round(median(worked[name]), 1), goal_ms, rounds)
        for name, one in spent.items()
    ]


def _p95(values: Sequence[float]) -> float:
    """Return the 95th percentile; of less than twenty values that is the greatest."""
    return sorted(values)[-1 - len(values) // 20]


def missed(report: object) -> list[str]:
    """Return the names of everything in a report whose goal was missed, by where it stands."""
    return [path for path, value in _verdicts(report, "") if value is False]


def _verdicts(part: object, path: str) -> list[tuple[str, object]]:
    if isinstance(part, Mapping):
        name = str(part.get("name", ""))
        here = "/".join(one for one in (path, name) if one)
        found = [(here, part["within_goal"])] if "within_goal" in part else []
        return found + [one for key, value in part.items() for one in _verdicts(value, here if name else str(key))]
    if isinstance(part, list):
        return [one for value in part for one in _verdicts(value, path)]
    return []
