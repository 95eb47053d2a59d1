"""The operations on a task that a scenario's ``do`` can name, and what each of them takes (docs/approvals.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import tasks
from engine.runtime import Engine
from engine.wording import say
from workflows.scenarios.errors import ScenarioError


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says with an operation: opinion or reason, form data, people, where to, until when."""

    opinion: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    people: Sequence[int] = ()
    to: str = ""
    mode: str = "direct"
    policy: str = "all"
    due: datetime | None = None
    signature: bytes | None = None

    def person(self) -> int:
        """Return the one person that is named."""
        if len(self.people) != 1:
            raise ScenarioError(say("people 要写一个人"))
        return self.people[0]

    def until(self) -> datetime:
        """Return the new due time."""
        if self.due is None:
            raise ScenarioError(say("extend 要写 due"))
        return self.due


_Arguments = Callable[[Said], dict[str, Any]]


def _decision(said: Said) -> dict[str, Any]:
    return {"opinion": said.opinion, "data": said.data, "signature": said.signature}


def _reason(said: Said) -> dict[str, Any]:
    return {"reason": said.opinion}


def _target(said: Said) -> dict[str, Any]:
    return {"target_id": said.person(), "reason": said.opinion}


def _nothing(_said: Said) -> dict[str, Any]:
    return {}


OPERATIONS: Mapping[str, tuple[str, _Arguments]] = {
    "complete": ("complete", _decision),
    "agree": ("agree", _decision),
    "reject": ("reject", _decision),
    "abstain": ("abstain", lambda said: {"opinion": said.opinion}),
    "claim": ("claim", _nothing),
    "unclaim": ("unclaim", _nothing),
    "urge": ("urge", _nothing),
    "return": ("return_task", lambda said: {"target": said.to, "reason": said.opinion, "mode": said.mode}),
    "retrieve": ("retrieve", _reason),
    "withdraw": ("withdraw", _reason),
    "transfer": ("transfer", _target),
    "hand_over": ("hand_over", _target),
    "delegate": ("delegate", _target),
    "give_opinion": ("give_opinion", lambda said: {"opinion": said.opinion}),
    "hand_back": ("hand_back", _reason),
    "recall": ("recall", _nothing),
    "add_before": ("add_before", lambda said: {"people": said.people, "policy": said.policy, "reason": said.opinion}),
    "add_after": ("add_after", lambda said: {"people": said.people, "policy": said.policy, "opinion": said.opinion}),
    "add_beside": ("add_beside", lambda said: {"people": said.people, "reason": said.opinion}),
    "remove_signer": ("remove_signer", _reason),
    "extend": ("ask_extension", lambda said: {"due": said.until(), "reason": said.opinion}),
    "jump": ("jump", lambda said: {"target": said.to, "reason": said.opinion}),
    "copy": ("copy_to", lambda said: {"people": said.people, "text": said.opinion}),
}
"""Action of a scenario → function of :mod:`engine.tasks`, and its arguments beside slot, actor, version and key."""

REMARKS = ("draft", "comment")
"""What changes no task."""

ACTIONS = (*OPERATIONS, *REMARKS)


def perform(
    engine: Engine, action: str, said: Said, *, slot_id: int, actor_id: int, version: int | None, key: str | None
) -> None:
    """Do an action as a person on a slot; raises what the operation raises."""
    if action == "draft":
        tasks.save_draft(engine, slot_id=slot_id, actor_id=actor_id, data=said.data, draft_version=0)
    elif action == "comment":
        tasks.add_comment(engine, slot_id=slot_id, actor_id=actor_id, text=said.opinion)
    else:
        name, arguments = OPERATIONS[action]
        operation: Callable[..., object] = getattr(tasks, name)
        operation(engine, slot_id=slot_id, actor_id=actor_id, version=version, key=key, **arguments(said))
