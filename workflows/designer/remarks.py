"""Remarks (评论) on elements of a package: threads that are answered, resolved and opened again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from workflows.designer.models import Remark

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
) -> int:
    """Begin a thread at a place, or answer one; returns the thread's id. An answer opens a resolved thread again."""
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
        row = Remark(
            key=key,
            thread_id=thread,
            path=path[:200],
            element=element[:200],
            author_id=person_id,
            text=text,
            created_at=engine.clock.now(),
        )
        session.add(row)
        session.flush()
        return thread or row.id


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
