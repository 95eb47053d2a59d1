"""The room's door: only administrators come in; to everybody else it does not exist."""

import json
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.model import Process
from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput, NotFound
from web.context import person, running_engine

operations = Blueprint("operations", __name__, url_prefix="/operations")

MAX_JSON = 200_000
"""Characters of variables that a form may carry."""


@operations.before_request
def _administrators_only() -> None:
    if not person().is_administrator:
        raise NotFound(_("没有这个页面，或者它与您无关。"))


def number_of(name: str, *, default: int | None = None) -> int:
    """Return a whole number of the address or the form. Raises InvalidInput for anything else."""
    text = request.values.get(name, "")
    if not text and default is not None:
        return default
    if not text.isdigit() or len(text) > 19:
        raise InvalidInput(_("“%(name)s”不是编号。", name=name))
    return int(text)


def optional_number(name: str) -> int | None:
    """Return a number of the address or the form, None when it is empty."""
    return number_of(name) if request.values.get(name) else None


def values_of(name: str) -> dict[str, Any]:
    """Read the JSON object that a text field holds; an empty one is no values. Raises InvalidInput with the field."""
    text = request.form.get(name, "").strip()
    if len(text) > MAX_JSON:
        raise InvalidInput(_("变量太多。"), {name: _("变量太多。")})
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        sentence = _("不是有效的 JSON（第 %(line)d 行）。", line=getattr(error, "lineno", 1))
        raise InvalidInput(sentence, {name: sentence}) from error
    if not isinstance(found, dict):
        sentence = _('请写成 {"变量名": 值} 的形式。')
        raise InvalidInput(sentence, {name: sentence})
    return found


def as_text(values: Any) -> str:
    """Return values as JSON that a person can edit."""
    return json.dumps(values, ensure_ascii=False, indent=2)


def version_row(session: Session, version_id: int) -> PackageVersion:
    """Return a published version. Raises NotFound."""
    found = session.get(PackageVersion, version_id)
    if found is None:
        raise NotFound(_("没有这个版本。"))
    return found


def versions(session: Session) -> list[PackageVersion]:
    """Return every published version, by package, the newest first."""
    query = select(PackageVersion).order_by(PackageVersion.name, PackageVersion.key, PackageVersion.version.desc())
    return list(session.scalars(query))


def process_of(session: Session, version_id: int, process_id: str) -> Process:
    """Return a process of a version; the main one for an empty id. Raises NotFound."""
    package = running_engine().packages.get(session, version_id)
    return package.process(process_id or package.main_process)[1]
