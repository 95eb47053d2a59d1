"""What a plan says of assessment: groups, checked items, grades."""

from marshmallow import fields

from workflows.plans.section import Section
from workflows.plans.shapes import Strict, Text, Texts, many


class GroupSchema(Strict):
    """An assessment group and the kinds of unit that it rates."""

    code = Text(required=True)
    name = Text(load_default="")
    name_en = Text(load_default="")
    rates = Texts(load_default=list)


class ItemSchema(Strict):
    """A checked item."""

    code = Text(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")


class EvaluationSchema(Strict):
    """Points of the grades."""

    grades = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        load_default=lambda: {"excellent": 95, "good": 85, "fair": 70, "poor": 50},
    )


GROUPS = Section("groups", many(GroupSchema))
ITEMS = Section("items", many(ItemSchema))
EVALUATION = Section("evaluation", fields.Nested(EvaluationSchema, load_default=lambda: EvaluationSchema().load({})))
