"""Who is editing now: every tab says so again and again, and is gone when it stops."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.store.bulk import insert_once
from engine.wording import say
from workflows.designer.models import Presence

if TYPE_CHECKING:
    from engine.runtime import Engine

GONE_AFTER = timedelta(seconds=45)
MAX_TAB = 40


def arrive(engine: "Engine", *, key: str, person_id: int, tab: str, path: str = "", element: str = "") -> None:
    """Note that a tab of somebody is open on a file or an element."""
    if not tab or len(tab) > MAX_TAB:
        raise InvalidInput("页面编号不对 / The tab's number is wrong", {"tab": say("不对")})
    at = engine.clock.now()
    path, element = path[:200], element[:200]
    with engine.db.write() as session:
        session.execute(delete(Presence).where(Presence.key == key, Presence.seen_at < at - GONE_AFTER))
        values = {"key": key, "tab": tab, "person_id": person_id, "since": at, "seen_at": at}
        values |= {"path": path, "element": element}
        if insert_once(session, Presence, values):
            return
        found = session.get_one(Presence, (key, tab))
        if found.person_id == person_id:
            found.path, found.element, found.seen_at = path, element, at


def leave(engine: "Engine", *, key: str, person_id: int, tab: str) -> None:
    """Note that a tab was closed."""
    with engine.db.write() as session:
        mine = (Presence.key == key, Presence.tab == tab, Presence.person_id == person_id)
        session.execute(delete(Presence).where(*mine))


def editors(engine: "Engine", session: Session, key: str, *, me: int) -> list[dict[str, Any]]:
    """Return who has a package open, one entry a tab, in the order of their coming."""
    after = engine.clock.now() - GONE_AFTER
    query = select(Presence).where(Presence.key == key, Presence.seen_at >= after).order_by(Presence.since)
    rows = list(session.scalars(query))
    names = engine.people.names(session, sorted({row.person_id for row in rows}))
    return [
        {
            "id": str(row.person_id),
            "name": names.get(row.person_id, ""),
            "path": row.path,
            "element": row.element,
            "since": row.since.isoformat(),
            "tab": row.tab,
            "you": row.person_id == me,
        }
        for row in rows
    ]
