"""Drafts of what is to be started (草稿箱): saved while typing, or back from a withdrawn instance."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput, NotFound, Stale
from engine.instances.models import Instance
from engine.instances.run import Run
from engine.tasks.models import StartDraft
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_KEYS = 500
MOST_DRAFTS = 200


def keep_start_draft(run: Run, instance: Instance) -> None:
    """Give an initiator the withdrawn instance's variables back as a draft; scalars only."""
    if instance.initiator_id is None:
        return
    version = run.session.get_one(PackageVersion, instance.package_version_id)
    data = {key: value for key, value in instance.variables.items() if isinstance(value, str | int | float | bool)}
    run.session.add(
        StartDraft(
            person_id=instance.initiator_id, package_key=version.key, title=instance.title, data=data, saved_at=run.at
        )
    )


def save_start_draft(
    engine: "Engine", *, person_id: int, package_key: str, data: Mapping[str, Any], title: str = "",
    draft_id: int | None = None, version: int = 0,
) -> tuple[int, int]:  # fmt: skip
    """Save a draft; returns its id and version. An older ``version`` raises :class:`Stale`: a second page is open."""
    if len(data) > MAX_KEYS:
        raise InvalidInput(say("草稿里的字段太多"))
    with engine.db.write() as session:
        at = engine.clock.now()
        if draft_id is None:
            mine = session.scalars(select(StartDraft.id).where(StartDraft.person_id == person_id)).all()
            if len(mine) >= MOST_DRAFTS:
                raise InvalidInput(say("草稿最多 {most} 份，请先清理草稿箱", most=MOST_DRAFTS))
            draft = StartDraft(
                person_id=person_id, package_key=package_key, title=title[:300], data=dict(data), saved_at=at
            )
            session.add(draft)
            session.flush()
            return draft.id, 1
        draft = start_draft(session, person_id=person_id, draft_id=draft_id)
        if draft.version != version:
            raise Stale(say("草稿已在另一个页面中更新，请刷新"))
        draft.data, draft.title, draft.saved_at, draft.version = dict(data), title[:300], at, version + 1
        return draft.id, draft.version


def start_draft(session: Session, *, person_id: int, draft_id: int) -> StartDraft:
    """Return one's own draft; somebody else's is not found."""
    draft = session.get(StartDraft, draft_id, with_for_update=True)
    if draft is None or draft.person_id != person_id:
        raise NotFound(say("没有这份草稿"))
    return draft


def start_drafts(session: Session, *, person_id: int) -> list[StartDraft]:
    """Return a person's drafts, the newest first."""
    query = select(StartDraft).where(StartDraft.person_id == person_id)
    return list(session.scalars(query.order_by(StartDraft.saved_at.desc(), StartDraft.id.desc()).limit(MOST_DRAFTS)))


def delete_start_draft(engine: "Engine", *, person_id: int, draft_id: int) -> None:
    """Throw a draft away."""
    with engine.db.write() as session:
        session.delete(start_draft(session, person_id=person_id, draft_id=draft_id))
