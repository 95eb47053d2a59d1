"""How long tokens stay at elements: gathered in a turn, written in two statements at most, read for heat maps."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.history.models import Visit

if TYPE_CHECKING:
    from engine.instances.models import Instance

_VISITS = cast(Table, Visit.__table__)
# Built once and past the ORM, which makes its statements anew: every turn ends a visit.
_LEAVE = (
    update(_VISITS)
    .where(
        _VISITS.c.instance_id == bindparam("of_instance"),
        _VISITS.c.token.in_(bindparam("tokens", expanding=True)),
        _VISITS.c.lasted.is_(None),
    )
    .values(lasted=bindparam("now", type_=_VISITS.c.entered.type) - _VISITS.c.entered, withdrawn=bindparam("taken"))
)
_END = (
    update(_VISITS)
    .where(_VISITS.c.instance_id.in_(bindparam("instances", expanding=True)), _VISITS.c.lasted.is_(None))
    .values(lasted=bindparam("now", type_=_VISITS.c.entered.type) - _VISITS.c.entered, withdrawn=True)
)
_AT_RANK = (
    select(Visit.lasted)
    .where(
        Visit.version_id == bindparam("version"),
        Visit.process_id == bindparam("process"),
        Visit.element_id == bindparam("element"),
        Visit.withdrawn.is_(False),
        Visit.lasted.is_not(None),
    )
    .order_by(Visit.lasted)
    .limit(1)
    .offset(bindparam("rank"))
)


@dataclass(slots=True)
class Visits:
    """The visits that begin and end in one transaction. What begins and ends in it is one row."""

    at: datetime
    begun: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    ended: dict[tuple[int, bool], set[str]] = field(default_factory=lambda: defaultdict(set))
    over: set[int] = field(default_factory=set)

    def enter(self, instance: "Instance", token: str, element_id: str) -> None:
        """Note that a token came to an element; for the same token only the first time counts."""
        self.begun.setdefault(
            (instance.id, token),
            {
                "instance_id": instance.id,
                "token": token,
                "element_id": element_id,
                "version_id": instance.package_version_id,
                "process_id": instance.process_id,
                "entered": milliseconds(self.at),
                "lasted": None,
                "withdrawn": False,
            },
        )

    def leave(self, instance: "Instance", token: str, *, withdrawn: bool = False) -> None:
        """Note that a token left its element, or was taken away from it."""
        begun = self.begun.get((instance.id, token))
        if begun is None:
            self.ended[instance.id, withdrawn].add(token)
        elif begun["lasted"] is None:
            begun["lasted"], begun["withdrawn"] = 0, withdrawn

    def end(self, instance: "Instance") -> None:
        """Note that an instance is over from outside: what is open in it was taken away."""
        self.over.add(instance.id)

    def write(self, session: Session) -> None:
        """Write the rows; instances that the transaction makes must be in the database."""
        if self.begun:
            statement = _insert(session.connection().dialect.name)
            session.connection().execute(statement, list(self.begun.values()))
        now = milliseconds(self.at)
        for (instance_id, withdrawn), tokens in self.ended.items():
            left = {"of_instance": instance_id, "tokens": sorted(tokens), "now": now, "taken": withdrawn}
            session.connection().execute(_LEAVE, left)
        if self.over:
            session.connection().execute(_END, {"instances": sorted(self.over), "now": now})


@dataclass(frozen=True, slots=True)
class ElementTimes:
    """Statistics of one element of one definition.

    ``here`` tokens are there now, ``done`` have left, ``withdrawn`` were taken away. The durations are those of the
    ones that left: mean, median, 90th percentile (nearest rank) and longest; None when none has left yet.
    """

    here: int = 0
    done: int = 0
    withdrawn: int = 0
    mean: timedelta | None = None
    median: timedelta | None = None
    ninetieth: timedelta | None = None
    longest: timedelta | None = None

    @property
    def entered(self) -> int:
        """How many tokens came."""
        return self.here + self.done + self.withdrawn


def element_times(session: Session, *, version_id: int, process_id: str) -> dict[str, ElementTimes]:
    """Return the statistics of every element of a process that was ever entered, by element id.

    One statement for the counts, and one for each percentile of an element where tokens rest; all of them read one
    index in its order, so nothing is sorted whatever the number of instances.
    """
    kept = Visit.withdrawn.is_(False)
    counts = (
        select(
            Visit.element_id,
            func.count(case((Visit.lasted.is_(None), 1))),
            func.count(case((Visit.withdrawn, 1))),
            func.count(case((kept, Visit.lasted))),
            func.sum(case((kept, Visit.lasted))),
            func.max(case((kept, Visit.lasted))),
        )
        .where(Visit.version_id == version_id, Visit.process_id == process_id)
        .group_by(Visit.element_id)
    )
    found = {}
    for element, here, withdrawn, done, total, longest in session.execute(counts).all():
        places = [0, 0, longest]
        if longest:
            where = {"version": version_id, "process": process_id, "element": element}
            places[:2] = [session.scalar(_AT_RANK, {**where, "rank": -(-done * p // 100) - 1}) for p in (50, 90)]
        found[element] = _times(here, withdrawn, done, total, places)
    return found


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def _times(here: int, withdrawn: int, done: int, total: Any, places: list[Any]) -> ElementTimes:
    if not done:
        return ElementTimes(here, done, withdrawn)
    median, ninetieth, longest = (timedelta(milliseconds=int(one)) for one in places)
    return ElementTimes(here, done, withdrawn, timedelta(milliseconds=int(total) / done), median, ninetieth, longest)


@cache
def _insert(dialect: str) -> Any:
    """Return the INSERT that keeps what is there: a token is at one element only."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(_VISITS).on_conflict_do_nothing()
