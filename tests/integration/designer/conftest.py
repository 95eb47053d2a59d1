"""Every test of the designer has an engine with the designers' group, on both databases."""

import pytest

from engine.runtime import Engine
from engine.store import Database
from tests.support.designing import studio


@pytest.fixture
def engine(database: Database) -> Engine:
    return studio(database)
