"""Subscriptions, written and removed by the turn that opens and ends the wait."""

from typing import TYPE_CHECKING

from engine.definitions.model import Node, Process
from engine.interpreter.contract import WaitKind, WaitOpened
from engine.messages.keys import BUSINESS_KEY, comparable, key_of, text_of
from engine.messages.models import KEY_LENGTH, Subscription
from engine.messages.search import MESSAGE, SIGNAL

if TYPE_CHECKING:
    from engine.instances.run import Run

COLLECT = "collect"
"""Kind of the work that looks for early messages, once the turn that opened the wait is committed."""

KINDS = {WaitKind.MESSAGE: MESSAGE, WaitKind.RECEIVE: MESSAGE, WaitKind.SIGNAL: SIGNAL}
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})


def subscribe(run: "Run", wait: WaitOpened) -> None:
    """Let messages find a wait; a message may have come before it.

    A message that is being stored at this very instant is seen by neither of the two: so the work that collects early
    ones runs after this turn's commit, and who stores a message looks for waits again after his.
    """
    if wait.name is None:
        return
    key = key_of(wait.correlation)
    business_key = run.variables.get(BUSINESS_KEY)
    run.writer.add(
        Subscription(
            instance_id=run.instance.id,
            process_id=run.instance.process_id,
            element_id=wait.element_id,
            token=wait.token,
            kind=KINDS[wait.kind],
            name=wait.name,
            correlation_key=key.text if key else None,
            key_name=key.name if key else None,
            business_key=text_of(business_key)[:KEY_LENGTH] if comparable(business_key) else None,
            scope=dict(wait.scope),
            created_at=run.at,
        )
    )
    if KINDS[wait.kind] == MESSAGE:
        run.writer.work(run.instance, COLLECT, run.at, {"element_id": wait.element_id}, wait.token)


def unsubscribe(run: "Run", token: str, element_id: str) -> None:
    """Let nothing more find the waits of a token; costs nothing where the element waits for no message or signal."""
    node = run.process.nodes.get(element_id)
    if node is None or _subscribes(node):
        run.writer.unsubscribe(run.instance, token)


def subscribes(process: Process) -> bool:
    """Say whether anything in a process waits for messages or signals."""
    return any(_subscribes(node) for node in process.nodes.values())


def _subscribes(node: Node) -> bool:
    if node.type == "receiveTask":
        return True
    return node.type in _CATCHING and any(event.kind in (MESSAGE, SIGNAL) for event in node.events)
