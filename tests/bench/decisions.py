"""A decision table of 10 rows and 4 columns: decided whole, and cell by cell by an evaluator of expressions."""

import time
from collections.abc import Callable
from itertools import count

from engine.expressions import evaluator
from tests.bench.measure import Ratio, pair
from tests.support.deciding import column, decision, model, result, row, table

ROWS, COLUMNS = 10, 4
VARIABLES = {f"value_{n}": 95 for n in range(COLUMNS)}


def ratios(*, quick: bool) -> list[Ratio]:
    """Measure the table against its cells, each of which crosses into the sandbox by itself.

    ``parsed-cells`` parse each text anew, as FEEL libraries do: at least ten times as fast is the goal.
    ``kept-cells`` find it parsed, as our evaluator does, and are for information.
    """
    rounds = 50 if quick else 500
    return [
        pair("decision-table-against-parsed-cells", whole_table(), cell_by_cell(keep=False), goal=0.1, rounds=rounds),
        pair("decision-table-against-kept-cells", whole_table(), cell_by_cell(keep=True), goal=None, rounds=rounds),
    ]


def whole_table() -> Callable[[], float]:
    """Return a function that decides the whole table; the rows are ranges, of which one matches."""
    columns = [column(name) for name in VARIABLES]
    rows = [row([f"[{n * 10}..{n * 10 + 9}]"] * COLUMNS, [str(n)]) for n in range(ROWS)]
    decisions = model(decision("points", table("COLLECT", *columns, result("points"), *rows)))

    def step() -> float:
        begun = time.perf_counter()
        answer = decisions.decide(evaluator(), "points", VARIABLES)
        spent = time.perf_counter() - begun
        assert answer.rules == (ROWS,)
        return spent

    return step


def cell_by_cell(*, keep: bool) -> Callable[[], float]:
    """Return a function that evaluates every cell of the same table as an expression of its own."""
    fresh = count(1_000)

    def step() -> float:
        # A range that never was before is a text that has to be parsed.
        end = 9 if keep else next(fresh)
        texts = [f"{name} in [{n * 10}..{n * 10 + end}]" for n in range(ROWS) for name in VARIABLES]
        begun = time.perf_counter()
        for text in texts:
            evaluator().evaluate(text, VARIABLES)
        return time.perf_counter() - begun

    return step
