"""Cases that a message starts belong to the running campaign of their package."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish
from engine.instances.models import Instance
from engine.messages.service import AmbiguousMessage, correlate_message
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import drain
from workflows.application import assemble
from workflows.campaigns.launch import launch
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Person, Unit

PACKAGE = Path(__file__).resolve().parents[2] / "bpmn" / "s2-08-law-enforcement-supervision"
COMPLAINT = {"complaint_no": "T-1", "complaint_text": "乱罚款"}


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    engine = assemble(database, clock=FakeClock(datetime(2026, 4, 1, tzinfo=UTC)))
    with database.write() as session:
        session.add_all([Person(login="office", name="办公室"), Unit(code="agency-1", name="一局", kind="agency")])
    publish(engine, read_folder(PACKAGE), by=None)
    return engine


def _launched(engine: Engine, year: int) -> Campaign:
    with engine.db.read() as session:
        office = session.scalars(select(Person.id)).one()
    campaign = launch(engine, package_key=PACKAGE.name, parameters={"year": year}, initiator_id=office)
    drain(engine)
    return campaign


def _complain(engine: Engine, **more: object) -> Instance:
    delivered = correlate_message(engine, name="complaint", payload={**COMPLAINT, **more})
    with engine.db.read() as session:
        return session.get_one(Instance, delivered.started)


def test_it_joins_the_one_running_campaign_and_knows_its_parameters(engine: Engine) -> None:
    campaign = _launched(engine, 2026)
    case = _complain(engine, complaint_days=99)
    assert case.root_id == campaign.instance_id
    assert case.variables["complaint_text"] == "乱罚款"
    assert case.variables["complaint_days"] == 15


def test_of_several_campaigns_the_message_names_one(engine: Engine) -> None:
    _launched(engine, 2026)
    second = _launched(engine, 2027)
    with pytest.raises(AmbiguousMessage, match="campaign_id"):
        _complain(engine)
    assert _complain(engine, campaign_id=str(second.id)).root_id == second.instance_id


def test_without_a_running_campaign_it_starts_by_itself(engine: Engine) -> None:
    case = _complain(engine)
    assert case.root_id == case.id
