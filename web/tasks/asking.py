"""Operations that ask something first: whom, why, until when. One form page for all of them, also as a dialog."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.calendars import SHANGHAI
from engine.errors import Conflict, DubanError, InvalidInput, NotAllowed, NotFound
from web.context import person, running_engine, wants_fragment
from web.tasks.effects import told
from web.tasks.page import TaskPage, task_page
from workflows.organisation.service import Account, find_accounts

asking = Blueprint("asking", __name__)

MOST_FOUND = 30
MAX_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Ask:
    """One operation: what its form asks for.

    ``who`` is ``one``, ``many`` or empty; ``words`` names the text field (``reason``, ``opinion``, ``text``) and
    ``must`` whether it has to be filled; ``stays`` whether the person still has something to do at the task after it.
    """

    name: str
    title: Any
    who: str = ""
    words: str = "reason"
    must: bool = False
    order: bool = False
    due: bool = False
    target: bool = False
    danger: bool = False
    stays: bool = False
    function: str = ""


ASKS: Mapping[str, Ask] = {
    ask.name: ask
    for ask in (
        Ask("give_opinion", later("提出意见"), words="opinion", must=True),
        Ask("hand_back", later("交回委派人")),
        Ask("recall", later("收回"), words="", stays=True),
        Ask("transfer", later("转办"), who="one", must=True),
        Ask("delegate", later("委派"), who="one"),
        Ask("add_before", later("前加签"), who="many", order=True),
        Ask("add_after", later("后加签"), who="many", words="opinion", order=True),
        Ask("add_beside", later("并加签"), who="many", stays=True),
        Ask("remove_signer", later("减签"), danger=True),
        Ask("copy", later("抄送"), who="many", words="text", stays=True, function="copy_to"),
        Ask("extend", later("申请延期"), must=True, due=True, stays=True, function="ask_extension"),
        Ask("retrieve", later("取回"), stays=True),
        Ask("withdraw", later("撤销流程"), must=True, danger=True),
        Ask("jump", later("跳转"), must=True, target=True, danger=True),
    )
}
NO_VERSION = ("retrieve", "withdraw", "copy")


@asking.app_context_processor
def _known() -> dict[str, Any]:
    """Give templates the operations by name."""
    return {"asks": ASKS}


@asking.get("/tasks/<int:slot_id>/ask/<name>")
def show(slot_id: int, name: str) -> ResponseReturnValue:
    """Show the form of an operation."""
    return _form(slot_id, _ask(name), {}, "")


@asking.get("/tasks/<int:slot_id>/people")
def people(slot_id: int) -> ResponseReturnValue:
    """Find people by name, unit or post, for the form's list."""
    running = running_engine()
    with running.db.read() as session:
        human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        found = _find(session, request.args.get("q", ""), frozenset(_numbers(request.args.getlist("people"))))
    who = "one" if request.args.get("who") == "one" else "many"
    return render_template("tasks/people.html", found=found, chosen=_numbers(request.args.getlist("people")), who=who)


@asking.post("/tasks/<int:slot_id>/ask/<name>")
def do(slot_id: int, name: str) -> ResponseReturnValue:
    """Do it, or show the form again with what was typed and what is wrong."""
    ask = _ask(name)
    if request.form.get("find"):
        return _form(slot_id, ask, {}, "")
    try:
        done = _operation(ask)(running_engine(), slot_id=slot_id, actor_id=person().id, **_given(ask), **_guard(ask))
    except InvalidInput as error:
        return _form(slot_id, ask, error.fields, str(error), status=422)
    except Conflict as error:
        if _refusal(slot_id, ask):
            raise
        return _form(slot_id, ask, {}, str(error), status=error.status)
    flash(done.sentence)
    if ask.stays or name in ("retrieve",):
        return redirect(_where_next(slot_id))
    return redirect(url_for("inbox.show"))


def _where_next(slot_id: int) -> str:
    """Return to the task when the person may still see it as open, else to the inbox."""
    running = running_engine()
    with running.db.read() as session:
        try:
            found = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        except NotFound:
            return url_for("inbox.show")
        return url_for("tasks.show", slot_id=slot_id) if found.slot.closed_at is None else url_for("inbox.show")


def _ask(name: str) -> Ask:
    if name not in ASKS:
        raise NotFound(_("没有这个操作。"))
    return ASKS[name]


def _operation(ask: Ask) -> Callable[..., Any]:
    operation: Callable[..., Any] = getattr(human_tasks, ask.function or ask.name)
    return operation


def _guard(ask: Ask) -> dict[str, Any]:
    """Return what makes a double or stale click harmless."""
    guard: dict[str, Any] = {"key": request.form.get("key", "")[:100] or None}
    if ask.name in NO_VERSION:
        return guard
    version = request.form.get("version", "")
    if not version.isdigit():
        raise InvalidInput(_("页面缺少版本号，请刷新后重试。"))
    return {**guard, "version": int(version)}


def _given(ask: Ask) -> dict[str, Any]:
    """Read what the form asked for."""
    given: dict[str, Any] = {}
    chosen = _numbers(request.form.getlist("people"))
    if ask.who == "one":
        if len(chosen) != 1:
            raise InvalidInput(_("请选择一个人。"), {"people": _("请选择一个人。")})
        given["target_id"] = chosen[0]
    elif ask.who == "many":
        given["people"] = chosen
    if ask.order:
        given["policy"] = request.form.get("policy", "all")
    if ask.due:
        given["due"] = _instant(request.form.get("due", ""))
    if ask.target:
        given["target"] = request.form.get("target", "")
    if ask.words:
        words = request.form.get("words", "").strip()
        if ask.must and not words:
            raise InvalidInput(_("请填写说明。"), {"words": _("请填写说明。")})
        given[ask.words] = words[:MAX_WORDS]
    return given


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise InvalidInput(_("请填写新的期限。"), {"due": _("请填写新的期限。")}) from error


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in dict.fromkeys(texts) if text.isdigit()]


def _find(session: Session, words: str, chosen: frozenset[int]) -> list[Account]:
    at = running_engine().clock.now()
    return find_accounts(session, words=words, at=at, chosen=chosen, without=person().id, limit=MOST_FOUND)


def _form(slot_id: int, ask: Ask, errors: Mapping[str, str], sentence: str, status: int = 200) -> ResponseReturnValue:
    running = running_engine()
    with running.db.read() as session:
        detail = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        page = task_page(running, session, detail)
        if refused := _refused(detail, ask):
            raise NotAllowed(refused)
        chosen = _numbers(request.values.getlist("people"))
        found = _find(session, request.values.get("q", ""), frozenset(chosen)) if ask.who else []
        effects = _effects(ask, page) if ask.danger and not ask.target else []
        nodes = _nodes(session, detail) if ask.target else []
    template = "tasks/ask_form.html" if wants_fragment() else "tasks/ask.html"
    return render_template(
        template, d=page, ask=ask, found=found, chosen=chosen, errors=errors, sentence=sentence, effects=effects,
        nodes=nodes, values=request.values, section="inbox",
    ), status  # fmt: skip


def _refused(detail: human_tasks.TaskDetail, ask: Ask) -> str:
    """Say why the operation is not offered here, empty when it is."""
    action = next((one for one in detail.actions if one.name == ask.name), None)
    return action.reason if action is not None else _("这个操作不适用于这个待办。")


def _refusal(slot_id: int, ask: Ask) -> str:
    """Say why the operation is no longer offered on this task as it is now, empty when it is."""
    running = running_engine()
    with running.db.read() as session:
        return _refused(human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id), ask)


def _effects(ask: Ask, page: TaskPage) -> list[str]:
    """Say beforehand what a destructive operation will do (I4)."""
    try:
        dry = _operation(ask)(
            running_engine(), slot_id=page.slot_id, actor_id=person().id, reason=_("预览"), dry_run=True
        )
    except DubanError:
        return []
    return told(dry.effects).sentences


def _nodes(session: Session, detail: Any) -> list[tuple[str, str]]:
    """Return the human nodes that a jump may go to."""
    running = running_engine()
    package = running.packages.get(session, detail.instance.package_version_id)
    process = package.process(detail.instance.process_id)[1]
    here = detail.activation.element_id
    return [
        (node.id, node.name or node.id)
        for node in process.nodes.values()
        if node.type in ("userTask", "endEvent") and node.id != here
    ]
