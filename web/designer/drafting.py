"""The draft: read, saved, restored, discarded; its history."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from web.context import person, running_engine
from web.designer.reviewing import review_of
from web.designer.room import Body, VersionBody, allowed, designer, names_of, object_of, read, text, whole
from web.language import side
from workflows.designer import history
from workflows.designer.drafts import Draft, discard_draft, read_draft, restore, save_draft, take_published
from workflows.designer.presence import editors
from workflows.designer.texts import is_text


class SaveBody(Body):
    """A save: the files that changed, null for one to delete."""

    version = whole()
    files = object_of(fields.String(allow_none=True))
    discard = fields.List(fields.String(), load_default=list)
    note = text(most=300)


class RestoreBody(VersionBody):
    """An earlier version of the draft."""

    to = whole()


class PublishedBody(VersionBody):
    """A published version."""

    published = whole()


def contents(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return texts by path, and of the other files what they are."""
    return {
        "files": {path: content.decode("utf-8", "replace") for path, content in files.items() if is_text(path)},
        "assets": [{"path": path, "size": len(content)} for path, content in files.items() if not is_text(path)],
    }


def broken_json(session: Session, draft: Draft) -> dict[str, Any]:
    """Return the texts that cannot be read, with what is wrong and who wrote them."""
    told = {}
    for path, one in draft.broken.items():
        saved = session.get(history.DraftRevision, (draft.key, one.since))
        told[path] = {
            "text": (one.broken or b"").decode("utf-8", "replace"),
            "message": side(one.problem.message) if one.problem else "",
            "line": one.problem.line if one.problem else 0,
            "saved_at": saved.saved_at.isoformat() if saved else None,
            "saved_by": names_of(session, saved.saved_by).get(saved.saved_by, "") if saved else "",
        }
    return told


def saved_json(draft: Draft, **more: Any) -> Response:
    """Answer a save."""
    with running_engine().db.read() as session:
        broken = broken_json(session, draft)
    at = draft.saved_at.isoformat() if draft.saved_at else None
    return jsonify({"version": draft.version, "saved_at": at, "broken": broken, **more})


@designer.get("/<key>/draft")
def draft(key: str) -> Response:
    """Return the draft with everything the editor opens."""
    running = running_engine()
    with running.db.read() as session:
        may = allowed(session, key)
        found = read_draft(session, key)
        return jsonify(
            {
                "key": key,
                "name": found.name,
                "version": found.version,
                "drafted": found.drafted,
                "based_on": found.based_on,
                "live": found.live,
                "saved_at": found.saved_at.isoformat() if found.saved_at else None,
                "saved_by": names_of(session, found.saved_by).get(found.saved_by or 0, ""),
                **contents(found.files),
                "broken": broken_json(session, found),
                "editors": editors(running, session, key, me=person().id),
                "may": {"edit": may.edit, "publish": may.publish, "review": may.review, "own": may.own},
                "review": review_of(session, key),
            }
        )


@designer.put("/<key>/draft")
def save(key: str) -> Response:
    """Save the files that changed."""
    given = read(SaveBody())
    changes = {path: None if value is None else value.encode() for path, value in given["files"].items()}
    return saved_json(
        save_draft(
            running_engine(),
            key=key,
            person_id=person().id,
            version=given["version"],
            changes=changes,
            discard=given["discard"],
            note=given["note"],
        )
    )


@designer.delete("/<key>/draft")
def discard(key: str) -> ResponseReturnValue:
    """Throw the draft away; the live version is there again."""
    discard_draft(running_engine(), key=key, person_id=person().id, version=read(VersionBody())["version"])
    return "", 204


@designer.get("/<key>/draft/history")
def draft_history(key: str) -> Response:
    """List what was saved, the newest first."""
    with running_engine().db.read() as session:
        allowed(session, key)
        found = history.entries(session, key)
        names = names_of(session, *(one.saved_by for one in found))
    told = [
        {
            "version": one.version,
            "saved_at": one.saved_at.isoformat(),
            "saved_by": names.get(one.saved_by, ""),
            "note": one.note,
            "kept": one.kept,
            "paths": one.paths,
        }
        for one in found
    ]
    return jsonify({"revisions": told})


@designer.get("/<key>/draft/history/<int:version>")
def draft_revision(key: str, version: int) -> Response:
    """Return the files as they were."""
    with running_engine().db.read() as session:
        allowed(session, key)
        history.entry(session, key, version)
        kept = history.files_at(session, key, version)
    files = {path: one.content for path, one in kept.items() if one.content is not None}
    return jsonify({"version": version, **contents(files)})


@designer.post("/<key>/draft/restore")
def restore_revision(key: str) -> Response:
    """Make the draft what it was."""
    given = read(RestoreBody())
    return saved_json(
        restore(running_engine(), key=key, person_id=person().id, version=given["version"], to=given["to"])
    )


@designer.post("/<key>/draft/from")
def take_version(key: str) -> Response:
    """Make the draft what was published."""
    given = read(PublishedBody())
    return saved_json(
        take_published(
            running_engine(),
            key=key,
            person_id=person().id,
            version=given["version"],
            published=given["published"],
        )
    )
