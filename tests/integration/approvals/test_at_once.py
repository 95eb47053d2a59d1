"""Two people at the same instant, on both databases: one effect, one history line, and a sentence for the loser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from engine import tasks
from engine.errors import DubanError
from engine.history import HistoryLine, verify
from engine.instances import suspend, terminate
from engine.instances.models import Instance
from engine.interpreter.waits import open_waits
from engine.runtime import Engine
from engine.tasks.models import OPEN_STATES, Activation, Slot
from tests.integration.approvals.drawings import branches
from tests.support.together import at_once
from tests.support.turning import ADMIN, SomePeople, begin, incidents, instance_of, line, open_slots, user
from tests.support.web import signed_in_client

DEPUTY = 8
INITIATOR = 7
ROUNDS = 3
"""How often each duel is fought: who wins is the machine's choice."""

ALL = line(user("A", "1|2", policy="all"), user("B", "3", kind="approval"))
SINGLE = line(user("A", "1", kind="approval"), user("B", "3", kind="approval"))


@dataclass(frozen=True)
class Act:
    """An operation by a person on the slot of ``owner`` (the person's own where none is named)."""

    operation: str
    person: int
    element: str = "A"
    owner: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def on(self, engine: Engine, slots: Mapping[tuple[str, int | None], Slot]) -> Callable[[], object]:
        owner = self.person if self.owner is None else self.owner
        slot = slots.get((self.element, owner)) or slots[self.element, None]
        operation = getattr(tasks, self.operation)
        return partial(operation, engine, slot_id=slot.id, actor_id=self.person, **self.more)


def act(operation: str, person: int, element: str = "A", *, owner: int | None = None, **more: Any) -> Act:
    return Act(operation, person, element, owner, more)


AGREE = act("agree", 1)
CONFLICTS = {
    "a double click without a key": (SINGLE, AGREE, AGREE),
    "agree and reject in two tabs": (SINGLE, AGREE, act("reject", 1, opinion="不同意")),
    "two signers of whom one suffices": (
        line(user("A", "1|2", policy="any"), user("B", "3")), AGREE, act("reject", 2, opinion="不"),
    ),
    "the deputy and the principal": (SINGLE, AGREE, act("agree", DEPUTY, owner=1)),
    "the deputy rejects what the principal agrees to": (SINGLE, AGREE, act("reject", DEPUTY, owner=1, opinion="不")),
    "two candidates of a pool": (line(user("A", "1|2"), user("B", "3")), act("claim", 1), act("claim", 2)),
    "agree and transfer": (SINGLE, AGREE, act("transfer", 1, target_id=4)),
    "agree and delegate": (SINGLE, AGREE, act("delegate", 1, target_id=4)),
    "agree and return by another signer": (
        line(user("D", "9"), user("A", "1|2", policy="all"), user("B", "3")),
        act("reject", 1, opinion="不"), act("return_task", 2, target="D", reason="补材料"),
    ),
    "agree and jump": (SINGLE, AGREE, act("jump", ADMIN, owner=1, target="B", reason="越过")),
    "agree and hand over": (SINGLE, AGREE, act("hand_over", ADMIN, owner=1, target_id=4)),
    "two extensions of one task": (
        line(user("A", "1", due="2 working days"), user("B", "3")),
        act("ask_extension", 1, due=None, reason="材料未齐"), act("ask_extension", 1, due=None, reason="材料未齐"),
    ),
    "the same person added twice": (
        ALL, act("add_beside", 1, people=[4]), act("add_beside", 2, people=[4]),
    ),
    "two urges": (SINGLE, act("urge", INITIATOR, owner=1), act("urge", INITIATOR, owner=1)),
    "a removed signer agrees": (ALL, act("agree", 2), act("remove_signer", ADMIN, owner=2)),
}  # fmt: skip
"""Pairs of which one alone may take effect."""


def _prepared(engine: Engine, body: str) -> int:
    """Start the process; where it begins with a draft, the draft is done."""
    people = engine.people
    assert isinstance(people, SomePeople)
    people.deputies[1] = DEPUTY
    number = begin(engine, body)
    if ("D", 9) in (slots := open_slots(engine, number)):
        tasks.complete(engine, slot_id=slots["D", 9].id, actor_id=9)
    return number


def _ready(engine: Engine, number: int, one: Act) -> Callable[[], object]:
    if "due" in one.more:
        one = Act(one.operation, one.person, one.element, one.owner, {
            **one.more, "due": engine.clock.now() + timedelta(days=30)})  # fmt: skip
    return one.on(engine, open_slots(engine, number))


def _lines(engine: Engine, number: int) -> int:
    """Count the history's lines of operations that people did; a late opinion is kept as a comment (P4)."""
    by_people = (
        HistoryLine.instance_id == number,
        HistoryLine.actor_id.is_not(None),
        HistoryLine.operation != "comment",
    )
    with engine.db.read() as session:
        return session.scalar(select(func.count()).where(*by_people)) or 0


def _assert_sound(engine: Engine, number: int) -> None:
    """Every open slot belongs to an open activation, every activation to a token, and the record is unbroken."""
    with engine.db.read() as session:
        instance = session.get_one(Instance, number)
        waits = set() if instance.ended_at else {wait.token for wait in open_waits(instance.snapshot)}
        alive = session.scalars(
            select(Activation).where(Activation.instance_id == number, Activation.closed_at.is_(None))
        ).all()
        tokens = {one.token for one in alive if one.kind != "extension"}
        assert tokens <= waits
        open_ids = {one.id for one in alive}
        orphans = select(Slot.id).where(Slot.instance_id == number, Slot.state.in_(OPEN_STATES))
        assert session.scalars(orphans.where(Slot.activation_id.not_in(open_ids))).all() == []
        assert verify(session) == []
    assert incidents(engine) == []


@pytest.mark.parametrize("name", CONFLICTS)
def test_of_two_at_once_one_takes_effect_and_the_other_is_told(engine: Engine, name: str) -> None:
    body, first, second = CONFLICTS[name]
    for _ in range(ROUNDS):
        number = _prepared(engine, body)
        before = _lines(engine, number)
        answers = at_once([_ready(engine, number, first), _ready(engine, number, second)])
        refused = [one for one in answers if isinstance(one, DubanError)]
        assert len(refused) == 1, answers
        assert refused[0].status == 409, answers
        assert str(refused[0])
        assert _lines(engine, number) == before + 1, "I6: one line for one operation"
        _assert_sound(engine, number)


def test_a_double_click_with_its_key_has_one_effect_and_two_equal_answers_I5(engine: Engine) -> None:
    for _ in range(ROUNDS):
        number = begin(engine, SINGLE)
        click = partial(tasks.agree, engine, slot_id=open_slots(engine, number)["A", 1].id, actor_id=1, key=f"{number}")
        first, second = at_once([click, click])
        assert first == second
        assert not isinstance(first, DubanError), first
        assert list(open_slots(engine, number)) == [("B", 3)]


@pytest.mark.parametrize("operation", [suspend, terminate])
def test_an_operator_and_a_signer_at_once(engine: Engine, operation: Callable[..., None]) -> None:
    for _ in range(ROUNDS):
        number = begin(engine, SINGLE)
        slot = open_slots(engine, number)["A", 1]
        answers = at_once([
            partial(tasks.agree, engine, slot_id=slot.id, actor_id=1),
            partial(operation, engine, instance_id=number, actor_id=ADMIN, reason="核查"),
        ])  # fmt: skip
        # The operator always wins: before the signature, or after it.
        assert not isinstance(answers[1], DubanError), answers[1]
        assert (
            instance_of(engine, number).status
            == {"suspend": "suspended", "terminate": "terminated"}[operation.__name__]
        )
        _assert_sound(engine, number)


def test_the_last_votes_at_once_decide_once(engine: Engine) -> None:
    for _ in range(ROUNDS):
        number = begin(engine, line(user("A", "1|2|3|4", policy="vote", voteCount="2"), user("B", "9")))
        slots = open_slots(engine, number)
        answers = at_once([
            partial(tasks.agree, engine, slot_id=slots["A", one].id, actor_id=one) for one in (1, 2, 3, 4)
        ])  # fmt: skip
        # P4: two decide; who comes later is told so.
        assert sorted(isinstance(one, DubanError) for one in answers) == [False, False, True, True], answers
        assert list(open_slots(engine, number)) == [("B", 9)]
        _assert_sound(engine, number)


def test_branches_that_end_at_once_join_once(engine: Engine) -> None:
    for _ in range(ROUNDS):
        number = begin(engine, branches(*(user(f"B{one}", str(one), kind="approval") for one in (2, 3, 4))))
        tasks.agree(engine, slot_id=open_slots(engine, number)["A", 1].id, actor_id=1)
        slots = open_slots(engine, number)
        answers = at_once([
            partial(tasks.agree, engine, slot_id=slots[f"B{one}", one].id, actor_id=one) for one in (2, 3, 4)
        ])  # fmt: skip
        assert not [one for one in answers if isinstance(one, DubanError)], answers
        assert list(open_slots(engine, number)) == [("Z", 9)]
        _assert_sound(engine, number)


def test_retrieving_while_the_next_one_acts(engine: Engine) -> None:
    for _ in range(ROUNDS):
        number = begin(engine, SINGLE)
        mine = open_slots(engine, number)["A", 1]
        tasks.agree(engine, slot_id=mine.id, actor_id=1)
        theirs = open_slots(engine, number)["B", 3]
        answers = at_once([
            partial(tasks.retrieve, engine, slot_id=mine.id, actor_id=1),
            partial(tasks.agree, engine, slot_id=theirs.id, actor_id=3),
        ])  # fmt: skip
        assert len([one for one in answers if isinstance(one, DubanError)]) == 1, answers
        assert instance_of(engine, number).status == ("running" if isinstance(answers[1], DubanError) else "completed")
        _assert_sound(engine, number)


def test_a_leader_agrees_to_all_while_signing_one_of_them(engine: Engine) -> None:
    body = line(user("A", "1", kind="approval", batch="true"), user("B", "3"))
    numbers = [begin(engine, body) for _ in range(4)]
    ids = [open_slots(engine, number)["A", 1].id for number in numbers]
    rows, one = at_once([
        partial(tasks.batch_agree, engine, slot_ids=ids, actor_id=1),
        partial(tasks.agree, engine, slot_id=ids[2], actor_id=1),
    ])  # fmt: skip
    assert isinstance(rows, list), rows
    assert [row.done for row in rows].count(False) == (0 if isinstance(one, DubanError) else 1), (rows, one)
    for number in numbers:
        assert list(open_slots(engine, number)) == [("B", 3)]
        _assert_sound(engine, number)


def test_two_browsers_at_once_are_answered_in_words_and_never_with_a_fault(engine: Engine) -> None:
    clients = [signed_in_client(engine, person_id=person) for person in (1, 1, 2)]
    for _ in range(ROUNDS):
        number = begin(engine, line(user("A", "1|2", policy="any"), user("B", "3")))
        slots, version = open_slots(engine, number), instance_of(engine, number).version

        def click(client: FlaskClient, slot_id: int, *, version: int = version) -> int:
            form = {"operation": "agree", "version": str(version), "opinion": ""}
            return client.post(f"/tasks/{slot_id}", data=form, headers={"Accept": "application/json"}).status_code

        mine, theirs = slots["A", 1].id, slots["A", 2].id
        codes = at_once([
            partial(click, clients[0], mine), partial(click, clients[1], mine), partial(click, clients[2], theirs)
        ])  # fmt: skip
        assert sorted(int(str(code)) // 100 * 100 + (9 if code == 409 else 0) for code in codes)[1:] == [409, 409], (
            codes
        )
        assert list(open_slots(engine, number)) == [("B", 3)]
        _assert_sound(engine, number)
