"""One incident: repaired, retried, or taken for done."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import DubanError, InvalidInput, NotFound
from engine.instances import resolve_incident, retry_incident
from engine.instances.incidents import Edit
from engine.instances.models import Incident
from engine.instances.overview import IncidentFilter, list_incidents
from engine.instances.view import instance_view
from web.context import person, running_engine
from web.operations.room import as_text, operations, values_of


@operations.get("/incidents/<int:incident_id>")
def incident(incident_id: int) -> ResponseReturnValue:
    """Show one incident with the ways out."""
    return _page(incident_id)


@operations.post("/incidents/<int:incident_id>/retry")
def retry_one(incident_id: int) -> ResponseReturnValue:
    """Do again what failed, with the variables as they were edited."""
    try:
        edit = _edit(incident_id)
        reason = request.form.get("reason", "").strip()[:2000]
        retry_incident(running_engine(), incident_id=incident_id, actor_id=person().id, edit=edit, reason=reason)
    except DubanError as error:
        return _again(incident_id, error)
    flash(_("已安排重试。"))
    return redirect(_instance_address(incident_id))


@operations.post("/incidents/<int:incident_id>/resolve")
def resolve_one(incident_id: int) -> ResponseReturnValue:
    """Take the failed element for done, or only close the incident."""
    try:
        resolve_incident(
            running_engine(),
            incident_id=incident_id,
            actor_id=person().id,
            reason=request.form.get("reason", ""),
            result=values_of("result"),
            skip=request.form.get("skip") == "yes",
        )
    except DubanError as error:
        return _again(incident_id, error)
    flash(_("已处理。"))
    return redirect(_instance_address(incident_id))


def _edit(incident_id: int) -> Edit:
    """Return what was changed in the form; what was left as it is does not count."""
    running = running_engine()
    wanted, local = values_of("variables"), values_of("local")
    with running.db.read() as session:
        row = _row(session.get(Incident, incident_id))
        view = instance_view(running, session, row.instance_id)
        own = next((one.values for one in view.tokens if one.token == row.token), {})
    return Edit(
        variables={
            name: value for name, value in wanted.items() if name not in view.variables or view.variables[name] != value
        },
        local={name: value for name, value in local.items() if name not in own or own[name] != value},
    )


def _again(incident_id: int, error: DubanError) -> ResponseReturnValue:
    if error.status == 404:
        raise error
    fields = error.fields if isinstance(error, InvalidInput) else {}
    return _page(incident_id, sentence=str(error), errors=fields), error.status


def _page(incident_id: int, *, sentence: str = "", errors: dict[str, str] | None = None) -> str:
    running = running_engine()
    with running.db.read() as session:
        row = _row(session.get(Incident, incident_id))
        view = instance_view(running, session, row.instance_id)
        (shown,) = list_incidents(running, session, IncidentFilter(incident_id=incident_id, status=None)).rows
    own = next((dict(one.values) for one in view.tokens if one.token == row.token), {})
    return render_template(
        "operations/incident.html",
        tab="incidents",
        incident=shown,
        view=view,
        variables=request.form.get("variables") or as_text(dict(view.variables)),
        local=request.form.get("local") or (as_text(own) if own else ""),
        sentence=sentence,
        errors=errors or {},
        form=request.form,
        now=running.clock.now(),
    )


def _row(found: Incident | None) -> Incident:
    if found is None:
        raise NotFound(_("没有这个异常。"))
    return found


def _instance_address(incident_id: int) -> str:
    with running_engine().db.read() as session:
        return url_for("operations.instance", instance_id=_row(session.get(Incident, incident_id)).instance_id)
