"""Take a stored instance over to another drawing of its process.

The rules follow Camunda 7's process instance migration. An element keeps its token, and with it whatever waits under
that token: timers keep their due instants, tasks their people and drafts, calls their children. Items, rounds and
arrivals at joins are kept. Scopes that the target adds are opened, scopes that it drops end without their contents.
Boundary events, event subprocesses and events behind an event-based gateway that are new begin to listen, those that
are gone stop. Two things differ from Camunda 7: a wait for a message or signal is always for the name that the target
has (its ``updateEventTrigger``), and a join that is complete in the target goes on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from engine.definitions.model import Definition
from engine.interpreter.contract import Environment, Step, WaitCancelled, WaitKind
from engine.interpreter.errors import InterpreterError
from engine.interpreter.migration.mapping import Finding
from engine.interpreter.migration.notes import changed_waits, new_listeners
from engine.interpreter.migration.planning import Crossing, Plan, plan_of
from engine.interpreter.migration.rearm import MIGRATED, Dropped, rearm
from engine.interpreter.run import Run
from engine.interpreter.snapshot import dump, load
from engine.interpreter.specs import process_spec
from engine.interpreter.step import without_passing
from engine.interpreter.subscriptions import wait_for
from engine.interpreter.tokens import ROOT

MESSAGES = (WaitKind.MESSAGE, WaitKind.SIGNAL, WaitKind.RECEIVE)


def examine(crossing: Crossing, snapshot: bytes) -> list[Finding]:
    """Say what would block the migration of a stored instance, what it would lose and what would change."""
    plan = plan_of(crossing, snapshot)
    return list(dict.fromkeys([*plan.findings, *changed_waits(plan), *new_listeners(plan)]))


def remap(
    crossing: Crossing,
    definition: Definition,
    snapshot: bytes,
    variables: Mapping[str, Any],
    environment: Environment,
    *,
    at: datetime,
) -> Step:
    """Return the instance in the target's drawing, run until nothing moves.

    Parameters
    ----------
    definition
        The target's.
    at
        Now: new timers are set from this instant.

    Raises
    ------
    InterpreterError
        Something blocks it; nothing was changed.

    """
    plan = plan_of(crossing, snapshot)
    blocked = [finding for finding in plan.findings if finding.severity == "blocked"]
    if blocked:
        raise InterpreterError(blocked[0].sentence)
    spec = process_spec(definition, crossing.target.id)
    stored = orjson.dumps(_rewritten(plan, spec.digest))
    run = load(spec, stored, variables, environment, at)
    gone = [Dropped(one.token, one.node.id, one.memory) for one in plan.dropped]
    rearm(run, crossing.elements, gone, created=[row[0] for row in plan.created.values()])
    _renew_waits(plan, run)
    run.settle()
    return Step(snapshot=dump(run), variables=run.variables, effects=without_passing(run.effects))


def _renew_waits(plan: Plan, run: Run) -> None:
    """Wait for the messages and signals that the target names, where they are others than before."""
    for entry in plan.kept:
        wait = entry.memory.get("wait")
        if wait not in MESSAGES or entry.target is None:
            continue
        index = entry.memory.get("event", 0)
        before, after = entry.node.events[index].details, entry.target.events[index].details
        if all(before.get(key) == after.get(key) for key in ("name", "correlationKey")):
            continue
        token = run.find(entry.token)
        token.memory.pop("name", None)
        run.emit(WaitCancelled(token=token.id, element_id=entry.node.id, reason=MIGRATED))
        run.attempt(token, partial(wait_for, token, entry.target.events[index], WaitKind(wait)))


def _rewritten(plan: Plan, digest: str) -> dict[str, Any]:
    """Return the stored form for the target, every scope before what is inside it."""
    rows = list(_created_in(plan, ROOT))
    for entry in plan.kept:
        assert entry.target is not None
        rows.append([entry.token, entry.target.id, entry.into, entry.state, _translated(plan, entry.memory)])
        rows += _created_in(plan, entry.token)
    root = plan.stored.get("root", {})
    return {
        **plan.stored,
        "definition": digest,
        "process": plan.crossing.target.id,
        "tokens": rows,
        **({"root": _translated(plan, root)} if root else {}),
    }


def _created_in(plan: Plan, scope: str) -> Iterator[list[Any]]:
    """Return the new scopes inside a token, the outer ones first."""
    for row in plan.created.values():
        if row[2] == scope:
            yield row
            yield from _created_in(plan, row[0])


def _translated(plan: Plan, memory: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the elements that a token remembers; what has no target is left out."""
    elements, result = plan.crossing.elements, dict(memory)
    if "queue" in memory:
        result["queue"] = [elements[one] for one in memory["queue"] if one in elements]
    for key in ("undo", "undoing"):
        if key in memory:
            result[key] = list(_records(memory[key], elements))
    if "todo" in memory:
        result["todo"] = list(_records(memory["todo"], elements))
    if isinstance(memory.get("begun"), str):
        result["begun"] = elements.get(memory["begun"], memory["begun"])
    if "trigger" in memory:
        trigger = memory["trigger"]
        result["trigger"] = {**trigger, "start": elements.get(trigger["start"], trigger["start"])}
    return result


def _records(records: list[dict[str, Any]], elements: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Translate records of what can be compensated, with those inside them."""
    for record in records:
        if record["node"] not in elements:
            continue
        inside: dict[str, Any] = {
            key: list(_records(record[key], elements)) for key in ("inner", "undoing") if key in record
        }
        yield {**record, "node": elements[record["node"]], **inside}
