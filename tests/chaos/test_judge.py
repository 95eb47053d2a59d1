"""The judge bites: engines with a known mistake are found guilty, and the honest one under the same kills is not."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from engine.definitions.publish import publish
from engine.instances import start_instance, work
from engine.ports import ServiceCall
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import _claim, _Drain, _due_rows
from engine.work.models import Work
from engine.work.service import recompute_next_due
from tests.chaos.judge import check, wait_until_done
from tests.chaos.process import complete_some
from tests.chaos.storm import KEY, PERSON, append_line, build, package

CAMPAIGNS = 3
SECONDS = 3.5
DICE = random.Random(7)


class Killed(BaseException):
    """Stands for signal 9: nothing of the engine catches it."""


def _sometimes_killed() -> None:
    if DICE.random() < 0.25:
        raise Killed


class Honest(_Drain):
    """The engine's own drain, killed after the work and before its commit."""

    def _perform_due(self, *arguments: Any) -> Any:
        done = super()._perform_due(*arguments)
        _sometimes_killed()
        return done


class TakesFirst(_Drain):
    """Mistake: takes the work in one commit and does it in the next, so a kill in between loses it."""

    def _round(self) -> int | None:
        with self._engine.db.write() as session:
            instance = _claim(session, self._engine.clock.now())
            if instance is None:
                return None
            rows = _due_rows(session, instance, self._engine.clock.now())[:1]
            if all(row.kind == "service" and row.payload["element_id"] == "tell" for row in rows):
                rows = []
            session.execute(delete(Work).where(Work.id.in_([row.id for row in rows])))
            if rows:
                recompute_next_due(session, instance)
        if not rows:
            return super()._round()
        _sometimes_killed()
        with self._engine.db.write() as session:
            instance = session.merge(instance)
            session.refresh(instance)
            for row in rows:
                self._performer.perform_work(self._engine, session, instance, row)
            session.flush()
            recompute_next_due(session, instance)
        return 1


class Deaf(_Drain):
    """Mistake: works only when a bell rings, and the bell was lost."""

    def _round(self) -> int | None:
        return None


class CountsTwice(_Drain):
    """Mistake: commits an effect without taking its work, as if killed in between: it happens again."""

    def _round(self) -> int | None:
        with self._engine.db.write() as session:
            instance = _claim(session, self._engine.clock.now())
            rows = [] if instance is None else _due_rows(session, instance, self._engine.clock.now())
            counts = [row for row in rows if row.kind == "service" and row.payload["element_id"] != "tell"]
            for row in counts:
                call = ServiceCall(
                    engine=self._engine, session=session, instance=instance, element_id=row.payload["element_id"],
                    token=str(row.token), inputs={}, at=self._engine.clock.now(), idempotency_key=str(row.id),
                )  # fmt: skip
                self._engine.services["storm.count"].run(call)
        return super()._round()


def _live(engine: Engine, drain: type[_Drain], folder: Path) -> None:
    """Run some campaigns to their end, or as far as they come in a few seconds; a killed drain begins again."""
    publish(engine, package())
    for number in range(CAMPAIGNS):
        key = f"storm-{number}"
        start_instance(engine, package_key=KEY, variables={"n": number}, title=key, initiator_id=PERSON, key=key)
        append_line(folder / "acknowledged", key)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            drain(engine, work, None).run(0.5)
        except Killed:
            continue
        complete_some(engine)
        time.sleep(0.02)


@pytest.fixture
def judged(sqlite_database: Database, tmp_path: Path) -> Callable[[type[_Drain]], None]:
    """Lets a drain work and judges what it did."""

    def judge(drain: type[_Drain]) -> None:
        engine = build(sqlite_database.url, tmp_path / "calls")
        try:
            _live(engine, drain, tmp_path)
            wait_until_done(engine.db, tmp_path / "log", 0.2)
            check(engine.db, tmp_path)
        finally:
            engine.db.close()

    return judge


def test_the_honest_engine_is_innocent(judged: Callable[[type[_Drain]], None]) -> None:
    judged(Honest)


@pytest.mark.parametrize(
    ("mistake", "verdict"),
    [
        (TakesFirst, "never finished"),
        (Deaf, "never finished"),
        (CountsTwice, "not exactly once"),
    ],
)
def test_a_mistake_is_found(judged: Callable[[type[_Drain]], None], mistake: type[_Drain], verdict: str) -> None:
    with pytest.raises(AssertionError, match=verdict):
        judged(mistake)
