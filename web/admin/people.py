"""People: the list, and one person with posts, groups, absences and password."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from web.admin.room import admin, page_number, today, words
from web.context import person, running_engine
from workflows.directory.accounts import reset_password
from workflows.directory.listing import PAGE, absences, find_people, holdings, open_tasks, person_of, seats
from workflows.organisation.models import Holding

STATES = {"active": True, "gone": False, "all": None}


@admin.get("/people")
def people() -> ResponseReturnValue:
    """List people by words and state."""
    state = request.args.get("state", "active")
    with running_engine().db.read() as session:
        found, total = find_people(
            session, words=words(), active=STATES.get(state, True), day=today(), page=page_number()
        )
    return render_template(
        "admin/people.html", tab="people", people=found, total=total, pages=-(-total // PAGE), state=state
    )


@admin.get("/people/<int:person_id>")
def one_person(person_id: int) -> ResponseReturnValue:
    """Show one person."""
    return _page(person_id)


@admin.post("/people/<int:person_id>/password")
def new_password(person_id: int) -> ResponseReturnValue:
    """Give a new password, and show it this once."""
    password = reset_password(
        running_engine(), person_id=person_id, actor_id=person().id, at=current_app.extensions["duban_wall"].now()
    )
    return _page(person_id, password=password)


def _page(person_id: int, *, password: str = "") -> str:
    with running_engine().db.read() as session:
        found = person_of(session, person_id)
        return render_template(
            "admin/person.html",
            tab="people",
            someone=found,
            held=holdings(session, Holding.person_id == person_id, day=today()),
            seats=seats(session, person_id),
            absences=absences(session, person_id=person_id),
            tasks=open_tasks(session, person_id),
            password=password,
            day=today(),
        )
