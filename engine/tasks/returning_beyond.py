"""Returns that leave the instance: out of a called process into its caller (R8), into units of a fan-out (R10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.instances import fanout
from engine.instances.fanout import LIVING, UnitsAgain, wake
from engine.instances.models import FanOut, Instance, InstanceStatus
from engine.instances.run import Run
from engine.instances.turns import advance
from engine.interpreter.contract import Moved
from engine.tasks.branches import relation
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.legality import require
from engine.tasks.models import Activation, Slot
from engine.tasks.opening import close_of_instances, notify
from engine.tasks.returning import close_returned, passed_nodes
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

WORK_KIND = "return"


@dataclass(frozen=True, slots=True)
class CallerTarget:
    """A human node of the calling process that a return may go to."""

    element_id: str
    name: str


@dataclass(frozen=True, slots=True)
class UnitTarget:
    """A fan-out that is done, and its children by id and title."""

    element_id: str
    name: str
    children: tuple[tuple[int, str], ...]


def caller_targets(desk: Desk) -> list[CallerTarget]:
    """Return the nodes of the caller that a return may go to, the latest first; none out of a fan-out over units."""
    instance, session = desk.instance, desk.session
    if instance.parent_id is None or instance.fanout_id is None:
        return []
    call = session.get(FanOut, instance.fanout_id)
    parent = session.get(Instance, instance.parent_id)
    if call is None or parent is None or call.items is not None or call.status != "open":
        return []
    process = desk.engine.packages.get(session, parent.package_version_id).process(parent.process_id)[1]
    found: dict[str, CallerTarget] = {}
    for activation, _ in passed_nodes(session, parent.id):
        node = process.nodes.get(activation.element_id)
        if node is None or activation.element_id in found or node.parent != process.nodes[call.element_id].parent:
            continue
        if relation(process, call.element_id, node.id).kind != "sibling":
            found[node.id] = CallerTarget(node.id, activation.name)
    return list(found.values())


def return_to_caller(
    engine: "Engine", *, slot_id: int, actor_id: int, target: str, reason: str, version: int | None = None,
    key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Return out of a called process (R8): it ends as ``cancelled(return)``, its caller goes on at ``target``."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "return")
        _require_reason(reason)
        chosen = next((one for one in caller_targets(desk) if one.element_id == target), None)
        if chosen is None:
            raise NotAllowed(say("不能退回到上级流程的这个节点"))
        instance, writer = desk.instance, desk.writer
        close_returned(desk, f"caller:{target}", reason, "again")
        writer.line(instance, "end", from_state=instance.status, to_state="terminated", detail={"outcome": "return"})
        instance.status, instance.outcome = InstanceStatus.TERMINATED, "cancelled(return)"
        instance.ended_at = desk.at
        instance.version += 1
        writer.drop_everything(instance)
        writer.visits.end(instance)
        fanout.cancel_all(writer, instance)
        close_of_instances(writer, {instance.id: instance}, "return")
        writer.tell("instance_ended", instance)
        payload = {"target": target, "reason": reason, "actor_id": desk.actor_id, "child_id": instance.id}
        writer.told.append(
            partial(wake, writer, int(instance.parent_id or 0), WORK_KIND, payload, instance.parent_token)
        )
        writer.elsewhere_due = True
        return say("已退回到上级流程的“{name}”", name=chosen.name)

    request = {"operation": "return_to_caller", "target": target, "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def caller_goes_back(run: Run, token: str, payload: dict[str, Any]) -> None:
    """Move the caller to where its child was returned to; a call that is over meanwhile is left alone."""
    query = select(FanOut.id).where(
        FanOut.instance_id == run.instance.id, FanOut.token == token, FanOut.status == "open"
    )
    if run.session.scalar(query) is None:
        return
    target, reason = str(payload["target"]), str(payload["reason"])
    run.writer.line(
        run.instance, "return", actor_id=payload["actor_id"], opinion=reason,
        detail={"target": target, "child": payload["child_id"]},
    )  # fmt: skip
    advance(run, [Moved(at=run.at, tokens=[token], element_id=target, reason="return")])
    for opened in run.writer.rows[Activation]:
        if opened.element_id != target or opened.instance_id != run.instance.id:
            continue
        opened.return_reason = reason
        owners = [slot.owner_id for slot in run.writer.rows[Slot] if slot.activation_id == opened.id]
        notify(
            run.writer,
            run.instance,
            owners,
            "returned",
            say("被退回：{title} · {name}", title=run.instance.title, name=opened.name),
        )


def unit_targets(desk: Desk) -> list[UnitTarget]:
    """Return the fan-outs of this instance that are done and lie before the task, with their children."""
    process, here = desk.run.process, desk.activation.element_id
    found = []
    for call in _finished_calls(desk.session, desk.instance.id).values():
        node = process.nodes.get(call.element_id)
        if node is None or node.parent != process.nodes[here].parent:
            continue
        if relation(process, here, node.id).kind == "sibling":
            continue
        query = select(Instance.id, Instance.title).where(Instance.fanout_id == call.id).order_by(Instance.item_index)
        children = tuple((row.id, row.title) for row in desk.session.execute(query))
        found.append(UnitTarget(node.id, node.name or node.id, children))
    return found


def return_units(
    engine: "Engine", *, slot_id: int, actor_id: int, target: str, children: Sequence[int], reason: str,
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Return into a fan-out over units (R10): only the named units' children are made again, the others stand."""

    def act(desk: Desk) -> str:
        require_fresh(desk, version)
        require(desk, "return")
        _require_reason(reason)
        if target not in {one.element_id for one in unit_targets(desk)}:
            raise NotAllowed(say("不能退回到这个环节的单位"))
        call = _finished_calls(desk.session, desk.instance.id)[target]
        query = select(Instance).where(Instance.fanout_id == call.id)
        again = list(desk.session.scalars(query.where(Instance.id.in_(list(children)))))
        if not again or len(again) != len(set(children)):
            raise NotFound(say("选择的单位不在这个环节里"))
        if desk.session.scalar(
            select(func.count()).select_from(query.where(Instance.status.in_(LIVING)).subquery())
        ):  # fmt: skip
            raise NotAllowed(say("还有单位没有办完，不能退回"))
        for child in again:
            desk.writer.line(child, "returned", actor_id=desk.actor_id, opinion=reason)
            child.outcome = "cancelled(return)"
        close_returned(desk, target, reason, "again")
        indices = tuple(sorted(child.item_index or 0 for child in again))
        desk.run.units_again = UnitsAgain(call, indices)
        advance(desk.run, [Moved(at=desk.at, tokens=[desk.activation.token], element_id=target, reason="return")])
        return say("已退回 {number} 个单位重新办理", number=len(again))

    request = {"operation": "return_units", "target": target, "children": sorted(children), "reason": reason}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def _finished_calls(session: Session, instance_id: int) -> dict[str, FanOut]:
    """Return the latest finished fan-out over items of each call activity."""
    query = select(FanOut).where(FanOut.instance_id == instance_id, FanOut.status == "done").order_by(FanOut.id)
    return {call.element_id: call for call in session.scalars(query) if call.items is not None}


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(say("请填写退回原因"), {"reason": say("退回原因必填")})
