"""The organisation of tests and benchmarks that are about something else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine.ports import AssignmentContext
from engine.testing.stage import TESTER, Everybody


class OnePerson(Everybody):
    """Everybody is the same person, who has no role, leads nobody and administers nothing."""

    PERSON = TESTER

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        return []

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        return None

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        return dict.fromkeys(ids, "P")

    def is_administrator(self, session: Session, person_id: int) -> bool:
        return False
