"""Launching twice with the same key starts one campaign: double clicks, also at the same instant."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine.clock import FakeClock
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish
from engine.errors import IdempotencyConflict
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from tests.support.website import csrf_token, demonstration, signed_in, website
from workflows.application import assemble
from workflows.campaigns.launch import launch
from workflows.campaigns.models import Campaign
from workflows.demonstration import create_organisation
from workflows.organisation.models import Person

PACKAGE = Path(__file__).resolve().parents[2] / "bpmn" / "s2-03-checking-rules"
PARAMETERS = {"year": 2026, "seed": "一次"}


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    engine = assemble(database, clock=FakeClock(datetime(2026, 8, 1, tzinfo=UTC)))
    with database.write() as session:
        create_organisation(session)
    publish(engine, read_folder(PACKAGE), by=None)
    return engine


def _office(engine: Engine) -> int:
    with engine.db.read() as session:
        return session.scalars(select(Person.id).where(Person.login == "office")).one()


def _campaigns(engine: Engine) -> tuple[int, int]:
    """Count campaigns and root instances."""
    with engine.db.read() as session:
        campaigns = session.scalar(select(func.count(Campaign.id))) or 0
        roots = select(func.count(Instance.id)).where(Instance.parent_id.is_(None), Instance.root_id == Instance.id)
        return campaigns, session.scalar(roots) or 0


def test_the_same_key_returns_the_same_campaign(engine: Engine) -> None:
    office = _office(engine)
    first = launch(engine, package_key=PACKAGE.name, parameters=PARAMETERS, initiator_id=office, key="k")
    again = launch(engine, package_key=PACKAGE.name, parameters=PARAMETERS, initiator_id=office, key="k")
    assert again.id == first.id
    assert _campaigns(engine) == (1, 1)
    with pytest.raises(IdempotencyConflict):
        launch(engine, package_key=PACKAGE.name, parameters={"year": 2027}, initiator_id=office, key="k")
    assert _campaigns(engine) == (1, 1)


def test_two_clicks_at_the_same_instant_start_one_campaign(engine: Engine) -> None:
    office = _office(engine)
    barrier = Barrier(2)

    def click(_number: int) -> int:
        barrier.wait()
        return launch(engine, package_key=PACKAGE.name, parameters=PARAMETERS, initiator_id=office, key="k").id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(click, range(2)))) == 1
    assert _campaigns(engine) == (1, 1)


def test_the_start_form_posted_twice_starts_one_campaign(tmp_path: Path) -> None:
    engine, settings = demonstration(tmp_path)
    client = signed_in(website(engine, settings), "office")
    address = f"/start/{PACKAGE.name}"
    page = client.get(address).text
    key = page.split('name="key" value="')[1].split('"')[0]
    before = _campaigns(engine)[0]
    form = {"key": key, "csrf_token": csrf_token(client, address), "f.year": "2027", "f.seed": "二〇二七"}
    places = [client.post(address, data=form).headers["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert _campaigns(engine)[0] == before + 1
    engine.db.close()
