"""The stock engine that ours is held against."""

import pytest

from tests.support.stock import Stock


@pytest.fixture
def stock() -> Stock:
    return Stock()
