"""Files in and out: downloads, archives, uploads, imports with their report."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotFound
from web.context import person, running_engine
from web.designer.drafting import saved_json
from web.designer.room import allowed, designer
from web.downloads import attachment
from web.language import side
from workflows.designer import history
from workflows.designer.archives import write_archive
from workflows.designer.drafts import published_version, read_draft, save_draft, version_files
from workflows.designer.importing import Report, import_into, import_new


def asked_files(key: str) -> dict[str, bytes]:
    """Return the files of the draft, or of the ``version`` or ``revision`` that the address names."""
    with running_engine().db.read() as session:
        allowed(session, key)
        version, revision = request.args.get("version", ""), request.args.get("revision", "")
        if version:
            return version_files(session, published_version(session, key, _number(version)))
        if revision:
            history.entry(session, key, _number(revision))
            kept = history.files_at(session, key, _number(revision))
            return {path: one.content for path, one in kept.items() if one.content is not None}
        return dict(read_draft(session, key).files)


def _number(text: str) -> int:
    if not text.isdigit() or len(text) > 9:
        raise InvalidInput(_("“%(name)s”不是编号。", name=text[:40]))
    return int(text)


def posted_version() -> int:
    """Return the version of the draft that a multipart request was made from."""
    return _number(request.form.get("version", ""))


@designer.get("/<key>/files/<path:path>")
def file(key: str, path: str) -> Response:
    """Return one file to save."""
    content = asked_files(key).get(path)
    if content is None:
        raise NotFound(_("没有这个文件。"))
    return attachment(content, filename=path.rsplit("/", 1)[-1], media_type="application/octet-stream")


@designer.get("/<key>/export.zip")
def export(key: str) -> Response:
    """Return the package as an archive."""
    content = write_archive(key, asked_files(key))
    return attachment(content, filename=f"{key}.zip", media_type="application/zip")


@designer.post("/<key>/assets")
def upload(key: str) -> Response:
    """Put one file into the draft as it is."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidInput(_("请选择文件。"), {"file": _("请选择文件。")})
    path = request.form.get("path") or given.filename
    return saved_json(
        save_draft(
            running_engine(),
            key=key,
            person_id=person().id,
            version=posted_version(),
            changes={path: given.stream.read()},
        )
    )


@designer.post("/<key>/import")
def add_files(key: str) -> Response:
    """Add files from outside to the draft."""
    draft, reports = import_into(
        running_engine(),
        key=key,
        person_id=person().id,
        version=posted_version(),
        uploads=_uploads(),
        replace=request.form.get("replace") == "true",
    )
    return saved_json(draft, report=[_report_json(one) for one in reports])


@designer.get("/import")
def ask_import() -> str:
    """Ask for files to make a package of."""
    return _import_form()


@designer.post("/import")
def import_package() -> ResponseReturnValue:
    """Make a package of files, and show what became of them."""
    given = {name: request.form.get(name, "").strip() for name in ("key", "name")}
    try:
        draft, reports = import_new(running_engine(), person_id=person().id, uploads=_uploads(), **given)
    except InvalidInput as error:
        return _import_form(sentence=str(error), errors=error.fields), 422
    if not any(one.notes or one.refused for one in reports):
        flash(_("已导入。"))
        return redirect(url_for("designer.editor", key=draft.key))
    return render_template("designer/imported.html", section="designer", draft=draft, reports=reports)


def _import_form(*, sentence: str = "", errors: dict[str, str] | None = None) -> str:
    return render_template(
        "designer/import.html", section="designer", sentence=sentence, errors=errors or {}, given=request.form
    )


def _uploads() -> list[tuple[str, bytes]]:
    return [(one.filename, one.stream.read()) for one in request.files.getlist("file") if one.filename]


def _report_json(report: Report) -> dict[str, Any]:
    notes = [
        {"kind": one.kind, "element": one.element_id, "line": one.line, "what": side(one.what)} for one in report.notes
    ]
    return {"path": report.path, "notes": notes, "refused": side(report.refused)}
