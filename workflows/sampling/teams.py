"""Teams of inspectors: at least two, nobody at home, nobody at the same unit twice in a row, loads even; pure.

Who comes first is said by SHA-256 of "seed|team|unit|login", so that anybody can repeat it, as for samples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.wording import say
from workflows.sampling.draw import position_of


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who may inspect; ``homes`` are the units where they hold posts, and what these report to."""

    person_id: int
    login: str
    homes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Team:
    """Who goes to a unit, and who was left out why (by login)."""

    unit_id: int
    people: tuple[Inspector, ...]
    excluded: Mapping[str, str]
    short: bool


def make_teams(
    *,
    seed: str,
    units: Sequence[tuple[int, str]],
    inspectors: Sequence[Inspector],
    size: int,
    last: Mapping[int, frozenset[int]] | None = None,
) -> list[Team]:
    """Give every unit (id, code) a team.

    Parameters
    ----------
    size
        People a team; a unit for which fewer are free of conflict gets a short team, which is marked.
    last
        Who inspected a unit the last time, by unit; they don't go again.

    """
    load = {one.person_id: 0 for one in inspectors}
    teams = []
    for unit_id, code in sorted(units, key=lambda unit: position_of(seed, "team", unit[1])):
        excluded = {}
        for one in inspectors:
            if unit_id in one.homes:
                excluded[one.login] = say("在本单位任职")
            elif one.person_id in (last or {}).get(unit_id, ()):
                excluded[one.login] = say("上次检查过本单位")
        free = [one for one in inspectors if one.login not in excluded]
        free.sort(key=lambda one: (load[one.person_id], position_of(seed, f"team|{code}", one.login)))
        people = tuple(free[:size])
        for one in people:
            load[one.person_id] += 1
        teams.append(Team(unit_id, people, excluded, len(people) < size))
    return teams


def share_out(*, seed: str, units: Sequence[tuple[int, str]], teams: int) -> list[list[int]]:
    """Divide units among so many teams, as evenly as can be (S2-02: 120 units; S2-12: four colleges a pair)."""
    ordered = [unit_id for unit_id, _ in sorted(units, key=lambda unit: position_of(seed, "share", unit[1]))]
    return [ordered[number::teams] for number in range(teams)] if teams > 0 else []
