"""Which variables an expression of a plan reads."""

import pytest

from workflows.plans.compiler.names import names_in


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('"红旗 " + string join(red_flags, "、")', {"red_flags"}),
        ("round half up(rate, 1) + list contains(drawn, unit)", {"rate", "drawn", "unit"}),
        ("for one in results return one.score + bonus", {"bonus"}),
        ("string(number_of_days)", {"number_of_days"}),
    ],
)
def test_functions_of_several_words_are_not_variables(text: str, read: set[str]) -> None:
    assert names_in(text) == read
