"""Decisions in instances: stored with their reasons; wrong ones are incidents, or refused when published."""

import pytest

from engine.clock import FakeClock
from engine.definitions.errors import RefusedDiagram
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.history import decisions_made, verify
from engine.instances import retry_incident
from engine.interpreter.contract import VariablesSet
from engine.runtime import Engine
from engine.store import Database
from engine.testing.moves import move
from tests.support.deciding import column, decision, document, given, literal, needs, result, row, table
from tests.support.turning import ADMIN, begin, diagram, incidents, instance_of, line, make_engine, process, run

RULE = '<businessRuleTask id="rate" camunda:decisionRef="grade" camunda:resultVariable="grade"/>'
POINTS = table("COLLECT", column("late"), result(), row(["> 0"], ["late * 2"]), row(["> 3"], ["10"]), operator="SUM")
GRADE = table(
    "UNIQUE",
    column("points", label="扣分"),
    result("grade"),
    result("why"),
    row(["<= 10"], ['"good"', '"in time"']),
    row(["> 10"], ['"poor"', '"late"']),
)
DECISIONS = document(
    given("late", kind="number"),
    decision("points", POINTS, needs("late", "requiredInput")),
    decision("grade", GRADE, needs("points")),
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def test_a_score_can_be_explained_by_the_record(engine: Engine) -> None:
    instance = begin(engine, line(RULE), {"late": 4}, rating__dmn=DECISIONS)
    assert instance_of(engine, instance).variables["grade"] == {"grade": "poor", "why": "late"}
    with engine.db.read() as session:
        (made,) = decisions_made(session, instance_id=instance)
        assert decisions_made(session, instance_id=instance, element_id="elsewhere") == []
        assert verify(session) == []
    assert (made.element_id, made.decision, made.at) == ("rate", "grade", engine.clock.now())
    assert (made.inputs, made.rules, made.outputs) == ({"扣分": 18}, (2,), {"grade": "poor", "why": "late"})
    assert made.steps == (
        {"decision": "points", "name": "points", "inputs": {"late": 4}, "rules": [1, 2], "outputs": 18},
    )


def test_a_decision_that_fails_is_an_incident_that_names_table_and_column(engine: Engine) -> None:
    instance = begin(engine, line(RULE), {"late": "many"}, rating__dmn=DECISIONS)
    (incident,) = incidents(engine)
    assert incident.element_id == "rate"
    assert "“points”" in incident.message
    assert "number" in incident.message
    move(engine, instance, [VariablesSet(at=engine.clock.now(), values={"late": 1})])
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert instance_of(engine, instance).variables["grade"]["grade"] == "good"


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        (document(decision("grade", literal("1 +"))), "decision-syntax"),
        (document(decision("grade", literal("other"), needs("other"))), "unreadable"),
        (document(decision("grade", literal("1"), needs("grade"))), "unreadable"),
        (document(decision("another", literal("1"))), "unknown-decision"),
    ],
)
def test_what_cannot_be_decided_is_refused_when_published(engine: Engine, decisions: bytes, reason: str) -> None:
    files = {"main.bpmn": diagram(process("main", line(RULE))), "rating.dmn": decisions}
    with pytest.raises(RefusedDiagram) as caught:
        publish(engine, Package(key="rating", files=files))
    assert reason in {finding.rule for finding in caught.value.findings}
