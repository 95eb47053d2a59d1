"""Remarks pinned to elements."""

from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from marshmallow import fields

from web.context import person, running_engine
from web.designer.room import Body, allowed, designer, identifier, names_of, read, text
from workflows.designer.models import Remark
from workflows.designer.remarks import Thread, remark, resolve, take_away, threads


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
        people = {one.author_id for thread in found for one in (thread.first, *thread.answers)}
        names = names_of(session, *people, *(thread.first.resolved_by for thread in found))
    return jsonify({"threads": [_thread_json(one, names) for one in found]})


@designer.post("/<key>/comments")
def add_comment(key: str) -> Response:
    """Begin a thread or answer one."""
    given = read(RemarkBody())
    with running_engine().db.read() as session:
        allowed(session, key)
    thread = remark(
        running_engine(),
        key=key,
        person_id=person().id,
        text=given["words"],
        path=given["path"],
        element=given["element"] or "",
        thread=identifier(given["thread"]) if given["thread"] else None,
    )
    return _told(key, thread)


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


def _told(key: str, number: int) -> Response:
    with running_engine().db.read() as session:
        found = next(one for one in threads(session, key) if one.first.id == number)
        authors = (one.author_id for one in (found.first, *found.answers))
        return jsonify(_thread_json(found, names_of(session, *authors, found.first.resolved_by)))


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
        "at": one.created_at.isoformat(),
    }
