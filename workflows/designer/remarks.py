"""Remarks (评论) on elements of a package: threads that are answered, resolved and opened again, and call people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.ports import News
from engine.store import new_id
from engine.tasks.models import Notice
from workflows.designer.access import designers
from workflows.designer.drafts import read_draft
from workflows.designer.models import DesignedPackage, Remark
from workflows.notifications.mentions import find_mentions
from workflows.organisation.models import Person

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_TEXT = 2000
MOST_THREADS = 500
MOST_ANSWERS = 200


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark with its answers; the first one carries the place and whether it is resolved."""

    first: Remark
    answers: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Remarked:
    """What came of a remark: its thread, and the beginnings of calls that reached nobody."""

    thread: int
    unknown: tuple[str, ...]


def threads(session: Session, key: str) -> list[Thread]:
    """Return the threads of a package, the newest first."""
    query = select(Remark).where(Remark.key == key).order_by(Remark.id)
    rows = list(session.scalars(query))
    answers: dict[int, list[Remark]] = {}
    for row in rows:
        if row.thread_id is not None:
            answers.setdefault(row.thread_id, []).append(row)
    firsts = [row for row in rows if row.thread_id is None]
    return [Thread(row, tuple(answers.get(row.id, ()))) for row in reversed(firsts)]


def open_threads(session: Session, key: str) -> int:
    """Count the threads that are not resolved."""
    unresolved = (Remark.key == key, Remark.thread_id.is_(None), Remark.resolved_at.is_(None))
    return session.scalar(select(func.count()).select_from(Remark).where(*unresolved)) or 0


def remark(
    engine: "Engine",
    *,
    key: str,
    person_id: int,
    text: str,
    path: str = "",
    element: str = "",
    thread: int | None = None,
) -> Remarked:
    """Begin a thread at a place, or answer one, and tell those whom the text calls by ``@name``.

    An answer opens a resolved thread again. Only who may see the package can be called.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        sentence = f"评论须有 1 至 {MAX_TEXT} 个字 / A comment has 1 to {MAX_TEXT} characters"
        raise InvalidInput(sentence, {"text": sentence})
    with engine.db.write() as session:
        if thread is not None:
            first = _first(session, key, thread)
            path, element = first.path, first.element
            first.resolved_at = first.resolved_by = None
        _require_room(session, key, thread)
        called = find_mentions(session, text, among=[one.id for one in audience(session, key)], anybody=False)
        row = Remark(
            id=new_id(),
            key=key,
            thread_id=thread,
            path=path[:200],
            element=element[:200],
            author_id=person_id,
            text=text,
            mentions=list(called.people),
            created_at=engine.clock.now(),
        )
        session.add(row)
        _tell(engine, session, row, [one for one in called.people if one != person_id])
        return Remarked(thread or row.id, called.unknown)


def audience(session: Session, key: str) -> list[Person]:
    """Return who can be called in a package's remarks: the designers and its owner."""
    package = session.get(DesignedPackage, key)
    found = {one.id: one for one in designers(session)}
    owner = session.get(Person, package.owner_id) if package is not None and package.owner_id else None
    if owner is not None and owner.active:
        found[owner.id] = owner
    return list(found.values())


def resolve(engine: "Engine", *, key: str, person_id: int, thread: int, resolved: bool) -> None:
    """Resolve a thread, or open it again."""
    with engine.db.write() as session:
        first = _first(session, key, thread)
        first.resolved_at = engine.clock.now() if resolved else None
        first.resolved_by = person_id if resolved else None


def take_away(engine: "Engine", *, key: str, person_id: int, remark_id: int) -> None:
    """Take one's own remark away; a thread that somebody answered stays."""
    with engine.db.write() as session:
        row = session.get(Remark, remark_id)
        if row is None or row.key != key or row.author_id != person_id:
            raise NotFound("没有这条评论 / There is no such comment")
        answered = select(Remark.id).where(Remark.thread_id == row.id).limit(1)
        if session.scalar(answered) is not None:
            raise NotAllowed("已有人回复，不能删除；可以标为已解决 / It was answered: resolve it instead")
        session.delete(row)


def _tell(engine: "Engine", session: Session, row: Remark, people: Iterable[int]) -> None:
    """Write notices that lead to the remark, and let the herald carry them on."""
    author, name = session.get_one(Person, row.author_id), read_draft(session, row.key).name
    place = {"tab": row.path, "element": row.element, "thread": str(row.thread_id or row.id)}
    path = f"/designer/{row.key}/?{urlencode({key: value for key, value in place.items() if value})}"
    title = f"{author.name}在“{name}”的评论里提到您 / {author.name_en or author.name} mentioned you in “{name}”"
    notices = [
        Notice(
            id=new_id(), person_id=one, kind="mention", title=title[:300], path=path[:300], created_at=row.created_at
        )
        for one in people
    ]  # fmt: skip
    session.add_all(notices)
    news = News(row.created_at, notices=[one.id for one in notices])
    errand = engine.herald.errand_about(session, news) if engine.herald is not None and news else None
    if errand is not None:
        session.add(errand)


def _first(session: Session, key: str, thread: int) -> Remark:
    row = session.get(Remark, thread, with_for_update=True)
    if row is None or row.key != key or row.thread_id is not None:
        raise NotFound("没有这条评论 / There is no such comment")
    return row


def _require_room(session: Session, key: str, thread: int | None) -> None:
    same = (Remark.key == key, Remark.thread_id.is_(None) if thread is None else Remark.thread_id == thread)
    count = session.scalar(select(func.count()).select_from(Remark).where(*same)) or 0
    if count >= (MOST_THREADS if thread is None else MOST_ANSWERS):
        raise NotAllowed("评论太多，请先解决一些 / Too many comments: resolve some first")
