"""The ``polls`` section of a plan: questionnaires, mass appraisal, votes."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields

from workflows.parts.sections import Amount, Count, code, part_section, text, word
from workflows.plans.section import Problem
from workflows.plans.shapes import Strict


class QuestionSchema(Strict):
    """A question; ``scale`` gives points to answers, ``choices`` lists them without points."""

    code = code()
    name = text()
    name_en = text()
    scale = fields.Dict(keys=fields.String(), values=Amount(), load_default=dict)
    choices = fields.List(fields.String(), load_default=list)


class PollSchema(Strict):
    """A poll. ``groups`` are those who answer with their weights in percent (pupils 50, parents 30, colleagues 20).

    A vote is valid when ``quorum`` percent of the electorate answered, and passes with ``majority`` percent of
    ``of`` (``cast`` answers or the whole ``electorate``) for ``yes``; ``more_than`` excludes exactly that share.
    ``least`` answers are needed for a result that keeps people anonymous.
    """

    code = code()
    name = text()
    name_en = text()
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    groups = fields.Dict(keys=fields.String(), values=Amount(), load_default=dict)
    anonymous = fields.Boolean(load_default=True)
    least = Count(load_default=1)
    yes = text(load_default="yes")
    quorum = Amount(load_default=None, allow_none=True)
    majority = Amount(load_default=None, allow_none=True)
    more_than = fields.Boolean(load_default=False)
    of = word(("cast", "electorate"), load_default="cast")


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    for number, entry in enumerate(plan["polls"]):
        weights = [weight for weight in (entry.get("groups") or {}).values() if isinstance(weight, int | float)]
        if weights and len(weights) == len(entry["groups"]) and sum(weights) != 100:
            total = sum(weights)
            yield Problem(
                ("polls", number, "groups"), f"权重之和是 {total}，应为 100 / the weights are {total} together, not 100"
            )


POLLS = part_section("polls", PollSchema, _check)
