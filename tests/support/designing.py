"""A designer's website on a fresh database: people with rights, a client that speaks JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.clock import FakeClock, SystemClock
from engine.runtime import Engine
from engine.store import Database
from web import create_app
from web.context import SESSION_COOKIE
from workflows.application import Settings, assemble
from workflows.organisation.models import Group, GroupMember, GroupRole, Person
from workflows.organisation.sessions import open_session

PEOPLE = {"admin": 1, "chief": 2, "drawer": 3, "other": 4, "stranger": 5}
"""Administrator, head of the designers, two designers, and somebody else."""

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what asks the database nothing that the two would answer differently."""


@dataclass
class Speaking:
    """A signed-in client that sends and takes JSON."""

    client: FlaskClient

    def __call__(self, method: str, address: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.client.open(address, method=method, json=body, headers={"Accept": "application/json"})
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.get_json(silent=True) if answer.is_json else answer.data

    def page(self, address: str, **data: Any) -> TestResponse:
        """Fetch a page, or post a form."""
        return self.client.post(address, data=data) if data else self.client.get(address)


def studio(database: Database) -> Engine:
    """Return an engine with the designers' group in its database."""
    engine = assemble(database, clock=FakeClock(datetime(2026, 9, 7, 1, 0, tzinfo=UTC)))
    with database.write() as session:
        for login, number in PEOPLE.items():
            admin = login == "admin"
            session.add(Person(id=number, login=login, name=login, name_en=login, is_administrator=admin))
        session.add(Group(id=1, code="designers", name="流程设计组"))
        session.flush()
        for login, role in (("chief", GroupRole.HEAD), ("drawer", GroupRole.MEMBER), ("other", GroupRole.MEMBER)):
            session.add(GroupMember(group_id=1, person_id=PEOPLE[login], role=role))
    return engine


def speaking(engine: Engine, login: str) -> Speaking:
    """Return a client that is signed in as somebody."""
    settings = Settings(secret_key="only for tests, long enough", demo=False)
    app = create_app(engine, settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    with engine.db.write() as session:
        token = open_session(session, person_id=PEOPLE[login], at=SystemClock().now())
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    return Speaking(client)
