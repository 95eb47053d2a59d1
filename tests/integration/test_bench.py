"""The benchmarks measure what there is today: each of their steps runs once."""

import pytest

from engine.store import Database
from tests.bench import decisions, interpreters
from tests.bench.campaigns import campaign_step, engine_on, turn_step
from tests.bench.diagrams import document, fan_out_process, linear_process, parallel_process
from tests.bench.measure import missed
from tests.bench.pages import http_step
from tests.bench.thousand.course import Size, campaign_times
from tests.support.databases import PostgresFactory


def test_a_task_through_the_turn_through_http_and_in_a_campaign(sqlite_database: Database) -> None:
    engine = engine_on(sqlite_database)
    for step in (turn_step(engine), http_step(engine), campaign_step(engine, 3)):
        assert step() > 0


@pytest.mark.parametrize("process", [linear_process, parallel_process, fan_out_process])
@pytest.mark.parametrize("stored", [True, False])
def test_both_sides_run_the_same_diagrams(process: object, stored: bool) -> None:
    assert callable(process)
    xml = document(process("main", 3))
    ours, bare = interpreters.Ours(xml), interpreters.Bare(xml, stored=stored)
    for side in (ours, bare):
        # Three tasks end the instance; the fourth step begins another.
        assert min(side.parse(), side.start(), *(side.step() for _ in range(4))) > 0


def test_a_decision_whole_and_cell_by_cell() -> None:
    assert min(decisions.whole_table()(), decisions.cell_by_cell(keep=True)(), decisions.cell_by_cell(keep=False)()) > 0


def test_the_campaign_is_played_to_its_end(postgres_factory: PostgresFactory) -> None:
    wide, narrow = Database(postgres_factory.create()), Database(postgres_factory.create())
    figures, ratios = campaign_times(wide, narrow, Size(units=10, handing_in=8, rounds=2, few=1, visits=1))
    assert figures["findings"] == 100
    assert {page["name"] for page in figures["pages"]} >= {"board", "gantt", "ledger", "scores", "trends"}
    assert len(ratios) == 12
    for database in (wide, narrow):
        database.close()
        postgres_factory.discard(database.url)


def test_every_missed_goal_is_named() -> None:
    report = {
        "start": {"seconds": 31.0, "within_goal": False},
        "pages": [{"name": "board", "within_goal": False}, {"name": "trends", "within_goal": True}],
        "results": [{"name": "task/sqlite", "within_goal": False}, {"name": "http", "within_goal": None}],
    }
    assert missed(report) == ["start", "pages/board", "results/task/sqlite"]
