"""Excel in and out: export, upload, what would change, the faults, and the import itself."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotFound
from web.admin.room import admin
from web.context import person, running_engine
from web.downloads import attachment
from web.language import is_english
from workflows.directory import importing
from workflows.directory.sections import SECTIONS
from workflows.directory.stored import load, only
from workflows.directory.workbook import MOST_BYTES, write_workbook
from workflows.spreadsheet import XLSX

SHOWN = 200
"""Faults and changes that a page lists; the workbook has all of them."""


@admin.get("/exchange")
def exchange() -> ResponseReturnValue:
    """Offer the export and the import, with the latest imports."""
    return _entrance()


@admin.get("/export")
def export() -> ResponseReturnValue:
    """Download the organisation, or the one section that is asked for, as a workbook."""
    name = request.args.get("section", "")
    if name and name not in SECTIONS:
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    with running_engine().db.read() as session:
        rows = only(load(session), [name] if name else SECTIONS)
    title = (SECTIONS[name].english if is_english() else SECTIONS[name].chinese) if name else _("组织")
    return attachment(write_workbook(rows, english=is_english()), filename=f"{title}.xlsx", media_type=XLSX)


@admin.post("/imports")
def upload() -> ResponseReturnValue:
    """Take a workbook and go on to what it would change."""
    file = request.files.get("file")
    content = file.stream.read(MOST_BYTES + 1) if file is not None else b""
    if file is None or not file.filename:
        return _entrance(_("请选择文件。")), 422
    try:
        number = importing.upload(
            running_engine(), content=content, filename=file.filename, remove=request.form.get("remove") == "1",
            actor_id=person().id,
        )  # fmt: skip
    except InvalidInput as error:
        return _entrance(str(error)), 422
    return redirect(url_for("admin.one_import", import_id=number))


@admin.get("/imports/<int:import_id>")
def one_import(import_id: int) -> ResponseReturnValue:
    """Show what an import would change, and its faults."""
    shown = importing.preview(running_engine(), import_id=import_id, actor_id=person().id)
    return render_template(
        "admin/import.html", tab="exchange", upload=shown.upload, plan=shown.plan, sections=SECTIONS, shown=SHOWN
    )


@admin.get("/imports/<int:import_id>/report")
def report(import_id: int) -> ResponseReturnValue:
    """Download the workbook with a column of faults."""
    content = importing.report(running_engine(), import_id=import_id, actor_id=person().id, english=is_english())
    return attachment(content, filename=_("导入错误.xlsx"), media_type=XLSX)


@admin.post("/imports/<int:import_id>")
def apply_import(import_id: int) -> ResponseReturnValue:
    """Import it as it was shown."""
    found = importing.apply(
        running_engine(), import_id=import_id, actor_id=person().id, expected=request.form.get("expected", "")
    )
    flash(_("已导入，改动 %(n)d 条。", n=len(found.changes)))
    return redirect(url_for("admin.exchange"))


def _entrance(sentence: str = "") -> str:
    with running_engine().db.read() as session:
        imports = importing.recent(session)
        names = running_engine().people.names(session, [one.actor_id for one in imports])
    return render_template(
        "admin/exchange.html", tab="exchange", imports=imports, names=names, sentence=sentence, sections=SECTIONS,
        now=running_engine().clock.now(),
    )  # fmt: skip
