"""Decision policies: when an electorate passes, fails or goes on waiting (approvals.md, "Decision policies").

Pure functions of the answers, asked again after every change of the electorate (P1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from engine.definitions.ratio import parse_ratio
from engine.errors import InvalidInput
from engine.tasks.models import OPEN_STATES, SlotState
from engine.wording import say

POLICIES = ("single", "all", "any", "vote", "sequence")
GROUP_POLICIES = ("any", "all", "sequence")
"""What people who were added before or after may follow."""

_NOT_COUNTED = (SlotState.TRANSFERRED, SlotState.CANCELLED, SlotState.SKIPPED, SlotState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One signer's state; ``veto`` fails a vote at once when it rejects."""

    state: str
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy with its attributes.

    ``ratio`` (of the electorate) or ``count`` (of yes votes) is what a vote needs. ``abstentions_count`` keeps
    abstentions in the electorate (P3). ``collect_all`` lets ``all`` hear everyone before it fails.
    """

    policy: str
    collect_all: bool = False
    ratio: Fraction | None = None
    count: int | None = None
    abstentions_count: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """A vote's numbers: ``size`` is the electorate E, ``needed`` the yes votes that pass it."""

    yes: int
    no: int
    abstained: int
    open: int
    size: int
    needed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the electorate has decided, and the reason that closes the slots which need not act any more."""

    outcome: str
    rest: str


def rule_of(settings: Mapping[str, Any]) -> Rule:
    """Read a node's policy from its attributes (``policy``, ``collectAll``, ``voteRatio``, ``voteCount``, ``abstain``).

    Raises :class:`InvalidInput` for numbers that are none.
    """
    ratio, count = settings.get("voteRatio"), settings.get("voteCount")
    return Rule(
        policy=str(settings.get("policy", "single")),
        collect_all=str(settings.get("collectAll", "")).lower() == "true",
        ratio=_share(str(ratio)) if ratio else None,
        count=_whole(str(count)) if count else None,
        abstentions_count=settings.get("abstain", "counts") != "leaves",
    )


def tally(rule: Rule, answers: Sequence[Answer]) -> Tally:
    """Count a vote. Without ratio and count more than half is needed."""
    states = [answer.state for answer in answers if answer.state not in _NOT_COUNTED]
    abstained = states.count(SlotState.ABSTAINED)
    size = len(states) if rule.abstentions_count else len(states) - abstained
    if rule.count is not None:
        needed = rule.count
    elif rule.ratio is not None:
        needed = ceil(rule.ratio * size)
    else:
        needed = size // 2 + 1
    yes = states.count(SlotState.AGREED) + states.count(SlotState.COMPLETED)
    still_open = sum(1 for state in states if state in OPEN_STATES)
    return Tally(yes, states.count(SlotState.REJECTED), abstained, still_open, size, max(needed, 1))


def decide(rule: Rule, answers: Sequence[Answer], *, actor_name: str = "") -> Verdict | None:
    """Return the decision of an electorate, None while it is open.

    Parameters
    ----------
    answers
        Of every slot that belongs to the electorate; those transferred, removed or skipped do not count.
    actor_name
        Who acted last, for the reason that closes the other slots of ``any``.

    """
    counted = [answer for answer in answers if answer.state not in _NOT_COUNTED]
    states = [answer.state for answer in counted]
    if rule.policy == "vote":
        return _vote(rule, counted)
    waiting = any(state in OPEN_STATES for state in states)
    if rule.policy == "any":
        return _first_answer(states, waiting, f"handled by {actor_name}" if actor_name else "handled")
    rejected = SlotState.REJECTED in states
    if rejected and not (rule.policy == "all" and rule.collect_all and waiting):
        return Verdict("rejected", "outvoted")
    if waiting:
        return None
    return Verdict("completed" if SlotState.COMPLETED in states else "agreed", "decided")


def _first_answer(states: Sequence[str], waiting: bool, rest: str) -> Verdict | None:
    for state, outcome in (
        (SlotState.AGREED, "agreed"),
        (SlotState.COMPLETED, "completed"),
        (SlotState.REJECTED, "rejected"),
    ):
        if state in states:
            return Verdict(outcome, rest)
    return None if waiting else Verdict("agreed", rest)


def _vote(rule: Rule, answers: Sequence[Answer]) -> Verdict | None:
    if not answers:
        return Verdict("agreed", "decided")
    count = tally(rule, answers)
    rest = f"decided({count.yes}:{count.no}:{count.abstained}/{count.size},{count.needed})"
    if any(answer.veto and answer.state == SlotState.REJECTED for answer in answers):
        return Verdict("rejected", f"vetoed({count.yes}:{count.no}:{count.abstained}/{count.size},{count.needed})")
    if count.yes >= count.needed:
        return Verdict("agreed", rest)
    return Verdict("rejected", rest) if count.yes + count.open < count.needed else None


def _share(text: str) -> Fraction:
    try:
        return parse_ratio(text)
    except ValueError as error:
        raise InvalidInput(say("票签比例“{text}”应大于 0、不超过 1，如 2/3、0.6、60%", text=text)) from error


def _whole(text: str) -> int:
    if not text.strip().isdigit() or int(text) == 0:
        raise InvalidInput(say("票签数“{text}”应是正整数", text=text))
    return int(text)
