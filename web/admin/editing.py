"""One form for the rows of every section: its columns are the document's."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotFound
from web.admin.room import admin, back
from web.context import person, running_engine, wants_fragment
from web.language import side
from workflows.directory.document import Key
from workflows.directory.sections import SECTIONS, Section
from workflows.directory.service import Seen, edit, mark_of, row_of
from workflows.directory.stored import load
from workflows.directory.values import WrongValue

PAGES = {
    "units": "admin.units",
    "posts": "admin.posts",
    "people": "admin.people",
    "holdings": "admin.people",
    "groups": "admin.groups",
    "members": "admin.groups",
    "groupUnits": "admin.groups",
    "absences": "admin.absences",
    "days": "admin.calendar",
    "seasons": "admin.calendar",
}
"""Where one goes on after a row of a section was changed."""


@admin.get("/rows/<name>")
def ask_row(name: str) -> ResponseReturnValue:
    """Ask for the values of a new row, or of the one that ``key`` tells."""
    section = _section(name)
    row = _row(section)
    if row is None:
        row = {one.name: one.default for one in section.columns}
        row |= {one.name: request.args[one.name] for one in section.columns if request.args.get(one.name)}
    return _form(section, row)


@admin.post("/rows/<name>")
def save_row(name: str) -> ResponseReturnValue:
    """Save the row; a changed key takes the old row away."""
    section, old = _section(name), _key(_section(name))
    cells = _cells(section)
    seen = Seen(section.name, old, request.form.get("mark", "")) if old is not None else None
    try:
        gone = [] if old is None or _same_key(section, cells, old) else [(section.name, old)]
        edit(running_engine(), {section.name: [cells]}, actor_id=person().id, without=gone, seen=seen)
    except InvalidInput as error:
        return _form(section, cells, sentence=str(error), errors=error.fields), 422
    flash(_("已保存。"))
    return redirect(back(PAGES[section.name]))


@admin.post("/rows/<name>/remove")
def remove_row(name: str) -> ResponseReturnValue:
    """Take a row away."""
    section = _section(name)
    key = _key(section)
    if key is None or name in ("people", "units"):
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    edit(running_engine(), {}, actor_id=person().id, without=[(section.name, key)])
    flash(_("已删除。"))
    return redirect(back(PAGES[section.name]))


@admin.get("/suggest/<of>/<column>")
def suggest(of: str, column: str) -> ResponseReturnValue:
    """Suggest codes for what is being typed."""
    from workflows.directory.listing import suggestions

    if of not in ("units", "posts", "people", "groups"):
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    with running_engine().db.read() as session:
        found = suggestions(session, of, request.args.get(column, ""))
    return render_template("admin/suggestions.html", found=found)


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    return SECTIONS[name]


def _key(section: Section) -> Key | None:
    """Read the key of an existing row: its parts in their order, as ``key``."""
    parts = request.values.getlist("key")
    if not parts:
        return None
    if len(parts) != len(section.key):
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    try:
        return tuple(_value(section, name, part) for name, part in zip(section.key, parts, strict=True))
    except WrongValue as error:
        raise NotFound(_("没有这个页面，或者它与您无关。")) from error


def _value(section: Section, name: str, text: str) -> Any:
    column = section.column(name)
    return column.read(text) if text else column.default


def _row(section: Section) -> Mapping[str, Any] | None:
    key = _key(section)
    if key is None:
        return None
    with running_engine().db.read() as session:
        return row_of(load(session), section.name, *key)


def _cells(section: Section) -> dict[str, Any]:
    """Return what the form says; a checkbox that is not sent is off."""
    return {
        one.name: one.name in request.form if one.input == "checkbox" else request.form.get(one.name, "")
        for one in section.columns
    }


def _same_key(section: Section, cells: Mapping[str, Any], old: Key) -> bool:
    try:
        new = tuple(_value(section, name, str(cells[name])) for name in section.key)
    except WrongValue as error:
        raise InvalidInput(str(error), {section.key[-1]: str(error)}) from error
    return new == old


def _form(
    section: Section, row: Mapping[str, Any], *, sentence: str = "", errors: Mapping[str, str] | None = None
) -> str:
    parts = request.values.getlist("key")
    values = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    mark = request.form.get("mark") or (mark_of(dict(row)) if parts else "")
    template = "admin/row_form.html" if wants_fragment() else "admin/row.html"
    return render_template(
        template, rows=section, row=values, key=parts, mark=mark, sentence=side(sentence), errors=errors or {},
        next=request.values.get("next", ""), tab="",
    )  # fmt: skip
