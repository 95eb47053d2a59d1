"""Compensation: what was completed is undone, the last first (BPMN 2.0.2, 10.7 and 13.5.5).

A completed activity that can be compensated leaves a *record* in its scope: its id, the values of the item or round
it was and of its own variables (nothing else of the data: variables are the instance's own), and for a subprocess
the records inside. A throwing event takes the records that it means out of the scope and runs their handlers inside
itself, one after the other. A handler on the edge of a subprocess stands for everything inside it; without one its
compensation event subprocess runs, and without that the activities inside are compensated in turn.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.definitions.model import Process
    from engine.interpreter.tokens import Token

Record = dict[str, Any]
"""``node``; where they exist ``times``, ``local`` (values of the item), ``inner`` (records of a subprocess)."""


class Undoing:
    """Who compensates what, by the drawing alone."""

    def __init__(self, process: "Process") -> None:
        self.handlers: dict[str, str] = {}
        """Activity → the handler that its compensation boundary event is associated with."""
        self.event_subprocesses: dict[str, str] = {}
        """Subprocess → the compensation event subprocess inside it."""
        kinds = {(node.type, event.kind) for node in process.nodes.values() for event in node.events}
        self.wanted = not kinds.isdisjoint(
            {("intermediateThrowEvent", "compensate"), ("endEvent", "compensate"), ("endEvent", "cancel")}
        )
        for node in process.nodes.values():
            if not any(event.kind == "compensate" for event in node.events):
                continue
            if node.type == "boundaryEvent" and "compensatedBy" in node.properties:
                self.handlers[node.attributes.get("attachedToRef", "")] = node.properties["compensatedBy"]
            elif node.type == "startEvent" and node.parent in process.nodes:
                self.event_subprocesses[process.nodes[node.parent].parent] = node.parent


def keep(token: "Token", scope: "Token") -> None:
    """Remember in the scope that an activity was completed, if it can be compensated and anything ever asks for it."""
    undoing = token.spec.process_spec.undoing
    if not undoing.wanted:
        return
    inner = token.memory.get("undo", [])
    if "total" in token.memory:
        if inner:
            scope.memory.setdefault("undo", []).extend(inner)
        return
    node_id = token.spec.node.id
    record: Record = {"node": node_id}
    if node_id not in undoing.handlers:
        if not inner and node_id not in undoing.event_subprocesses:
            return
        record["inner"] = inner
    if local := _values_kept(token):
        record["local"] = local
    records = scope.memory.setdefault("undo", [])
    if records and {**records[-1], "times": 1} == {**record, "times": 1}:
        records[-1]["times"] = records[-1].get("times", 1) + 1
    else:
        records.append(record)


def _values_kept(token: "Token") -> dict[str, Any]:
    """Return what a handler sees besides the instance's variables: the values of the item, round or subprocess."""
    memory = token.memory
    counter = {"loopCounter": memory["item"] + 1} if "item" in memory else {}
    return {**counter, **memory.get("scope", {}), **memory.get("own", {})}


def begin(token: "Token", reference: str | None) -> bool:
    """Start to compensate an activity, or all of the scope, inside a throwing token. False when nothing is to do.

    The activity may be named by its handler too, as designers of Activiti and Flowable are used to.
    """
    holder, key = _holder(token, reference)
    records: list[Record] = holder.memory.get(key, [])
    handlers = token.spec.process_spec.undoing.handlers
    chosen = [record for record in records if reference in (None, record["node"], handlers.get(record["node"]))]
    if not chosen:
        return False
    holder.memory[key] = [record for record in records if record not in chosen]
    if key == "undo" and not holder.memory[key]:
        del holder.memory[key]
    token.memory["todo"] = list(_steps(token, chosen, {}))
    return go_on(token)


def go_on(token: "Token") -> bool:
    """Run the next handler inside a throwing token. False when all is undone."""
    todo = token.memory.get("todo")
    if not todo:
        token.memory.pop("todo", None)
        return False
    step = todo.pop()
    more = {key: step[key] for key in ("local", "undoing") if key in step}
    token.run_.place(step["node"], token, **more)
    return True


def give_up(token: "Token") -> bool:
    """Cancel the transaction around a token, with all items if it has several; False when nothing is to be undone.

    What is open ends. What was completed is undone, inside activities that are still open too.
    """
    run, scope = token.run_, token.scope
    body = scope.scope if "item" in scope.memory else scope
    records: list[Record] = body.memory.pop("undo", []) + (scope.memory.pop("undo", []) if body is not scope else [])
    for other in [*body.inner, *scope.inner]:
        if other.id not in (token.id, scope.id) and other.id in run.tasks:
            records += _records_inside(other)
            run.withdraw(other, "cancelled")
    scope.memory["undo"] = records
    return begin(token, None)


def _records_inside(open_one: "Token") -> list[Record]:
    """Return the records of what was completed inside an open activity, each with the values that it saw there."""
    records = [record for token in open_one.inner for record in _records_inside(token)]
    records += open_one.memory.get("undo", [])
    values = _values_kept(open_one)
    return [{**record, "local": {**values, **record.get("local", {})}} for record in records] if values else records


def _holder(token: "Token", reference: str | None) -> "tuple[Token, str]":
    """Return the scope whose records are meant, and the key they are under."""
    process = token.spec.process_spec.process
    wanted = process.nodes[reference].parent if reference and reference in process.nodes else None
    at = token.scope
    while not at.is_root:
        if "undoing" in at.memory:
            return at, "undoing"
        node = at.spec.node
        meant = wanted == node.id if wanted else node.attributes.get("triggeredByEvent") != "true"
        if meant and "total" not in at.memory:
            return at, "undo"
        at = at.scope
    return at, "undo"


def _steps(token: "Token", records: list[Record], around: Mapping[str, Any]) -> Iterator[Record]:
    """Return the handlers to run, in the order in which their activities were completed."""
    undoing = token.spec.process_spec.undoing
    for record in records:
        local = {**around, **record.get("local", {})}
        node_id = record["node"]
        for _ in range(record.get("times", 1)):
            step: Record = {"local": local} if local else {}
            if node_id in undoing.handlers and "inner" not in record:
                yield {**step, "node": undoing.handlers[node_id]}
            elif node_id in undoing.event_subprocesses:
                yield {**step, "node": undoing.event_subprocesses[node_id], "undoing": record["inner"]}
            else:
                yield from _steps(token, record["inner"], local)
