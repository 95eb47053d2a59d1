"""The ``rankings`` and ``awards`` sections of a plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from engine.wording import say
from workflows.awards.money import TieMoney
from workflows.awards.ranks import Edge, Ties
from workflows.parts.amounts import Rounding
from workflows.parts.sections import Amount, Count, code, part_section, refers, text, word
from workflows.plans.section import Problem
from workflows.plans.shapes import Strict
from workflows.scoring.schemes import read_schemes


class RankingSchema(Strict):
    """A ranking of a scheme's results; ``floor`` leaves out who is below, ``tie_break`` are further schemes."""

    code = code()
    name = text()
    scheme = text(required=True)
    per_category = fields.Boolean(load_default=False)
    ties = word([one.value for one in Ties], load_default=Ties.STANDARD.value)
    tie_break = fields.List(fields.String(), load_default=list)
    floor = Amount(load_default=None, allow_none=True)


class Amounts(fields.Field[dict[str, Any]]):
    """Money: an amount for each, a list by rank, or one of these by category; read as a mapping by category."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        table = value if isinstance(value, Mapping) else {"": value}
        amount = Amount()
        return {
            str(category): [amount.deserialize(one) for one in row]
            if isinstance(row, list)
            else amount.deserialize(row)
            for category, row in table.items()
        }


class MoneyBandSchema(Strict):
    """From this score on, so much money."""

    from_ = Amount(required=True, data_key="from")
    money = Amount(required=True)


class AwardSchema(Strict):
    """An award (``honour``) or a penalty; who gets it is said by exactly one of the ways to choose.

    ``top``, ``bottom`` (a number, or numbers by category), ``percent`` with ``rounding``, ``line`` (from so many
    points on), ``below``, ``bands`` (money by score). ``among`` chooses only from holders of another award,
    ``lacking`` leaves out holders of others; a veto always leaves out unless ``kind`` is penalty.
    """

    code = code()
    name = text()
    name_en = text()
    kind = word(("honour", "penalty"), load_default="honour")
    ranking = text(required=True)
    top = fields.Raw(load_default=None, allow_none=True)
    bottom = fields.Raw(load_default=None, allow_none=True)
    percent = Amount(load_default=None, allow_none=True)
    rounding = word([one.value for one in Rounding], load_default=Rounding.HALF_UP.value)
    least = Count(load_default=0)
    most = Count(load_default=None, allow_none=True)
    line = Amount(load_default=None, allow_none=True)
    below = Amount(load_default=None, allow_none=True)
    bands = fields.List(fields.Nested(MoneyBandSchema), load_default=list)
    eligible_from = Amount(load_default=None, allow_none=True)
    among = text()
    lacking = fields.List(fields.String(), load_default=list)
    edge = word([one.value for one in Edge], load_default=Edge.ALL.value)
    money = Amounts(load_default=dict)
    tie_money = word([one.value for one in TieMoney], load_default=TieMoney.EACH.value)
    per_head = fields.Boolean(load_default=False)
    split = fields.Dict(keys=fields.String(), values=Amount(), load_default=dict)
    counter = text()

    @validates_schema
    def _one_choice(self, data: Mapping[str, Any], **_: Any) -> None:
        ways = [name for name in ("top", "bottom", "percent", "line", "below") if data[name] is not None]
        if len(ways) + bool(data["bands"]) != 1:
            raise ValidationError(say("须给出 top、bottom、percent、line、below、bands 之一"), data["code"])


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    yield from refers(plan, "awards", "ranking", "rankings")
    yield from refers(plan, "awards", "counter", "counters")


def _check_rankings(plan: Mapping[str, Any]) -> Iterator[Problem]:
    known = {scheme["code"] for scheme in read_schemes(plan["scoring"])}
    for number, entry in enumerate(plan["rankings"]):
        for one in [entry["scheme"], *entry.get("tie_break", [])]:
            if one not in known:
                yield Problem(("rankings", number, "scheme"), f"没有评分“{one}” / there is no scheme {one}")


RANKINGS = part_section("rankings", RankingSchema, _check_rankings)
AWARDS = part_section("awards", AwardSchema, _check)
