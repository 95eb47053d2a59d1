"""The tree of signers in one activation: who was added to whom, whose turn it is, what each one's answer amounts to.

The *electorate* are the slots that the rule found and those added beside. Slots added before hold their parent until
they have spoken; slots added after delay what their parent's agreement counts for; a slot delegated for an opinion
stands in until it is given. Nothing here asks the database.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from engine.tasks.models import OPEN_STATES, Side, Slot, SlotState
from engine.tasks.policy import Answer, Rule, Verdict, decide

MAX_DEPTH = 3
"""How deep added signers and delegations nest (O3)."""

GONE = (SlotState.TRANSFERRED, SlotState.CANCELLED, SlotState.SKIPPED, SlotState.EXPIRED)


class Signers:
    """The slots of one activation as a tree. The slots are changed in place."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.slots = sorted(slots, key=lambda slot: (slot.position, slot.id))
        self._by_id = {slot.id: slot for slot in self.slots}

    @property
    def electorate(self) -> list[Slot]:
        """The slots that count towards the decision, in their order."""
        return [slot for slot in self.slots if slot.side in (None, Side.BESIDE)]

    @property
    def living(self) -> list[Slot]:
        """Everybody who is a signer here: whoever was transferred, removed or skipped is not."""
        return [slot for slot in self.slots if slot.state not in GONE]

    def parent(self, slot: Slot) -> Slot | None:
        """Return the slot that this one was added to."""
        return self._by_id.get(slot.parent_id) if slot.parent_id is not None else None

    def children(self, slot: Slot, side: Side) -> list[Slot]:
        """Return the slots added to this one on a side, those that are gone left out."""
        return [one for one in self.slots if one.parent_id == slot.id and one.side == side and one.state not in GONE]

    def below(self, slot: Slot) -> Iterator[Slot]:
        """Return every slot added to this one, and to those."""
        for one in self.slots:
            if one.parent_id == slot.id and one.side != Side.BESIDE:
                yield one
                yield from self.below(one)

    def depth(self, slot: Slot) -> int:
        """Return how deep a slot is nested: 0 in the electorate."""
        parent = self.parent(slot)
        return 0 if parent is None or slot.side == Side.BESIDE else self.depth(parent) + 1

    def answer(self, slot: Slot) -> Answer:
        """Return what a slot's answer amounts to: an agreement counts once those added after have agreed too."""
        return Answer(self._effective(slot), slot.veto)

    def _effective(self, slot: Slot) -> str:
        after = self.children(slot, Side.AFTER)
        if slot.state not in (SlotState.AGREED, SlotState.COMPLETED) or not after:
            return slot.state
        verdict = self._group_verdict(after)
        if verdict is None:
            return SlotState.WAITING
        return SlotState.REJECTED if verdict.outcome == "rejected" else slot.state

    def _group_verdict(self, group: Sequence[Slot]) -> Verdict | None:
        return decide(Rule(group[0].group_policy or "all"), [self.answer(one) for one in group])

    def advance(self, policy: str, at: datetime) -> list[Slot]:
        """Give the turn to whoever has it now; returns the slots that became ready.

        A group added before that has spoken gives its parent the turn back, with what the rest need not say cancelled;
        in a sequence the next one is opened by the one before.
        """
        ready: list[Slot] = []
        moved = True
        while moved:
            before = len(ready)
            for slot in self.slots:
                if slot.state == SlotState.HELD:
                    ready += self._release(slot, at)
            if policy == "sequence":
                ready += self._next_of(self.electorate, at)
            for slot in self.slots:
                for side in (Side.BEFORE, Side.AFTER):
                    group = self.children(slot, side)
                    if group and group[0].group_policy == "sequence":
                        ready += self._next_of(group, at)
            moved = len(ready) > before
        return ready

    def _release(self, held: Slot, at: datetime) -> list[Slot]:
        group = self.children(held, Side.BEFORE)
        spoken = all(one.state not in OPEN_STATES for one in group)
        if group and not spoken:
            verdict = self._group_verdict(group) if group[0].group_policy == "any" else None
            if verdict is None:
                return []
            for one in group:
                self.close(one, at, "decided")
        held.state = SlotState.READY
        return [held]

    def _next_of(self, group: Sequence[Slot], at: datetime) -> list[Slot]:
        for slot in group:
            state = self._effective(slot)
            if slot.state == SlotState.WAITING:
                slot.state, slot.opened_at = SlotState.READY, at
                return [slot]
            if state in OPEN_STATES or state == SlotState.REJECTED:
                return []
        return []

    def close(self, slot: Slot, at: datetime, reason: str) -> None:
        """Cancel an open slot with everything that hangs on it."""
        for one in [slot, *self.below(slot)]:
            if one.state in OPEN_STATES:
                one.state, one.closed_at, one.close_reason = SlotState.CANCELLED, at, reason

    def verdict(self, rule: Rule, *, actor_name: str = "") -> Verdict | None:
        """Return what the electorate has decided, None while it is open."""
        return decide(rule, [self.answer(slot) for slot in self.electorate], actor_name=actor_name)
