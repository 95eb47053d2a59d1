"""The boxes of a large organisation are read off indexes: PostgreSQL's own plans say so."""

import re
from collections.abc import Iterator

import pytest

from engine import tasks
from engine.runtime import Engine
from engine.store import Database
from tests.bench.crowd import LEADER, crowd, crowded_engine
from tests.bench.weight import first_visit
from tests.support.databases import PostgresFactory
from tests.support.explaining import plans_of
from tests.support.web import signed_in_client

BIG_TABLES = "slot|slot_candidate|instance|activation|copy|notice|attachment|comment"
BOXES = ("todo", "proxy", "supervise", "done", "mine", "copies")
CLERK = 150
"""One of the others."""


@pytest.fixture(scope="module")
def crowded(postgres_factory: PostgresFactory) -> Iterator[Engine]:
    database = Database(postgres_factory.create())
    yield crowded_engine(database, crowd(40_000, 200))
    database.close()
    postgres_factory.discard(database.url)


@pytest.mark.parametrize("person", [LEADER, CLERK])
@pytest.mark.parametrize("box", [*BOXES, "counters"])
def test_no_box_reads_a_whole_table(crowded: Engine, box: str, person: int) -> None:
    def act() -> None:
        with crowded.db.read() as session:
            if box == "counters":
                tasks.counters(crowded, session, person)
            else:
                tasks.inbox(crowded, session, person_id=person, box=box)

    plans = plans_of(crowded.db, act)
    assert plans
    whole = [plan for plan in plans if re.search(rf"Seq Scan on ({BIG_TABLES})\b", plan)]
    assert whole == []


def test_the_first_page_stops_reading_where_the_page_ends(crowded: Engine) -> None:
    def act() -> None:
        with crowded.db.read() as session:
            tasks.inbox(crowded, session, person_id=LEADER, box="todo", limit=50)

    page = next(plan for plan in plans_of(crowded.db, act) if "ix_slot_owner_id" in plan)
    # The index gives the order: between it and the limit nothing sorts.
    assert re.search(r"Limit[^\n]*\n\s*->  Index (Only )?Scan using ix_slot_owner_id", page), page


def test_pages_follow_each_other_without_gap_or_repetition(crowded: Engine) -> None:
    seen: list[int | None] = []
    before: str | None = None
    with crowded.db.read() as session:
        total = tasks.counters(crowded, session, LEADER).todo
        while True:
            page = tasks.inbox(crowded, session, person_id=LEADER, box="todo", limit=200, before=before)
            seen += [row.slot_id for row in page.rows]
            if (before := page.next) is None:
                break
    assert len(seen) == len(set(seen)) == total > 2_000


def test_a_first_visit_on_a_phone_is_light(crowded: Engine) -> None:
    visit = first_visit(signed_in_client(crowded, person_id=LEADER))
    assert visit["within_goal"], visit
