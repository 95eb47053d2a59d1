"""The units that a launch asks for: those that the plan allows, by kind, with a box each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from web.language import pick
from workflows.campaigns.units import ANY, eligible_units

ASKED = "units_asked"
"""Hidden field that tells a form without a tick from one that asked for no units."""


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units of one kind: id, name, whether it is ticked."""

    kind: str
    units: list[tuple[int, str, bool]]

    @property
    def ticked(self) -> int:
        """Number of ticked units."""
        return sum(ticked for _, _, ticked in self.units)


def unit_groups(session: Session, plan: Mapping[str, Any], chosen: Collection[int] | None) -> list[UnitGroup]:
    """Return the units of a plan by kind; without a choice all are ticked, or none where the plan leaves it open."""
    kinds = plan["units"]["kinds"]
    if not kinds or not plan["phases"]:
        return []
    groups: dict[str, UnitGroup] = {}
    for unit in eligible_units(session, kinds):
        ticked = ANY not in kinds if chosen is None else unit.id in chosen
        group = groups.setdefault(unit.kind, UnitGroup(unit.kind, []))
        group.units.append((unit.id, pick(unit.name, unit.name_en), ticked))
    return list(groups.values())


def ticked_units(posted: MultiDict[str, str]) -> list[int] | None:
    """Return the ids that were ticked; None where the form did not ask."""
    if ASKED not in posted:
        return None
    return [int(one) for one in posted.getlist("units") if one.isdigit()]
