"""Views that a person keeps: saved from the inbox, renamed, deleted, and one that opens by itself."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from web.context import person, running_engine
from web.language import side
from workflows.saved_views.models import SavedView
from workflows.saved_views.service import choose_default, delete_view, rename_view, save_view, views_of

saved_views = Blueprint("saved_views", __name__)

FILTERS = ("box", "q", "package", "overdue", "unread")


@saved_views.app_template_filter("address_of_view")
def address_of_view(view: SavedView) -> str:
    """Return where a view's filters are shown."""
    return url_for("inbox.show", **{"box": "todo", **view.filters})


@saved_views.get("/inbox/views")
def show() -> ResponseReturnValue:
    """Show one's views, to be renamed and deleted."""
    return _page()


@saved_views.post("/inbox/views")
def save() -> ResponseReturnValue:
    """Keep the filters that the inbox shows now."""
    filters = {name: request.form[name][:200] for name in FILTERS if request.form.get(name)}
    try:
        with running_engine().db.write() as session:
            view = save_view(session, person_id=person().id, name=request.form.get("name", ""), filters=filters)
            name = view.name
    except InvalidInput as error:
        return _page(side(str(error)), 422)
    flash(_("视图“%(name)s”已保存。", name=name))
    return redirect(url_for("inbox.show", **{"box": "todo", **filters}))


@saved_views.post("/inbox/views/<int:view_id>")
def change(view_id: int) -> ResponseReturnValue:
    """Rename or delete a view, or let it open by itself."""
    operation, whose = request.form.get("operation", ""), person().id
    try:
        with running_engine().db.write() as session:
            if operation == "delete":
                delete_view(session, person_id=whose, view_id=view_id)
            elif operation in ("default", "no-default"):
                rename_view(session, person_id=whose, view_id=view_id, name=request.form.get("name", ""))
                choose_default(session, person_id=whose, view_id=view_id if operation == "default" else None)
            else:
                rename_view(session, person_id=whose, view_id=view_id, name=request.form.get("name", ""))
    except InvalidInput as error:
        return _page(side(str(error)), 422)
    flash(_("视图已删除。") if operation == "delete" else _("已保存。"))
    return redirect(url_for("saved_views.show"))


def _page(sentence: str = "", status: int = 200) -> ResponseReturnValue:
    with running_engine().db.read() as session:
        views = views_of(session, person().id)
    return render_template("inbox/views.html", views=views, sentence=sentence, section="inbox"), status
