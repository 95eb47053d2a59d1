"""One instance: what it stands at, its state, and modifying it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.model import Process
from engine.errors import DubanError, InvalidInput
from engine.history import HistoryLine, Visit
from engine.instances import lifecycle, modify_instance
from engine.instances.forecast import Change
from engine.instances.models import Instance
from engine.instances.modify import Modification
from engine.instances.overview import IncidentFilter, list_incidents
from engine.instances.view import InstanceView, instance_view
from engine.interpreter.contract import Start
from web.context import person, running_engine, wants_fragment
from web.language import bracketed
from web.operations.room import as_text, number_of, operations, process_of, values_of

STATES = ("suspend", "resume", "terminate")
MOST_LINES = 60
MOST_VISITS = 100
MOST_TOKENS = 300
START_ROWS = 3


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit of an element, as the page shows it."""

    element: str
    entered: datetime
    lasted: timedelta | None
    withdrawn: bool


@operations.get("/instances/<int:instance_id>")
def instance(instance_id: int) -> ResponseReturnValue:
    """Show where an instance stands, what it knows, what failed, and what was done to it."""
    running = running_engine()
    with running.db.read() as session:
        view = instance_view(running, session, instance_id)
        process = process_of(session, view.version_id, view.process_id)
        failed = list_incidents(running, session, IncidentFilter(instance_id=instance_id)).rows
        query = select(HistoryLine).where(
            HistoryLine.instance_id == instance_id, HistoryLine.operation.not_in(("enter", "leave"))
        )
        lines = list(session.scalars(query.order_by(HistoryLine.sequence.desc()).limit(MOST_LINES)))
        names = running.people.names(session, sorted({one.actor_id for one in lines if one.actor_id is not None}))
        return render_template(
            "operations/instance.html",
            tab="instances",
            view=view,
            elements={node.id: node.name or node.id for node in process.nodes.values()},
            tokens=view.tokens[:MOST_TOKENS],
            incidents=failed,
            lines=lines,
            names=names,
            visits=_visits(session, instance_id, process),
            variables={name: as_text(value) for name, value in sorted(view.variables.items())},
            now=running.clock.now(),
        )


def _visits(session: Session, instance_id: int, process: Process) -> list[VisitRow]:
    query = select(Visit).where(Visit.instance_id == instance_id).order_by(Visit.entered.desc(), Visit.token.desc())
    return [
        VisitRow(
            element=(process.nodes[one.element_id].name if one.element_id in process.nodes else None) or one.element_id,
            entered=datetime.fromtimestamp(one.entered / 1000, UTC),
            lasted=None if one.lasted is None else timedelta(milliseconds=one.lasted),
            withdrawn=one.withdrawn,
        )
        for one in session.scalars(query.limit(MOST_VISITS))
    ]


@operations.get("/instances/<int:instance_id>/state")
def ask_state(instance_id: int) -> ResponseReturnValue:
    """Ask for the reason before an instance is suspended, resumed or terminated."""
    return _state_form(instance_id, _wanted_state())


@operations.post("/instances/<int:instance_id>/state")
def change_state(instance_id: int) -> ResponseReturnValue:
    """Suspend, resume or terminate an instance with everything below it."""
    wanted = _wanted_state()
    act = getattr(lifecycle, wanted)
    try:
        act(running_engine(), instance_id=instance_id, actor_id=person().id, reason=request.form.get("reason", ""))
    except InvalidInput as error:
        return _state_form(instance_id, wanted, sentence=str(error)), 422
    flash({"suspend": _("已挂起。"), "resume": _("已恢复。"), "terminate": _("已终止。")}[wanted])
    return redirect(url_for("operations.instance", instance_id=instance_id))


def _wanted_state() -> str:
    wanted = request.values.get("operation", "")
    if wanted not in STATES:
        raise InvalidInput(_("不认识的操作。"))
    return wanted


def _state_form(instance_id: int, wanted: str, sentence: str = "") -> str:
    running = running_engine()
    with running.db.read() as session:
        view = instance_view(running, session, instance_id)
        family = lifecycle.reached(session, session.get_one(Instance, instance_id))
    template = "operations/state_form.html" if wants_fragment() else "operations/state.html"
    return render_template(template, view=view, wanted=wanted, sentence=sentence, family=family)


@operations.get("/instances/<int:instance_id>/modify")
def ask_modify(instance_id: int) -> ResponseReturnValue:
    """Show the form of a modification."""
    return _modify_form(instance_id)


@operations.post("/instances/<int:instance_id>/modify")
def modify(instance_id: int) -> ResponseReturnValue:
    """Try a modification out, or carry it out once it was tried out."""
    apply = request.form.get("operation") == "apply"
    try:
        result = modify_instance(
            running_engine(),
            instance_id=instance_id,
            actor_id=person().id,
            reason=request.form.get("reason", ""),
            modification=_modification(),
            expected_version=number_of("turn"),
            dry_run=not apply,
        )
    except DubanError as error:
        if error.status == 404:
            raise
        fields = error.fields if isinstance(error, InvalidInput) else {}
        return _modify_form(instance_id, sentence=str(error), errors=fields), error.status
    if not apply:
        return _modify_form(instance_id, changes=result.changes)
    flash(_("已修改。"))
    return redirect(url_for("operations.instance", instance_id=instance_id))


def _modification() -> Modification:
    starts = []
    for row in range(START_ROWS):
        element = request.form.get(f"start{row}", "")
        if element:
            inside = request.form.get(f"inside{row}") or None
            after = request.form.get(f"place{row}") == "after"
            starts.append(Start(element_id=element, after=after, inside=inside))
    return Modification(cancel=request.form.getlist("cancel"), start=starts, variables=values_of("variables"))


def _modify_form(
    instance_id: int,
    *,
    changes: tuple[Change, ...] | None = None,
    sentence: str = "",
    errors: dict[str, str] | None = None,
) -> str:
    running = running_engine()
    with running.db.read() as session:
        view = instance_view(running, session, instance_id)
        process = process_of(session, view.version_id, view.process_id)
    return render_template(
        "operations/modify.html",
        tab="instances",
        view=view,
        tokens=view.tokens[:MOST_TOKENS],
        starts=_starts(process),
        scopes=_scopes(view),
        changes=changes,
        sentence=sentence,
        errors=errors or {},
        form=request.form,
        rows=range(START_ROWS),
        now=running.clock.now(),
    )


def _starts(process: Process) -> list[tuple[str, str]]:
    """Return the elements at which an operator may go on, with their names."""
    return [
        (node.id, f"{node.name}{bracketed(node.id)}" if node.name else node.id)
        for node in process.nodes.values()
        if node.type != "boundaryEvent" and node.attributes.get("triggeredByEvent") != "true"
    ]


def _scopes(view: InstanceView) -> list[Any]:
    """Return the tokens in which something can be started: open scopes and items."""
    return [one for one in view.tokens if one.state == "scope" and not one.listens]
