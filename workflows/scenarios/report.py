"""What playing a scenario gave: every asserted figure with its source entry."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One asserted figure. ``source`` names the catalogue entry or the rule that it comes from."""

    source: str
    what: str
    expected: Any
    actual: Any
    ok: bool
    line: int


@dataclass(slots=True)
class Result:
    """A played scenario; ``error`` is the sentence that stopped it, if one did."""

    package: str
    catalogue: str
    name: str = ""
    checks: list[Check] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    error: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the scenario ran to its end and every figure held."""
        return not self.error and bool(self.checks) and all(check.ok for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**asdict(self), "ok": self.ok, "passed": sum(check.ok for check in self.checks)}

    def lines(self) -> Iterator[str]:
        """Yield the report for people: one line a figure."""
        yield f"{self.catalogue or '–'}  {self.package}  {self.name}"
        for check in self.checks:
            mark = "✓" if check.ok else "✗"
            tail = (
                f"= {_short(check.actual)}"
                if check.ok
                else f"应为 {_short(check.expected)}，实为 {_short(check.actual)}"
            )
            yield f"  {mark} [{check.source}] {check.what} {tail}" + ("" if check.ok else f"（第 {check.line} 行）")
        if self.error:
            yield f"  ✗ {self.error}"
        passed = sum(check.ok for check in self.checks)
        yield f"  {passed}/{len(self.checks)} 项成立，{self.steps} 步，{self.seconds:.1f} 秒"


def _short(value: Any, limit: int = 160) -> str:
    text = str(value)
    return text if len(text) <= limit else text[:limit] + "…"
