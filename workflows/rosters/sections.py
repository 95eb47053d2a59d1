"""The ``rosters`` and ``checklists`` sections of a plan."""

from marshmallow import fields, validate

from workflows.parts.periods import Every
from workflows.parts.sections import Count, code, part_section, text, word
from workflows.plans.shapes import Strict, Text

DAYS = ("daily", "working", "off")
_CLOCK = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z", error="时刻应写成 06:00 / write a time of day as 06:00")


class ShiftSchema(Strict):
    """A shift. ``days``: every day, working days of the calendar, or days off; ``months`` limits it to a season."""

    code = code()
    name = text()
    from_ = Text(required=True, data_key="from", validate=_CLOCK)
    to = Text(required=True, validate=_CLOCK)
    days = word(DAYS, load_default="daily")
    months = fields.List(fields.Integer(validate=validate.Range(1, 12)), load_default=list)
    people = Count(load_default=1)


class RosterSchema(Strict):
    """A duty roster: the people of a rule take turns, one after the other, over all its shifts."""

    code = code()
    name = text()
    name_en = text()
    people = text(required=True)
    shifts = fields.List(fields.Nested(ShiftSchema), required=True, validate=validate.Length(min=1))


class CheckItemSchema(Strict):
    """An item and how often it is due; ``kinds`` limits it to some kinds of unit (an extra list for some hospitals)."""

    code = code()
    name = text()
    name_en = text()
    every = word([one.value for one in Every], load_default=Every.EVER.value)
    kinds = fields.List(fields.String(), load_default=list)


class ChecklistSchema(Strict):
    """A checklist."""

    code = code()
    name = text()
    name_en = text()
    items = fields.List(fields.Nested(CheckItemSchema), required=True, validate=validate.Length(min=1))


ROSTERS = part_section("rosters", RosterSchema)
CHECKLISTS = part_section("checklists", ChecklistSchema)
