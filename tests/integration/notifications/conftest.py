"""An engine with notifications, a mail server and a web server on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from engine.clock import FakeClock
from engine.instances import start_instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Slot
from engine.work.drain import drain
from engine.work.outside import send_due
from tests.support.receivers import MailServer, WebServer, mail_server, web_server
from tests.support.turning import diagram, line, process, publish
from workflows.application import assemble
from workflows.notifications.channels import add_channel
from workflows.notifications.config import NotificationSettings, Smtp
from workflows.notifications.herald import notifications_of
from workflows.notifications.models import Channel, Delivery
from workflows.notifications.preferences import fresh_preference
from workflows.organisation.models import Person

KEY = "a server key for tests"
ADDRESS = "https://duban.example"
LOGINS = ("init", "ann", "bob", "cid")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def hooks() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def engine(database: Database, clock: FakeClock, mail: MailServer) -> Engine:
    with database.write() as session:
        for number, login in enumerate(LOGINS, 1):
            address = f"{login}@example.org"
            session.add(Person(id=number, login=login, name=f"{login}先生", email=address))
    smtp = Smtp("127.0.0.1", mail.port, "smtp", "督办 <duban@example.org>")
    settings = NotificationSettings(address=ADDRESS, smtp=smtp, allowed=frozenset({"127.0.0.1"}), key=KEY)
    return assemble(database, clock=clock, notifications=settings)


@dataclass
class Office:
    """Short words for what tests do."""

    engine: Engine
    clock: FakeClock

    def begin(self, *nodes: str, title: str = "采购申请") -> int:
        version = publish(self.engine, {"main.bpmn": diagram(process("main", line(*nodes)))})
        return start_instance(
            self.engine, version_id=version, process_id="main", variables={}, title=title, initiator_id=1, unit_id=None
        )

    def work(self) -> None:
        """Do everything that is due, inside and outside."""
        drain(self.engine)
        send_due(self.engine)

    def prefer(self, person_id: int, **chosen: Any) -> None:
        with self.engine.db.write() as session:
            preference = fresh_preference(person_id)
            for name, value in {"quiet_from": None, "quiet_to": None, **chosen}.items():
                setattr(preference, name, value)
            session.merge(preference)

    def channel(self, person_id: int, kind: str, address: str, secret: str = "") -> Channel:
        notifications = notifications_of(self.engine)
        notifications.look_again()
        with self.engine.db.write() as session:
            return add_channel(
                session, person_id=person_id, kind=kind, label="", address=address, secret=secret,
                sealer=notifications.sealer, allowed=notifications.settings.allowed, at=self.clock.now(),
            )  # fmt: skip

    def slot(self, person_id: int) -> Slot:
        with self.engine.db.read() as session:
            query = select(Slot).where(Slot.owner_id == person_id).order_by(Slot.id.desc())
            return session.scalars(query).first() or pytest.fail("no slot")

    def deliveries(self, *columns: str) -> list[tuple[Any, ...]]:
        with self.engine.db.read() as session:
            found = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        return [tuple(getattr(one, column) for column in columns) for one in found]

    def channels(self) -> list[Channel]:
        with self.engine.db.read() as session:
            return list(session.scalars(select(Channel).order_by(Channel.person_id, Channel.created_at)))


@pytest.fixture
def office(engine: Engine, clock: FakeClock) -> Office:
    made = Office(engine, clock)
    for number in range(1, len(LOGINS) + 1):
        made.prefer(number)
    return made
