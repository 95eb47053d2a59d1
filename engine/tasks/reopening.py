"""A node opened again with answers of its earlier round: straight back after a return, retrieved (R5, R6, T3)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.definitions.forms import Form
from engine.tasks.assignment import new_slot
from engine.tasks.models import Activation, Slot, SlotState, Submission
from engine.tasks.signing import GONE
from engine.wording import listed, say

if TYPE_CHECKING:
    from engine.instances.run import Run

SYSTEM_KEPT = "system:kept"


@dataclass(frozen=True, slots=True)
class Reopening:
    """How a node is opened again.

    Parameters
    ----------
    activation
        The earlier round.
    keeps
        States of the earlier slots whose answers stand.
    again
        Slots of the earlier round that act again although their answers would stand.
    keeps_deadline
        Whether the earlier round's due time goes on (a retrieval), or all starts anew (a return, R9).
    reason
        Told to those who sign again.

    """

    activation: Activation
    keeps: Collection[str]
    again: frozenset[int] = frozenset()
    keeps_deadline: bool = False
    reason: str = ""

    def slots(self, run: "Run", activation: Activation) -> list[Slot]:
        """Make the new round's slots from the earlier ones."""
        earlier = self.activation
        if self.reason:
            activation.return_reason = self.reason
        query = select(Slot).where(Slot.activation_id == earlier.id).order_by(Slot.position, Slot.id)
        made: dict[int, Slot] = {}
        for old in run.session.scalars(query):
            if old.state in GONE and not self._outvoted(old):
                continue
            slot = new_slot(run.instance, activation, old.owner_id, old.found_by, old.position)
            slot.parent_id, slot.side, slot.group_policy = old.parent_id, old.side, old.group_policy
            slot.added_by, slot.veto = old.added_by, old.veto
            if old.state in self.keeps and old.id not in self.again:
                slot.state, slot.opinion, slot.actor_id = old.state, old.opinion, old.actor_id
                slot.closed_at, slot.rule, slot.close_reason = old.closed_at, SYSTEM_KEPT, "kept"
            elif activation.policy == "sequence" and old.side is None:
                slot.state = SlotState.WAITING
            made[old.id] = slot
        for slot in made.values():
            parent = made.get(slot.parent_id) if slot.parent_id is not None else None
            slot.parent_id = parent.id if parent is not None else None
        run.writer.add(*made.values())
        return list(made.values())

    @staticmethod
    def _outvoted(slot: Slot) -> bool:
        """Say whether a slot was closed only because the node was left; in the new round it acts."""
        reason = slot.close_reason or ""
        return slot.state == SlotState.CANCELLED and reason.startswith(("return", "handled", "outvoted", "decided"))


def resubmitted_to(run: "Run", returner: Activation, resubmitted: Activation) -> Reopening:
    """Reopen the returner's node (R6): the agrees stand, unless a key field was changed; then all sign again."""
    changed = changed_key_fields(run, returner, resubmitted)
    if changed:
        reason = say("关键内容已修改（{changed}），请重新签署", changed=listed(changed))
        return Reopening(returner, keeps=(), reason=reason)
    return Reopening(returner, keeps=(SlotState.AGREED, SlotState.ABSTAINED))


def changed_key_fields(run: "Run", returner: Activation, resubmitted: Activation) -> list[str]:
    """Return the labels of key fields whose value was changed since the returner's node was opened."""
    labels: dict[str, str] = {}
    for name in {resubmitted.form, returner.form}:
        form: Form | None = run.package.forms.get(name) if name else None
        labels |= {field.key: field.label or field.key for field in form.key_fields} if form is not None else {}
    if not labels:
        return []
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    query = select(Submission).where(Submission.instance_id == run.instance.id).order_by(Submission.id)
    for submission in [*run.session.scalars(query), *run.writer.rows[Submission]]:
        new = submission.submitted_at >= (returner.closed_at or run.at) and submission.activation_id == resubmitted.id
        (after if new else before).update({key: value for key, value in submission.data.items() if key in labels})
    return [label for key, label in labels.items() if key in after and after[key] != before.get(key)]
