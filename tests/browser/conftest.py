"""A browser, and for every test a served copy of the demonstration of its own, with its workers running."""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from engine.runtime import Engine
from engine.work.bell import Wire, wire_to, wire_within_process
from tests.browser.story import Story, furnish_house
from tests.browser.visits import PATIENCE
from tests.support.databases import PostgresFactory
from tests.support.office import furnish
from tests.support.website import SECRET, demonstration, website
from web.server import connect_bell, start_workers
from workflows.application import Settings, build_engine

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Load the demonstration once; nobody works in this one."""
    engine, settings = demonstration(tmp_path_factory.mktemp("browser"))
    engine.db.close()
    return settings


@pytest.fixture
def address(original: Settings, tmp_path: Path) -> Iterator[str]:
    """Serve a copy of the demonstration."""
    with served(original, tmp_path) as at:
        yield at


@pytest.fixture(scope="session")
def furnished(original: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Put purchases to approve into a copy of the demonstration; nobody works in this one."""
    settings = _copy(original, tmp_path_factory.mktemp("office"))
    engine = build_engine(settings)
    furnish(engine)
    engine.db.close()
    return settings


@pytest.fixture
def office(furnished: Settings, tmp_path: Path) -> Iterator[str]:
    """Serve a copy of the demonstration with purchases to approve."""
    with served(furnished, tmp_path) as at:
        yield at


def _copy(settings: Settings, folder: Path) -> Settings:
    for file in Path(settings.database.removeprefix("sqlite:///")).parent.glob("duban.db*"):
        shutil.copy(file, folder)
    return replace(settings, database=f"sqlite:///{folder / 'duban.db'}")


@pytest.fixture
def story(browser: Browser, postgres_factory: PostgresFactory, redis_url: str) -> Iterator[Story]:
    """Serve an organisation that has no campaign yet, on PostgreSQL and Redis."""
    url = postgres_factory.create()
    settings = Settings(database=url, redis=redis_url, demo=True, secret_key=SECRET)
    engine = build_engine(settings)
    stage = furnish_house(engine)
    with serving(engine, settings, wire_to(redis_url)) as address:
        yield Story(browser, address, stage)
    postgres_factory.discard(url)


@contextmanager
def served(original: Settings, folder: Path) -> Iterator[str]:
    """Serve a copy."""
    settings = _copy(original, folder)
    with serving(build_engine(settings), settings, wire_within_process()) as address:
        yield address


@contextmanager
def serving(engine: Engine, settings: Settings, wire: Wire) -> Iterator[str]:
    """Serve, with pages and workers in one process as ``duban serve`` does."""
    connect_bell(engine, wire)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line per request would bury why a test failed
    server = make_server("127.0.0.1", 0, website(engine, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    workers = start_workers(engine, wire)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    workers.stop()
    engine.db.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield chromium
        chromium.close()
