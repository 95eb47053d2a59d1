"""The list of notifications; opening one marks it read and goes to what it is about."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, update

from engine.calendars import SHANGHAI
from engine.errors import InvalidInput, NotFound
from engine.tasks.models import Notice
from web.context import person, running_engine
from web.notices.wording import event_names
from workflows.notifications.events import KNOWN_KINDS, Event, event_of, notice_kinds

notices = Blueprint("notices", __name__)

PAGE = 50


@notices.get("/notices")
def show() -> ResponseReturnValue:
    """Show the newest notifications by day; the filters stand in the address."""
    running = running_engine()
    unread, event = request.args.get("unread") == "1", request.args.get("event", "")
    query = select(Notice).where(Notice.person_id == person().id, *_wanted(unread, event, _before()))
    with running.db.read() as session:
        found = list(session.scalars(query.order_by(Notice.id.desc()).limit(PAGE + 1)))
    kept = {"unread": "1" if unread else None, "event": event or None}
    more = url_for("notices.show", **kept, before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return render_template(
        "notices/page.html", days=_by_day(found[:PAGE]), now=running.clock.now(), unread=unread, event=event,
        names=event_names(), event_of=event_of, more=more, section="notices",
    )  # fmt: skip


def _wanted(unread: bool, event: str, before: int | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if unread:
        wanted.append(Notice.read_at.is_(None))
    if event:
        if event not in tuple(Event):
            raise InvalidInput(_("没有这类通知。"))
        other = event == Event.OTHER
        wanted.append(Notice.kind.not_in(KNOWN_KINDS) if other else Notice.kind.in_(notice_kinds(Event(event))))
    if before is not None:
        wanted.append(Notice.id < before)
    return wanted


def _before() -> int | None:
    text = request.args.get("before", "")
    if text and (not text.isdigit() or len(text) > 19):
        raise InvalidInput(_("页码不对。"))
    return int(text) if text else None


def _by_day(found: Sequence[Notice]) -> list[tuple[date, list[Notice]]]:
    days = groupby(found, key=lambda one: one.created_at.astimezone(SHANGHAI).date())
    return [(day, list(some)) for day, some in days]


@notices.get("/notices/<int:notice_id>")
def open_one(notice_id: int) -> ResponseReturnValue:
    """Mark one read and go on to its task or instance."""
    running = running_engine()
    with running.db.write() as session:
        found = session.get(Notice, notice_id)
        if found is None or found.person_id != person().id:
            raise NotFound(_("没有这条通知。"))
        found.read_at = found.read_at or running.clock.now()
        if found.slot_id is not None:
            return redirect(url_for("tasks.show", slot_id=found.slot_id))
        if found.instance_id is not None:
            anchor = "comments" if found.kind == "mention" else None
            return redirect(url_for("instances.show", instance_id=found.instance_id, _anchor=anchor))
        path = found.path
    return redirect(path or url_for("notices.show"))


@notices.post("/notices/read")
def read_all() -> ResponseReturnValue:
    """Mark everything read, or everything of one kind."""
    running = running_engine()
    wanted = _wanted(True, request.form.get("event", ""), None)
    with running.db.write() as session:
        session.execute(
            update(Notice).where(Notice.person_id == person().id, *wanted).values(read_at=running.clock.now())
        )
    flash(_("已全部标为已读。"))
    return redirect(url_for("notices.show", event=request.form.get("event") or None))
