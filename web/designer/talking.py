"""Remarks pinned to elements."""

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from web.context import person, running_engine
from web.designer.room import Body, allowed, designer, identifier, names_of, read, text
from workflows.designer.models import Remark
from workflows.designer.remarks import Thread, audience, remark, resolve, take_away, threads
from workflows.organisation.models import Person

MOST_OFFERED = 8


class RemarkBody(Body):
    """A remark at a place, or an answer to a thread."""

    path = text(most=200)
    element = text(most=200, none=True)
    thread = text(default=None, most=20)
    words = fields.String(required=True, data_key="text", error_messages={"required": "缺少此项 / It is missing"})


class ResolveBody(Body):
    """Whether a thread is resolved."""

    resolved = fields.Boolean(load_default=True)


@designer.get("/<key>/comments")
def comments(key: str) -> Response:
    """Return every thread, the newest first."""
    with running_engine().db.read() as session:
        allowed(session, key)
        found = threads(session, key)
        names = names_of(session, *(one for thread in found for one in _people_in(thread)))
    return jsonify({"threads": [_thread_json(one, names) for one in found]})


@designer.post("/<key>/comments")
def add_comment(key: str) -> Response:
    """Begin a thread or answer one; ``unknown`` are calls that reached nobody."""
    given = read(RemarkBody())
    with running_engine().db.read() as session:
        allowed(session, key)
    done = remark(
        running_engine(),
        key=key,
        person_id=person().id,
        text=given["words"],
        path=given["path"],
        element=given["element"] or "",
        thread=identifier(given["thread"]) if given["thread"] else None,
    )
    return _told(key, done.thread, unknown=list(done.unknown))


@designer.get("/<key>/people")
def callable_people(key: str) -> Response:
    """Return whom a remark may call, for the list that opens while one types."""
    words = request.args.get("q", "")[:40].lower()
    with running_engine().db.read() as session:
        allowed(session, key)
        people = [one for one in audience(session, key) if one.id != person().id]
    found = [one for one in people if any(words in text.lower() for text in (one.name, one.name_en, one.login))]
    return jsonify([_offered(one, people) for one in found[:MOST_OFFERED]])


@designer.post("/<key>/comments/<number>/resolve")
def resolve_comment(key: str, number: str) -> Response:
    """Resolve a thread, or open it again."""
    resolved = read(ResolveBody())["resolved"]
    with running_engine().db.read() as session:
        allowed(session, key)
    thread = identifier(number)
    resolve(running_engine(), key=key, person_id=person().id, thread=thread, resolved=resolved)
    return _told(key, thread)


@designer.delete("/<key>/comments/<number>")
def delete_comment(key: str, number: str) -> ResponseReturnValue:
    """Take one's own remark away."""
    with running_engine().db.read() as session:
        allowed(session, key)
    take_away(running_engine(), key=key, person_id=person().id, remark_id=identifier(number))
    return "", 204


def _told(key: str, number: int, **more: Any) -> Response:
    with running_engine().db.read() as session:
        found = next(one for one in threads(session, key) if one.first.id == number)
        return jsonify({**_thread_json(found, names_of(session, *_people_in(found))), **more})


def _people_in(thread: Thread) -> set[int | None]:
    remarks = (thread.first, *thread.answers)
    called = {one for row in remarks for one in row.mentions}
    return {thread.first.resolved_by, *called, *(one.author_id for one in remarks)}


def _offered(one: Person, people: list[Person]) -> dict[str, str]:
    twins = sum(1 for other in people if other.name == one.name) > 1
    return {"text": f"{one.name}({one.login})" if twins else one.name, "name": one.name, "about": one.login, "note": ""}


def _thread_json(thread: Thread, names: dict[int, str]) -> dict[str, Any]:
    first = thread.first
    return {
        "id": str(first.id),
        "path": first.path,
        "element": first.element or None,
        "resolved": first.resolved_at is not None,
        "resolved_by": names.get(first.resolved_by or 0, ""),
        "comments": [_remark_json(one, names) for one in (first, *thread.answers)],
    }


def _remark_json(one: Remark, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "author": names.get(one.author_id, ""),
        "mine": one.author_id == person().id,
        "text": one.text,
        "mentions": [names.get(each, "") for each in one.mentions],
        "at": one.created_at.isoformat(),
    }
