"""The ``cascade`` section of a plan, and the steps that it stands for."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields

from workflows.plans.phases import PhaseDay
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import MISSING, Code, Number, Strict, Text, Texts, many, one_of


class TargetSchema(Strict):
    """A number that every unit sets for itself: at least (``higher``) or at most (``lower``) the one above."""

    code = Code(required=True)
    name = Text(required=True)
    unit = Text(load_default="")
    value = Number(required=True)
    better = one_of("higher", "lower", load_default="higher")


class DaySchema(Strict):
    """A day that every unit sets for itself, never later than the one above. ``date`` names a day of the plan."""

    code = Code(required=True)
    name = Text(required=True)
    on = PhaseDay(required=True, data_key="date")


class CascadeSchema(Strict):
    """Who files, level by level from above (kinds of unit), by when; who reviews; which days and targets."""

    who = Text(required=True)
    review = Text(required=True)
    levels = Texts(required=True, error_messages={"required": MISSING})
    due = Text(load_default="")
    days = many(DaySchema)
    targets = many(TargetSchema)


def _check(plan: Mapping[str, Any]) -> Iterable[Problem]:
    cascade = plan["cascade"]
    if cascade is None:
        return
    for kind in cascade["levels"]:
        if kind not in plan["units"]["kinds"]:
            yield Problem(("cascade", "levels"), f"units.kinds 里没有“{kind}” / units.kinds has no {kind}")
    taken = {one["code"] for one in (*plan["dates"], *plan["phases"])}
    for number, day in enumerate(cascade["days"]):
        if day["code"] in taken:
            yield Problem(("cascade", "days", number, "code"), f"“{day['code']}”已被占用 / {day['code']} is taken")


def cascade_steps(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of the cascade; none where the plan has no cascade."""
    return [_level(plan["cascade"], 0)] if plan["cascade"] else []


def _level(cascade: Mapping[str, Any], number: int) -> dict[str, Any]:
    suffix = f"_{number + 1}"
    element = f"unit_plan{suffix}"
    due = {"due": cascade["due"]} if cascade["due"] else {}
    days = [{"key": one["code"], "label": one["name"], "type": "date"} for one in cascade["days"]]
    targets = [
        {"key": one["code"], "label": one["name"], "type": "number", "unit": one["unit"]} for one in cascade["targets"]
    ]
    form = [
        *days,
        *targets,
        {"key": "measures", "label": "本单位措施", "label_en": "Measures of this unit", "type": "long"},
    ]
    told = 'if cascade_problems = null or cascade_problems = "" then "" else "（" + cascade_problems + "）"'
    title = f'="分解计划：" + unit_name + ({told})'
    steps: list[dict[str, Any]] = [
        {
            "repeat": "不低于上级要求？",
            "code": f"tight_enough{suffix}",
            "until": "cascade_ok",
            "steps": [
                {
                    "work": "制定本单位计划", "code": element, "who": cascade["who"], "form": form, "title": title,
                    "keeps": [], **due,
                },
                {"service": "cascade.file", "name": "对照上级计划", "with": {"element": element}},
            ],
        },
        {"approve": "审核下级计划", "code": f"{element}_reviewed", "who": cascade["review"], "back_to": element, **due},
        {"service": "cascade.approve", "name": "计划生效", "with": {}},
    ]  # fmt: skip
    if number + 1 < len(cascade["levels"]):
        steps.append(_level(cascade, number + 1))
    return {
        "each": "逐级分解计划" if number else "分解下发",
        "code": f"cascade{suffix}",
        "over": "subunits" if number else "units",
        "kinds": [cascade["levels"][number]],
        "steps": steps,
    }


CASCADE = Section(
    "cascade",
    fields.Nested(
        CascadeSchema,
        load_default=None,
        allow_none=True,
        error_messages={"type": "这里应是键值对 / expected a mapping"},
    ),
    check=_check,
)
