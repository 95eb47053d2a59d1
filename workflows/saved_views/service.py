"""Keeping views of the inbox: save, rename, delete, and the one that opens by itself."""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from workflows.saved_views.models import SavedView

MOST_VIEWS = 30
MAX_NAME = 40


def views_of(session: Session, person_id: int) -> list[SavedView]:
    """Return a person's views in the order in which they were saved."""
    return list(session.scalars(select(SavedView).where(SavedView.person_id == person_id).order_by(SavedView.id)))


def save_view(session: Session, *, person_id: int, name: str, filters: Mapping[str, str]) -> SavedView:
    """Keep filters under a name; a view of that name takes the new ones."""
    words = _judged(name)
    known = views_of(session, person_id)
    same = next((one for one in known if one.name == words), None)
    if same is not None:
        same.filters = dict(filters)
        return same
    if len(known) >= MOST_VIEWS:
        raise InvalidInput(f"最多保存 {MOST_VIEWS} 个视图 / {MOST_VIEWS} views at most")
    view = SavedView(person_id=person_id, name=words, filters=dict(filters), is_default=False)
    session.add(view)
    session.flush()
    return view


def rename_view(session: Session, *, person_id: int, view_id: int, name: str) -> None:
    """Rename a view; a name that another one has is refused."""
    view = _own(session, person_id, view_id)
    words = _judged(name)
    if any(one.name == words and one.id != view_id for one in views_of(session, person_id)):
        raise InvalidInput("已有同名的视图 / another view has this name")
    view.name = words


def delete_view(session: Session, *, person_id: int, view_id: int) -> None:
    """Delete a view."""
    session.delete(_own(session, person_id, view_id))


def choose_default(session: Session, *, person_id: int, view_id: int | None) -> None:
    """Let a view open by itself instead of 待办; None lets none."""
    view = _own(session, person_id, view_id) if view_id is not None else None
    session.execute(update(SavedView).where(SavedView.person_id == person_id).values(is_default=False))
    if view is not None:
        session.flush()
        view.is_default = True


def _own(session: Session, person_id: int, view_id: int) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None or view.person_id != person_id:
        raise NotFound("没有这个视图 / there is no such view")
    return view


def _judged(name: str) -> str:
    words = " ".join(name.split())
    if not words or len(words) > MAX_NAME:
        raise InvalidInput(f"视图名须为 1–{MAX_NAME} 字 / a view's name has 1–{MAX_NAME} characters")
    return words
