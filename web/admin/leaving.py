"""A leaver: everything they hold is handed over, looked at before; then the account is closed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from engine import tasks as human_tasks
from engine.errors import DubanError, InvalidInput
from engine.tasks.handing import HandOver
from web.admin.room import admin, today
from web.context import person, running_engine
from workflows.directory.listing import holdings, person_of
from workflows.directory.service import edit
from workflows.organisation.models import Holding, Person


@admin.get("/people/<int:person_id>/leave")
def ask_leave(person_id: int) -> ResponseReturnValue:
    """Show who would get what."""
    return _page(person_id)


@admin.post("/people/<int:person_id>/leave")
def leave(person_id: int) -> ResponseReturnValue:
    """Hand every open task over, and close the account when nothing is left."""
    running = running_engine()
    rows, target_id = _rows(person_id)
    reason = request.form.get("reason", "").strip()[:500]
    failed: dict[int, str] = {}
    for row in rows:
        try:
            human_tasks.hand_over(
                running, slot_id=row.slot_id, actor_id=person().id, target_id=target_id, reason=reason
            )
        except DubanError as error:
            failed[row.slot_id] = str(error)
    closed = not failed and request.form.get("close") == "1"
    if closed:
        _close(person_id)
    return _page(person_id, done=[row for row in rows if row.slot_id not in failed], failed=failed, closed=closed)


def _rows(person_id: int) -> tuple[list[HandOver], int | None]:
    running = running_engine()
    with running.db.read() as session:
        person_of(session, person_id)
        target_id = None
        if login := request.values.get("target", "").strip():
            target_id = session.scalar(select(Person.id).where(Person.login == login, Person.active))
            if target_id is None or target_id == person_id:
                sentence = _("没有这个账号，或者不能接收。")
                raise InvalidInput(sentence, {"target": sentence})
        rows = human_tasks.hand_over_preview(
            running, session, person_id=person_id, actor_id=person().id, target_id=target_id
        )
        return rows, target_id


def _close(person_id: int) -> None:
    """End the posts that are held and deactivate the account; a post that begins later is taken back."""
    day = today()
    with running_engine().db.read() as session:
        login = person_of(session, person_id).login
        held = holdings(session, Holding.person_id == person_id, day=day)
    ended = [
        {"person": login, "unit": one.unit.code, "post": one.post.code, "from": one.holding.valid_from, "to": day}
        for one in held
        if one.current
    ]
    later = [
        ("holdings", (login, one.unit.code, one.post.code, one.holding.valid_from))
        for one in held
        if one.holding.valid_from is not None and one.holding.valid_from > day
    ]
    rows = {"people": [{"login": login, "active": False}], "holdings": ended}
    edit(running_engine(), rows, actor_id=person().id, without=later)


def _page(
    person_id: int,
    *,
    done: list[HandOver] | None = None,
    failed: dict[int, str] | None = None,
    closed: bool = False,
) -> ResponseReturnValue:
    sentence, status = "", 200
    try:
        rows, _target = _rows(person_id)
    except InvalidInput as error:
        rows, sentence, status = [], str(error), 422
    with running_engine().db.read() as session:
        found = person_of(session, person_id)
    page = render_template(
        "admin/leave.html", tab="people", someone=found, rows=rows, done=done, failed=failed or {}, closed=closed,
        sentence=sentence, target=request.values.get("target", ""),
    )  # fmt: skip
    return page, status
