"""An office whose people's programs call the API, on both databases."""

from collections.abc import Callable, Collection

import pytest
from flask import Flask

from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from tests.support.api import Caller, api_app, small_office, token_for
from workflows.access.service import Scope


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return small_office(database, clock)


@pytest.fixture
def app(engine: Engine) -> Flask:
    return api_app(engine)


@pytest.fixture
def caller(engine: Engine, app: Flask) -> Callable[..., Caller]:
    """Return a program of a person, with all scopes when not told otherwise."""

    def make(login: str, scopes: Collection[str] = tuple(Scope)) -> Caller:
        return Caller(app, token_for(engine, login, scopes))

    return make
