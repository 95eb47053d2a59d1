"""The list of packages, new ones, copies; the editor's page."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from web.context import person, running_engine, wants_fragment
from web.designer.room import allowed, designer, names_of
from workflows.designer.catalogue import list_packages
from workflows.designer.creating import copy_package, create_package
from workflows.designer.drafts import read_draft


@designer.get("/")
def packages() -> str:
    """List every package with what is drawn, live and running."""
    running = running_engine()
    words = request.args.get("q", "")[:100]
    with running.db.read() as session:
        rows = list_packages(session, words=words)
        names = names_of(session, *(one.owner_id for one in rows), *(one.saved_by for one in rows))
    return render_template(
        "designer/packages.html", section="designer", rows=rows, names=names, words=words, now=running.clock.now()
    )


@designer.get("/new")
def ask_new() -> str:
    """Ask for the name and key of a new package, or of a copy."""
    return _new_form()


@designer.post("/new")
def create() -> ResponseReturnValue:
    """Make a package and open it."""
    source, given = request.form.get("source", ""), {name: request.form.get(name, "") for name in ("key", "name")}
    try:
        if source:
            draft = copy_package(running_engine(), person_id=person().id, source=source, **given)
        else:
            draft = create_package(running_engine(), person_id=person().id, **given)
    except InvalidInput as error:
        return _new_form(errors=error.fields, sentence=str(error)), 422
    flash(_("已建立。"))
    return redirect(url_for("designer.editor", key=draft.key))


def _new_form(*, errors: dict[str, str] | None = None, sentence: str = "") -> str:
    source = request.values.get("source", "")
    given: dict[str, Any] = {"key": request.form.get("key", ""), "name": request.form.get("name", "")}
    if source and request.method == "GET":
        with running_engine().db.read() as session:
            allowed(session, source)
            given = {"key": f"{source}-copy", "name": _("%(name)s（副本）", name=read_draft(session, source).name)}
    template = "designer/new_form.html" if wants_fragment() else "designer/new.html"
    return render_template(
        template, section="designer", source=source, given=given, errors=errors or {}, sentence=sentence
    )


@designer.get("/<key>/")
def editor(key: str) -> str:
    """Open a package in the editor; a narrow screen shows it only."""
    running = running_engine()
    with running.db.read() as session:
        may = allowed(session, key)
        draft = read_draft(session, key)
    diagrams = [path for path in draft.files if path.endswith(".bpmn")]
    main = f"{key}.bpmn" if f"{key}.bpmn" in diagrams else next(iter(diagrams), "")
    return render_template("designer/editor.html", section="designer", draft=draft, may=may, main=main)
