"""What the owner of a package does with it: hand it over, or take it away before it was published."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import DubanError, NotFound
from web.context import person, running_engine, wants_fragment
from web.designer.room import allowed, designer, identifier
from workflows.designer.access import designers
from workflows.designer.catalogue import versions_of
from workflows.designer.creating import hand_over, remove_package
from workflows.designer.drafts import find_package


@designer.get("/<key>/owner")
def ask_owner(key: str) -> str:
    """Show who owns a package, and what the owner may do."""
    return _form(key)


@designer.post("/<key>/owner")
def change_owner(key: str) -> ResponseReturnValue:
    """Hand a package over, or take it away."""
    running, mine = running_engine(), {"key": key, "person_id": person().id}
    try:
        if request.form.get("operation") == "remove":
            remove_package(running, **mine)
            flash(_("已删除。"))
        else:
            hand_over(running, **mine, owner_id=identifier(request.form.get("owner", "")))
            flash(_("已移交。"))
    except DubanError as error:
        if error.status == 404:
            raise
        return _form(key, sentence=str(error)), error.status
    return redirect(url_for("designer.packages"))


def _form(key: str, *, sentence: str = "") -> str:
    with running_engine().db.read() as session:
        if not allowed(session, key).own:
            raise NotFound(_("没有这个页面，或者它与您无关。"))
        context = {
            "package": find_package(session, key),
            "people": designers(session),
            "published": bool(versions_of(session, key)),
        }
    template = "designer/owner_form.html" if wants_fragment() else "designer/owner.html"
    return render_template(template, section="designer", sentence=sentence, **context)
