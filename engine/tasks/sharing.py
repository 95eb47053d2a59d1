"""Copies for people who should know (抄送), and agreeing to many at once (批量)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.errors import DubanError, InvalidInput
from engine.instances.models import Instance
from engine.tasks.decisions import agree, note
from engine.tasks.desk import Desk, OperationResult, operate, require_same_form
from engine.tasks.legality import require
from engine.tasks.models import Activation, Copy, Slot
from engine.tasks.opening import notify
from engine.wording import listed, say

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_COPIES = 100
MOST_AT_ONCE = 100


def copy_to(
    engine: "Engine", *, slot_id: int, actor_id: int, people: Sequence[int], text: str = "",
    version: int | None = None, key: str | None = None, dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Send read-only copies with a read receipt; who has one already gets no second. It never blocks anybody."""

    def act(desk: Desk) -> str:
        require_same_form(desk, version)
        require(desk, "copy")
        wanted = list(dict.fromkeys(people))
        names = desk.engine.people.names(desk.session, wanted)
        if not wanted or len(wanted) > MOST_COPIES or any(person not in names for person in wanted):
            raise InvalidInput(say("请选择抄送对象"), {"people": say("1–{most} 人", most=MOST_COPIES)})
        had = set(desk.session.scalars(select(Copy.person_id).where(Copy.instance_id == desk.instance.id)))
        fresh = [person for person in wanted if person not in had]
        for person in fresh:
            desk.writer.add(
                Copy(
                    instance_id=desk.instance.id, activation_id=desk.activation.id, person_id=person,
                    sender_id=desk.actor_id, note=text[:500], created_at=desk.at,
                )
            )  # fmt: skip
        notify(desk.writer, desk.instance, fresh, "copy", say("抄送给您：{title}", title=desk.instance.title))
        note(desk, "copy", desk.slot.state, desk.slot.state, opinion=text or None, detail={"people": fresh})
        return say("已抄送：{wanted}", wanted=listed(names[person] for person in wanted))

    request = {"operation": "copy", "people": list(people), "text": text}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of a batch."""

    slot_id: int
    title: str
    done: bool
    sentence: str


def batch_agree(
    engine: "Engine", *, slot_ids: Sequence[int], actor_id: int, opinion: str = "", key: str | None = None,
    dry_run: bool = False,
) -> list[RowResult]:  # fmt: skip
    """Agree to many tasks of one node where the designer allowed it (``batch="true"``), each in its own transaction.

    One that cannot be agreed says why and keeps the others from nothing.

    Raises
    ------
    InvalidInput
        Nothing or too much was chosen, or the tasks belong to different processes.

    """
    wanted = list(dict.fromkeys(slot_ids))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise InvalidInput(
            say("一次选择 1–{most} 项", most=MOST_AT_ONCE), {"slots": say("1–{most} 项", most=MOST_AT_ONCE)}
        )
    query = (
        select(Slot.id, Activation.title, Activation.settings, Instance.title, Instance.process_id)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .where(Slot.id.in_(wanted))
    )
    with engine.db.read() as session:
        found = {row[0]: row for row in session.execute(query)}
    if len({row[4] for row in found.values()}) > 1:
        raise InvalidInput(say("一次只能批量同意同一种流程"), {"slots": say("不是同一种流程")})
    results = []
    for slot_id in wanted:
        row = found.get(slot_id)
        title = (row[1] or row[3]) if row is not None else ""
        if row is None:
            results.append(RowResult(slot_id, title, False, say("没有这个待办")))
            continue
        if str(row[2].get("batch", "")).lower() != "true":
            results.append(RowResult(slot_id, title, False, say("这个节点不允许批量同意，请逐项办理")))
            continue
        try:
            own_key = f"{key}:{slot_id}" if key else None
            answer = agree(
                engine, slot_id=slot_id, actor_id=actor_id, opinion=opinion, key=own_key, dry_run=dry_run
            )  # fmt: skip
            results.append(RowResult(slot_id, title, True, answer.sentence))
        except DubanError as error:
            results.append(RowResult(slot_id, title, False, str(error)))
    return results
