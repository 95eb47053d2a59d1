"""Diagrams of versions and instances, and what is coloured in them."""

from collections import Counter
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.history import ElementTimes, Visit, element_times
from engine.instances.view import instance_view
from web.context import running_engine
from web.operations.room import operations, version_row
from web.presentation import took

LEVELS = 5
MEASURES = ("entered", "here", "mean", "median", "ninetieth", "withdrawn")


@operations.get("/versions/<int:version_id>/diagram.bpmn")
def version_diagram(version_id: int) -> Response:
    """Return the XML of the file that holds a process of a version."""
    running = running_engine()
    with running.db.read() as session:
        version_row(session, version_id)
        package = running.packages.get(session, version_id)
        process_id = request.args.get("process") or package.main_process
        for path, definition in package.diagrams.items():
            if process_id in definition.processes:
                return Response(package.files[path], mimetype="application/xml")
    raise NotFound(_("没有这张流程图。"))


@operations.get("/versions/<int:version_id>/heat.json")
def heat_state(version_id: int) -> Response:
    """Return how hot each element of a process is, by one measure."""
    running = running_engine()
    measure = request.args.get("by", MEASURES[0])
    with running.db.read() as session:
        version_row(session, version_id)
        package = running.packages.get(session, version_id)
        process_id = request.args.get("process") or package.main_process
        times = element_times(session, version_id=version_id, process_id=process_id)
    return jsonify(heat_of(times, measure))


@operations.get("/instances/<int:instance_id>/diagram.json")
def instance_state(instance_id: int) -> Response:
    """Return where an instance's tokens are, what it has passed, and what failed."""
    running = running_engine()
    with running.db.read() as session:
        view = instance_view(running, session, instance_id)
        tokens = [one for one in view.tokens if not one.listens]
        failed = {one.element_id for one in tokens if one.state == "failed"}
        current = {one.element_id for one in tokens} - failed
        counts = Counter(one.element_id for one in tokens)
        done = _passed(session, instance_id) - current - failed
    badges = {
        one: {"text": f"×{number}", "kind": "err" if one in failed else "current"}
        for one, number in counts.items()
        if number > 1
    }
    state = {"done": sorted(done), "current": sorted(current), "incidents": sorted(failed), "badges": badges}
    return jsonify(state)


def heat_of(times: dict[str, ElementTimes], measure: str) -> dict[str, Any]:
    """Return levels 1 to 5 by element, the hottest is 5, and what is written on each."""
    numbers = {element: amount(one, measure) for element, one in times.items()}
    highest = max(numbers.values(), default=0.0)
    levels = {
        element: max(1, round(number / highest * LEVELS)) for element, number in numbers.items() if highest and number
    }
    badges = {
        element: {"text": written(times[element], measure), "kind": f"heat-{level}"}
        for element, level in levels.items()
    }
    return {"done": [], "current": [], "incidents": [], "heat": levels, "badges": badges}


def written(one: ElementTimes, measure: str) -> str:
    """Return a measure as a person reads it."""
    if measure in ("mean", "median", "ninetieth"):
        return took(getattr(one, measure))
    number = int(amount(one, measure))
    if measure == "here":
        return ngettext("%(num)d 个在此", "%(num)d 个在此", number)
    return ngettext("%(num)d 次", "%(num)d 次", number)


def amount(one: ElementTimes, measure: str) -> float:
    """Return a measure as a number: a count, or seconds. Raises NotFound for an unknown measure."""
    if measure not in MEASURES:
        raise NotFound(_("没有这个指标。"))
    value = getattr(one, measure)
    if value is None:
        return 0.0
    return float(value) if isinstance(value, int) else float(value.total_seconds())


def _passed(session: Session, instance_id: int) -> set[str]:
    query = select(Visit.element_id).where(Visit.instance_id == instance_id, Visit.lasted.is_not(None)).distinct()
    return set(session.scalars(query))
