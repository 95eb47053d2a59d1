"""Publishing, versions, rolling back, replays, and presence."""

from typing import Any

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from web.context import person, running_engine
from web.designer.drafting import contents
from web.designer.reviewing import review_of
from web.designer.room import Body, VersionBody, allowed, designer, names_of, read, text
from workflows.designer.catalogue import publications_of, running_of, versions_of
from workflows.designer.drafts import find_package, last_save, published_version, read_draft, version_files
from workflows.designer.errors import DraftConflict
from workflows.designer.presence import arrive, editors, leave
from workflows.designer.publishing import Published, publish_draft, publish_older
from workflows.designer.remarks import open_threads
from workflows.designer.replaying import replay


class PublishBody(VersionBody):
    """A publication: what changed, in words."""

    note = text(most=1000)


class AgainBody(Body):
    """A return to an older version: why, in words."""

    note = text(most=1000)


class PresenceBody(Body):
    """A tab of somebody."""

    tab = text(required=True, most=40)
    path = text(most=200)
    element = text(most=200, none=True)
    leaving = fields.Boolean(load_default=False)


@designer.post("/<key>/publish")
def publish(key: str) -> Response:
    """Publish the draft."""
    given = read(PublishBody())
    published = publish_draft(
        running_engine(), key=key, person_id=person().id, version=given["version"], note=given["note"]
    )
    return _published_json(published)


@designer.post("/<key>/replay")
def replay_scenarios(key: str) -> Response:
    """Play the draft's scenarios."""
    version, running = read(VersionBody())["version"], running_engine()
    with running.db.read() as session:
        allowed(session, key)
        draft = read_draft(session, key)
    if draft.version != version:
        raise DraftConflict(draft.version, draft.saved_by, draft.saved_at)
    return jsonify({"replays": replay(running, draft.package)})


@designer.get("/<key>/versions")
def versions(key: str) -> Response:
    """List the versions and every publication of one, rollbacks among them; the newest first."""
    with running_engine().db.read() as session:
        allowed(session, key)
        rows = versions_of(session, key)
        times = publications_of(session, key)
        running = running_of(session, key)
        names = names_of(session, *(row.published_by for row in rows), *(one.published_by for one, _ in times))
    told = [
        {
            "version": row.version,
            "version_id": str(row.id),
            "live": row.live,
            "note": row.note,
            "published_at": row.published_at.isoformat(),
            "published_by": names.get(row.published_by or 0, ""),
            "running": running.get(row.version, 0),
            "digest": row.digest,
        }
        for row in rows
    ]
    log = [
        {
            "version": number,
            "again": one.again,
            "note": one.note,
            "published_at": one.published_at.isoformat(),
            "published_by": names.get(one.published_by or 0, ""),
        }
        for one, number in times
    ]
    return jsonify({"versions": told, "publications": log})


@designer.get("/<key>/versions/<int:number>/files")
def version_contents(key: str, number: int) -> Response:
    """Return the files of a published version."""
    with running_engine().db.read() as session:
        allowed(session, key)
        files = version_files(session, published_version(session, key, number))
    return jsonify({"version": number, **contents(files)})


@designer.post("/<key>/versions/<int:number>/publish")
def publish_again(key: str, number: int) -> Response:
    """Make an older version the live one again."""
    note = read(AgainBody())["note"]
    return _published_json(publish_older(running_engine(), key=key, person_id=person().id, number=number, note=note))


def _published_json(published: Published) -> Response:
    migrate = None
    if published.from_id is not None and person().is_administrator:
        migrate = url_for("operations.ask_migrate", source=published.from_id, target=published.version_id)
    told = {
        "published": published.version,
        "version_id": str(published.version_id),
        "running": published.older,
        "migrate": migrate,
    }
    return jsonify(told)


@designer.post("/<key>/presence")
def present(key: str) -> Response:
    """Note that a tab is open, and tell what happened meanwhile."""
    given, running = read(PresenceBody()), running_engine()
    with running.db.read() as session:
        allowed(session, key)
    mine: dict[str, Any] = {"key": key, "person_id": person().id, "tab": given["tab"]}
    if given["leaving"]:
        leave(running, **mine)
    else:
        arrive(running, **mine, path=given["path"], element=given["element"] or "")
    with running.db.read() as session:
        package = find_package(session, key)
        saved = last_save(session, package)
        return jsonify(
            {
                "version": package.version,
                "saved_by": names_of(session, saved.saved_by).get(saved.saved_by, "") if saved else "",
                "saved_at": saved.saved_at.isoformat() if saved else None,
                "editors": editors(running, session, key, me=person().id),
                "comments": open_threads(session, key),
                "review": review_of(session, key),
            }
        )


@designer.delete("/<key>/presence")
def gone(key: str) -> ResponseReturnValue:
    """Note that a tab was closed."""
    with running_engine().db.read() as session:
        allowed(session, key)
    leave(running_engine(), key=key, person_id=person().id, tab=read(PresenceBody())["tab"])
    return "", 204
