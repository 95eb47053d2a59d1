"""Heat maps: how often elements of a version were entered, and how long tokens stayed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from engine.errors import NotFound
from engine.history import element_times
from engine.instances.models import Instance
from engine.instances.overview import element_name
from web.context import running_engine
from web.operations.drawings import MEASURES, amount
from web.operations.room import operations, version_row, versions


@operations.get("/heat")
def heat_index() -> ResponseReturnValue:
    """List the versions with the number of their instances."""
    running = running_engine()
    with running.db.read() as session:
        counted = session.execute(
            select(Instance.package_version_id, func.count()).group_by(Instance.package_version_id)
        )
        counts = {row[0]: row[1] for row in counted}
        return render_template("operations/heat_index.html", tab="heat", versions=versions(session), counts=counts)


@operations.get("/versions/<int:version_id>/heat")
def heat(version_id: int) -> ResponseReturnValue:
    """Show the heat map of one process of a version: the diagram, and the same as a table."""
    running = running_engine()
    measure = request.args.get("by", MEASURES[0])
    if measure not in MEASURES:
        raise NotFound(_("没有这个指标。"))
    with running.db.read() as session:
        version = version_row(session, version_id)
        package = running.packages.get(session, version_id)
        process_id = request.args.get("process") or package.main_process
        package.process(process_id)
        times = element_times(session, version_id=version_id, process_id=process_id)
        names = {one: element_name(running, session, version_id, process_id, one) for one in times}
        processes = [(one.id, one.name or one.id) for _definition, one in package.processes.values()]
    return render_template(
        "operations/heat.html",
        tab="heat",
        version=version,
        processes=processes,
        process_id=process_id,
        measure=measure,
        measures=MEASURES,
        names=names,
        rows=sorted(times.items(), key=lambda row: amount(row[1], measure), reverse=True),
    )
