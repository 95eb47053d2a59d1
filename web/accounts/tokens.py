"""A person's own access tokens: made, shown once, revoked."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from web.accounts.views import accounts
from web.context import person, running_engine
from web.language import side
from web.security import limiter
from workflows.access.service import DEFAULT_DAYS, MOST_DAYS, Scope, issue_token, revoke_token, tokens_of

DAYS = (7, 30, DEFAULT_DAYS, 365, MOST_DAYS)


@accounts.get("/me/tokens")
def tokens() -> ResponseReturnValue:
    """List the person's tokens, with the form for another one."""
    return _page()


@accounts.post("/me/tokens")
@limiter.limit("30 per hour")
def make_token() -> ResponseReturnValue:
    """Make a token and show its text: now, and never again."""
    days = request.form.get("days", "")
    lasts = int(days) if days.isdigit() and len(days) < 6 else 0
    now = current_app.extensions["duban_wall"].now()
    try:
        with running_engine().db.write() as session:
            _row, text = issue_token(
                session, person_id=person().id, name=request.form.get("name", ""),
                scopes=request.form.getlist("scopes"), at=now, days=lasts,
            )  # fmt: skip
    except InvalidInput as error:
        return _page(sentence=side(str(error)), errors={name: side(one) for name, one in error.fields.items()}), 422
    response = current_app.make_response(_page(made=text))
    response.headers["Cache-Control"] = "no-store"
    return response


@accounts.post("/me/tokens/<int:token_id>/revoke")
def end_token(token_id: int) -> ResponseReturnValue:
    """End a token now."""
    with running_engine().db.write() as session:
        now = current_app.extensions["duban_wall"].now()
        revoke_token(session, person_id=person().id, token_id=token_id, at=now)
    flash(_("令牌已撤销。"))
    return redirect(url_for("accounts.tokens"))


def _page(*, made: str = "", sentence: str = "", errors: dict[str, str] | None = None) -> str:
    with running_engine().db.read() as session:
        found = tokens_of(session, person_id=person().id)
    return render_template(
        "accounts/tokens.html", tokens=found, made=made, sentence=sentence, errors=errors or {}, scopes=list(Scope),
        scope_words=_scope_words(), days=DAYS, default_days=DEFAULT_DAYS, form=request.form,
        now=current_app.extensions["duban_wall"].now(), section="me",
    )  # fmt: skip


def _scope_words() -> dict[str, str]:
    """Return what a scope lets a program do."""
    return {
        Scope.TASKS_READ: _("查看待办、信箱和数字"),
        Scope.TASKS_WRITE: _("办理待办：同意、退回、转办等"),
        Scope.INSTANCES_READ: _("查看流程实例和办理记录"),
        Scope.INSTANCES_WRITE: _("发起流程"),
        Scope.DEFINITIONS_READ: _("查看流程和决策"),
        Scope.DEFINITIONS_WRITE: _("发布流程包（管理员）"),
        Scope.CAMPAIGNS_READ: _("查看专项行动及其台账"),
        Scope.CAMPAIGNS_WRITE: _("办理专项行动：调整阶段、登记和督办问题等"),
        Scope.ORGANISATION_READ: _("查看组织"),
        Scope.ORGANISATION_WRITE: _("同步组织（管理员）"),
        Scope.OPERATIONS: _("运行维护（管理员）"),
    }
