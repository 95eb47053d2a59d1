"""The tree of units, and one unit with its people."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from web.admin.room import admin, today, words
from web.context import running_engine
from workflows.directory.listing import Branch, find_units, holdings, tree, unit_of
from workflows.organisation.models import Holding
from workflows.organisation.tree import ancestors


@admin.get("")
def units() -> ResponseReturnValue:
    """Show the tree, or the units that were searched for, and the chosen unit."""
    day = today()
    with running_engine().db.read() as session:
        branches = tree(session, day=day)
        code = request.args.get("unit", "")
        chosen = unit_of(session, code) if code else next((one.unit for one in branches), None)
        context = {
            "branches": branches,
            "found": find_units(session, words()) if words() else None,
            "chosen": chosen,
            "open": set(ancestors(session, chosen.id)) if chosen else set(),
            "held": holdings(session, Holding.unit_id == chosen.id, day=day) if chosen else [],
            "below": _below(branches, chosen.id) if chosen else [],
            "names": {one.id: one for one in _flat(branches)},
        }
    return render_template("admin/units.html", tab="units", **context)


def _flat(branches: list[Branch]) -> list[object]:
    return [unit for one in branches for unit in (one.unit, *_flat(one.below))]


def _below(branches: list[Branch], unit_id: int) -> list[Branch]:
    for one in branches:
        if one.unit.id == unit_id:
            return one.below
        if found := _below(one.below, unit_id):
            return found
    return []
