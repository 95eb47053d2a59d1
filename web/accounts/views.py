"""Sign-in with password, the demonstration's account chooser, sign-out, language and theme."""

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from engine.errors import NotFound
from web.context import SESSION_COOKIE, THEMES, running_engine, safe_next
from web.language import LANGUAGES, chosen
from web.security import limiter, public
from workflows.organisation.passwords import authenticate
from workflows.organisation.service import Account
from workflows.organisation.service import accounts as all_accounts
from workflows.organisation.sessions import SESSION_LASTS, close_session, open_session

accounts = Blueprint("accounts", __name__)

YEAR = 365 * 24 * 3600
PER_ACCOUNT = "10 per 5 minutes"
PER_ADDRESS = "60 per 5 minutes"


def _login_key() -> str:
    return f"{request.form.get('login', '')[:80].lower()}|{get_remote_address()}"


@accounts.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the form, and in the demonstration everybody who could sign in."""
    return _entrance()


@accounts.post("/sign-in")
@public
@limiter.limit(PER_ACCOUNT, key_func=_login_key)
@limiter.limit(PER_ADDRESS)
def enter() -> ResponseReturnValue:
    """Check the password; a wrong one and an unknown account look the same."""
    login = request.form.get("login", "").strip()[:80]
    with running_engine().db.read() as reading:
        found = authenticate(reading, login=login, password=request.form.get("password", ""))
    if found is None:
        return _entrance(login=login, wrong=_("账号或密码不对。")), 422
    return _signed_in(found.id)


@accounts.post("/sign-in/demo")
@public
@limiter.limit("120 per minute")
def enter_demo() -> ResponseReturnValue:
    """Become an invented person; only in the demonstration."""
    if not current_app.config["DEMO"]:
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    login = request.form.get("login", "")
    engine = running_engine()
    with engine.db.read() as reading:
        found = next((one for one in all_accounts(reading, at=engine.clock.now()) if one.login == login), None)
    if found is None:
        raise NotFound(_("没有这个人。"))
    return _signed_in(found.id)


@accounts.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Delete the session's row and the cookie."""
    with running_engine().db.write() as writing:
        close_session(writing, token=request.cookies[SESSION_COOKIE])
    session.clear()
    response = make_response(redirect(url_for("accounts.sign_in")))
    response.delete_cookie(SESSION_COOKIE)
    return response


@accounts.post("/preferences")
@public
def prefer() -> ResponseReturnValue:
    """Remember language and theme."""
    response: Response = make_response(redirect(safe_next(request.form.get("next"))))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if request.form.get("lang") in LANGUAGES:
        response.set_cookie("lang", request.form["lang"], max_age=YEAR, samesite="Lax", secure=secure)
    if request.form.get("theme") in THEMES:
        response.set_cookie("theme", request.form["theme"], max_age=YEAR, samesite="Lax", secure=secure)
    return response


def _signed_in(person_id: int) -> Response:
    """Open a session with a new token; whatever the browser had before is worth nothing now."""
    old = request.cookies.get(SESSION_COOKIE)
    with running_engine().db.write() as writing:
        if old:
            close_session(writing, token=old)
        token = open_session(
            writing,
            person_id=person_id,
            at=current_app.extensions["duban_wall"].now(),
            address=request.remote_addr or "",
        )
    session.clear()
    response = make_response(redirect(safe_next(request.form.get("next"))))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


def _entrance(login: str = "", wrong: str = "") -> str:
    groups: dict[str, list[Account]] = {}
    if current_app.config["DEMO"]:
        engine = running_engine()
        with engine.db.read() as reading:
            groups = _by_role(all_accounts(reading, at=engine.clock.now()))
    return render_template(
        "accounts/sign_in.html",
        login=login,
        wrong=wrong,
        groups=groups,
        next=request.values.get("next", ""),
        language=chosen(),
    )


def _by_role(people: Iterable[Account]) -> dict[str, list[Account]]:
    """Group people as a newcomer looks for them: leaders, office, groups, units."""
    headings = {
        "leading": _("领导小组"),
        "groups": _("考核小组与主管部门"),
        "units": _("科室"),
        "others": _("其他"),
    }
    found: dict[str, list[Account]] = {heading: [] for heading in headings.values()}
    for one in people:
        codes = {seat.group_code for seat in one.seats}
        if "leading" in codes:
            place = "leading"
        elif codes:
            place = "groups"
        elif one.places:
            place = "units"
        else:
            place = "others"
        found[headings[place]].append(one)
    return {heading: members for heading, members in found.items() if members}
