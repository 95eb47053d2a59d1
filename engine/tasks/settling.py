"""What follows from a changed electorate: turns are given, the policy is asked, the process moves (P1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.instances.run import Run
from engine.interpreter.contract import Moved, Stimulus, VariablesSet, WaitFinished
from engine.tasks.models import Activation, Slot
from engine.tasks.opening import close_activation, notify
from engine.tasks.policy import rule_of
from engine.tasks.reopening import resubmitted_to
from engine.tasks.signing import Signers
from engine.wording import say


def settle(
    run: Run, activation: Activation, slots: Sequence[Slot], *, variables: Mapping[str, Any] | None = None,
    actor_name: str = "",
) -> list[Stimulus]:  # fmt: skip
    """Give turns and ask the policy; returns what the interpreter has to be told.

    Parameters
    ----------
    slots
        All slots of the activation, those just added too; they are changed in place.
    variables
        Process variables that the submission sets.
    actor_name
        Who acted, for the reason on the slots that need not act any more.

    """
    signers = Signers(slots)
    for slot in signers.advance(activation.policy, run.at):
        notify(run.writer, run.instance, [slot.owner_id], "turn", turn_title(run, activation), slot_id=slot.id)
    verdict = signers.verdict(rule_of(activation.settings), actor_name=actor_name)
    set_first: list[Stimulus] = [VariablesSet(at=run.at, values=dict(variables))] if variables else []
    if verdict is None:
        return set_first
    close_activation(run.writer, run.instance, activation, verdict.outcome, slots, rest=verdict.rest)
    if activation.kind == "extension":
        from engine.tasks.extending import extension_decided

        extension_decided(run, activation, verdict.outcome)
        return set_first
    run.cause = activation
    if activation.return_to is not None:
        return [*set_first, _resubmission(run, activation)]
    result = {"outcome": verdict.outcome, **(variables or {})}
    return [WaitFinished(at=run.at, token=activation.token, result=result)]


def turn_title(run: Run, activation: Activation) -> str:
    """Return the title of the notice for whoever has the turn now."""
    return say("轮到您办理：{title} · {name}", title=run.instance.title, name=activation.name)


def _resubmission(run: Run, activation: Activation) -> Moved:
    """Go straight back to the returner's node (直送, R6)."""
    returner = run.session.scalars(select(Activation).where(Activation.id == activation.return_to)).one()
    run.reopening = resubmitted_to(run, returner, activation)
    return Moved(at=run.at, tokens=[activation.token], element_id=returner.element_id, reason="resubmitted")
