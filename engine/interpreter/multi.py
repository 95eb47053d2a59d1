"""Multi-instance activities inside an instance: a body token, and one token per item with a scope of its own.

What an item sets stays in its scope while it runs, so that items never overwrite each other's values. With a
declared output (``outputDataItem``) only that leaves the item; without one, what it set goes to the scope around as
it completes, the last one winning, as designers of Camunda and Flowable expect. ``loopCounter`` begins with 1 (BPMN
2.0.2, table 10.31).

Call activities are not run here: their items become instances of their own (ChildrenRequested).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from engine.interpreter import compensation
from engine.interpreter.errors import ElementFailed
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import MultiInstance
    from engine.interpreter.activities import Activity
    from engine.interpreter.tokens import Token

MAX_ITEMS = 10_000
"""Items of one multi-instance activity inside an instance."""


def items_of(token: "Token", multi: "MultiInstance") -> list[Any]:
    """Return the items that an activity is for: the collection's, or 1..n of a cardinality."""
    run = token.run_
    if multi.collection is not None:
        items = plain(run.evaluate(token, multi.collection))
        if not isinstance(items, list):
            message = f"“{multi.collection}”不是列表 / The collection is not a list"
            raise ElementFailed("collection", message)
        return items
    count = run.evaluate(token, multi.cardinality or "0")
    if isinstance(count, str) and count.isdecimal():
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        message = f"次数“{multi.cardinality}”不是非负整数 / The cardinality is not a whole number"
        raise ElementFailed("cardinality", message)
    if count > MAX_ITEMS:
        raise _too_many()
    return list(range(1, count + 1))


def _too_many() -> ElementFailed:
    return ElementFailed("too-many-items", f"一次最多 {MAX_ITEMS} 项 / At most {MAX_ITEMS} items")


def open_body(spec: "Activity", body: "Token", multi: "MultiInstance") -> bool | None:
    """Start the items: all together, or the first of a sequence. Without items the activity is over at once."""
    items = items_of(body, multi)
    if len(items) > MAX_ITEMS:
        raise _too_many()
    if not items:
        if multi.output_collection:
            body.run_.write(body, {multi.output_collection: []})
        return True
    spec.arm(body)
    body.memory.update(total=len(items), done=0, out={})
    if multi.sequential:
        body.memory["rest"] = items[1:]
    for index, item in enumerate(items[:1] if multi.sequential else items):
        _place_item(spec, body, multi, index, item)
    return None


def _place_item(spec: "Activity", body: "Token", multi: "MultiInstance", index: int, item: Any) -> None:
    scope = {"loopCounter": index + 1}
    if multi.item_name:
        scope[multi.item_name] = item
    body.run_.place(spec.node.id, body, stage="in", item=index, scope=scope)


def item_done(spec: "Activity", token: "Token", multi: "MultiInstance") -> None:
    """An item is over: keep its output, then start the next, go on waiting, or end the activity."""
    run, body = token.run_, token.scope
    memory = body.memory
    output = plain(run.evaluate(token, multi.output_item)) if multi.output_item else None
    satisfied = multi.completion_condition is not None and (
        run.holds(token, multi.completion_condition, _counters(memory, memory["done"] + 1))
    )
    memory["done"] += 1
    if multi.output_item:
        memory["out"][str(token.memory["item"])] = output
    else:
        run.write(body, _written(token, multi))
    compensation.keep(token, body)
    over = satisfied or memory["done"] == memory["total"]
    if not over and multi.sequential:
        _place_item(spec, body, multi, memory["done"], memory["rest"].pop(0))
    run.disarm(token)
    run.remove(token)
    if over:
        _close_body(body, multi)


def item_cancelled(token: "Token", reason: str) -> None:
    """Take an item away by hand: it no longer counts, and the activity ends when no other is left."""
    run, body = token.run_, token.scope
    spec = cast("Activity", body.spec)
    multi = spec.node.multi
    assert multi is not None
    run.withdraw(token, reason)
    body.memory["total"] -= 1
    if body.memory["done"] == body.memory["total"]:
        _close_body(body, multi)
    elif body.memory.get("rest") and not body.inner:
        _place_item(spec, body, multi, body.memory["done"], body.memory["rest"].pop(0))


def _close_body(body: "Token", multi: "MultiInstance") -> None:
    """End the activity: cancel the items that are left, and keep the outputs in the items' order."""
    run, memory = body.run_, body.memory
    run.withdraw_all(body, "completion-condition")
    if multi.output_collection:
        run.write(body, {multi.output_collection: [memory["out"][k] for k in sorted(memory["out"], key=int)]})
    memory["stage"] = "leave"
    run.enqueue(body)


def _written(token: "Token", multi: "MultiInstance") -> dict[str, Any]:
    """Return what an item without a declared output has set, its own values aside: it goes to the scope around."""
    given = ("loopCounter", multi.item_name)
    return {key: value for key, value in token.memory["scope"].items() if key not in given}


def counters_around(token: "Token") -> dict[str, int]:
    """Return the counters of the innermost multi-instance activity around a token; empty when there is none."""
    at = token
    while not at.is_root:
        if "item" in at.memory and "done" in at.scope.memory:
            return _counters(at.scope.memory, at.scope.memory["done"])
        at = at.scope
    return {}


def _counters(memory: Mapping[str, Any], done: int) -> dict[str, int]:
    """The counters of the standard, and under the names that designers of Camunda know."""
    rest = len(memory.get("rest", ()))
    active = memory["total"] - done - rest
    return {
        "numberOfInstances": memory["total"],
        "numberOfCompletedInstances": done,
        "numberOfActiveInstances": active,
        "numberOfTerminatedInstances": 0,
        "nrOfInstances": memory["total"],
        "nrOfCompletedInstances": done,
        "nrOfActiveInstances": active,
    }
