"""What is told about a run: lines for people, JSON, and docs/conformance.md."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conformance.corpora import CORPORA
from tests.conformance.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rate:
    """A corpus in numbers: cases that count, deployments that were accepted, cases that passed."""

    name: str
    cases: int
    taken: int
    passed: int

    @property
    def passed_percent(self) -> float:
        return 100 * self.passed / self.cases if self.cases else 0.0

    @property
    def taken_percent(self) -> float:
        return 100 * self.taken / self.cases if self.cases else 0.0


def rate(name: str, outcomes: Sequence[Outcome]) -> Rate:
    """Count a corpus's outcomes; files without an executable process do not count."""
    counting = [one for one in outcomes if one.counts]
    return Rate(name, len(counting), sum(one.taken for one in counting), sum(one.passed for one in counting))


def failures_by_reason(outcomes: Iterable[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Group what failed by its reason, the largest group first."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.counts and not one.passed:
            groups[one.reason].append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def lines_of(name: str, outcomes: Sequence[Outcome], *, shown: int) -> list[str]:
    """Return a corpus's rate and its failures; ``shown`` files of each reason are named."""
    counted = rate(name, outcomes)
    lines = [
        f"{name}: {counted.passed} of {counted.cases} passed ({counted.passed_percent:.1f} %), "
        f"{counted.taken} accepted; stock {CORPORA[name].stock[1]}"
    ]
    for reason, group in failures_by_reason(outcomes):
        lines.append(f"  {len(group):4} × {reason}")
        lines += [f"         {one.case.label}: {one.detail[:200]}" for one in group[:shown]]
        if len(group) > shown:
            lines.append(f"         … and {len(group) - shown} more")
    return lines


def as_json(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return outcomes as plain values."""
    return [
        {
            "corpus": one.case.corpus, "file": one.case.file, "number": one.case.number, "passed": one.passed,
            "taken": one.taken, "counts": one.counts, "reason": one.reason, "detail": one.detail,
        }
        for one in outcomes
    ]  # fmt: skip
