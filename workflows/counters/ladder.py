"""The ``counters`` section of a plan: what is counted over which period, and which measure follows."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from marshmallow import fields

from workflows.parts.periods import Every
from workflows.parts.sections import Amount, code, part_section, text, word
from workflows.plans.shapes import Strict


class MeasureSchema(Strict):
    """From this total on (``above``: beyond it) a measure follows; ``lasts`` is how long it holds (``P3M``)."""

    code = code()
    name = text()
    name_en = text()
    from_ = Amount(data_key="from", load_default=None, allow_none=True)
    above = Amount(load_default=None, allow_none=True)
    found_by = fields.List(fields.String(), load_default=list)
    lasts = text()


class CounterSchema(Strict):
    """A counter. Its totals begin anew with each period (``every``); ``full`` is the most that a period can hold.

    ``whole_package`` counts over all campaigns of the process package, for counts that outlive one campaign.
    """

    code = code()
    name = text()
    name_en = text()
    every = word([one.value for one in Every], load_default=Every.YEAR.value)
    unit = text(load_default="次")
    full = Amount(load_default=None, allow_none=True)
    whole_package = fields.Boolean(load_default=False)
    measures = fields.List(fields.Nested(MeasureSchema), load_default=list)


def reached(counter: Mapping[str, Any], total: Fraction, found_by: str = "") -> Mapping[str, Any] | None:
    """Return the gravest measure that a total reaches: the last in the plan's order whose condition holds.

    A measure with ``found_by`` follows at once when one of these found it, whatever the total (S2-06: caught by the
    district or above).
    """
    fitting = [one for one in counter["measures"] if _holds(one, total, found_by)]
    return fitting[-1] if fitting else None


def _holds(measure: Mapping[str, Any], total: Fraction, found_by: str) -> bool:
    if measure["found_by"]:
        return found_by in measure["found_by"]
    if measure["above"] is not None:
        return bool(total > measure["above"])
    return bool(total >= (measure["from_"] or 0))


COUNTERS = part_section("counters", CounterSchema)
