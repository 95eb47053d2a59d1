"""The room's door: only administrators come in; to everybody else it does not exist."""

from datetime import date
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotFound
from web.context import person, running_engine
from web.processes import startable
from workflows.organisation.tree import LOCAL

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.before_request
def _administrators_only() -> None:
    if not person().is_administrator:
        raise NotFound(_("没有这个页面，或者它与您无关。"))


@admin.context_processor
def _frame() -> dict[str, Any]:
    return {"section": "admin", "processes": processes}


def today() -> date:
    """Return the day it is in the office."""
    return running_engine().clock.now().astimezone(LOCAL).date()


def words() -> str:
    """Return what was searched for."""
    return request.args.get("q", "").strip()[:100]


def page_number() -> int:
    """Return which page of a list is asked for."""
    text = request.args.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise InvalidInput(_("没有这一页。"))
    return int(text)


def back(default: str) -> str:
    """Return the page of this room that a form came from."""
    given = request.values.get("next", "")
    inside = given.startswith("/admin") and "\n" not in given and "\\" not in given
    return given if inside else url_for(default)


def processes() -> dict[str, str]:
    """Return the processes that can be started now, by id, with their names."""
    with running_engine().db.read() as session:
        return startable(session)
