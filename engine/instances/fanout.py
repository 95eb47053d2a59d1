"""Children of call activities: spawned in chunks, counted as they finish, joined once, cancelled in chunks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from engine.errors import NotAllowed
from engine.instances.models import OPEN_STATUSES, FanOut, Instance, InstanceStatus
from engine.interpreter.calls import wants_results
from engine.interpreter.contract import ChildrenRequested, Stimulus, WaitFailed, WaitFinished
from engine.wording import say
from engine.work.models import ADMINISTRATIVE, Work

if TYPE_CHECKING:
    from engine.instances.run import Run
    from engine.instances.writer import TurnWriter

SPAWN_CHUNK = 200
"""Children started in one transaction; a kill loses at most one chunk, which is then started again."""

CANCEL_CHUNK = 200
MAX_DEPTH = 50
"""Instances that call each other, one inside the other: recursion without an end becomes an incident."""

LIVING = (*OPEN_STATUSES, InstanceStatus.SUSPENDED, InstanceStatus.DRAFT)


@dataclass(frozen=True, slots=True)
class UnitsAgain:
    """A return into a fan-out that is done: the children of these items are made again, the others stand (R10)."""

    fanout: FanOut
    indices: tuple[int, ...]

    def take_over(self, run: "Run", successor: FanOut) -> None:
        """Let the children that stand count for the new round."""
        earlier = self.fanout
        kept = earlier.total - len(self.indices)
        successor.items, successor.total, successor.item_name = earlier.items, earlier.total, earlier.item_name
        successor.indices, successor.spawned, successor.done = list(self.indices), kept, kept
        statement = (
            update(Instance)
            .where(Instance.fanout_id == earlier.id, Instance.item_index.not_in(self.indices))
            .values(fanout_id=successor.id)
        )
        run.session.execute(statement, execution_options={"synchronize_session": False})


def request(run: "Run", effect: ChildrenRequested) -> None:
    """Note the children that a call activity wants and let a job start them."""
    items = None if effect.items is None else list(effect.items)
    fanout = FanOut(
        instance_id=run.instance.id,
        token=effect.token,
        element_id=effect.element_id,
        called=effect.called,
        items=items,
        item_name=effect.item_name,
        inputs=dict(effect.inputs),
        completion_condition=effect.completion_condition,
        sequential=effect.sequential,
        total=1 if items is None else len(items),
    )
    run.writer.add(fanout)
    again = run.units_again
    if again is not None and again.fanout.element_id == effect.element_id:
        run.units_again = None
        again.take_over(run, fanout)
    kind = "spawn" if fanout.total else "join"
    run.writer.work(run.instance, kind, run.at, {"fanout_id": fanout.id}, effect.token)


def spawn(run: "Run", fanout_id: int) -> list[Stimulus]:
    """Start the next chunk of children; ``spawned`` is the cursor, so that nothing is started twice.

    What cannot be called at all fails the call activity: an error boundary event catches it, or it is an incident.
    """
    from engine.instances.start import start_child

    fanout = _open_fanout(run.session, fanout_id)
    if fanout is None:
        return []
    if fanout.spawned == 0 and (failure := _refused(run, fanout)):
        fanout.status = "cancelled"
        return [failure]
    chunk = 1 if fanout.sequential else SPAWN_CHUNK
    last = min(fanout.spawned + chunk, fanout.total)
    for cursor in range(fanout.spawned, last):
        index = _index(fanout, cursor)
        start_child(
            run.writer,
            run,
            process_id=fanout.called,
            variables=_inputs(fanout, index),
            token=fanout.token,
            fanout_id=fanout.id,
            item_index=index,
        )
    fanout.spawned = last
    if last < fanout.total and not fanout.sequential:
        run.writer.work(run.instance, "spawn", run.at, {"fanout_id": fanout.id}, fanout.token)
    return []


def _refused(run: "Run", fanout: FanOut) -> WaitFailed | None:
    if fanout.called not in run.package.processes:
        message = f"没有流程“{fanout.called}” / There is no process {fanout.called} in the package"
        return WaitFailed(at=run.at, token=fanout.token, code="unknown-process", message=message, technical=True)
    if _depth(run.session, run.instance) < MAX_DEPTH:
        return None
    message = f"流程互相调用超过 {MAX_DEPTH} 层，可能是无穷递归 / Calls are nested deeper than {MAX_DEPTH}"
    return WaitFailed(at=run.at, token=fanout.token, code="call-depth", message=message, technical=True)


def _depth(session: Session, instance: Instance) -> int:
    """Count the instances from this one up to the one that nobody called."""
    if instance.parent_id is None:
        return 1
    chain = select(Instance.id, Instance.parent_id).where(Instance.id == instance.id).cte("chain", recursive=True)
    chain = chain.union_all(select(Instance.id, Instance.parent_id).where(Instance.id == chain.c.parent_id))
    return session.scalar(select(func.count()).select_from(chain)) or 1


def child_ended(writer: "TurnWriter", child: Instance, *, error: str | None = None) -> None:
    """Count a child that is over, and wake its parent when that can change something.

    One UPDATE whatever the number of children. A parent never waits for a child's lock while it holds its own, so
    the child may wait for the parent's here.
    """

    def count() -> None:
        statement = (
            update(FanOut)
            .where(FanOut.id == child.fanout_id, FanOut.status == "open")
            .values(done=FanOut.done + 1)
            .returning(
                FanOut.instance_id, FanOut.token, FanOut.done, FanOut.total, FanOut.sequential,
                FanOut.completion_condition,
            )
        )  # fmt: skip
        row = writer.session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
        if row is None:
            return
        if error or row.done >= row.total or row.sequential or row.completion_condition:
            payload = {"fanout_id": child.fanout_id, "child_id": child.id, "error": error}
            wake(writer, row.instance_id, "join", payload, row.token)

    writer.told.append(count)
    writer.elsewhere_due = True


def child_escalated(writer: "TurnWriter", child: Instance, code: str, payload: Mapping[str, Any]) -> None:
    """Give an escalation that a child did not catch to the call activity that waits for it."""
    values = {"code": code, "payload": dict(payload)}

    def tell() -> None:
        query = select(FanOut.instance_id, FanOut.token).where(FanOut.id == child.fanout_id, FanOut.status == "open")
        row = writer.session.execute(query).one_or_none()
        if row is not None:
            wake(writer, row.instance_id, "escalation", values, row.token)

    writer.told.append(tell)
    writer.elsewhere_due = True


def wake(writer: "TurnWriter", instance_id: int, kind: str, payload: dict[str, Any], token: str | None) -> None:
    """Give work to an instance that this transaction has not locked; its row is written in one statement."""
    session, at = writer.session, writer.at
    session.add(
        Work(instance_id=instance_id, kind=kind, token=token, payload=payload, due=at, attempt=0, created_at=at)
    )
    session.flush()
    earlier = case((or_(Instance.next_due.is_(None), Instance.next_due > at), at), else_=Instance.next_due)
    statement = update(Instance).where(Instance.id == instance_id).values(next_due=earlier)
    if kind not in ADMINISTRATIVE:
        statement = statement.where(Instance.status != InstanceStatus.SUSPENDED)
    session.execute(statement, execution_options={"synchronize_session": False})


def join(run: "Run", payload: dict[str, Any]) -> list[Stimulus]:
    """Say whether the wait of a call activity is over, and with what."""
    fanout = _open_fanout(run.session, int(payload["fanout_id"]))
    if fanout is None:
        return []
    if payload.get("error"):
        _close(run, fanout)
        code = str(payload["error"])
        return [WaitFailed(at=run.at, token=fanout.token, code=code, message=say("被调用的流程以错误结束"))]
    if fanout.done < fanout.total and not _condition_holds(run, fanout):
        if fanout.sequential and fanout.spawned <= fanout.done:
            run.writer.work(run.instance, "spawn", run.at, {"fanout_id": fanout.id}, fanout.token)
        return []
    _close(run, fanout)
    return [WaitFinished(at=run.at, token=fanout.token, result=_result(run, fanout))]


def cancel(run: "Run", tokens: list[str]) -> None:
    """Let a job cancel the children of these waits; what they finish meanwhile no longer counts."""
    fresh = [row for row in run.writer.rows[FanOut] if row.instance_id == run.instance.id and row.token in tokens]
    query = select(FanOut).where(
        FanOut.instance_id == run.instance.id, FanOut.token.in_(tokens), FanOut.status == "open"
    )
    for fanout in [*fresh, *run.session.scalars(query)]:
        _abandon(run.writer, run.instance, fanout)


def cancel_all(writer: "TurnWriter", instance: Instance) -> None:
    """Let jobs cancel every child of an instance that is over."""
    query = select(FanOut).where(FanOut.instance_id == instance.id, FanOut.status == "open")
    for fanout in writer.session.scalars(query):
        _abandon(writer, instance, fanout)


def cancel_children(writer: "TurnWriter", parent: Instance, payload: Mapping[str, Any]) -> None:
    """Cancel a chunk of children: instances, slots, activations and work, each in one statement.

    ``payload`` names ``fanout_id`` and ``reason``; with ``first`` only the children from this item on go that were
    made up to ``before``.

    Children that somebody is working on at this moment are left for the next round: waiting for their locks while
    holding the parent's could wait for ever.
    """
    from engine.tasks.opening import close_of_instances

    session, at, reason = writer.session, writer.at, str(payload["reason"])
    living = select(Instance).where(Instance.fanout_id == int(payload["fanout_id"]), Instance.status.in_(LIVING))
    if "first" in payload:
        before = datetime.fromisoformat(payload["before"])
        living = living.where(Instance.item_index >= payload["first"], Instance.created_at <= before)
    chunk = list(session.scalars(living.order_by(Instance.id).limit(CANCEL_CHUNK).with_for_update(skip_locked=True)))
    for child in chunk:
        writer.line(child, "terminate", rule=f"system:{reason}", from_state=child.status, to_state="terminated")
        child.status = InstanceStatus.TERMINATED
        child.outcome = f"cancelled({reason})"[:200]
        child.ended_at = at
        child.version += 1
        writer.drop_everything(child)
        writer.visits.end(child)
        cancel_all(writer, child)
        writer.tell("instance_ended", child)
    if chunk:
        close_of_instances(writer, {child.id: child for child in chunk}, reason)
    remaining = session.scalar(select(func.count()).select_from(living.subquery())) or 0
    if remaining > len(chunk):
        writer.work(parent, "cancel-children", at, dict(payload))


def _open_fanout(session: Session, fanout_id: int) -> FanOut | None:
    query = select(FanOut).where(FanOut.id == fanout_id, FanOut.status == "open").with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _abandon(writer: "TurnWriter", instance: Instance, fanout: FanOut) -> None:
    fanout.status = "cancelled"
    writer.work(instance, "cancel-children", writer.at, {"fanout_id": fanout.id, "reason": "parent"})


def _close(run: "Run", fanout: FanOut) -> None:
    if fanout.done < fanout.total:
        _abandon(run.writer, run.instance, fanout)
    fanout.status = "done"


def _index(fanout: FanOut, cursor: int) -> int:
    """Return the item at the cursor: those that stand were counted first."""
    return cursor if fanout.indices is None else fanout.indices[cursor - (fanout.total - len(fanout.indices))]


def _inputs(fanout: FanOut, index: int) -> dict[str, Any]:
    if fanout.items is None:
        return dict(fanout.inputs)
    if fanout.item_name is None:
        return {**fanout.inputs, **fanout.items[index]}
    return {**fanout.inputs, fanout.item_name: fanout.items[index]}


def _condition_holds(run: "Run", fanout: FanOut) -> bool:
    if not fanout.completion_condition:
        return False
    counts = {
        "numberOfInstances": fanout.total,
        "numberOfCompletedInstances": fanout.done,
        "numberOfActiveInstances": fanout.spawned - fanout.done,
        "nrOfInstances": fanout.total,
        "nrOfCompletedInstances": fanout.done,
        "nrOfActiveInstances": fanout.spawned - fanout.done,
    }
    answer = run.environment.evaluate(fanout.completion_condition, {**run.variables, **counts})
    if not isinstance(answer, bool | None):
        raise NotAllowed(
            say(
                "“{element_id}”的完成条件应得出是或否，得到的是 {answer}",
                element_id=fanout.element_id,
                answer=f"{answer!r}",
            )
        )
    return bool(answer)


def _result(run: "Run", fanout: FanOut) -> dict[str, Any]:
    """Return the children's variables, which only designers who map outputs want to see."""
    if not wants_results(run.node(fanout.element_id)):
        return {}
    query = select(Instance.variables).where(
        Instance.fanout_id == fanout.id, Instance.status.in_([InstanceStatus.COMPLETED, InstanceStatus.REJECTED])
    )
    children = list(run.session.scalars(query.order_by(Instance.item_index)))
    if fanout.items is None:
        return dict(children[0]) if children else {}
    return {"results": children}
