"""A person's own opinion phrases, and the organisation's, which administrators keep."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from web.context import person, running_engine
from workflows.phrases.models import Use
from workflows.phrases.service import (
    Phrases,
    add_phrase,
    change_phrase,
    delete_phrase,
    own_phrase,
    phrases_of,
    raise_phrase,
)

phrases = Blueprint("phrases", __name__)


@phrases.app_context_processor
def _known() -> dict[str, Any]:
    """Give templates ``opinion_phrases(use)``."""
    return {"opinion_phrases": offered}


def offered(use: str) -> list[str]:
    """Return the phrases for one kind of opinion; ready-made ones while the organisation has written none."""
    if "phrases" not in g:
        with running_engine().db.read() as session:
            g.phrases = phrases_of(session, person().id)
    known: Phrases = g.phrases
    found = known.fitting(use)
    return found if known.shared else list(dict.fromkeys([*found, *_ready_made(use)]))


def _ready_made(use: str) -> list[str]:
    agreeing = [_("同意。"), _("情况属实，同意。"), _("已阅。"), _("请按时限落实。")]
    refusing = [_("材料不全，请补充。"), _("内容有误，请核实后重报。"), _("不符合规定。")]
    return {Use.AGREE: agreeing, Use.REJECT: refusing, Use.RETURN: refusing}.get(Use(use), agreeing + refusing)


@phrases.get("/me/phrases")
def show() -> ResponseReturnValue:
    """Show one's own phrases and the organisation's."""
    return _page()


def _page(sentence: str = "", status: int = 200) -> ResponseReturnValue:
    with running_engine().db.read() as session:
        known = phrases_of(session, person().id)
    return render_template(
        "phrases/page.html", known=known, sentence=sentence, text=request.form.get("text", ""), uses=_uses(),
        ready_made=_ready_made(Use.ANY), section="me",
    ), status  # fmt: skip


def _uses() -> dict[str, str]:
    return {Use.ANY: _("通用"), Use.AGREE: _("同意时"), Use.REJECT: _("不同意时"), Use.RETURN: _("退回时")}


@phrases.post("/me/phrases")
def add() -> ResponseReturnValue:
    """Add a phrase to one's own list or, for administrators, to the organisation's."""
    try:
        with running_engine().db.write() as session:
            add_phrase(session, owner_id=_owner(), text=request.form.get("text", ""), use=request.form.get("use", ""))
    except InvalidInput as error:
        return _page(str(error), 422)
    flash(_("常用语已添加。"))
    return redirect(url_for("phrases.show"))


@phrases.post("/me/phrases/<int:phrase_id>")
def change(phrase_id: int) -> ResponseReturnValue:
    """Change, move or delete a phrase, whichever button was pressed."""
    try:
        with running_engine().db.write() as session:
            _change(session, phrase_id, request.form.get("operation", ""))
    except InvalidInput as error:
        return _page(str(error), 422)
    flash(_("常用语已更新。"))
    return redirect(url_for("phrases.show"))


def _change(session: Session, phrase_id: int, operation: str) -> None:
    owner = _owner()
    if operation == "delete":
        delete_phrase(session, phrase_id=phrase_id, owner_id=owner)
    elif operation == "up":
        raise_phrase(session, phrase_id=phrase_id, owner_id=owner)
    elif operation == "save":
        text, use = request.form.get("text", ""), request.form.get("use", "")
        change_phrase(session, phrase_id=phrase_id, owner_id=owner, text=text, use=use)
    else:
        own_phrase(session, phrase_id, owner)
        raise InvalidInput(_("不认识的操作。"))


def _owner() -> int | None:
    """Return whose list the form is about; the organisation's is for administrators."""
    if request.form.get("owner") != "shared":
        return person().id
    if not person().is_administrator:
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    return None
