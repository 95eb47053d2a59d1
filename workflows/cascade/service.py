"""Holding a unit's plan against the one above."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.campaigns.schedule import campaign_days
from workflows.cascade.models import UnitPlan
from workflows.organisation.models import Unit

MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Demands:
    """What a unit's plan may not fall behind: days by code, target values by code; from the unit above or the plan."""

    days: Mapping[str, date]
    targets: Mapping[str, float]
    superior_id: int | None


def demands_on(session: Session, campaign: Campaign, unit_id: int) -> Demands:
    """Return the demands of the nearest unit above that has filed, else of the campaign's own plan."""
    unit = session.get(Unit, unit_id)
    for _ in range(MOST_LEVELS):
        if unit is None or unit.parent_id is None:
            break
        above = session.get(UnitPlan, (campaign.id, unit.parent_id))
        if above is not None:
            return demands_of(above)
        unit = session.get(Unit, unit.parent_id)
    return campaign_demands(campaign)


def demands_of(above: UnitPlan) -> Demands:
    """Return what a unit's plan demands of the units below it."""
    days = {code: date.fromisoformat(day) for code, day in above.days.items()}
    return Demands(days, dict(above.targets), above.unit_id)


def campaign_demands(campaign: Campaign) -> Demands:
    """Return what the campaign's own plan demands of the units at the top."""
    cascade = campaign.plan["cascade"]
    own = campaign_days(campaign)
    found = {one["code"]: own.day(f"cascade_{one['code']}") for one in cascade["days"]}
    targets = {one["code"]: float(one["value"]) for one in cascade["targets"]}
    return Demands({code: day for code, day in found.items() if day is not None}, targets, None)


def looser(plan: Mapping[str, Any], demands: Demands, data: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each day that is later and each target that is looser than what is demanded."""
    told: list[str] = []
    for day in plan["days"]:
        limit, chosen = demands.days.get(day["code"]), data.get(day["code"])
        if limit is not None and (not chosen or date.fromisoformat(str(chosen)[:10]) > limit):
            told.append(say("{name}不得晚于 {limit}", name=day["name"], limit=limit.isoformat()))
    for target in plan["targets"]:
        line, value = demands.targets.get(target["code"]), data.get(target["code"])
        if line is None:
            continue
        higher = target["better"] == "higher"
        if value is None or (value < line if higher else value > line):
            told.append(
                say(
                    "{name}不得{word} {line}{unit}",
                    name=target["name"],
                    word=say("低于") if higher else say("高于"),
                    line=f"{line:g}",
                    unit=target["unit"],
                )
            )
    return told


class Verdict(StrEnum):
    """What a unit made of a demand."""

    KEPT = "kept"
    TIGHTER = "tighter"
    LOOSER = "looser"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day or a target of a unit's plan beside what was demanded; ``demanded`` is None where nothing was."""

    code: str
    name: str
    demanded: str | None
    own: str
    verdict: Verdict

    @property
    def words(self) -> str:
        """Name, demand and own value in one phrase."""
        if self.demanded is None or self.demanded == self.own:
            return f"{self.name} {self.own}"
        return f"{self.name} {self.demanded} → {self.own}"


def comparison(cascade: Mapping[str, Any], demands: Demands, plan: UnitPlan) -> list[Comparison]:
    """Return every day and target of a unit's plan beside what the plan above demands."""
    found = []
    for day in cascade["days"]:
        limit, own = demands.days.get(day["code"]), date.fromisoformat(str(plan.days[day["code"]]))
        verdict = _verdict(limit, own, tighter=limit is not None and own < limit)
        demanded = None if limit is None else limit.isoformat()
        found.append(Comparison(day["code"], day["name"], demanded, own.isoformat(), verdict))
    for target in cascade["targets"]:
        line, value = demands.targets.get(target["code"]), float(plan.targets[target["code"]])
        tighter = line is not None and (value > line if target["better"] == "higher" else value < line)
        demanded = None if line is None else f"{line:g}{target['unit']}"
        verdict = _verdict(line, value, tighter=tighter)
        found.append(Comparison(target["code"], target["name"], demanded, f"{value:g}{target['unit']}", verdict))
    return found


def _verdict(demanded: object, own: object, *, tighter: bool) -> Verdict:
    if demanded is None or demanded == own:
        return Verdict.KEPT
    return Verdict.TIGHTER if tighter else Verdict.LOOSER
