"""A signed-in client of the web application, for tests and benchmarks."""

from dataclasses import dataclass

from flask.testing import FlaskClient

from engine.clock import SystemClock
from engine.runtime import Engine
from engine.store import new_id
from web import create_app
from web.context import SESSION_COOKIE
from workflows.organisation.models import Person
from workflows.organisation.sessions import open_session


@dataclass(frozen=True, slots=True)
class Settings:
    """What the pages need to know beside the engine."""

    demo: bool = False
    secret_key: str = "only for tests"


def signed_in_client(engine: Engine, *, person_id: int) -> FlaskClient:
    """Return a client whose browser session belongs to this person, who is made when there is none yet.

    CSRF tokens are switched off: what is measured is the step, and the tests of the tokens use real forms.
    """
    now = SystemClock().now()
    with engine.db.write() as session:
        if session.get(Person, person_id) is None:
            session.add(Person(id=person_id, login=f"person-{new_id()}", name="测试员", name_en="Tester"))
            session.flush()
        token = open_session(session, person_id=person_id, at=now)
    client = create_app(engine, Settings(), TESTING=True, WTF_CSRF_ENABLED=False).test_client()
    client.set_cookie(SESSION_COOKIE, token)
    return client
