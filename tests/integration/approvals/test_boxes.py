"""The boxes of the inbox: what lies in them, page after page, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput
from engine.runtime import Engine
from tests.support.turning import SomePeople, begin, line, open_slots, user

Act = Callable[..., Any]


def pages(engine: Engine, person: int, box: str, **more: Any) -> list[str]:
    """Walk a box two rows at a time; returns the titles of all rows."""
    found: list[str] = []
    before: str | None = None
    while True:
        with engine.db.read() as session:
            page = tasks.inbox(engine, session, person_id=person, box=box, limit=2, before=before, **more)
        assert len(page.rows) <= 2
        found += [row.title for row in page.rows]
        before = page.next
        if before is None:
            return found


def test_a_box_is_walked_page_by_page_without_gap_or_repetition(engine: Engine, clock: FakeClock) -> None:
    for number, due in enumerate(("PT9H", "", "PT1H", "", "PT5H", "PT5H")):
        late = {"due": due} if due else {}
        begin(engine, line(user("A", "1", title=f"&quot;t{number}&quot;", **late)))
        clock.advance(timedelta(minutes=1))
    assert pages(engine, 1, "todo") == ["t2", "t4", "t5", "t0", "t1", "t3"]
    for _ in range(3):
        tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1)
        clock.advance(timedelta(minutes=1))
    assert len(set(pages(engine, 1, "done"))) == 3
    assert pages(engine, 7, "mine") == ["一件事"] * 6


def test_pools_unread_search_and_copies(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", title="&quot;采购_办公用品&quot;")))
    begin(engine, line(user("A", "1", title="&quot;差旅&quot;")))
    assert pages(engine, 2, "todo") == ["采购_办公用品"]
    assert pages(engine, 1, "todo", search="购_办") == ["采购_办公用品"]
    assert pages(engine, 1, "todo", search="购办") == []
    slot = open_slots(engine)["A", 1]
    tasks.mark_read(engine, actor_id=1, slot_id=slot.id)
    assert pages(engine, 1, "todo", unread=True) == ["采购_办公用品"]
    act(1, "copy_to", "A", people=[4])
    assert pages(engine, 4, "copies", unread=True) == ["差旅"]
    with engine.db.read() as session:
        assert tasks.counters(engine, session, person_id=1).todo == 2
        assert tasks.counters(engine, session, person_id=4).copies == 1


def test_what_a_deputy_acts_on_lies_in_a_box_of_its_own(engine: Engine) -> None:
    people = engine.people
    assert isinstance(people, SomePeople)
    begin(engine, line(user("A", "1", title="&quot;甲&quot;")))
    begin(engine, line(user("A", "6", title="&quot;乙&quot;")))
    people.deputies[1] = 6
    assert pages(engine, 6, "proxy") == ["甲"]
    assert pages(engine, 6, "todo") == ["乙"]
    with engine.db.read() as session:
        assert tasks.counters(engine, session, person_id=6).proxy == 1


def test_supervisors_see_what_others_owe(engine: Engine) -> None:
    begin(engine, line(user("A", "1", title="&quot;有期限&quot;", due="PT5H")))
    begin(engine, line(user("A", "1", title="&quot;没有期限&quot;")))
    assert pages(engine, 7, "supervise") == ["有期限"]
    assert pages(engine, 1, "supervise") == []


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzFd", "W251bGwsbnVsbCxudWxsXQ", "💥"])
def test_a_wrong_place_in_a_box_is_told(engine: Engine, cursor: str) -> None:
    with engine.db.read() as session, pytest.raises(InvalidInput):
        tasks.inbox(engine, session, person_id=1, box="todo", before=cursor)
