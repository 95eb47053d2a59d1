"""Random operations on random diagrams with parallel branches: nothing is lost, orphaned, doubled or stuck."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import DubanError
from engine.history import HistoryLine, verify
from engine.instances.models import Incident, Instance
from engine.interpreter.waits import open_waits
from engine.store import Base, Database
from engine.tasks.desk import open_desk
from engine.tasks.models import OPEN_STATES, Activation, Slot
from tests.support.turning import ADMIN, begin, make_engine, run

PEOPLE = (1, 2, 3, 4)
POLICIES = ("single", "all", "any", "vote", "sequence")
MOST_ENDING_STEPS = 400
DECISIONS = ("agree", "reject", "abstain", "transfer", "delegate", "return_task")
"""Operations after which the slot is closed, or no longer the actor's to act on."""

Block = Any
"""``("task", policy, people)``, ``("sequence", blocks)`` or ``("parallel", blocks)``."""

task = st.tuples(
    st.just("task"), st.sampled_from(POLICIES), st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True)
)
block = st.recursive(
    task,
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)


@dataclass
class Drawing:
    """Draws a block; every element and flow gets a number."""

    parts: list[str]
    number: int = 0

    def name(self, word: str) -> str:
        self.number += 1
        return f"{word}{self.number}"

    def flow(self, source: str, target: str) -> None:
        self.parts.append(f'<sequenceFlow id="{self.name("w")}" sourceRef="{source}" targetRef="{target}"/>')

    def draw(self, drawn: Block) -> tuple[str, str]:
        """Draw a block; returns where it begins and where it ends."""
        if drawn[0] == "task":
            _, policy, people = drawn
            needs = ' duban:voteRatio="1/2"' if policy == "vote" else ""
            found = "|".join(str(one) for one in people)
            name = self.name("t")
            self.parts.append(
                f'<userTask id="{name}" name="{name}" camunda:assignee="{found}" duban:kind="approval"'
                f' duban:policy="{policy}"{needs}/>'
            )
            return name, name
        inner = [self.draw(one) for one in drawn[1]]
        if drawn[0] == "sequence":
            for (_, before), (after, _) in pairwise(inner):
                self.flow(before, after)
            return inner[0][0], inner[-1][1]
        split, join = self.name("s"), self.name("j")
        self.parts.append(f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>')
        for first, last in inner:
            self.flow(split, first)
            self.flow(last, join)
        return split, join


def body_of(drawn: Block) -> str:
    """Return a process of one block between a start and an end."""
    drawing = Drawing(['<startEvent id="begin"/><endEvent id="finish"/>'])
    first, last = drawing.draw(drawn)
    drawing.flow("begin", first)
    drawing.flow(last, "finish")
    return "".join(drawing.parts)


class Office(RuleBasedStateMachine):
    """People who do whatever they like with one instance."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.sql)
        self.clock = FakeClock(datetime(2026, 9, 7, 1, tzinfo=UTC))
        self.engine = make_engine(self.database, self.clock)
        self.instance_id = 0
        self.seen: set[int] = set()
        self.version = 0
        self.clicks = 0

    @initialize(drawn=block)
    def start(self, drawn: Block) -> None:
        self.instance_id = begin(self.engine, body_of(drawn))

    def _slots(self) -> list[tuple[int, int | None, str]]:
        with self.database.read() as session:
            query = select(Slot).where(Slot.instance_id == self.instance_id).order_by(Slot.id)
            return [(slot.id, slot.owner_id, slot.state) for slot in session.scalars(query)]

    def _instance(self) -> Instance:
        with self.database.read() as session:
            return session.get_one(Instance, self.instance_id)

    def running(self) -> bool:
        return self.instance_id != 0 and self._instance().status in ("running", "returned")

    def _candidate(self, slot_id: int, owner: int | None) -> int:
        if owner is not None:
            return owner
        with self.database.read() as session:
            desk = open_desk(self.engine, session, slot_id=slot_id, actor_id=ADMIN, lock=False)
            return min(desk.candidates, default=ADMIN)

    def _do(self, operation: str, slot_id: int, actor: int, **more: Any) -> None:
        """Try it out, do it, do it again with its key; a refusal is an answer, anything else a fault."""
        self.clicks += 1
        do = partial(getattr(tasks, operation), self.engine, slot_id=slot_id, actor_id=actor, **more)
        before = self._state()
        foreseen = self._answer(partial(do, dry_run=True))
        assert self._state() == before, "I4: a dry run changes nothing"
        answer = self._answer(partial(do, key=f"click-{self.clicks}"))
        assert type(foreseen) is type(answer), "I4: the dry run foresees whether it is refused"
        after = self._state()
        if isinstance(answer, DubanError):
            assert after == before, "what is refused changes nothing"
        else:
            self._recorded(before, slot_id, actor)
            assert self._answer(partial(do, key=f"click-{self.clicks}")) == answer, "I5: the first result again"
            assert self._state() == after, "I5: and no second effect"
            stale = self._answer(partial(do, version=0)) if operation in DECISIONS else None
            assert stale is None or isinstance(stale, DubanError), "I1: a stale click is refused"
            assert self._state() == after, "I1: a stale click changes nothing"
        self.clock.advance(timedelta(minutes=1))
        run(self.engine)

    @staticmethod
    def _answer(act: Callable[[], object]) -> object:
        try:
            return act()
        except DubanError as refused:
            assert str(refused)  # noqa: PT017
            return refused

    def _state(self) -> tuple[object, ...]:
        """Return what an operation may change: version, snapshot, slots and the length of the history."""
        with self.database.read() as session:
            instance = session.get_one(Instance, self.instance_id)
            slots = session.execute(select(Slot.id, Slot.state, Slot.owner_id, Slot.actor_id).order_by(Slot.id)).all()
            return instance.version, instance.snapshot, instance.history_sequence, tuple(map(tuple, slots))

    def _recorded(self, before: tuple[object, ...], slot_id: int, actor: int) -> None:
        """Of a person's operation there is one line, with the actor and the principal apart (I3, I6)."""
        with self.database.read() as session:
            owner = session.get_one(Slot, slot_id).owner_id
            lines = session.scalars(
                select(HistoryLine).where(
                    HistoryLine.instance_id == self.instance_id,
                    HistoryLine.sequence > before[2],
                    HistoryLine.actor_id.is_not(None),
                )
            ).all()
        assert [line.actor_id for line in lines] == [actor], "I6: one line for one operation"
        assert lines[0].principal_id in (None, owner, actor), "I3: for whom"

    @precondition(running)
    @rule(data=st.data(), operation=st.sampled_from(["agree", "agree", "agree", "reject", "abstain"]))
    def answer(self, data: st.DataObject, operation: str) -> None:
        slot_id, owner = self._pick(data)
        self._do(operation, slot_id, self._candidate(slot_id, owner))

    @precondition(running)
    @rule(data=st.data(), operation=st.sampled_from(["transfer", "delegate"]), person=st.sampled_from(PEOPLE))
    def hand_on(self, data: st.DataObject, operation: str, person: int) -> None:
        slot_id, owner = self._pick(data)
        self._do(operation, slot_id, self._candidate(slot_id, owner), target_id=person)

    @precondition(running)
    @rule(data=st.data(), person=st.sampled_from(PEOPLE), policy=st.sampled_from(["any", "all", "sequence"]))
    def add(self, data: st.DataObject, person: int, policy: str) -> None:
        slot_id, owner = self._pick(data)
        operation = data.draw(st.sampled_from(["add_before", "add_after", "add_beside"]))
        more = {} if operation == "add_beside" else {"policy": policy}
        self._do(operation, slot_id, self._candidate(slot_id, owner), people=[person, person % 4 + 1], **more)

    @precondition(running)
    @rule(
        data=st.data(), operation=st.sampled_from(["give_opinion", "hand_back", "recall", "remove_signer", "retrieve"])
    )
    def change_mind(self, data: st.DataObject, operation: str) -> None:
        slot_id, owner = self._pick(data, every=True)
        actor = ADMIN if operation == "remove_signer" else self._candidate(slot_id, owner)
        more = {"opinion": "看过"} if operation == "give_opinion" else {}
        self._do(operation, slot_id, actor, **more)

    @precondition(running)
    @rule(data=st.data(), mode=st.sampled_from(["direct", "again"]))
    def give_back(self, data: st.DataObject, mode: str) -> None:
        slot_id, owner = self._pick(data)
        actor = self._candidate(slot_id, owner)
        with self.database.read() as session:
            desk = open_desk(self.engine, session, slot_id=slot_id, actor_id=actor, lock=False)
            targets = [one.element_id for one in tasks.return_targets(desk)]
        target = data.draw(st.sampled_from([*targets, "previous"]))
        self._do("return_task", slot_id, actor, target=target, mode=mode, reason="再看看")

    @rule(hours=st.integers(1, 48))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        run(self.engine)

    def _pick(self, data: st.DataObject, *, every: bool = False) -> tuple[int, int | None]:
        slots = [(number, owner) for number, owner, state in self._slots() if every or state in OPEN_STATES]
        return data.draw(st.sampled_from(slots))

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if not self.instance_id:
            return
        with self.database.read() as session:
            instance = session.get_one(Instance, self.instance_id)
            activations = session.scalars(select(Activation).where(Activation.instance_id == instance.id)).all()
            slots = session.scalars(select(Slot).where(Slot.instance_id == instance.id)).all()
            incidents = session.scalars(select(Incident.code)).all()
            assert verify(session) == []
        assert not incidents
        assert {slot.id for slot in slots} >= self.seen, "I2: a slot is never deleted"
        self.seen = {slot.id for slot in slots}
        assert instance.version >= self.version
        self.version = instance.version
        open_ones = {one.id: one for one in activations if one.closed_at is None}
        waits = [wait.token for wait in open_waits(instance.snapshot) if wait.kind == "user"]
        if instance.status not in ("running", "returned"):
            waits = []
        assert sorted(waits) == sorted(one.token for one in open_ones.values()), "no token lost, no activation orphaned"
        for slot in slots:
            if slot.state in OPEN_STATES:
                assert slot.activation_id in open_ones, "no orphan slot"
        for activation in open_ones.values():
            states = [slot.state for slot in slots if slot.activation_id == activation.id]
            assert "ready" in states, (activation.element_id, states, "somebody has the turn")

    def teardown(self) -> None:
        """Let everybody agree: the instance comes to its end, and each join was passed once a walk."""
        for _ in range(MOST_ENDING_STEPS):
            ready = [(number, owner) for number, owner, state in self._slots() if state == "ready"]
            if not ready or not self.running():
                break
            slot_id, owner = ready[0]
            actor = self._candidate(slot_id, owner)
            with self.database.read() as session:
                delegated = session.get_one(Slot, slot_id).side == "opinion"
            more: dict[str, Any] = {"opinion": "看过"} if delegated else {}
            self._do("give_opinion" if delegated else "agree", slot_id, actor, **more)
        if self.instance_id:
            self.nothing_is_lost_or_doubled()
            assert self._instance().status == "completed"
            self._each_end_once()
        self.database.close()

    def _each_end_once(self) -> None:
        with self.database.read() as session:
            query = select(HistoryLine.id).where(
                HistoryLine.instance_id == self.instance_id, HistoryLine.operation == "end"
            )
            assert len(session.scalars(query).all()) == 1


Office.TestCase.settings = settings(
    max_examples=40, stateful_step_count=12, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip
TestOffice = pytest.mark.timeout(240)(Office.TestCase)
