"""What people set for themselves: who acts for them while they are away, and their password."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotFound
from web.accounts.views import accounts
from web.context import person, running_engine
from web.language import side
from web.processes import startable
from workflows.directory.accounts import change_password
from workflows.directory.document import Key
from workflows.directory.listing import absences, suggestions
from workflows.directory.service import edit
from workflows.directory.values import WrongValue, read_date
from workflows.organisation.service import account as account_of
from workflows.organisation.tree import LOCAL


@accounts.get("/me")
def profile() -> ResponseReturnValue:
    """Show who is signed in, with posts, groups and absences (the phone's fourth tab)."""
    return _page()


@accounts.post("/me/absences")
def add_absence() -> ResponseReturnValue:
    """Enter that one is away, and who acts."""
    row = {name: request.form.get(name, "") for name in ("deputy", "process", "from", "to", "reason")}
    try:
        edit(running_engine(), {"absences": [{**row, "person": person().login}]}, actor_id=person().id, source="self")
    except InvalidInput as error:
        return _page(absence=row, errors=error.fields, sentence=str(error)), 422
    flash(_("已保存。"))
    return redirect(url_for("accounts.profile"))


@accounts.post("/me/absences/remove")
def remove_absence() -> ResponseReturnValue:
    """Take an own absence back."""
    edit(running_engine(), {}, actor_id=person().id, without=[("absences", _own_key())], source="self")
    flash(_("已删除。"))
    return redirect(url_for("accounts.profile"))


@accounts.get("/me/deputies")
def deputies() -> ResponseReturnValue:
    """Suggest people for what is being typed."""
    with running_engine().db.read() as session:
        found = suggestions(session, "people", request.args.get("deputy", ""))
    return render_template("admin/suggestions.html", found=found)


@accounts.post("/me/password")
def new_password() -> ResponseReturnValue:
    """Choose a new password; afterwards one signs in again."""
    try:
        change_password(
            running_engine(),
            person_id=person().id,
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            at=current_app.extensions["duban_wall"].now(),
        )
    except InvalidInput as error:
        return _page(errors=error.fields, sentence=str(error)), 422
    flash(_("密码已更换，请重新登录。"))
    return redirect(url_for("accounts.sign_in"))


def _own_key() -> Key:
    try:
        first = read_date(request.form.get("from", ""))
    except WrongValue as error:
        raise NotFound(_("没有这次外出。")) from error
    return person().login, request.form.get("deputy", ""), request.form.get("process") or None, first


def _page(*, absence: dict[str, str] | None = None, errors: dict[str, str] | None = None, sentence: str = "") -> str:
    running = running_engine()
    now = running.clock.now()
    with running.db.read() as session:
        return render_template(
            "accounts/profile.html",
            account=account_of(session, person_id=person().id, at=now),
            absences=absences(session, person_id=person().id),
            processes=startable(session),
            absence=absence or {},
            errors=errors or {},
            sentence=side(sentence),
            day=now.astimezone(LOCAL).date(),
            section="me",
        )
