"""Messages and signals between instances: one receiver, early ones wait, starts, throws, broadcasts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.definitions.errors import RefusedDiagram
from engine.definitions.models import PackageVersion
from engine.history import HistoryLine, verify
from engine.instances import Start, resume, retry_incident, start_in, start_instance, suspend, terminate
from engine.messages.early import count_waiting, waiting
from engine.messages.models import EarlyMessage, Subscription
from engine.messages.service import AmbiguousMessage, Delivered, UnusableKey, broadcast_signal, correlate_message
from engine.runtime import Engine
from engine.store import Database
from tests.support.conversing import catch, chain, deploy, instances, receive, rows, started_by, states, throw
from tests.support.turning import ADMIN, incidents, instance_of, line, make_engine, open_slots, process, run, user

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _begin(engine: Engine, version: int, variables: Mapping[str, Any] | None = None, process_id: str = "main") -> int:
    number = start_instance(
        engine, version_id=version, process_id=process_id, variables=dict(variables or {}), title="一件事",
        initiator_id=7,
    )  # fmt: skip
    run(engine)
    return number


def test_a_message_reaches_the_one_that_waits_and_its_payload_becomes_variables(engine: Engine) -> None:
    number = _begin(engine, deploy(engine, process("main", line(catch("C", "paid")))))
    assert correlate_message(engine, name="paid", payload={"amount": 5}) == Delivered(instances=(number,))
    row = instance_of(engine, number)
    assert (row.status, row.variables) == ("completed", {"amount": 5})
    assert rows(engine, Subscription) == []
    with engine.db.read() as session:
        assert verify(session) == []


def test_among_many_the_key_finds_the_one(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="=orderId"))))
    numbers = [_begin(engine, version, {"orderId": order}) for order in (1, "2", 3.0)]
    assert correlate_message(engine, name="paid", correlation={"orderId": 2}).instances == (numbers[1],)
    assert correlate_message(engine, name="paid", correlation={"key": "3"}).instances == (numbers[2],)
    assert correlate_message(engine, name="paid", correlation={"orderId": 9}, ttl=timedelta(0)) == Delivered()
    assert instance_of(engine, numbers[0]).status == "running"


def test_several_values_are_one_key_and_a_message_may_carry_more(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid", key="{order: order, part: part}"))))
    one = _begin(engine, version, {"order": 1, "part": "a"})
    other = _begin(engine, version, {"order": 1, "part": "b"})
    sent = {"order": 1, "part": "b", "colour": "red"}
    assert correlate_message(engine, name="paid", correlation=sent).instances == (other,)
    assert correlate_message(engine, name="paid", correlation={"order": 1}, ttl=timedelta(0)) == Delivered()
    assert instance_of(engine, one).status == "running"


def test_without_a_key_the_values_given_must_be_the_variables(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    _begin(engine, version, {"businessKey": "K1", "amount": 1})
    meant = _begin(engine, version, {"businessKey": "K2", "amount": 1})
    assert correlate_message(engine, name="paid", correlation={"businessKey": "K2", "amount": 1}).instances == (meant,)


def test_several_that_wait_are_an_error_and_nobody_gets_it(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    numbers = [_begin(engine, version), _begin(engine, version)]
    with pytest.raises(AmbiguousMessage) as error:
        correlate_message(engine, name="paid", message_id="m1")
    assert error.value.code == "ambiguous"
    assert [instance_of(engine, number).status for number in numbers] == ["running", "running"]
    assert rows(engine, EarlyMessage) == []


def test_of_several_waits_of_one_instance_the_oldest_gets_it(engine: Engine) -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/>' + catch("C1", "paid") + catch("C2", "paid")
        + '<endEvent id="e1"/><endEvent id="e2"/>'
        + "".join(
            f'<sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("s", "g"), ("g", "C1"), ("g", "C2"), ("C1", "e1"), ("C2", "e2"))
        )
    )  # fmt: skip
    number = _begin(engine, deploy(engine, process("main", body)))
    assert correlate_message(engine, name="paid").instances == (number,)
    assert [row.element_id for row in rows(engine, Subscription)] == ["C2"]


@pytest.mark.parametrize("value", [{"a": 1}, [1], None, ""])
def test_what_cannot_be_compared_is_refused(engine: Engine, value: Any) -> None:
    with pytest.raises(UnusableKey):
        correlate_message(engine, name="paid", correlation={"order": value})


def test_a_wait_whose_key_is_empty_is_an_incident(engine: Engine) -> None:
    _begin(engine, deploy(engine, process("main", line(catch("C", "paid", key="=nothing")))))
    assert [incident.code for incident in incidents(engine)] == ["correlation-key"]


def test_an_early_message_waits_and_is_delivered_when_its_wait_opens(engine: Engine) -> None:
    version = deploy(engine, process("main", line(receive("R", "paid", key="=orderId"))))
    sent = correlate_message(engine, name="paid", correlation={"orderId": 2}, payload={"amount": 5})
    assert sent == Delivered(stored=True)
    run(engine)
    with engine.db.read() as session:
        assert count_waiting(session) == {"paid": 1}
        assert [row.payload for row in waiting(session)] == [{"amount": 5}]
    other = _begin(engine, version, {"orderId": 1})
    number = _begin(engine, version, {"orderId": 2})
    assert states(engine, other, number) == ["running", "completed"]
    assert instance_of(engine, number).variables["amount"] == 5
    assert rows(engine, EarlyMessage) == []


def test_an_early_message_expires_and_is_then_nobodys(engine: Engine, clock: FakeClock) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    correlate_message(engine, name="paid", ttl=HOUR)
    clock.advance(HOUR)
    number = _begin(engine, version)
    assert instance_of(engine, number).status == "running"
    assert rows(engine, EarlyMessage) == []


def test_the_same_id_twice_has_one_effect(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    first = correlate_message(engine, name="paid", message_id="m1")
    assert correlate_message(engine, name="paid", message_id="m1") == first == Delivered(stored=True)
    assert len(rows(engine, EarlyMessage)) == 1
    number = _begin(engine, version)
    assert instance_of(engine, number).status == "completed"
    waiting_still = _begin(engine, version)
    assert correlate_message(engine, name="paid", message_id="m1").stored
    assert instance_of(engine, waiting_still).status == "running"
    assert correlate_message(engine, name="paid", message_id="m2").instances == (waiting_still,)


def test_a_message_starts_the_process_that_begins_with_it_unless_somebody_waits(engine: Engine) -> None:
    starting = (
        started_by("s", "paid") + user("A", "1") + '<endEvent id="e"/>' + chain("s", "A", "e")
    )  # fmt: skip
    deploy(engine, process("main", starting))
    (started,) = correlate_message(engine, name="paid", payload={"amount": 5}).started
    assert instance_of(engine, started).variables == {"amount": 5}
    waits = deploy(engine, process("waits", line(catch("C", "paid"))), main="waits")
    number = _begin(engine, waits, process_id="waits")
    assert correlate_message(engine, name="paid") == Delivered(instances=(number,))


def test_a_thrown_message_reaches_another_instance_after_the_commit(engine: Engine) -> None:
    listening = deploy(engine, process("main", line(catch("C", "paid", key="=orderId"))))
    number = _begin(engine, listening, {"orderId": 2})
    version = deploy(engine, process("main", line(user("A", "1"), throw("T", "paid", key="=orderId"))))
    sender = start_instance(engine, version_id=version, variables={"orderId": 2}, title="x", initiator_id=7)
    tasks.complete(engine, slot_id=open_slots(engine, sender)["A", 1].id, actor_id=1)
    assert states(engine, sender, number) == ["completed", "running"]
    run(engine)
    assert states(engine, sender, number) == ["completed", "completed"]
    assert rows(engine, EarlyMessage) == []


def test_a_throw_to_several_is_an_incident_of_the_thrower(engine: Engine) -> None:
    listening = deploy(engine, process("main", line(catch("C", "paid"))))
    for _ in range(2):
        _begin(engine, listening)
    _begin(engine, deploy(engine, process("main", line(throw("T", "paid")))))
    assert [(one.code, one.element_id) for one in incidents(engine)] == [("ambiguous", "T")]


def test_a_signal_reaches_everybody_and_starts_what_begins_with_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.messages.broadcast.CHUNK", 2)
    version = deploy(engine, process("main", line(catch("C", "alarm", kind="signal"))))
    numbers = [_begin(engine, version) for _ in range(5)]
    deploy(
        engine,
        process(
            "other",
            started_by("s", "alarm", "signal") + '<endEvent id="e"/>' + chain("s", "e"),
        ),
        main="other",
    )
    broadcast_signal(engine, "alarm", {"level": 3})
    assert set(states(engine, *numbers)) == {"running"}
    run(engine)
    assert set(states(engine, *numbers)) == {"completed"}
    started = [one for one in instances(engine) if one.process_id == "other"]
    assert [(one.status, one.variables) for one in started] == [("completed", {"level": 3})]
    assert rows(engine, Subscription) == []


def test_a_thrown_signal_comes_once_to_the_thrower_itself(engine: Engine) -> None:
    boundary = (
        '<boundaryEvent id="B" attachedToRef="A" cancelActivity="false">'
        '<signalEventDefinition signalRef="S_alarm"/></boundaryEvent><endEvent id="be"/>'
        '<sequenceFlow id="bf" sourceRef="B" targetRef="be"/>'
    )
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/>' + user("A", "1") + user("B0", "1")
        + throw("T", "alarm", kind="signal") + '<endEvent id="e1"/><endEvent id="e2"/>'
        + "".join(
            f'<sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>'
            for a, b in (("s", "g"), ("g", "A"), ("g", "B0"), ("A", "e1"), ("B0", "T"), ("T", "e2"))
        ) + boundary
    )  # fmt: skip
    version = deploy(engine, process("main", body))
    number, other = _begin(engine, version), _begin(engine, version)
    tasks.complete(engine, slot_id=open_slots(engine, number)["B0", 1].id, actor_id=1)
    run(engine)
    with engine.db.read() as session:
        query = select(HistoryLine.instance_id, func.count()).where(
            HistoryLine.element_id == "B", HistoryLine.operation == "leave"
        )
        counts = dict(session.execute(query.group_by(HistoryLine.instance_id)).all())
    assert counts == {number: 1, other: 1}


@pytest.mark.parametrize(
    "loop",
    [
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>",
        '<standardLoopCharacteristics loopMaximum="2"/>',
    ],
    ids=["items", "rounds"],
)
def test_each_item_and_each_round_of_a_receive_task_gets_a_message_of_its_own(engine: Engine, loop: str) -> None:
    task = receive("R", "paid").replace("/>", f">{loop}</receiveTask>")
    number = _begin(engine, deploy(engine, process("main", line(task))))
    correlate_message(engine, name="paid")
    run(engine)
    assert len(rows(engine, Subscription)) == 1
    correlate_message(engine, name="paid")
    assert instance_of(engine, number).status == "completed"
    assert rows(engine, Subscription) == []


def test_a_timer_that_starts_a_process_by_a_variable_is_refused_with_its_element(engine: Engine) -> None:
    late = "<timerEventDefinition><timeDuration>=pause</timeDuration></timerEventDefinition>"
    body = line(user("Do", "1")).replace('<startEvent id="begin"/>', f'<startEvent id="begin">{late}</startEvent>')
    with pytest.raises(RefusedDiagram) as refused:
        deploy(engine, process("main", body))
    assert [(finding.rule, finding.element_id) for finding in refused.value.findings] == [("start-timer", "begin")]
    assert rows(engine, PackageVersion) == []


def test_a_suspended_instance_gets_its_message_and_its_signal_when_it_goes_on(engine: Engine, clock: FakeClock) -> None:
    hears = (
        '<boundaryEvent id="B" attachedToRef="C"><signalEventDefinition signalRef="S_alarm"/></boundaryEvent>'
        '<endEvent id="be"/>' + chain("B", "be")
    )
    one = _begin(engine, deploy(engine, process("main", line(receive("C", "paid")))))
    other = _begin(engine, deploy(engine, process("main", line(user("C", "1")) + hears)))
    for number in (one, other):
        suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    assert correlate_message(engine, name="paid", payload={"amount": 5}) == Delivered(stored=True)
    broadcast_signal(engine, "alarm")
    run(engine)
    assert states(engine, one, other) == ["suspended", "suspended"]
    clock.advance(HOUR)
    for number in (one, other):
        resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    run(engine)
    assert states(engine, one, other) == ["completed", "completed"]
    assert instance_of(engine, one).variables == {"amount": 5}


def test_a_boundary_event_that_does_not_interrupt_gets_every_early_message(engine: Engine) -> None:
    boundary = (
        '<boundaryEvent id="B" attachedToRef="A" cancelActivity="false"><messageEventDefinition messageRef="M_paid"/>'
        '</boundaryEvent><endEvent id="be"/>' + chain("B", "be")
    )
    for number in range(3):
        correlate_message(engine, name="paid", payload={f"n{number}": number})
    number = _begin(engine, deploy(engine, process("main", line(user("A", "1")) + boundary)))
    assert instance_of(engine, number).variables == {"n0": 0, "n1": 1, "n2": 2}
    assert [row.element_id for row in rows(engine, Subscription)] == ["B"]
    assert correlate_message(engine, name="paid", payload={"n3": 3}).instances == (number,)


def test_the_first_event_behind_a_gateway_takes_the_others_subscriptions_away(engine: Engine) -> None:
    body = (
        '<startEvent id="s"/><eventBasedGateway id="g"/>' + catch("C1", "paid") + catch("C2", "order")
        + '<endEvent id="e1"/><endEvent id="e2"/>' + chain("s", "g", "C1", "e1") + chain("g", "C2", "e2")
    )  # fmt: skip
    number = _begin(engine, deploy(engine, process("main", body)))
    assert correlate_message(engine, name="order").instances == (number,)
    assert states(engine, number) == ["completed"]
    assert rows(engine, Subscription) == []
    assert correlate_message(engine, name="paid").stored


def test_whoever_subscribes_after_a_signal_was_sent_does_not_hear_it(engine: Engine, clock: FakeClock) -> None:
    version = deploy(engine, process("main", line(catch("C", "alarm", kind="signal"))))
    broadcast_signal(engine, "alarm")
    clock.advance(HOUR)
    with engine.db.write() as session:
        start_in(engine, session, Start(version_id=version, variables={}, title="x", initiator_id=7))
    run(engine)
    assert [one.status for one in instances(engine)] == ["running"]


def test_a_thrower_that_is_over_can_still_have_its_message_sent_again(engine: Engine) -> None:
    listening = deploy(engine, process("main", line(catch("C", "paid"))))
    one, other = _begin(engine, listening), _begin(engine, listening)
    sender = _begin(engine, deploy(engine, process("main", line(throw("T", "paid")))))
    (incident,) = incidents(engine)
    assert (incident.instance_id, states(engine, sender)) == (sender, ["completed"])
    terminate(engine, instance_id=one, actor_id=ADMIN, reason="作废")
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert states(engine, other) == ["completed"]
    assert incidents(engine) == []


def test_what_a_thrower_could_not_send_stays_an_incident_when_it_ends(engine: Engine) -> None:
    listening = deploy(engine, process("main", line(catch("C", "paid"))))
    for _ in range(2):
        _begin(engine, listening)
    sender = _begin(engine, deploy(engine, process("main", line(throw("T", "paid"), user("A", "1")))))
    tasks.complete(engine, slot_id=open_slots(engine, sender)["A", 1].id, actor_id=1)
    row = instance_of(engine, sender)
    assert (row.status, row.open_incidents) == ("completed", 1)
    assert [one.element_id for one in incidents(engine)] == ["T"]
