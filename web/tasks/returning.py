"""Returning a task: where to, why, who signs again, and beforehand what it will do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import tasks as human_tasks
from engine.errors import DubanError, InvalidInput, NotAllowed, Stale
from web.context import person, rehearsing, running_engine, wants_fragment, wants_json
from web.language import side
from web.tasks.effects import Effects, told
from web.tasks.page import TaskPage, task_page
from web.tasks.views import decided, decision_words, operation_guard, render_task

returning = Blueprint("returning", __name__)

MODES = ("direct", "again")
CALLER, UNITS = "caller:", "units:"
MAX_REASON = 2000


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the dialogue has: the task, its choices, and what is chosen now."""

    page: TaskPage
    choices: human_tasks.ReturnChoices
    gateways: frozenset[str]
    target: str
    mode: str

    @property
    def modes(self) -> tuple[str, ...]:
        """The ways in which the chosen node can be submitted again."""
        known = [one.modes for one in self.choices.targets if one.element_id == self.target]
        return tuple(known[0]) if known else ()

    @property
    def drawn(self) -> bool:
        """Whether the effects can be shown on this instance's diagram."""
        return not self.target.startswith(CALLER)


@returning.get("/tasks/<int:slot_id>/return")
def show(slot_id: int) -> ResponseReturnValue:
    """Ask where to and why, and say beforehand what it will do."""
    return _form(slot_id)


@returning.post("/tasks/<int:slot_id>/return/effects")
def effects(slot_id: int) -> ResponseReturnValue:
    """Say again what it will do, after another choice in the dialogue."""
    choice = _chosen(slot_id)
    return render_template("tasks/consequences.html", d=choice.page, choice=choice, effects=_effects(slot_id, choice))


@returning.post("/tasks/<int:slot_id>/return")
def return_now(slot_id: int) -> ResponseReturnValue:
    """Return the task with its reason, or rehearse it."""
    reason = request.form.get("reason", "").strip()
    try:
        if not reason or len(reason) > MAX_REASON:
            raise InvalidInput(_("请填写退回原因（不超过 2000 字）。"))
        choice = _chosen(slot_id)
        _operation(choice)(
            running_engine(), **operation_guard(slot_id), reason=reason, dry_run=rehearsing(), **_given(choice)
        )
    except InvalidInput as error:
        if wants_json():
            raise
        return _form(slot_id, sentence=side(str(error)), status=422)
    except (Stale, NotAllowed) as error:
        if wants_json():
            raise
        answer, status = render_task(slot_id, sentence=side(str(error)), status=Stale.status)
        return answer, status, {"HX-Retarget": "#pane"}
    return decided(slot_id, decision_words("return", choice.page.title))


def _form(slot_id: int, sentence: str = "", status: int = 200) -> ResponseReturnValue:
    choice = _chosen(slot_id)
    return render_template(
        "tasks/return_form.html" if wants_fragment() else "tasks/return.html",
        d=choice.page,
        choice=choice,
        effects=_effects(slot_id, choice),
        sentence=sentence,
        section="inbox",
    ), status


def _chosen(slot_id: int) -> _Choice:
    """Read what is chosen; what cannot be chosen becomes what can."""
    running = running_engine()
    with running.db.read() as session:
        detail = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        page = task_page(running, session, detail)
        if not page.may("return_task"):
            raise NotAllowed(_("这一步现在不能退回。"))
        choices = human_tasks.return_choices(running, session, slot_id=slot_id, person_id=person().id)
        package = running.packages.get(session, detail.instance.package_version_id)
        nodes = package.process(detail.instance.process_id)[1].nodes.values()
        gateways = frozenset(node.id for node in nodes if node.type.endswith("Gateway") and len(node.incoming) > 1)
    if not choices:
        raise NotAllowed(_("这一步之前没有可以退回的环节。"))
    known = [one.element_id for one in choices.targets]
    known += [f"{CALLER}{one.element_id}" for one in choices.caller]
    known += [f"{UNITS}{one.element_id}" for one in choices.units]
    target = request.values.get("target", "")
    choice = _Choice(page, choices, gateways, target if target in known else known[0], "")
    mode = request.values.get("mode", "")
    fallback = choice.modes[0] if choice.modes else MODES[1]
    return _Choice(page, choices, gateways, choice.target, mode if mode in choice.modes else fallback)


def _operation(choice: _Choice) -> Callable[..., Any]:
    if choice.target.startswith(CALLER):
        return human_tasks.return_to_caller
    return human_tasks.return_units if choice.target.startswith(UNITS) else human_tasks.return_task


def _given(choice: _Choice) -> dict[str, Any]:
    """Return the operation's own arguments."""
    if choice.target.startswith(CALLER):
        return {"target": choice.target.removeprefix(CALLER)}
    if choice.target.startswith(UNITS):
        children = _numbers("children")
        if not children:
            raise InvalidInput(_("请选择要退回的单位。"))
        return {"target": choice.target.removeprefix(UNITS), "children": children}
    given: dict[str, Any] = {"target": choice.target, "mode": choice.mode}
    if request.values.get("signing") == "some" and choice.target in choice.choices.signers:
        known = {number for number, _name in choice.choices.signers[choice.target]}
        given["signers"] = [one for one in _numbers("signers") if one in known]
        if not given["signers"]:
            raise InvalidInput(_("请选择要重新签署的人。"))
    return given


def _effects(slot_id: int, choice: _Choice) -> Effects:
    try:
        dry = _operation(choice)(
            running_engine(),
            slot_id=slot_id,
            actor_id=person().id,
            version=choice.page.version,
            reason=_("预览"),
            dry_run=True,
            **_given(choice),
        )
    except DubanError as error:
        return Effects(refusal=side(str(error)))
    return told(dry.effects, gateways=choice.gateways)


def _numbers(name: str) -> list[int]:
    return [int(text) for text in dict.fromkeys(request.values.getlist(name)) if text.isdigit()]
