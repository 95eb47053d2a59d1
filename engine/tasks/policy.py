"""Decision policies: when an activation passes, fails or goes on waiting (approvals.md, "Decision policies")."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.tasks.models import OPEN_STATES, SlotState

POLICIES = ("single", "all", "any")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the electorate has decided, and the reason that closes the slots which need not act any more."""

    outcome: str
    rest: str


def decide(policy: str, states: Sequence[str], *, collect_all: bool = False, actor_name: str = "") -> Verdict | None:
    """Return the decision of an electorate, None while it is open. Pure: it is asked again after every change (P1).

    Parameters
    ----------
    states
        The state of every slot that counts (transferred, removed and skipped ones left out).
    collect_all
        ``all`` waits until everyone has spoken before it fails.

    """
    counted = [state for state in states if state not in (SlotState.TRANSFERRED, SlotState.CANCELLED)]
    waiting = any(state in OPEN_STATES for state in counted)
    rejected = SlotState.REJECTED in counted
    if policy == "any":
        return _first_answer(counted, rejected, waiting, f"handled by {actor_name}" if actor_name else "handled")
    if rejected and not (policy == "all" and collect_all and waiting):
        return Verdict("rejected", "outvoted")
    if waiting:
        return None
    return Verdict("completed" if SlotState.COMPLETED in counted else "agreed", "decided")


def _first_answer(counted: Sequence[str], rejected: bool, waiting: bool, rest: str) -> Verdict | None:
    if SlotState.AGREED in counted:
        return Verdict("agreed", rest)
    if SlotState.COMPLETED in counted:
        return Verdict("completed", rest)
    if rejected:
        return Verdict("rejected", rest)
    return None if waiting else Verdict("agreed", rest)
