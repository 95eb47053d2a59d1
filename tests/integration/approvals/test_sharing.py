"""Copies, urging and agreeing to many at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.runtime import Engine
from engine.tasks.models import Copy, Notice
from tests.support.turning import LEADER, begin, line, open_slots, user

Act = Callable[..., Any]


def test_a_copy_never_blocks_and_is_sent_once(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2")))
    act(1, "copy_to", "A", people=[4, 5], text="请知悉")
    act(1, "copy_to", "A", people=[5, 6])
    with pytest.raises(InvalidInput):
        act(1, "copy_to", "A", people=[])
    with engine.db.read() as session:
        assert session.scalars(select(Copy.person_id).order_by(Copy.person_id)).all() == [4, 5, 6]
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}


def test_urging_is_for_the_initiator_upstream_and_supervisors(engine: Engine, act: Act, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2|3", policy="all")))
    act(1, "agree", "A")
    slot = open_slots(engine)["B", 2]
    with pytest.raises(NotAllowed, match="才能催办"):
        tasks.urge(engine, slot_id=slot.id, actor_id=3)
    with pytest.raises(NotFound):
        tasks.urge(engine, slot_id=slot.id, actor_id=8)
    for person in (7, 1, 7):
        tasks.urge(engine, slot_id=slot.id, actor_id=person)
        with pytest.raises(NotAllowed, match="四小时"):
            tasks.urge(engine, slot_id=slot.id, actor_id=1)
        clock.advance(timedelta(hours=4, minutes=1))
    with engine.db.read() as session:
        told = session.scalars(select(Notice.person_id).where(Notice.kind == "urge").order_by(Notice.id)).all()
    assert told == [2, 2, 2, LEADER]


def test_many_are_agreed_at_once_where_the_designer_allows_it(engine: Engine) -> None:
    node = line(user("A", "1", kind="approval", batch="true"), user("B", "2"))
    for _ in range(2):
        begin(engine, node)
    begin(engine, line(user("A", "1", kind="approval")))
    with engine.db.read() as session:
        slots = [row.slot_id for row in tasks.inbox(engine, session, person_id=1, box="todo").rows]
    assert len(slots) == 3
    wanted = [one for one in slots if one is not None]
    answers = tasks.batch_agree(engine, slot_ids=[*wanted, 12345], actor_id=1, opinion="同意", key="k")
    assert [one.done for one in answers] == [True, True, False, False]
    assert "不允许批量" in answers[2].sentence
    assert tasks.batch_agree(engine, slot_ids=wanted[:2], actor_id=1, opinion="同意", key="k")[0].done
    assert sorted(key for key in open_slots(engine) if key[0] == "B") == [("B", 2)]
    with pytest.raises(InvalidInput):
        tasks.batch_agree(engine, slot_ids=[], actor_id=1)
