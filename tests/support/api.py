"""A small organisation with people whose programs have tokens, and short words for calls."""

import json
from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.clock import Clock, SystemClock
from engine.instances import start_instance
from engine.ports import ServiceKind
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Slot
from tests.support.turning import diagram, line, process, publish, user
from tests.support.web import Settings
from web import create_app
from workflows.access.service import Scope, issue_token
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Holding, Person, Post, Unit
from workflows.organisation.people import Organisation

LOGINS = ("init", "ann", "bob", "cid", "dan", "boss", "stranger")
"""``boss`` leads the office and administers; ``stranger`` has nothing to do with anything."""


def small_office(database: Database, clock: Clock, services: Mapping[str, ServiceKind] | None = None) -> Engine:
    """Return an engine over one unit with a head, a clerk and some others; person n is the n-th of LOGINS."""
    with database.write() as session:
        # The database counts from 1; numbers given by hand would leave its counter behind.
        session.add(Unit(code="office", name="办公室", kind="office"))
        for code, name in (("head", "主任"), ("clerk", "办事员")):
            session.add(Post(code=code, name=name, leads=code == "head"))
            session.flush()
        for login in LOGINS:
            session.add(Person(login=login, name=f"{login}先生", is_administrator=login == "boss"))
            session.flush()
        session.add(Holding(person_id=number_of("boss"), unit_id=1, post_id=1))
        session.add_all(Holding(person_id=number_of(login), unit_id=1, post_id=2) for login in ("ann", "bob"))
    return Engine(db=database, clock=clock, people=Organisation(), calendars=UnitCalendars(), services=services or {})


def number_of(login: str) -> int:
    return LOGINS.index(login) + 1


def api_app(engine: Engine, **overrides: Any) -> Flask:
    """Return the application with everything that protects it, but for rate limits."""
    return create_app(engine, Settings(), **{"RATELIMIT_ENABLED": False, "TESTING": True, **overrides})


def token_for(engine: Engine, login: str, scopes: Collection[str] = tuple(Scope)) -> str:
    """Return the text of a new token of a person."""
    with engine.db.write() as session:
        _, text = issue_token(
            session, person_id=number_of(login), name="program", scopes=scopes, at=SystemClock().now()
        )
    return text


class Caller:
    """A program with a token."""

    def __init__(self, app: Flask, token: str) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, address: str, *, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self._client.get(f"/api/v1{address}", headers={**self._headers, **(headers or {})})

    def post(self, address: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> TestResponse:
        return self.send("POST", address, body, key=key)

    def send(
        self, method: str, address: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> TestResponse:
        """Send JSON by any method."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self._client.open(f"/api/v1{address}", method=method, headers=headers, **content)

    def upload(self, address: str, field: str, content: bytes) -> TestResponse:
        """Send one file in a form."""
        data = {field: (BytesIO(content), "file.xlsx")}
        return self._client.post(f"/api/v1{address}", data=data, headers=self._headers)

    def raw(self, method: str, address: str, body: bytes, media_type: str) -> TestResponse:
        """Send bytes as they are."""
        headers = {**self._headers, "Content-Type": media_type}
        return self._client.open(f"/api/v1{address}", method=method, headers=headers, data=body)


def begin(engine: Engine, *nodes: str, **variables: object) -> int:
    """Publish a process of these nodes and start it as ``init``."""
    version = publish(engine, {"main.bpmn": diagram(process("main", line(*nodes)))})
    return start_instance(
        engine, version_id=version, process_id="main", variables=variables, title="采购申请", initiator_id=1, unit_id=1
    )


def approval(key: str, *logins: str, **settings: str) -> str:
    """Return an approval task of these people."""
    rule = "|".join(f"person({login})" for login in logins)
    return user(key, rule, **{"kind": "approval", **settings})


def slot_of(engine: Engine, login: str) -> Slot:
    """Return a person's latest slot."""
    with engine.db.read() as session:
        query = select(Slot).where(Slot.owner_id == number_of(login)).order_by(Slot.id.desc())
        found = session.scalars(query).first()
    assert found is not None, f"{login} has no slot"
    return found
