"""The playground's own world: a database in memory, one tester who is everybody, one working calendar."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.clock import FakeClock
from engine.interpreter.contract import WaitKind
from engine.ports import AssignmentContext
from engine.runtime import Engine
from engine.store import Database
from engine.testing.hooks import BenchPackages, Hook

TESTER = 1
BY_HAND = frozenset({WaitKind.USER.value, WaitKind.SERVICE.value, WaitKind.MANUAL.value, WaitKind.CALL.value})


class Everybody:
    """One tester: whomever a rule names, whoever leads, whoever administers."""

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        return [TESTER]

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        return [TESTER]

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        return TESTER

    def principals(self, session: Session, person_id: int, at: datetime, process_id: str | None) -> Collection[int]:
        return ()

    def substitute(self, session: Session, person_id: int, at: datetime, process_id: str) -> int | None:
        return None

    def oversees(self, session: Session, person_id: int, at: datetime) -> Collection[int]:
        return ()

    def gone(self, session: Session, ids: Sequence[int]) -> Collection[int]:
        return ()

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        return dict.fromkeys(ids, "tester")

    def is_administrator(self, session: Session, person_id: int) -> bool:
        return True


class OneCalendar:
    """The same working calendar for every unit."""

    def __init__(self) -> None:
        self._calendar = WorkingCalendar()

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar:
        return self._calendar


def build_engine(database: Database, clock: FakeClock, on_script: Hook | None) -> Engine:
    """Put an engine together for one playground."""
    return Engine(
        db=database, clock=clock, people=Everybody(), calendars=OneCalendar(), services={}, by_hand=BY_HAND,
        packages=BenchPackages(on_script),
    )  # fmt: skip
