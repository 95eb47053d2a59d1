"""Writes out the steps that parts offer in plain verbs (``Verb.expand``), everywhere in a plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from workflows.plans.step_field import Steps

MOST_LEVELS = 8
_SECTIONS = ("opening", "streams", "closing")


def written_out(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with every step in plain verbs.

    Raises ValidationError under the section where an expansion makes steps that are wrong.
    """
    from workflows.cascade.section import cascade_steps
    from workflows.reporting.section import all_report_steps

    made = dict(plan)
    for section in _SECTIONS:
        made[section] = list(_plain(plan[section], plan, 0))
    beside = [*cascade_steps(plan), *all_report_steps(plan)]
    made["streams"] += list(_plain(Steps().deserialize(beside), plan, 0))
    for section in ("phases", "processes"):
        made[section] = [{**one, "steps": list(_plain(one["steps"], plan, 0))} for one in plan[section]]
    return made


def _plain(steps: list[dict[str, Any]], plan: Mapping[str, Any], level: int) -> Iterator[dict[str, Any]]:
    from workflows.plans.steps import verbs

    known = verbs()
    for step in steps:
        verb = known[step["verb"]]
        if verb is None:
            yield _inside(step, plan, level)
        elif level >= MOST_LEVELS:
            raise ValidationError({step["verb"]: ["展开过深 / is written out too deeply"]})
        else:
            yield from _plain(Steps().deserialize(list(verb.expand(step, plan))), plan, level + 1)


def _inside(step: dict[str, Any], plan: Mapping[str, Any], level: int) -> dict[str, Any]:
    made = dict(step)
    if "steps" in step:
        made["steps"] = list(_plain(step["steps"], plan, level))
    for key in ("branches", "after"):
        if key in step:
            made[key] = [{**one, "steps": list(_plain(one["steps"], plan, level))} for one in step[key]]
    return made
