"""What a stored instance waits for, read from its snapshot without bringing it to life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from engine.interpreter.tokens import INSIDE, ROOT


@dataclass(frozen=True, slots=True)
class OpenWait:
    """A live token that waits.

    ``kind`` is a :class:`WaitKind`'s value or ``timer``; ``scope`` holds its items' values; ``event`` says which of
    the element's event definitions it waits for; ``name`` is that of a message or signal that was computed.
    """

    token: str
    element_id: str
    kind: str
    scope: Mapping[str, Any] = field(default_factory=dict)
    event: int = 0
    name: str | None = None


def open_waits(snapshot: bytes) -> list[OpenWait]:
    """Return the open waits of an instance, oldest first; those that failed are incidents and not among them."""
    if not snapshot:
        return []
    memories: dict[str, tuple[str, Mapping[str, Any]]] = {}
    found = []
    for token_id, node_id, scope_id, _, memory in orjson.loads(snapshot)["tokens"]:
        memories[token_id] = (scope_id, memory)
        if "wait" in memory and "incident" not in memory:
            scope = _scope(memories, token_id)
            event, name = memory.get("event", 0), memory.get("name")
            found.append(OpenWait(token_id, node_id, str(memory["wait"]), scope, event, name))
    return found


def _scope(memories: Mapping[str, tuple[str, Mapping[str, Any]]], token_id: str) -> dict[str, Any]:
    """Return the values that only the inside of the scopes around a token sees; the inner ones win."""
    values: dict[str, Any] = {}
    at = token_id
    while at != ROOT and at in memories:
        scope_id, memory = memories[at]
        for key in INSIDE:
            values = {**memory.get(key, {}), **values}
        at = scope_id
    return values


def holds_token(snapshot: bytes, token: str) -> bool:
    """Say whether a token is alive in a stored instance."""
    return bool(snapshot) and any(entry[0] == token for entry in orjson.loads(snapshot)["tokens"])


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token of a stored instance, as an operator sees it.

    ``inside`` is the token of the scope around it, None directly in the process. ``wait`` is what it waits for, empty
    when it waits for nothing from outside (at a join, say). ``state`` is ``waiting``, ``failed``, ``scope`` (something
    goes on inside), ``items`` (a multi-instance body) or ``joining``. ``listens`` marks boundary events and event
    subprocesses that only wait for their event; ``values`` are those of the multi-instance item it is.
    """

    token: str
    element_id: str
    inside: str | None
    state: str
    wait: str = ""
    incident: str = ""
    listens: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


def live_tokens(snapshot: bytes) -> list[LiveToken]:
    """Return every token of an instance, a scope before what is inside it; subscriptions of one event are one token."""
    if not snapshot:
        return []
    entries = [entry for entry in orjson.loads(snapshot)["tokens"] if "event" not in entry[4]]
    scopes = {entry[2] for entry in entries}
    return [
        LiveToken(
            token=token_id,
            element_id=node_id,
            inside=None if scope_id == ROOT else scope_id,
            state=_state(memory, token_id in scopes),
            wait=str(memory.get("wait", "")),
            incident=str(memory.get("incident", "")),
            listens="host" in memory or "listener" in memory,
            values=memory.get("scope") or memory.get("local") or {},
        )
        for token_id, node_id, scope_id, _, memory in entries
    ]


def _state(memory: Mapping[str, Any], holds_others: bool) -> str:
    if "incident" in memory:
        return "failed"
    if "total" in memory:
        return "items"
    if holds_others:
        return "scope"
    return "joining" if "stage" not in memory and "wait" not in memory else "waiting"
