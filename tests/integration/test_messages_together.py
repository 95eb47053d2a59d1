"""Messages and signals at the same instant, and with a crash in between: really in parallel, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from engine.clock import FakeClock
from engine.history import HistoryLine, verify
from engine.instances import start_instance
from engine.messages.message import Message
from engine.messages.models import EarlyMessage, Subscription
from engine.messages.search import find_subscriber
from engine.messages.service import Delivered, broadcast_signal, correlate_message
from engine.messages.subscriptions import MESSAGE
from engine.runtime import Engine
from engine.store import Database, insert_rows, new_id
from engine.work.drain import drain
from engine.work.models import Errand
from tests.support.conversing import catch, chain, deploy, instances, rows, states, throw
from tests.support.databases import PostgresFactory
from tests.support.together import at_once
from tests.support.turning import incidents, instance_of, line, make_engine, process, run, user

HOUR = timedelta(hours=1)
ROUNDS = 8


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _begin(engine: Engine, version: int, **variables: Any) -> int:
    return start_instance(engine, version_id=version, variables=variables, title="x", initiator_id=7)


def test_two_senders_of_one_id_have_one_effect(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))
    for number in range(ROUNDS):
        receiver = _begin(engine, version, n=number)

        def send(n: int = number) -> Delivered:
            return correlate_message(engine, name="paid", correlation={"n": n}, message_id=f"m{n}")

        assert at_once([send, send]) == [Delivered(instances=(receiver,))] * 2
    assert rows(engine, EarlyMessage) == []


def test_of_two_messages_to_one_wait_one_is_kept(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))
    for number in range(ROUNDS):
        receiver = _begin(engine, version, n=number)

        def send(n: int = number) -> Delivered:
            return correlate_message(engine, name="paid", correlation={"n": n})

        results = at_once([send, send])
        assert sorted(results, key=lambda one: one.stored) == [Delivered((receiver,)), Delivered(stored=True)]
    assert len(rows(engine, EarlyMessage)) == ROUNDS


def test_a_message_and_the_timer_that_ends_its_wait_have_one_winner(engine: Engine, clock: FakeClock) -> None:
    boundary = (
        '<boundaryEvent id="T" attachedToRef="R"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><endEvent id="late"/>' + chain("T", "late")
    )
    wait = '<receiveTask id="R" messageRef="M_paid" duban:correlationKey="=n"/>'
    version = deploy(engine, process("main", line(wait) + boundary))
    numbers = [_begin(engine, version, n=number) for number in range(ROUNDS)]
    run(engine)
    clock.advance(HOUR)

    def send(n: int) -> Delivered:
        return correlate_message(engine, name="paid", correlation={"n": n})

    results = at_once([*[lambda n=n: send(n) for n in range(ROUNDS)], lambda: drain(engine, budget_seconds=30)])
    run(engine)
    assert set(states(engine, *numbers)) == {"completed"}
    assert incidents(engine) == []
    delivered = {one.instances[0] for one in results[:-1] if one.instances}
    ends = Counter(_lines(engine, "leave", "late"))
    assert set(ends) == set(numbers) - delivered
    assert len(rows(engine, EarlyMessage)) == ROUNDS - len(delivered)


def test_a_message_that_comes_while_its_wait_opens_is_not_lost(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))

    def send(n: int) -> Delivered:
        return correlate_message(engine, name="paid", correlation={"n": n})

    for number in range(ROUNDS):
        receiver, _ = at_once([lambda n=number: _begin(engine, version, n=n), lambda n=number: send(n)])
        run(engine)
        assert instance_of(engine, receiver).status == "completed"
    assert (rows(engine, EarlyMessage), rows(engine, Subscription), rows(engine, Errand)) == ([], [], [])


class Held:
    """Holds one commit of another thread back until it is let go."""

    def __init__(self, engine: Engine) -> None:
        self._held, self._let_go = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        event.listen(engine.db.sql, "commit", self._hold)

    def _hold(self, _connection: object) -> None:
        if threading.current_thread() is self._thread and not self._held.is_set():
            self._held.set()
            assert self._let_go.wait(30)

    def begin(self, action: Callable[[], Any]) -> None:
        """Do something in a thread of its own, up to its first commit."""
        self._thread = threading.Thread(target=action)
        self._thread.start()
        assert self._held.wait(30)

    def end(self) -> None:
        """Let it go, and wait until it is through."""
        assert self._thread is not None
        self._let_go.set()
        self._thread.join()


@pytest.fixture
def parallel_engine(postgres_factory: PostgresFactory, clock: FakeClock) -> Iterator[Engine]:
    """An engine whose transactions run side by side (on SQLite one writer waits for the other)."""
    database = Database(postgres_factory.create())
    yield make_engine(database, clock)
    database.close()
    postgres_factory.discard(database.url)


def test_a_message_stored_while_its_wait_is_being_committed_is_collected(parallel_engine: Engine) -> None:
    engine, held = parallel_engine, Held(parallel_engine)
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    held.begin(lambda: _begin(engine, version))
    assert correlate_message(engine, name="paid").stored
    run(engine)
    held.end()
    run(engine)
    assert [one.status for one in instances(engine)] == ["completed"]


def test_a_wait_committed_while_its_message_is_being_stored_is_found(parallel_engine: Engine) -> None:
    engine, held = parallel_engine, Held(parallel_engine)
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    held.begin(lambda: correlate_message(engine, name="paid"))
    number = _begin(engine, version)
    run(engine)
    assert states(engine, number) == ["running"]
    held.end()
    run(engine)
    assert states(engine, number) == ["completed"]


def test_two_waits_at_the_same_instant_share_no_early_message(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    for _ in range(3):
        correlate_message(engine, name="paid")
    at_once([lambda: _begin(engine, version) for _ in range(4)])
    at_once([lambda: drain(engine, budget_seconds=30) for _ in range(3)])
    run(engine)
    assert Counter(one.status for one in instances(engine)) == {"completed": 3, "running": 1}
    assert Counter(Counter(_lines(engine, "message")).values()) == {1: 3}


def test_instances_that_send_to_each_other_do_not_block_each_other(engine: Engine) -> None:
    exchange = line(throw("T", "order", key="=other"), catch("C", "order", key="=own"))
    version = deploy(engine, process("main", exchange))
    for number in range(ROUNDS):
        one, two = f"{number}a", f"{number}b"
        at_once([
            lambda a=one, b=two: _begin(engine, version, own=a, other=b),
            lambda a=one, b=two: _begin(engine, version, own=b, other=a),
        ])  # fmt: skip
    at_once([lambda: drain(engine, budget_seconds=30) for _ in range(3)])
    run(engine)
    assert {one.status for one in instances(engine)} == {"completed"}
    assert (incidents(engine), rows(engine, EarlyMessage)) == ([], [])


class Killed(BaseException):
    """Stands for kill -9: nothing of the program runs any more, the database takes the transaction back."""


@pytest.fixture
def kills(engine: Engine) -> Iterator[Callable[[int], None]]:
    """Kill the process at its n-th commit from now, before the database has it."""
    left = [0]

    def kill(_connection: object) -> None:
        if left[0]:
            left[0] -= 1
            if not left[0]:
                raise Killed

    event.listen(engine.db.sql, "commit", kill)
    yield lambda commits: left.__setitem__(0, commits)
    event.remove(engine.db.sql, "commit", kill)


def test_a_kill_between_the_throw_and_its_delivery_loses_and_repeats_nothing(
    engine: Engine, kills: Callable[[int], None], clock: FakeClock
) -> None:
    receivers = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))
    senders = deploy(engine, process("main", line(throw("T", "paid", key="=n"))))
    for number in range(ROUNDS):
        receiver = _begin(engine, receivers, n=number)
        run(engine)
        sender = _begin(engine, senders, n=number)
        assert states(engine, sender, receiver) == ["completed", "running"]
        kills(1)
        with pytest.raises(Killed):
            run(engine)
        assert states(engine, receiver) == ["running"]
        run(make_engine(engine.db, clock))
        assert states(engine, receiver) == ["completed"]
    assert Counter(Counter(_lines(engine, "message")).values()) == {1: ROUNDS}


def test_a_broadcast_that_is_killed_at_any_commit_reaches_everybody_once(
    engine: Engine, kills: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.messages.broadcast.CHUNK", 2)
    repeated = (
        '<boundaryEvent id="B" attachedToRef="A" cancelActivity="false"><signalEventDefinition signalRef="S_alarm"/>'
        '</boundaryEvent><endEvent id="be"/>' + chain("B", "be")
    )
    version = deploy(engine, process("main", line(user("A", "person(1)")) + repeated))
    numbers = [_begin(engine, version) for _ in range(5)]
    for commit in range(1, 7):
        broadcast_signal(engine, "alarm")
        kills(commit)
        with pytest.raises(Killed):
            run(engine)
        run(engine)
        assert Counter(_lines(engine, "leave", "B")) == dict.fromkeys(numbers, commit)
    with engine.db.read() as session:
        assert verify(session) == []


def test_a_signal_between_workers_reaches_everybody_once(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "alarm", kind="signal"))))
    numbers = [_begin(engine, version) for _ in range(20)]
    broadcast_signal(engine, "alarm")
    at_once([lambda: drain(engine, budget_seconds=30) for _ in range(3)])
    run(engine)
    assert set(states(engine, *numbers)) == {"completed"}
    assert Counter(_lines(engine, "signal")) == dict.fromkeys(numbers, 1)


def test_a_wait_is_found_by_an_index_among_very_many(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))
    receiver = _begin(engine, version, n="meant")
    now = engine.clock.now()
    others = [
        {
            "id": new_id(), "instance_id": receiver, "process_id": "main", "element_id": "C", "token": f"t{number}",
            "kind": MESSAGE, "name": "paid", "correlation_key": f"={number}", "key_name": "n", "business_key": None,
            "scope": {}, "created_at": now,
        }
        for number in range(3000)
    ]  # fmt: skip
    with engine.db.write() as session:
        insert_rows(session, Subscription, others)
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM subscription" in statement and not statement.startswith("EXPLAIN"):
            prefix = "EXPLAIN QUERY PLAN " if engine.db.is_sqlite else "EXPLAIN "
            plan = connection.exec_driver_sql(prefix + statement, parameters).all()
            plans.append("\n".join(str(row[-1]) for row in plan))

    with engine.db.write() as session:
        if not engine.db.is_sqlite:
            session.execute(text("ANALYZE subscription"))
        event.listen(engine.db.sql, "before_cursor_execute", explain)
        found = find_subscriber(session, Message(name="paid", correlation={"n": "meant"}))
        event.remove(engine.db.sql, "before_cursor_execute", explain)
    assert found is not None
    assert found.instance_id == receiver
    assert len(plans) == 1
    assert "ix_subscription_name_correlation_key_business_key" in plans[0]


def _lines(engine: Engine, operation: str, element: str | None = None) -> list[int]:
    """Return the instances of the history's lines of an operation, one for each line."""
    query = select(HistoryLine.instance_id).where(HistoryLine.operation == operation)
    if element is not None:
        query = query.where(HistoryLine.element_id == element)
    with engine.db.read() as session:
        return list(session.scalars(query))
