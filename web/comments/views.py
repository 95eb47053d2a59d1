"""Writing comments: people are called by ``@name``, files may lie beside, one's own can be changed for some minutes."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.errors import InvalidInput, NotFound
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.tasks.models import AttachmentContent, Comment
from engine.wording import listed
from web.context import person, running_engine, safe_next, wants_fragment
from web.downloads import attachment
from web.instances.access import seen_instance
from web.language import chosen, is_english, side
from workflows.notifications.mentions import Mentions, find_mentions
from workflows.organisation.service import Account, accounts, find_accounts

comments = Blueprint("comments", __name__)

MOST_OFFERED = 8


@comments.get("/instances/<int:instance_id>/comments/new")
def write(instance_id: int) -> ResponseReturnValue:
    """Show the form alone."""
    return _page(instance_id, text=request.args.get("text", ""))


@comments.post("/instances/<int:instance_id>/comments")
def add(instance_id: int) -> ResponseReturnValue:
    """Add a comment and tell those whom it calls; what is refused comes back with what was typed."""
    running = running_engine()
    text = request.form.get("text", "").strip()
    files = [(one.filename, one.stream.read()) for one in request.files.getlist("files") if one.filename]
    called = _called(running, instance_id, text)
    try:
        done = human_tasks.add_comment(
            running,
            instance_id=instance_id,
            actor_id=person().id,
            text=text,
            mentions=called.people,
            files=files,
            key=request.form.get("key", "")[:100] or None,
        )
    except InvalidInput as error:
        return _page(instance_id, text=text, sentence=str(error), status=422)
    flash(_said(done.sentence, called))
    return redirect(_back(instance_id))


@comments.get("/comments/<int:comment_id>/edit")
def edit(comment_id: int) -> ResponseReturnValue:
    """Show the form of a comment that may still be changed."""
    with running_engine().db.read() as session:
        found = _own(session, comment_id)
    return _page(found.instance_id, text=found.text, comment_id=comment_id)


@comments.post("/comments/<int:comment_id>")
def change(comment_id: int) -> ResponseReturnValue:
    """Change one's own comment."""
    running = running_engine()
    text = request.form.get("text", "").strip()
    with running.db.read() as session:
        found = _own(session, comment_id)
    called = _called(running, found.instance_id, text)
    try:
        done = human_tasks.edit_comment(
            running, comment_id=comment_id, actor_id=person().id, text=text, mentions=called.people
        )
    except InvalidInput as error:
        return _page(found.instance_id, text=text, comment_id=comment_id, sentence=str(error), status=422)
    flash(_said(done.sentence, called))
    return redirect(_back(done.instance_id))


@comments.post("/comments/<int:comment_id>/delete")
def delete(comment_id: int) -> ResponseReturnValue:
    """Delete one's own comment; its place stays."""
    done = human_tasks.delete_comment(running_engine(), comment_id=comment_id, actor_id=person().id)
    flash(done.sentence)
    return redirect(_back(done.instance_id))


@comments.get("/comments/files/<int:file_id>")
def download(file_id: int) -> Response:
    """Download a file beside a comment of an instance that the person sees."""
    with running_engine().db.read() as session:
        file, instance_id = human_tasks.comment_file(running_engine(), session, file_id=file_id, person_id=None)
        seen_instance(session, instance_id)
        content = session.get_one(AttachmentContent, file.digest).content
        return attachment(content, filename=file.filename, media_type=file.media_type)


@comments.get("/instances/<int:instance_id>/people")
def offer(instance_id: int) -> Response:
    """Return whom a comment here may call, for the list that opens while one types."""
    running = running_engine()
    words = request.args.get("q", "")[:40]
    with running.db.read() as session:
        instance = _instance(running, session, instance_id)
        close = human_tasks.participants(session, instance)
        anybody = human_tasks.may_copy(running, session, instance, person().id)
        at = running.clock.now()
        nearby = accounts(session, at=at, ids=sorted(close - {person().id}))
        found = [one for one in nearby if _fits(one, words)]
        if anybody and words:
            others = find_accounts(
                session, words=words, at=at, chosen=frozenset(), without=person().id, limit=MOST_OFFERED
            )
            found += [one for one in others if one.id not in close]
    return jsonify([_offered(one, found, one.id not in close) for one in found[:MOST_OFFERED]])


def _fits(one: Account, words: str) -> bool:
    return any(words.lower() in text.lower() for text in (one.name, one.name_en, one.login))


def _offered(one: Account, found: list[Account], copied: bool) -> dict[str, Any]:
    twins = sum(1 for other in found if other.name == one.name) > 1
    return {
        "text": f"{one.name}({one.login})" if twins else one.name,
        "name": one.name,
        "about": one.describe(chosen()),
        "note": _("将抄送给他") if copied else "",
    }


def _called(running: Engine, instance_id: int, text: str) -> Mentions:
    with running.db.read() as session:
        instance = _instance(running, session, instance_id)
        close = human_tasks.participants(session, instance)
        anybody = human_tasks.may_copy(running, session, instance, person().id)
        return find_mentions(session, text, among=close, anybody=anybody)


def _said(sentence: str, called: Mentions) -> str:
    if not called.unknown:
        return side(sentence)
    names = side(listed(called.unknown))
    missed = _("没有提醒 %(names)s：没有这个人，有同名的人，或者他看不到这个流程。", names=names)
    return f"{side(sentence)}{'. ' if is_english() else '。'}{missed}"


def _instance(running: Engine, session: Session, instance_id: int) -> Instance:
    instance = session.get(Instance, instance_id)
    if instance is None or not human_tasks.may_see(running, session, instance, person().id):
        raise NotFound(_("没有这个流程，或者它与您无关。"))
    return instance


def _own(session: Session, comment_id: int) -> Comment:
    found = session.get(Comment, comment_id)
    if found is None or found.person_id != person().id:
        raise NotFound(_("没有这条评论。"))
    return found


def _back(instance_id: int) -> str:
    given = request.form.get("next", "")
    return (safe_next(given) if given else url_for("instances.show", instance_id=instance_id)) + "#comments"


def _page(
    instance_id: int, *, text: str, comment_id: int | None = None, sentence: str = "", status: int = 200
) -> ResponseReturnValue:
    running = running_engine()
    with running.db.read() as session:
        title = _instance(running, session, instance_id).title
    return render_template(
        "comments/sheet.html" if wants_fragment() else "comments/page.html",
        instance_id=instance_id,
        comment_id=comment_id,
        title=title,
        text=text,
        sentence=sentence,
        key=request.form.get("key", ""),
        next=request.values.get("next", ""),
        section="inbox",
    ), status
