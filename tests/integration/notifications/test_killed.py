"""A courier that is killed with signal 9 while it talks to the mail server."""

import os
import signal
import threading

import pytest

from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import drain
from engine.work.external import LEASE
from engine.work.outside import send_due
from tests.integration.notifications.conftest import Office
from tests.support.receivers import MailServer
from tests.support.turning import user
from workflows.application import assemble
from workflows.notifications.herald import notifications_of

LONGEST_SECONDS = 60


def courier(engine: Engine) -> int:
    """Send what is due in a process of its own with its own connections; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            settings = notifications_of(engine).settings
            send_due(assemble(Database(engine.db.url), clock=engine.clock, notifications=settings))
        finally:
            os._exit(1)
    return child


@pytest.mark.parametrize("accepted", [False, True])
def test_it_goes_out_once_or_again_under_the_same_id(
    office: Office, engine: Engine, mail: MailServer, clock: FakeClock, accepted: bool
) -> None:
    reached, killed = threading.Event(), threading.Event()

    def hold() -> str:
        """Keep the courier waiting for its answer until it is dead."""
        reached.set()
        killed.wait(LONGEST_SECONDS)
        return "250 ok" if accepted else "451 later"

    mail.verdict = hold
    office.begin(user("A", "person(ann)"))
    drain(engine)
    child = courier(engine)
    assert reached.wait(LONGEST_SECONDS)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    killed.set()
    mail.verdict = lambda: "250 ok"
    office.work()
    assert office.deliveries("state") == [("waiting",)]
    clock.advance(LEASE)
    office.work()
    office.work()
    assert office.deliveries("state", "attempts") == [("sent", 1)]
    assert len(mail.letters) == 1 + accepted
    assert len({str(one["Message-ID"]) for one in mail.letters}) == 1
