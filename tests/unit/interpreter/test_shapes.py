"""The shape of a decision's answer, as designers of Camunda know it."""

from typing import Any

import pytest

from engine.interpreter.shapes import shaped

ONE, TWO = ("level",), ("level", "days")


@pytest.mark.parametrize(
    ("outputs", "names", "shape", "wanted"),
    [
        (3, ONE, None, 3),
        (3, ONE, "singleEntry", 3),
        (3, ONE, "singleResult", {"level": 3}),
        (3, ONE, "collectEntries", [3]),
        (3, ONE, "resultList", [{"level": 3}]),
        ([3, 4], ONE, "collectEntries", [3, 4]),
        ([3, 4], ONE, "resultList", [{"level": 3}, {"level": 4}]),
        ({"level": 3, "days": 1}, TWO, "singleResult", {"level": 3, "days": 1}),
        ({"level": 3, "days": 1}, TWO, "singleEntry", 3),
        ({"k": 1}, ONE, "singleResult", {"level": {"k": 1}}),
        (None, TWO, "resultList", []),
        (None, ONE, "collectEntries", []),
        (None, ONE, "singleResult", None),
        (None, ONE, "singleEntry", None),
        (3, (), "singleResult", {"result": 3}),
        (3, ONE, "unheard of", 3),
    ],
)
def test_answer_is_shaped(outputs: Any, names: tuple[str, ...], shape: str | None, wanted: Any) -> None:
    assert shaped(outputs, names, shape) == wanted
