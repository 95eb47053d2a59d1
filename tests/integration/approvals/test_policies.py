"""Decision policies on tasks (P1-P4)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine import tasks
from engine.errors import NotAllowed, Stale
from engine.runtime import Engine
from engine.tasks.models import Comment, Slot
from tests.support.turning import ADMIN, begin, instance_of, line, open_slots, user

Act = Callable[..., object]


def states(engine: Engine) -> dict[int | None, list[str]]:
    """Return the states of every person's slots, oldest first."""
    found: dict[int | None, list[str]] = {}
    with engine.db.read() as session:
        for slot in session.scalars(select(Slot).order_by(Slot.id)):
            found.setdefault(slot.owner_id, []).append(slot.state)
    return found


def test_any_the_first_answer_decides_and_says_who(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="any"), user("B", "4")))
    act(2, "agree", "A")
    assert states(engine) == {1: ["cancelled"], 2: ["agreed"], 3: ["cancelled"], 4: ["ready"]}
    with engine.db.read() as session:
        assert session.scalars(select(Slot.close_reason).where(Slot.owner_id == 1)).one() == "handled by P2"


def test_vote_closes_the_rest_with_the_numbers(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="vote", voteRatio="2/3"), user("B", "4")))
    act(1, "agree", "A")
    act(2, "agree", "A")
    with engine.db.read() as session:
        assert session.scalars(select(Slot.close_reason).where(Slot.owner_id == 3)).one() == "decided(2:0:0/3,2)"
    assert ("B", 4) in open_slots(engine)


def test_a_veto_fails_a_vote_at_once(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="vote", voteCount="1", veto="3"), user("B", "4")))
    act(3, "reject", "A")
    assert states(engine)[1] == ["cancelled"]


def test_sequence_opens_one_after_the_other_and_skips_after_a_rejection(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="sequence"), user("B", "4")))
    assert states(engine) == {1: ["ready"], 2: ["waiting"], 3: ["waiting"]}
    act(1, "agree", "A")
    assert states(engine) == {1: ["agreed"], 2: ["ready"], 3: ["waiting"]}
    act(2, "reject", "A")
    assert states(engine)[3] == ["skipped"]


def test_an_abstention_is_an_answer_of_a_vote_only(engine: Engine, act: Act) -> None:
    voters = user("A", "1|2|3", policy="vote", voteRatio="1/2", abstain="leaves")
    begin(engine, line(voters, user("B", "1|2", policy="all")))
    act(1, "abstain", "A", opinion="回避")
    act(2, "agree", "A")
    assert ("B", 1) in open_slots(engine)
    with pytest.raises(NotAllowed):
        act(1, "abstain", "B")


def test_the_electorate_is_counted_again_when_it_changes_P1(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3|4", policy="vote", voteRatio="3/4"), user("B", "5")))
    act(1, "agree", "A")
    act(2, "agree", "A")
    assert ("B", 5) not in open_slots(engine)
    act(ADMIN, "remove_signer", "A", owner=4)
    assert ("B", 5) not in open_slots(engine)
    act(ADMIN, "remove_signer", "A", owner=3)
    assert ("B", 5) in open_slots(engine)


def test_other_open_tasks_of_the_instance_are_never_counted_P2(engine: Engine, act: Act) -> None:
    body = (
        '<startEvent id="begin"/><parallelGateway id="S"/><parallelGateway id="J"/><endEvent id="finish"/>'
        + user("A", "1|2", policy="all") + user("B", "1|2", policy="all")
        + "".join(
            f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}"/>'
            for name, source, target in (
                ("a", "begin", "S"), ("b", "S", "A"), ("c", "S", "B"), ("d", "A", "J"), ("e", "B", "J"),
                ("g", "J", "finish"),
            )
        )
    )  # fmt: skip
    number = begin(engine, body)
    act(1, "agree", "A")
    act(1, "agree", "B")
    act(2, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}
    act(2, "agree", "B")
    assert instance_of(engine, number).status == "completed"


def test_what_comes_after_the_decision_is_kept_as_a_comment_P4(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="any"), user("B", "3")))
    late = open_slots(engine)["A", 2]
    act(1, "agree", "A")
    with pytest.raises(Stale, match="已由 P1 于"):
        tasks.agree(engine, slot_id=late.id, actor_id=2, version=1, opinion="我也同意")
    with engine.db.read() as session:
        assert [one.text for one in session.scalars(select(Comment))] == ["我也同意"]
