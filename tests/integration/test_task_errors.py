"""Human tasks whose rules fail, lanes that name the people, tasks that nobody waits at: on both databases."""

import pytest

from engine import tasks
from engine.clock import FakeClock
from engine.instances import retry_incident
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from tests.support.turning import ADMIN, begin, incidents, instance_of, line, make_engine, open_slots, run, user

BOMB = "= if armed then count(for i in 1..100000000 return i) else 2"
LATE = '= if armed then count(for i in 1..100000000 return i) else duration("P1D")'.replace('"', "&quot;")


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _disarm(engine: Engine, number: int) -> None:
    with engine.db.write() as session:
        session.get_one(Instance, number).variables = {"armed": False}


@pytest.mark.parametrize("settings", [{"assignee": BOMB}, {"duban_due": LATE}, {"duban_title": BOMB}])
def test_a_rule_that_fails_is_an_incident_of_the_next_task_and_not_of_who_did_the_last_one(
    engine: Engine, settings: dict[str, str]
) -> None:
    rule = settings.get("assignee", "2")
    more = {name.removeprefix("duban_"): text for name, text in settings.items() if name != "assignee"}
    number = begin(engine, line(user("First", "1"), user("Next", rule, **more)), {"armed": True})
    tasks.complete(engine, slot_id=open_slots(engine)["First", 1].id, actor_id=1)
    assert open_slots(engine) == {}
    incident = incidents(engine)[0]
    assert incident.element_id == "Next"
    assert incident.code.startswith("expression-")
    _disarm(engine, number)
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert list(open_slots(engine)) == [("Next", 2)]
    assert incidents(engine) == []


def test_a_rule_that_fails_is_caught_by_an_error_boundary_on_the_task(engine: Engine) -> None:
    catch = (
        '<boundaryEvent id="Catch" attachedToRef="Next"><errorEventDefinition/></boundaryEvent>'
        '<userTask id="Repair" camunda:assignee="3"/><sequenceFlow id="r" sourceRef="Catch" targetRef="Repair"/>'
    )
    begin(engine, line(user("Next", BOMB)) + catch, {"armed": True})
    assert list(open_slots(engine)) == [("Repair", 3)]
    assert incidents(engine) == []


def lanes(*pairs: tuple[str, str], inside: str = "") -> str:
    drawn = "".join(
        f'<lane id="lane{number}" name="{name}"><flowNodeRef>{node}</flowNodeRef>{inside if not number else ""}</lane>'
        for number, (name, node) in enumerate(pairs)
    )
    return f'<laneSet id="lanes">{drawn}</laneSet>'


def test_a_task_that_names_nobody_is_offered_to_the_role_of_its_lane(engine: Engine) -> None:
    body = line('<userTask id="Check"/>', user("Named", "2"), '<userTask id="Last"/>')
    begin(engine, lanes(("审核组", "Check"), ("审核组", "Named"), ("nobody knows it", "Last")) + body)
    slots = open_slots(engine)
    assert list(slots) == [("Check", None)]
    tasks.claim(engine, slot_id=slots["Check", None].id, actor_id=5)
    tasks.complete(engine, slot_id=slots["Check", None].id, actor_id=5)
    assert list(open_slots(engine)) == [("Named", 2)]
    tasks.complete(engine, slot_id=open_slots(engine)["Named", 2].id, actor_id=2)
    assert incidents(engine)[0].code == "no-approver"


def test_the_innermost_lane_counts_and_a_subprocess_lies_in_its_lane(engine: Engine) -> None:
    nested = (
        '<childLaneSet id="inner"><lane id="l" name="reviewers"><flowNodeRef>Sub</flowNodeRef></lane></childLaneSet>'
    )
    sub = '<subProcess id="Sub"><startEvent id="s1"/><userTask id="Inside"/>'
    sub += '<sequenceFlow id="q1" sourceRef="s1" targetRef="Inside"/></subProcess>'
    begin(engine, lanes(("审核组", "Sub"), inside=nested) + line(sub))
    assert list(open_slots(engine)) == [("Inside", 6)]


def test_an_endless_loop_over_tasks_that_nobody_waits_at_is_an_incident(engine: Engine) -> None:
    again = '<exclusiveGateway id="x" default="back"/><sequenceFlow id="back" sourceRef="x" targetRef="Tick"/>'
    again += '<sequenceFlow id="on" sourceRef="Tick" targetRef="x"/>'
    body = '<startEvent id="b"/><manualTask id="Tick"/><sequenceFlow id="q" sourceRef="b" targetRef="Tick"/>' + again
    number = begin(engine, body)
    incident = incidents(engine)[0]
    assert (incident.element_id, incident.code) == ("Tick", "runaway")
    assert instance_of(engine, number).status == "running"


def test_three_hundred_items_that_nobody_waits_at_are_no_endless_loop(engine: Engine) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>300</loopCardinality></multiInstanceLoopCharacteristics>"
    number = begin(engine, line(f'<manualTask id="Tick">{loop}</manualTask>'))
    assert incidents(engine) == []
    assert instance_of(engine, number).status == "completed"
