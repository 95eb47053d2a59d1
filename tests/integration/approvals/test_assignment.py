"""Automatic rules of assignment (O5-O7), and the forecast that follows the same rules."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from engine import tasks
from engine.runtime import Engine
from engine.tasks.models import Slot
from tests.integration.approvals.drawings import branches
from tests.support.turning import LEADER, begin, incidents, instance_of, line, open_slots, user

Act = Callable[..., Any]
CHOICE = (
    '<startEvent id="begin"/>{a}<exclusiveGateway id="X" default="no"/>{b}{c}<endEvent id="finish"/>'
    '<sequenceFlow id="f1" sourceRef="begin" targetRef="A"/><sequenceFlow id="f2" sourceRef="A" targetRef="X"/>'
    '<sequenceFlow id="yes" sourceRef="X" targetRef="B"><conditionExpression>{condition}</conditionExpression>'
    '</sequenceFlow><sequenceFlow id="no" sourceRef="X" targetRef="C"/>'
    '<sequenceFlow id="f3" sourceRef="B" targetRef="finish"/><sequenceFlow id="f4" sourceRef="C" targetRef="finish"/>'
)


def choice(condition: str) -> str:
    """Return a process: A, then B when the condition holds, else C."""
    drawn = {name.lower(): user(name, str(index), kind="approval") for index, name in enumerate("ABC", 1)}
    return CHOICE.format(condition=condition, **drawn)


def upcoming(engine: Engine, instance_id: int) -> list[tuple[str, tuple[int, ...]]]:
    with engine.db.read() as session:
        found = tasks.forecast(engine, session, instance=instance_of(engine, instance_id))
    return [(one.element_id, one.person_ids) for one in found]


def test_a_rejection_is_the_diagrams_own_path_O5(engine: Engine, act: Act) -> None:
    number = begin(engine, choice('outcome = "rejected"'))
    act(1, "reject", "A", opinion="不同意")
    assert set(open_slots(engine)) == {("B", 2)}
    assert instance_of(engine, number).status == "running"


def test_an_approver_who_is_the_initiator_is_skipped_or_replaced_O6(engine: Engine) -> None:
    begin(engine, line(user("A", "initiator|2", policy="all", initiatorIsApprover="skip")))
    begin(engine, line(user("B", "initiator", kind="approval", initiatorIsApprover="leader")))
    begin(engine, line(user("C", "initiator", kind="approval")))
    begin(engine, line(user("D", "initiator", kind="approval", initiatorIsApprover="skip"), user("E", "3")))
    assert set(open_slots(engine)) == {("A", 2), ("B", LEADER), ("C", 7), ("E", 3)}
    with engine.db.read() as session:
        skipped = session.scalars(select(Slot).where(Slot.state == "skipped")).all()
    assert {one.rule for one in skipped} == {"system:initiator"}


def test_no_approver_goes_to_a_named_person_or_is_skipped_O6(engine: Engine) -> None:
    begin(engine, line(user("A", "nobody", emptyApprover="named", emptyApproverTo="4")))
    begin(engine, line(user("B", "nobody", kind="approval", emptyApprover="skip"), user("C", "3")))
    begin(engine, line(user("D", "nobody")))
    assert {("A", 4), ("C", 3)} <= set(open_slots(engine))
    assert [one.code for one in incidents(engine)] == ["no-approver"]


def test_the_same_person_again_agrees_by_rule_until_something_is_returned_O7(engine: Engine, act: Act) -> None:
    nodes = [
        user("A", "1", kind="approval"),
        user("B", "1|2", policy="all", dedupe="consecutive"),
        user("C", "1", kind="approval", dedupe="consecutive"),
        user("D", "1", kind="approval", dedupe="once"),
        user("E", "3", kind="approval"),
    ]
    begin(engine, line(*nodes))
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}
    act(2, "agree", "B")
    with engine.db.read() as session:
        by_rule = session.scalars(select(Slot).where(Slot.rule == "system:dedupe").order_by(Slot.id)).all()
    assert [one.owner_id for one in by_rule] == [1, 1, 1]
    assert set(open_slots(engine)) == {("E", 3)}
    act(3, "return_task", "E", target="A", reason="不对", mode="again")
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 1), ("B", 2)}


def test_the_rule_that_found_somebody_is_stored_with_the_slot(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2", policy="all")))
    assert {one.found_by for one in open_slots(engine).values()} == {"1|2"}


def test_the_forecast_follows_the_diagrams_conditions(engine: Engine, act: Act) -> None:
    number = begin(engine, choice("amount &gt; 5"), {"amount": 6})
    assert upcoming(engine, number) == [("B", (2,))]
    other = begin(engine, choice("amount &gt; 5"), {"amount": 1})
    assert upcoming(engine, other) == [("C", (3,))]
    del act


def test_the_forecast_of_parallel_branches_and_after_a_return(engine: Engine, act: Act) -> None:
    number = begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    assert upcoming(engine, number) == [("B", (2,)), ("C", (3,)), ("Z", (9,))]
    for person, node in ((1, "A"), (2, "B"), (3, "C")):
        act(person, "agree", node)
    act(9, "return_task", "Z", target="C", reason="再看看", mode="direct")
    assert upcoming(engine, number) == [("Z", (9,))]


def test_the_forecast_before_the_start_writes_nothing(engine: Engine) -> None:
    number = begin(engine, choice("amount &gt; 5"), {"amount": 6})
    with engine.db.read() as session:
        from engine.definitions.models import PackageVersion

        version = session.get_one(PackageVersion, instance_of(engine, number).package_version_id)
        key = version.key
    with engine.db.write() as session:
        session.get_one(PackageVersion, version.id).live = True
    before = len(open_slots(engine))
    with engine.db.read() as session:
        found = tasks.forecast_start(engine, session, package_key=key, variables={"amount": 9}, initiator_id=7)
    assert [(one.element_id, one.people) for one in found] == [("A", ("P1",)), ("B", ("P2",))]
    assert len(open_slots(engine)) == before
