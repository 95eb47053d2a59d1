"""What does not move a task: urging, drafts, reading."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.errors import InvalidInput, NotFound, Stale
from engine.tasks.desk import Desk, OperationResult, operate, require_fresh
from engine.tasks.formdata import form_of, rights_of
from engine.tasks.legality import require
from engine.tasks.models import Copy, Draft, Notice, Slot, SlotCandidate
from engine.tasks.opening import notify
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

URGES_BEFORE_ESCALATION = 3
MAX_DRAFT_KEYS = 500


def urge(
    engine: "Engine", *, slot_id: int, actor_id: int, version: int | None = None, key: str | None = None,
    dry_run: bool = False,
) -> OperationResult:  # fmt: skip
    """Urge (催办): once per slot in four hours, counted; the third goes to the owner's leader too."""

    def act(desk: Desk) -> str:
        require(desk, "urge")
        slot = desk.slot
        slot.urges, slot.urged_at = slot.urges + 1, desk.at
        people: list[int | None] = [slot.owner_id] if slot.owner_id else []
        if not people:
            query = select(SlotCandidate.person_id).where(SlotCandidate.slot_id == slot.id)
            people = list(desk.session.scalars(query))
        if slot.urges >= URGES_BEFORE_ESCALATION and slot.owner_id is not None:
            people.append(engine.people.leader_of(desk.session, slot.owner_id, desk.at))
        title = say(
            "催办（第 {urges} 次）：{title} · {name}",
            urges=slot.urges,
            title=desk.instance.title,
            name=desk.activation.name,
        )
        notify(desk.writer, desk.instance, people, "urge", title, slot_id=slot.id)
        desk.writer.line(
            desk.instance, "urge", actor_id=desk.actor_id, principal_id=slot.owner_id, detail={"count": slot.urges},
            **desk.where,
        )  # fmt: skip
        return say("已催办（第 {urges} 次）", urges=slot.urges)

    request = {"operation": "urge"}
    return operate(engine, slot_id=slot_id, actor_id=actor_id, request=request, key=key, dry_run=dry_run, act=act)


def save_draft(
    engine: "Engine", *, slot_id: int, actor_id: int, data: Mapping[str, Any], draft_version: int = 0
) -> int:
    """Keep what somebody typed; returns the draft's new version.

    ``draft_version`` is the one the page has (0 for none); an older one raises :class:`Stale`: a second tab is open.
    """
    versions: list[int] = []

    def act(desk: Desk) -> str:
        require_fresh(desk, None)
        require(desk, "save_draft")
        if len(data) > MAX_DRAFT_KEYS:
            raise InvalidInput(say("草稿里的字段太多"))
        form = form_of(desk)
        rights = rights_of(desk.activation.settings, form)
        known = {item.key.split(".")[0] for item in form.fields} if form is not None else set()
        own = {key: value for key, value in data.items() if key in known and rights.get(key, "edit") == "edit"}
        draft = desk.session.get(Draft, (desk.activation.id, desk.actor_id))
        if draft is None:
            draft = Draft(activation_id=desk.activation.id, person_id=desk.actor_id, data=own, saved_at=desk.at)
            draft.version = 1
            desk.session.add(draft)
        else:
            if draft.version != draft_version:
                raise Stale(say("草稿已在另一个页面中更新，请刷新"))
            draft.data, draft.version, draft.saved_at = own, draft.version + 1, desk.at
        versions.append(draft.version)
        return say("草稿已保存")

    operate(engine, slot_id=slot_id, actor_id=actor_id, request={}, key=None, dry_run=False, act=act)
    return versions[-1]


def mark_read(
    engine: "Engine", *, actor_id: int, slot_id: int | None = None, copy_id: int | None = None,
    notice_id: int | None = None,
) -> None:  # fmt: skip
    """Note that a person has seen a task, a copy (its read receipt) or a notice; somebody else's raises NotFound."""
    with engine.db.write() as session:
        at = engine.clock.now()
        row: Slot | Copy | Notice | None = None
        owner: int | None = None
        if slot_id is not None:
            row = session.get(Slot, slot_id)
            owner = row.owner_id if row is not None else None
            if row is not None and owner is None:
                return
        elif copy_id is not None:
            row = session.get(Copy, copy_id)
            owner = row.person_id if row is not None else None
        elif notice_id is not None:
            row = session.get(Notice, notice_id)
            owner = row.person_id if row is not None else None
        if row is None or owner != actor_id:
            raise NotFound(say("没有这一条"))
        row.read_at = row.read_at or at
