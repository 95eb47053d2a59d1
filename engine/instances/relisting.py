"""When days move, what services made of them is made again, and the children of fan-outs over it follow.

A service kind with ``follow`` (rounds that were listed, inspections that were planned, reports that are expected) is
asked once more with its inputs as they are now. Where a fan-out goes over the list that came out, its children take
the new values of their items; items behind the old end get children, and children behind the new end that nobody has
worked on are taken away. Nobody's lock is waited for: each child is told by an errand.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine.history.models import HistoryLine
from engine.instances.fanout import LIVING
from engine.instances.models import FanOut, Instance
from engine.instances.services import inputs_of
from engine.instances.turns import advance
from engine.interpreter.calls import about_item
from engine.interpreter.contract import VariablesSet
from engine.interpreter.values import plain
from engine.ports import ServiceCall
from engine.tasks.models import Activation
from engine.work.errands import add_errand

if TYPE_CHECKING:
    from engine.instances.run import Run

ERRAND = "reschedule"


def relist(run: "Run", values: Mapping[str, Any], cause: Mapping[str, Any]) -> list[str]:
    """Ask services again whose inputs speak of moved values; returns their elements. ``cause`` is told to children."""
    done = select(HistoryLine.element_id).where(
        HistoryLine.instance_id == run.instance.id, HistoryLine.operation == "service"
    )
    performed = {str(one) for one in run.session.scalars(done.distinct())}
    changed, asked = dict(values), []
    for element_id in sorted(performed & run.process.nodes.keys()):
        if any(speaks_of(text, values) for text in run.node(element_id).inputs.values()):
            changed |= _ask(run, element_id)
            asked.append(element_id)
    _fan_outs(run, changed, cause)
    return asked


def speaks_of(text: str, values: Mapping[str, Any]) -> bool:
    """Say whether an expression names one of some variables."""
    return text.startswith("=") and any(re.search(rf"\b{re.escape(name)}\b", text) for name in values)


def _ask(run: "Run", element_id: str) -> dict[str, Any]:
    """Ask a service once more; returns the variables that it gives another value."""
    node = run.node(element_id)
    kind = run.engine.services.get(node.attributes.get("duban:service", ""))
    if kind is None or kind.follow is None:
        return {}
    result = plain(
        dict(
            kind.follow(
                ServiceCall(
                    engine=run.engine,
                    session=run.session,
                    instance=run.instance,
                    element_id=element_id,
                    token="",
                    inputs=inputs_of(run, element_id, {}),
                    at=run.at,
                    idempotency_key="",
                )
            )
        )
    )
    seen = {**run.variables, **result}
    given = {name: run.environment.evaluate(text, seen) for name, text in node.outputs.items()} or result
    changed = {name: plain(value) for name, value in given.items() if run.variables.get(name) != value}
    if changed:
        advance(run, [VariablesSet(at=run.at, values=changed)])
    return changed


def _fan_outs(run: "Run", changed: Mapping[str, Any], cause: Mapping[str, Any]) -> None:
    query = select(FanOut).where(FanOut.instance_id == run.instance.id, FanOut.status == "open").with_for_update()
    for fanout in run.session.scalars(query).all():
        node = run.node(fanout.element_id)
        own = about_item(node)
        fresh = {name: text for name, text in node.inputs.items() if name in fanout.inputs and name not in own}
        values = {name: run.environment.evaluate(text, run.variables) for name, text in fresh.items()}
        fanout.inputs = {**fanout.inputs, **plain(values)}
        collection = node.multi.collection if node.multi else None
        if fanout.items is not None and collection is not None and speaks_of(_as_feel(collection), changed):
            _follow(run, fanout, _items(run, fanout), cause)


def _as_feel(text: str) -> str:
    return text if text.startswith("=") else f"={text}"


def _items(run: "Run", fanout: FanOut) -> list[Any]:
    """Return what each child would be given now."""
    node = run.node(fanout.element_id)
    assert node.multi is not None
    listed = run.environment.evaluate(_as_feel(node.multi.collection or ""), run.variables)
    if not isinstance(listed, list) or fanout.item_name is not None:
        return plain(listed) if isinstance(listed, list) else list(fanout.items or ())
    name, items = node.multi.item_name, []
    for number, item in enumerate(listed, 1):
        named = {name: item} if name else {}
        seen = {**run.variables, "loopCounter": number, **named}
        items.append({**named, **{key: run.environment.evaluate(text, seen) for key, text in about_item(node).items()}})
    return list(plain(items))


def _follow(run: "Run", fanout: FanOut, items: list[Any], cause: Mapping[str, Any]) -> None:
    """Let the children of a fan-out follow its new items, index by index."""
    before = list(fanout.items or ())
    children = select(Instance.id, Instance.item_index).where(
        Instance.fanout_id == fanout.id, Instance.status.in_(LIVING)
    )
    living = {row.item_index: row.id for row in run.session.execute(children)}
    kept = max([len(items), *(index + 1 for index in _begun(run, fanout))])
    for index, (old, new) in enumerate(zip(before, items, strict=False)):
        if old != new and index in living:
            values = new if fanout.item_name is None else {fanout.item_name: new}
            tell(run, living[index], {**cause, "variables": values})
    if kept < len(before):
        _take_away(run, fanout, kept)
    fanout.items = [*items, *before[len(items) : kept]]
    if fanout.indices is not None:
        fanout.indices = [one for one in fanout.indices if one < kept] + list(range(len(before), kept))
    fanout.total, fanout.spawned = kept, min(fanout.spawned, kept)
    payload = {"fanout_id": fanout.id}
    if fanout.done >= fanout.total:
        run.writer.work(run.instance, "join", run.at, payload, fanout.token)
    elif kept > len(before) and fanout.spawned == len(before):
        run.writer.work(run.instance, "spawn", run.at, payload, fanout.token)


def _begun(run: "Run", fanout: FanOut) -> list[int]:
    """Return the items whose children are over, or have had a task or children of their own."""
    worked = select(Activation.id).where(Activation.instance_id == Instance.id).exists()
    called = select(FanOut.id).where(FanOut.instance_id == Instance.id).exists()
    query = select(Instance.item_index).where(
        Instance.fanout_id == fanout.id, or_(Instance.status.not_in(LIVING), worked, called)
    )
    return [index for index in run.session.scalars(query) if index is not None]


def _take_away(run: "Run", fanout: FanOut, first: int) -> None:
    payload = {"fanout_id": fanout.id, "reason": "rescheduled", "first": first, "before": run.at.isoformat()}
    run.writer.work(run.instance, "cancel-children", run.at, payload)


def tell(run: "Run", instance_id: int, payload: Mapping[str, Any]) -> None:
    """Let another instance take new values, in a turn of its own, and those below it that know them."""
    about = {"instance_id": instance_id, "payload": {**payload, "pass_on": True}}
    add_errand(run.session, kind=ERRAND, due=run.at, at=run.at, payload=about, instance_id=run.instance.id)
    run.writer.elsewhere_due = True
