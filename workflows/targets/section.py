"""The ``targets`` section of a plan."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from marshmallow import fields

from workflows.parts.sections import Amount, Count, code, part_section, text, word
from workflows.plans.section import Problem
from workflows.plans.shapes import Strict

ARITHMETIC = ("percent", "sum", "difference", "growth", "same")


class EqualsSchema(Strict):
    """What a figure must be by arithmetic on others: ``percent`` a / b × 100, ``sum``, ``difference`` a - b (percentage
    points), ``growth`` in percent of one against another or its own baseline, ``same`` as another.
    """

    how = word(ARITHMETIC, required=True)
    of = fields.List(fields.String(), required=True)
    decimals = Count(load_default=2)


class TargetSchema(Strict):
    """An indicator. ``direction`` says when the goal is met, ``above`` and ``below`` without the goal itself.

    ``veto`` makes the whole assessment zero when missed.
    """

    code = code()
    name = text()
    name_en = text()
    group = text()
    unit = text()
    baseline = Amount(load_default=None, allow_none=True)
    target = Amount(load_default=None, allow_none=True)
    direction = word(("at_least", "at_most", "equal", "above", "below"), load_default="at_least")
    weight = Amount(load_default=Fraction(0))
    veto = fields.Boolean(load_default=False)
    verifier = text()
    equals = fields.Nested(EqualsSchema, load_default=None, allow_none=True)


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    known = {str(one["code"]) for one in plan["targets"]}
    for number, entry in enumerate(plan["targets"]):
        for one in (entry.get("equals") or {}).get("of", []):
            if str(one) not in known:
                yield Problem(("targets", number, "equals"), f"没有指标“{one}” / there is no target {one}")


TARGETS = part_section("targets", TargetSchema, _check)
