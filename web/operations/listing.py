"""Lists: instances, incidents with their groups, batches."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from engine.instances import retry_incidents
from engine.instances.batches import batch_progress, recent_batches
from engine.instances.models import IncidentStatus, InstanceStatus
from engine.instances.overview import (
    IncidentFilter,
    InstanceFilter,
    group_incidents,
    incident_ids,
    list_incidents,
    list_instances,
    require_status,
)
from web.context import person, running_engine, wants_fragment
from web.operations.room import number_of, operations, optional_number, versions

INSTANCE_ARGUMENTS = ("q", "version", "status", "incident", "parent")
INCIDENT_ARGUMENTS = ("version", "process", "element", "code", "status", "instance")


def kept(names: tuple[str, ...]) -> dict[str, str]:
    """Return the filters of the address or the form that are set."""
    return {name: request.values[name] for name in names if request.values.get(name)}


@operations.get("")
def instances() -> ResponseReturnValue:
    """List instances by filter."""
    running = running_engine()
    wanted = InstanceFilter(
        version_id=optional_number("version"),
        status=require_status(request.args.get("status", "")),
        incident=request.args.get("incident") == "1",
        parent_id=optional_number("parent"),
        search=request.args.get("q", "").strip()[:100],
    )
    with running.db.read() as session:
        page = list_instances(session, wanted, page=number_of("page", default=1))
        return render_template(
            "operations/instances.html",
            tab="instances",
            page=page,
            wanted=wanted,
            versions=versions(session),
            statuses=[one.value for one in InstanceStatus],
            filters=kept(INSTANCE_ARGUMENTS),
        )


def _incident_filter() -> IncidentFilter:
    status = request.values.get("status", IncidentStatus.OPEN)
    if status not in list(IncidentStatus):
        raise InvalidInput(_("没有这种状态。"))
    return IncidentFilter(
        version_id=optional_number("version"),
        process_id=request.values.get("process") or None,
        element_id=request.values.get("element") or None,
        code=request.values.get("code") or None,
        instance_id=optional_number("instance"),
        status=status,
    )


@operations.get("/incidents")
def incidents() -> ResponseReturnValue:
    """Show incidents in groups, and those of one group or filter one by one."""
    running = running_engine()
    wanted, filters = _incident_filter(), kept(INCIDENT_ARGUMENTS)
    with running.db.read() as session:
        context: dict[str, Any] = {"tab": "incidents", "wanted": wanted, "filters": filters}
        context["statuses"] = [one.value for one in IncidentStatus]
        if not filters:
            context["groups"] = group_incidents(running, session)
        else:
            context["page"] = list_incidents(running, session, wanted, page=number_of("page", default=1))
            context["chosen"] = len(incident_ids(session, wanted))
        return render_template("operations/incidents.html", now=running.clock.now(), **context)


@operations.get("/incidents/retry")
def ask_retry() -> ResponseReturnValue:
    """Ask before many incidents are retried."""
    running = running_engine()
    with running.db.read() as session:
        chosen = len(incident_ids(session, _incident_filter()))
    filters = kept(INCIDENT_ARGUMENTS)
    template = "operations/retry_form.html" if wants_fragment() else "operations/retry.html"
    return render_template(template, chosen=chosen, filters=filters)


@operations.post("/incidents/retry")
def retry() -> ResponseReturnValue:
    """Retry all open incidents of a filter as a batch."""
    running = running_engine()
    with running.db.read() as session:
        chosen = incident_ids(session, _incident_filter())
    reason = request.form.get("reason", "").strip()
    batch = retry_incidents(running, incident_ids=chosen, actor_id=person().id, reason=reason)
    return redirect(url_for("operations.batch", batch_id=batch))


@operations.get("/batches")
def batches() -> ResponseReturnValue:
    """List the latest batches."""
    running = running_engine()
    with running.db.read() as session:
        found = recent_batches(session)
        names = running.people.names(session, sorted({one.actor_id for one in found}))
    return render_template(
        "operations/batches.html", tab="batches", batches=found, names=names, now=running.clock.now()
    )


@operations.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> ResponseReturnValue:
    """Show how far a batch has come; to htmx only the progress."""
    running = running_engine()
    with running.db.read() as session:
        found = batch_progress(session, batch_id)
        names = running.people.names(session, [found.actor_id])
    template = "operations/progress.html" if wants_fragment() else "operations/batch.html"
    return render_template(template, tab="batches", batch=found, names=names, now=running.clock.now())
