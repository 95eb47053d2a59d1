"""Ranks: who stands where, with the rule for equal values stated; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from workflows.parts.amounts import Rounding, exact, rounded


class Ties(StrEnum):
    """Equal values: 1, 1, 3 (standard); 1, 1, 2 (dense); 1, 2, 3 by the order given (ordinal)."""

    STANDARD = "standard"
    DENSE = "dense"
    ORDINAL = "ordinal"


class Edge(StrEnum):
    """Equals at the edge of a quota: all of them are in, exactly the quota in the order given, or none of them."""

    ALL = "all"
    CUT = "cut"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be ranked; ``tie_break`` are further values, the greater one first."""

    code: str
    category: str
    value: Decimal | None
    tie_break: tuple[Decimal, ...] = ()

    @property
    def standing(self) -> tuple[Decimal, ...]:
        """What decides: equal standings are a tie."""
        return (self.value or Decimal(0), *self.tie_break)


@dataclass(frozen=True, slots=True)
class Place:
    """A rank among ``of`` in the category; ``tied`` when others have the same rank."""

    candidate: Candidate
    rank: int
    of: int
    tied: bool


def ranked(candidates: Sequence[Candidate], *, per_category: bool, ties: Ties = Ties.STANDARD) -> list[Place]:
    """Rank those who have a value, greatest first; the others have no rank. Equals keep the order given."""
    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        if one.value is not None:
            groups.setdefault(one.category if per_category else "", []).append(one)
    return [place for group in groups.values() for place in _ranked(group, ties)]


def _ranked(group: Sequence[Candidate], ties: Ties) -> list[Place]:
    ordered = sorted(group, key=lambda one: one.standing, reverse=True)
    numbers = Counter(one.standing for one in ordered)
    places: list[Place] = []
    for position, one in enumerate(ordered, start=1):
        if ties is Ties.ORDINAL:
            rank = position
        elif places and places[-1].candidate.standing == one.standing:
            rank = places[-1].rank
        elif ties is Ties.DENSE:
            rank = places[-1].rank + 1 if places else 1
        else:
            rank = position
        places.append(Place(one, rank, len(ordered), ties is not Ties.ORDINAL and numbers[one.standing] > 1))
    return places


def quota(size: int, percent: object, *, rounding: Rounding, least: int = 0, most: int | None = None) -> int:
    """Return how many a percentage of ``size`` is; the rounding is stated, because 40 % of 7 is 2 or 3."""
    count = int(rounded(exact(percent) * size / 100, 0, rounding))
    count = max(count, least)
    return min(count, size, most) if most is not None else min(count, size)


def first(places: Sequence[Place], count: int, *, edge: Edge, bottom: bool = False) -> list[Place]:
    """Return the first ``count`` of one group in rank order (from the other end with ``bottom``)."""
    ordered = list(reversed(places)) if bottom else list(places)
    if count >= len(ordered) or count <= 0:
        return ordered[: max(count, 0)]
    inside, outside = ordered[count - 1], ordered[count]
    if edge is Edge.CUT or inside.candidate.standing != outside.candidate.standing:
        return ordered[:count]
    at_the_edge = inside.candidate.standing
    if edge is Edge.ALL:
        return [one for number, one in enumerate(ordered) if number < count or one.candidate.standing == at_the_edge]
    return [one for one in ordered[:count] if one.candidate.standing != at_the_edge]


def by_category(places: Sequence[Place], *, per_category: bool) -> Mapping[str, list[Place]]:
    """Return the places by category, or all of them under ""."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.candidate.category if per_category else "", []).append(place)
    return groups
