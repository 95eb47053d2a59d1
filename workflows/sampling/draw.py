"""The draw itself: pure, and the same everywhere for the same seed.

The candidates are ordered by SHA-256 of "seed|stratum|code"; the first ones are drawn. Anybody can repeat that with
paper and a hash, without this program, its version or its random generator (docs of ``sample.draw``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from hashlib import sha256

from engine.errors import InvalidInput
from engine.wording import say


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be drawn; ``code`` is what the hash is made of."""

    unit_id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was drawn of one stratum, and from what. ``excluded`` gives the reason by unit code."""

    name: str
    candidates: tuple[Candidate, ...]
    excluded: Mapping[str, str]
    wanted: int
    drawn: tuple[Candidate, ...]

    @property
    def short(self) -> bool:
        """Whether fewer could be drawn than wanted."""
        return len(self.drawn) < self.wanted


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of each stratum: a count, or a percentage rounded up; at least ``minimum``."""

    percent: Decimal | None = None
    count: int | None = None
    minimum: int = 1

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.count is None):
            raise InvalidInput(say("抽样须给出比例或数量之一"))
        if self.percent is not None and not 0 < self.percent <= 100:
            raise InvalidInput(say("抽样比例须大于 0 且不超过 100%"))
        if self.count is not None and self.count < 0:
            raise InvalidInput(say("抽样数量不得为负"))

    def of(self, size: int) -> int:
        """Return how many to draw out of ``size`` (the whole stratum, those excluded included)."""
        if self.count is not None:
            return self.count
        assert self.percent is not None
        share = (Decimal(size) * self.percent / 100).to_integral_value(ROUND_CEILING)
        return min(size, max(int(share), self.minimum))


def draw_stratum(
    *, seed: str, name: str, candidates: Sequence[Candidate], quota: Quota, excluded: Mapping[str, str] | None = None
) -> Stratum:
    """Draw from one stratum; those in ``excluded`` (code -> reason) are never drawn."""
    reasons = {one.code: excluded[one.code] for one in candidates if excluded and one.code in excluded}
    eligible = [one for one in candidates if one.code not in reasons]
    ordered = sorted(eligible, key=lambda one: (position_of(seed, name, one.code), one.code))
    wanted = quota.of(len(candidates))
    return Stratum(name, tuple(candidates), reasons, wanted, tuple(ordered[:wanted]))


def position_of(seed: str, stratum: str, code: str) -> str:
    """Return the hash that places a candidate."""
    return sha256(f"{seed}|{stratum}|{code}".encode()).hexdigest()
