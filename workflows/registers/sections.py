"""The ``registers`` and ``frequencies`` sections of a plan."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from marshmallow import fields

from workflows.parts.periods import Every
from workflows.parts.sections import Amount, Count, code, part_section, text, word
from workflows.plans.section import Problem
from workflows.plans.shapes import Strict


class RegisterSchema(Strict):
    """A register (登记簿). Only the ``fields`` named are kept of what a form says.

    ``private`` registers are shown to those who see the whole campaign only. ``states`` begin with the first one;
    ``closed`` are those that end an entry. ``moves`` says which state may follow which (none: any).
    """

    code = code()
    name = text()
    name_en = text()
    fields_ = fields.List(fields.String(), load_default=list, data_key="fields")
    private = fields.Boolean(load_default=False)
    states = fields.List(fields.String(), load_default=lambda: ["open", "closed"])
    state_names = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    closed = fields.List(fields.String(), load_default=lambda: ["closed"])
    moves = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)
    process = text()


class AtLeast(fields.Field[dict[str, Fraction | None]]):
    """A number, or numbers by category ("" for the others)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Fraction | None]:
        table = value if isinstance(value, Mapping) else {"": value}
        amount = Amount()
        return {str(category): amount.deserialize(one) for category, one in table.items()}


class FrequencySchema(Strict):
    """How often something must happen at least in each period (频次): four follow-ups a year, two checks a month.

    ``of`` is ``units`` or a register's code. ``misses`` in a row are what a case is lost by (三次失访).
    """

    code = code()
    name = text()
    name_en = text()
    of = text(load_default="units")
    at_least = AtLeast(required=True)
    every = word([one.value for one in Every], load_default=Every.YEAR.value)
    misses = Count(load_default=0)


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    known = {"units", *(str(one["code"]) for one in plan["registers"])}
    for number, entry in enumerate(plan["frequencies"]):
        of = str(entry.get("of", "units"))
        if of not in known:
            yield Problem(("frequencies", number, "of"), f"没有登记簿“{of}” / there is no register {of}")


REGISTERS = part_section("registers", RegisterSchema)
FREQUENCIES = part_section("frequencies", FrequencySchema, _check)
