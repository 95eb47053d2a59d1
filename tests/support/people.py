"""Organisations of tests and benchmarks that are about something else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.ports import AssignmentContext


class OnePerson:
    """Everybody is the same person, who leads nobody and administers nothing."""

    PERSON = 1

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        return [self.PERSON]

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        return []

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        return None

    def principals(self, session: Session, person_id: int, at: datetime, process_id: str | None) -> Collection[int]:
        return ()

    def substitute(self, session: Session, person_id: int, at: datetime, process_id: str) -> int | None:
        return None

    def oversees(self, session: Session, person_id: int, at: datetime) -> Collection[int]:
        return ()

    def gone(self, session: Session, ids: Sequence[int]) -> Collection[int]:
        return ()

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        return dict.fromkeys(ids, "P")

    def is_administrator(self, session: Session, person_id: int) -> bool:
        return False


class OneCalendar:
    """The Chinese working calendar for every unit."""

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar:
        return WorkingCalendar()
