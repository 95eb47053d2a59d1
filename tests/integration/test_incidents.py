"""Incidents on both databases: listed, grouped, retried with backoff and after an edit, resolved by hand."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.history import HistoryLine, verify
from engine.instances import resolve_incident, retry_incident, retry_incidents, start_instance, suspend, terminate
from engine.instances.batches import batch_progress, recent_batches
from engine.instances.incidents import Edit
from engine.instances.models import Incident
from engine.instances.overview import (
    IncidentFilter,
    InstanceFilter,
    group_incidents,
    incident_ids,
    list_incidents,
    list_instances,
    living_instances,
)
from engine.runtime import Engine
from engine.store import Database
from engine.work.models import Work
from tests.support.services import Flaky, service, services
from tests.support.together import at_once
from tests.support.turning import (
    ADMIN,
    begin,
    diagram,
    incidents,
    instance_of,
    line,
    make_engine,
    open_slots,
    process,
    publish,
    run,
    user,
)

MINUTE = timedelta(minutes=1)
SCRIPT = (
    '<scriptTask id="S" name="S" scriptFormat="javascript">'
    '<script>if (!n) throw new Error("n is missing"); m = n;</script></scriptTask>'
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _flaky(engine: Engine, failures: int, **more: object) -> Flaky:
    flaky = Flaky(failures)
    engine.services = services(flaky, **more)  # type: ignore[arg-type]
    return flaky


def _lines(engine: Engine, operation: str) -> list[HistoryLine]:
    with engine.db.read() as session:
        query = select(HistoryLine).where(HistoryLine.operation == operation).order_by(HistoryLine.id)
        return list(session.scalars(query))


def _works(engine: Engine) -> list[Work]:
    with engine.db.read() as session:
        return list(session.scalars(select(Work).order_by(Work.due)))


@pytest.mark.parametrize("external", [False, True])
def test_a_failed_call_is_repeated_with_growing_pauses_under_one_key(
    engine: Engine, clock: FakeClock, external: bool
) -> None:
    flaky = _flaky(engine, 3, external=external)
    number = begin(engine, line(service("A", retry="R4/PT1M*2"), user("B", "1")))
    waited = []
    for _ in range(4):
        run(engine)
        if works := _works(engine):
            waited.append(works[0].due - clock.now())
            clock.advance_to(works[0].due)
    assert waited == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert ("B", 1) in open_slots(engine)
    assert len(flaky.keys) == 4
    assert len(set(flaky.keys)) == 1
    assert incidents(engine) == []
    details = [one.detail for one in _lines(engine, "retry-later")]
    assert [(one["failures"], one["of"]) for one in details] == [(1, 4), (2, 4), (3, 4)]
    assert instance_of(engine, number).next_due is None


def test_when_the_attempts_are_used_up_it_is_an_incident_and_a_retry_by_hand_keeps_the_key(
    engine: Engine, clock: FakeClock
) -> None:
    cycle = "<camunda:failedJobRetryTimeCycle>R2/PT10M</camunda:failedJobRetryTimeCycle>"
    inner = f"<extensionElements>{cycle}</extensionElements>"
    flaky = _flaky(engine, 2)
    begin(engine, line(service("A", inner), user("B", "1")))
    run(engine)
    clock.advance(10 * MINUTE)
    run(engine)
    (incident,) = incidents(engine)
    assert (incident.element_id, incident.code) == ("A", "internal")
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert ("B", 1) in open_slots(engine)
    assert len(flaky.keys) == 3
    assert len(set(flaky.keys)) == 1


def test_a_kind_of_service_may_say_how_its_calls_are_repeated(engine: Engine) -> None:
    _flaky(engine, 1, retry="R3/PT1M")
    begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    assert incidents(engine) == []


def test_a_call_that_may_be_made_once_is_never_repeated_by_itself(engine: Engine) -> None:
    flaky = _flaky(engine, 1, external=True, at_most_once=True)
    begin(engine, line(service("A", retry="R5/PT1M")))
    run(engine)
    assert len(flaky.keys) == 1
    assert len(incidents(engine)) == 1


def test_a_retry_after_an_edit_goes_on(engine: Engine) -> None:
    number = begin(engine, line(SCRIPT, user("B", "1")), {"n": 0})
    (incident,) = incidents(engine)
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN, edit=Edit({"n": 5}))
    run(engine)
    assert instance_of(engine, number).variables == {"n": 5, "m": 5}
    assert ("B", 1) in open_slots(engine)
    assert instance_of(engine, number).open_incidents == 0
    (line_,) = _lines(engine, "retry")
    assert (line_.actor_id, line_.detail["variables"]) == (ADMIN, {"n": {"from": 0, "to": 5}})
    with engine.db.read() as session:
        assert verify(session) == []


def test_a_retry_that_fails_again_is_a_new_incident(engine: Engine) -> None:
    number = begin(engine, line(SCRIPT), {"n": 0})
    (first,) = incidents(engine)
    retry_incident(engine, incident_id=first.id, actor_id=ADMIN)
    run(engine)
    (second,) = incidents(engine)
    assert second.id != first.id
    assert instance_of(engine, number).open_incidents == 1


def test_two_people_retry_at_once_and_it_is_done_once(engine: Engine) -> None:
    flaky = _flaky(engine, 1)
    begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    (incident,) = incidents(engine)
    press = partial(retry_incident, engine, incident_id=incident.id, actor_id=ADMIN)
    answers = at_once([press] * 4)
    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "Conflict", "Conflict", "NoneType"]
    run(engine)
    assert len(flaky.keys) == 2
    assert len(_lines(engine, "retry")) == 1
    assert len(_lines(engine, "service")) == 1


def test_an_element_is_resolved_by_hand_with_its_result(engine: Engine) -> None:
    number = begin(engine, line(SCRIPT, user("B", "1")), {"n": 0})
    (incident,) = incidents(engine)
    with pytest.raises(InvalidInput, match="原因"):
        resolve_incident(engine, incident_id=incident.id, actor_id=ADMIN, reason=" ")
    resolve_incident(engine, incident_id=incident.id, actor_id=ADMIN, reason="已线下核对", result={"m": 9})
    assert instance_of(engine, number).variables == {"n": 0, "m": 9}
    assert ("B", 1) in open_slots(engine)
    assert instance_of(engine, number).open_incidents == 0
    (line_,) = _lines(engine, "resolve")
    assert (line_.opinion, line_.detail["result"]) == ("已线下核对", {"m": 9})
    with pytest.raises(NotAllowed, match="处理过"):
        resolve_incident(engine, incident_id=incident.id, actor_id=ADMIN, reason="再来")


def test_resolving_a_failed_service_calls_it_no_more(engine: Engine) -> None:
    flaky = _flaky(engine, 99)
    begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    resolve_incident(
        engine, incident_id=incidents(engine)[0].id, actor_id=ADMIN, reason="已电话通知", result={"answer": 1}
    )
    run(engine)
    assert len(flaky.keys) == 1
    assert ("B", 1) in open_slots(engine)


def test_resolving_a_task_that_found_nobody_closes_it(engine: Engine) -> None:
    number = begin(engine, line(user("A", "nobody"), user("B", "2")))
    resolve_incident(engine, incident_id=incidents(engine)[0].id, actor_id=ADMIN, reason="已由院办完成")
    assert list(open_slots(engine, number)) == [("B", 2)]
    assert incidents(engine) == []


def test_an_incident_can_be_closed_without_moving_anything(engine: Engine) -> None:
    number = begin(engine, line(user("A", "nobody"), user("B", "2")))
    resolve_incident(engine, incident_id=incidents(engine)[0].id, actor_id=ADMIN, reason="我来办", skip=False)
    assert list(open_slots(engine, number)) == [("A", None)]
    assert instance_of(engine, number).open_incidents == 0


def test_incidents_are_grouped_by_what_they_have_in_common_and_retried_together(engine: Engine) -> None:
    flaky = _flaky(engine, 5)
    version = publish(engine, {"main.bpmn": diagram(process("main", line(service("A"), user("B", "1"))))})
    for _ in range(2):
        start_instance(engine, version_id=version, process_id="main", variables={}, title="t", initiator_id=7)
    other = begin(engine, line(SCRIPT), {"n": 0})
    run(engine)
    with engine.db.read() as session:
        groups = group_incidents(engine, session)
        assert [(one.element, one.count) for one in groups] == [("A", 2), ("S", 1)]
        assert groups[0].message == "Broken: no answer"
        chosen = incident_ids(session, IncidentFilter(element_id="A"))
        assert len(list_incidents(engine, session, IncidentFilter(instance_id=other)).rows) == 1
    flaky.failures = 0
    batch = retry_incidents(engine, incident_ids=chosen, actor_id=ADMIN)
    run(engine)
    with engine.db.read() as session:
        progress = batch_progress(session, batch)
        assert (progress.total, progress.done, progress.failed, progress.over) == (2, 2, 0, True)
        assert [one.id for one in recent_batches(session)] == [batch]
    assert [one.element_id for one in incidents(engine)] == ["S"]


def test_a_batch_says_which_members_were_refused_and_goes_on(engine: Engine) -> None:
    flaky = _flaky(engine, 5)
    for _ in range(3):
        begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    chosen = incidents(engine)
    flaky.failures = 0
    batch = retry_incidents(engine, incident_ids=[one.id for one in chosen], actor_id=ADMIN)
    terminate(engine, instance_id=chosen[1].instance_id, actor_id=ADMIN, reason="作废")
    run(engine)
    with engine.db.read() as session:
        progress = batch_progress(session, batch)
        assert (progress.done, progress.failed) == (2, 1)
        assert "处理过" in progress.refusals[0].sentence
        assert progress.refusals[0].instance_id == chosen[1].instance_id


def test_a_batch_reaches_a_suspended_instance(engine: Engine) -> None:
    flaky = _flaky(engine, 1)
    number = begin(engine, line(service("A"), user("B", "1")))
    run(engine)
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    batch = retry_incidents(engine, incident_ids=[incidents(engine)[0].id], actor_id=ADMIN)
    run(engine)
    with engine.db.read() as session:
        assert batch_progress(session, batch).done == 1
    assert len(flaky.keys) == 1


def test_ending_an_instance_makes_its_incidents_obsolete(engine: Engine) -> None:
    number = begin(engine, line(SCRIPT), {"n": 0})
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    with engine.db.read() as session:
        (incident,) = session.scalars(select(Incident))
        assert incident.status == "obsolete"
    assert instance_of(engine, number).open_incidents == 0
    with pytest.raises(NotAllowed):
        retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)


def test_strangers_find_no_incidents(engine: Engine) -> None:
    begin(engine, line(SCRIPT), {"n": 0})
    (incident,) = incidents(engine)
    with pytest.raises(NotFound):
        retry_incident(engine, incident_id=incident.id, actor_id=1)
    with pytest.raises(NotFound):
        resolve_incident(engine, incident_id=incident.id, actor_id=1, reason="x")
    with pytest.raises(NotFound):
        retry_incidents(engine, incident_ids=[incident.id], actor_id=1)


def test_instances_are_listed_by_filter(engine: Engine) -> None:
    broken = begin(engine, line(SCRIPT), {"n": 0})
    begin(engine, line(user("A", "1")))
    slot = open_slots(engine)["A", 1]
    tasks.complete(engine, slot_id=slot.id, actor_id=1)
    version = instance_of(engine, broken).package_version_id
    with engine.db.read() as session:
        assert [one.id for one in list_instances(session, InstanceFilter(incident=True)).rows] == [broken]
        assert [one.id for one in list_instances(session, InstanceFilter(version_id=version)).rows] == [broken]
        completed = list_instances(session, InstanceFilter(status="completed")).rows
        assert [one.id for one in completed] == [slot.instance_id]
        assert living_instances(session, InstanceFilter()) == [broken]
        assert list_instances(session, InstanceFilter(search="100%")).rows == []
        first = list_instances(session, InstanceFilter(), limit=1)
        assert first.next == 2
        assert list_instances(session, InstanceFilter(), page=2, limit=1).next is None
