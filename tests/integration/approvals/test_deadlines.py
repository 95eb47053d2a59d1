"""Deadlines (D3-D5) and what every operation keeps (I4, I6), on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.history import HistoryLine
from engine.instances import resume, suspend, work
from engine.runtime import Engine
from engine.tasks.models import Activation, Slot
from engine.work.models import Work
from engine.work.sweeper import LONGEST_SLEEP_SECONDS, Sweeper
from tests.support.turning import ADMIN, LEADER, begin, instance_of, line, open_slots, run, user

Act = Callable[..., Any]


def pass_by(engine: Engine, clock: FakeClock, element: str, owner: int) -> None:
    """Let the deadline of a task pass."""
    due = open_slots(engine)[element, owner].due
    assert due is not None
    clock.advance_to(due)
    run(engine)


@pytest.mark.parametrize(
    ("action", "then"),
    [
        ("remind", ("B", 1)),
        ("escalate", ("B", 1)),
        ("transfer", ("B", LEADER)),
        ("agree", ("C", 3)),
        ("reject", ("C", 3)),
        ("return", ("A", 2)),
    ],
)
def test_what_happens_to_a_late_task_D3(
    engine: Engine, act: Act, clock: FakeClock, action: str, then: tuple[str, int]
) -> None:
    begin(
        engine,
        line(
            user("A", "2", kind="approval"),
            user("B", "1", kind="approval", due="PT2H", onOverdue=action),
            user("C", "3"),
        ),
    )
    act(2, "agree", "A")
    pass_by(engine, clock, "B", 1)
    assert set(open_slots(engine)) == {then}
    with engine.db.read() as session:
        late = session.scalars(select(HistoryLine).where(HistoryLine.operation == "overdue")).one()
    assert (late.rule, late.actor_id) == ("system:overdue", None)


def test_the_lamp_leaves_out_suspended_time_D4(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(user("A", "1", due="PT4H", warn="PT1H")))
    clock.advance(timedelta(hours=2))
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="停")
    clock.advance(timedelta(hours=10))
    resume(engine, instance_id=number, actor_id=ADMIN, reason="走")
    seen = []
    for hours in (0, 1, 2):
        clock.advance(timedelta(hours=1 if hours else 0, minutes=1))
        run(engine)
        with engine.db.read() as session:
            activation = session.scalars(select(Activation)).one()
            seen.append(tasks.lamp(activation, clock.now()))
    assert seen == ["green", "yellow", "red"]


def test_a_deadline_fires_soon_and_once_also_after_a_crash_D5(
    engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that fires it dies before its commit; another one fires it, and nobody does so twice."""
    begin(engine, line(user("A", "1", due="PT4H", onOverdue="escalate")))
    sweeper = Sweeper(engine)
    assert sweeper._sweep() <= LONGEST_SLEEP_SECONDS <= 2
    due = open_slots(engine)["A", 1].due
    assert due is not None
    clock.advance_to(due)
    honest = work._PERFORMERS["deadline"]

    def dies(run_: Any, row: Work) -> None:
        honest(run_, row)
        raise SystemExit

    monkeypatch.setitem(work._PERFORMERS, "deadline", dies)
    with pytest.raises(SystemExit):
        sweeper._sweep()
    monkeypatch.setitem(work._PERFORMERS, "deadline", honest)
    for _ in range(3):
        sweeper._sweep()
    with engine.db.read() as session:
        fired = session.scalars(select(HistoryLine).where(HistoryLine.operation == "overdue")).all()
    assert [one.at for one in fired] == [due]


OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("agree", {}),
    ("reject", {"opinion": "不行"}),
    ("transfer", {"target_id": 8}),
    ("delegate", {"target_id": 8}),
    ("add_before", {"people": [8]}),
    ("add_after", {"people": [8]}),
    ("add_beside", {"people": [8]}),
    ("return_task", {"target": "A", "reason": "再看看", "mode": "again"}),
    ("copy_to", {"people": [8]}),
]


def everything(engine: Engine) -> list[Any]:
    """Return all that an operation may change."""
    with engine.db.read() as session:
        slots = [(one.id, one.state, one.owner_id) for one in session.scalars(select(Slot).order_by(Slot.id))]
        counts = [session.scalar(select(func.count()).select_from(model)) for model in (Activation, HistoryLine, Work)]
        return [slots, counts]


@pytest.mark.parametrize(("operation", "more"), OPERATIONS)
def test_a_dry_run_tells_the_effects_and_changes_nothing_I4(
    engine: Engine, act: Act, operation: str, more: dict[str, Any]
) -> None:
    number = begin(engine, line(user("A", "9", kind="approval"), user("B", "1|2", policy="all"), user("C", "3")))
    act(9, "agree", "A")
    before, version = everything(engine), instance_of(engine, number).version
    answer = act(1, operation, "B", dry_run=True, **more)
    assert answer.effects is not None
    assert everything(engine) == before
    assert instance_of(engine, number).version == version
    act(1, operation, "B", **more)
    assert everything(engine) != before


@pytest.mark.parametrize(("operation", "more"), OPERATIONS)
def test_an_operation_writes_one_line_with_all_it_did_I6(
    engine: Engine, act: Act, operation: str, more: dict[str, Any]
) -> None:
    begin(engine, line(user("A", "9", kind="approval"), user("B", "1|2", policy="all"), user("C", "3")))
    act(9, "agree", "A")
    act(1, operation, "B", **more)
    name = {"return_task": "return", "copy_to": "copy"}.get(operation, operation)
    with engine.db.read() as session:
        query = select(HistoryLine).where(HistoryLine.operation == name, HistoryLine.actor_id == 1)
        written = session.scalars(query).one()
    assert (written.element_id, written.round, written.principal_id) == ("B", 1, 1)
    assert written.from_state == "ready"
    assert written.to_state
