"""Every row of what stock SpiffWorkflow gets wrong has a test that shows it."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import SpiffWorkflow.version

from tests.support.stock import ROWS, Stock


def row_tests() -> Iterator[Callable[..., None]]:
    for path in Path(__file__).parent.glob("test_stock_*.py"):
        module = importlib.import_module(f"tests.unit.stock.{path.stem}")
        yield from (test for test in vars(module).values() if hasattr(test, "stock_row"))


def test_every_row_has_a_test() -> None:
    rows = {(section, name) for section, names in ROWS.items() for name in names}
    assert {test.stock_row for test in row_tests()} == rows  # type: ignore[attr-defined]


def test_every_test_of_a_row_drives_the_stock_engine() -> None:
    assert all("stock" in inspect.signature(test).parameters for test in row_tests())


def test_the_rows_are_about_the_version_in_use() -> None:
    assert SpiffWorkflow.version.__version__ == Stock.version
