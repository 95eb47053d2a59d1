"""A house without a campaign, and how a test goes through a campaign's weeks in it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from engine.clock.shared import DEMONSTRATION_OFFSET, DatabaseClock, DemonstrationClock
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish
from engine.errors import NotFound
from engine.runtime import Engine
from engine.store.settings import put_setting
from tests.browser.visits import DESKTOP, PHONE, ROOT, Visit
from workflows.demonstration import create_organisation
from workflows.demonstration.stage import Stage
from workflows.organisation.tree import LOCAL

LIBRARY = ("general-campaign", "s2-03-checking-rules", "s2-12-study-discipline", "s1-20-workshop-5s")
"""Packages that the office chooses from."""

PATIENCE = 50
"""How often it is looked whether a task has come."""

BEGINS = datetime(2026, 9, 15, 9, tzinfo=LOCAL)


def furnish_house(engine: Engine) -> Stage:
    """Enter people and units, publish some of the library, and set the clock."""
    clock = engine.clock
    assert isinstance(clock, DemonstrationClock)
    with engine.db.write() as session:
        offset = BEGINS - DatabaseClock(engine.db).now()
        put_setting(session, DEMONSTRATION_OFFSET, str(offset.total_seconds()))
        create_organisation(session)
    for key in LIBRARY:
        publish(engine, read_folder(ROOT / "bpmn" / key), by=None)
    return Stage(engine, clock)


class Story:
    """People at their windows, and the calendar."""

    def __init__(self, browser: Browser, address: str, stage: Stage) -> None:
        self.browser, self.address, self.stage = browser, address, stage
        self.board = ""

    def day(self, text: str) -> None:
        """Go on to nine o'clock of a day; what falls due on the way happens."""
        self.stage.move_to(datetime.fromisoformat(text).replace(hour=9, tzinfo=LOCAL))

    def does(self, login: str, element: str, operation: str = "complete", **more: Any) -> None:
        """Let somebody do a task without a window, as soon as the workers have brought it."""
        for _ in range(PATIENCE):
            try:
                return self.stage.act(login, element, operation, **more)
            except NotFound:
                time.sleep(0.1)
        return self.stage.act(login, element, operation, **more)

    @contextmanager
    def desk(self, login: str) -> Iterator[Visit]:
        """Sit down at a desktop as somebody."""
        visit = Visit(self.browser, self.address, login, viewport=DESKTOP, bypass_csp=True)
        yield visit
        visit.close()

    @contextmanager
    def phone(self, login: str) -> Iterator[Visit]:
        """Take out a phone as somebody."""
        visit = Visit(self.browser, self.address, login, viewport=PHONE)
        yield visit
        visit.close()


def saved(content: bytes, folder: Path, name: str) -> Path:
    """Keep a file to upload."""
    path = folder / name
    path.write_bytes(content)
    return path
