"""The ``scoring`` section of a plan: sheets with items, composites of other schemes, results over several periods."""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from engine.errors import InvalidInput
from engine.wording import say
from workflows.parts.amounts import Rounding
from workflows.parts.periods import Every
from workflows.parts.sections import Amount, Count, code, loaded, part_section, text, word
from workflows.plans.section import Problem
from workflows.plans.shapes import Strict

ROUNDS = ("mean", "last", "sum", "best", "worst")
MISSING = ("refuse", "zero", "skip")
EFFECTS = ("zero", "fail", "ineligible")


class BandSchema(Strict):
    """From this measured value on (``from``), so many points."""

    from_ = Amount(required=True, data_key="from")
    points = Amount(required=True)


class ItemSchema(Strict):
    """An item of a sheet.

    With ``per`` points are taken off for every time something is found (``of``: for every so many); with ``bands``
    a measured value gives points; ``bonus`` adds points beyond the full marks; else points are given.
    """

    code = code()
    name = text()
    points = Amount(load_default=Fraction(0))
    per = Amount(load_default=None, allow_none=True)
    of = Amount(load_default=Fraction(1))
    floor = Amount(load_default=Fraction(0))
    bands = fields.List(fields.Nested(BandSchema), load_default=list)
    bonus = fields.Boolean(load_default=False)


class PartSchema(Strict):
    """A part of a composite: another scheme and its weight in percent."""

    from_ = text(required=True, data_key="from")
    weight = Amount(load_default=None, allow_none=True)


class OverSchema(Strict):
    """A result over the periods of another scheme: mean or sum of all, or of the ``best`` so many."""

    from_ = text(required=True, data_key="from")
    how = word(("mean", "sum", "best", "worst", "last"), load_default="mean")
    count = Count(load_default=0)
    best = Count(load_default=0)


class VetoSchema(Strict):
    """One-vote veto (一票否决): the score becomes zero, the grade fails, or the subject cannot be chosen."""

    code = code()
    name = text()
    effect = word(EFFECTS, load_default="zero")


class SchemeSchema(Strict):
    """One scheme. Exactly one of ``items``, ``parts`` or ``by_category``, ``over``."""

    code = code()
    name = text()
    name_en = text()
    each = fields.List(fields.String(), load_default=list)
    every = word([one.value for one in Every], load_default=Every.EVER.value)
    full = Amount(load_default=None, allow_none=True)
    scale = Amount(load_default=None, allow_none=True)
    floor = Amount(load_default=Fraction(0), allow_none=True)
    cap = Amount(load_default=None, allow_none=True)
    bonus_cap = Amount(load_default=None, allow_none=True)
    decimals = Count(load_default=2)
    rounding = word([one.value for one in Rounding], load_default=Rounding.HALF_UP.value)
    rounds = word(ROUNDS, load_default="mean")
    items = fields.List(fields.Nested(ItemSchema), load_default=list)
    parts = fields.List(fields.Nested(PartSchema), load_default=list)
    by_category = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), values=Amount()), load_default=dict
    )
    over = fields.Nested(OverSchema, load_default=None, allow_none=True)
    missing = word(MISSING, load_default="refuse")
    grades = fields.Dict(keys=fields.String(), values=Amount(), load_default=dict)
    vetoes = fields.List(fields.Nested(VetoSchema), load_default=list)
    result = fields.Boolean(load_default=False)

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        ways = [name for name in ("items", "parts", "by_category", "over") if data[name]]
        if len(ways) != 1:
            raise ValidationError(say("须给出 items、parts、by_category、over 之一"), data["code"])


def read_schemes(raw: Any, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Read the section; a scheme with ``each`` becomes one scheme for each of them (``code.each``)."""
    return [one for scheme in loaded(SchemeSchema, raw, parameters) for one in _expanded(scheme)]


def _expanded(scheme: dict[str, Any]) -> list[dict[str, Any]]:
    if not scheme["each"]:
        return [scheme]
    return [
        scheme
        | {
            "code": f"{scheme['code']}.{each}",
            "parts": [part | {"from_": part["from_"].replace("{each}", each)} for part in scheme["parts"]],
            "over": scheme["over"] and scheme["over"] | {"from_": scheme["over"]["from_"].replace("{each}", each)},
        }
        for each in scheme["each"]
    ]


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    """Find parts that no earlier scheme provides, and weights that are not 100 together.

    Only earlier schemes may be named, so that no scheme can be made of itself.
    """
    known: set[str] = set()
    for number, written in enumerate(plan["scoring"]):
        for scheme in read_schemes([written]):
            for category, sources in weight_sets(scheme).items():
                place = ("scoring", number, *(("by_category", category) if category else ()))
                for source in sources:
                    if source not in known:
                        yield Problem(place, f"前面没有评分“{source}” / no earlier scheme {source}")
                # A weight that a launch parameter sets counts as zero here and is checked when somebody launches.
                total = _together([share or None for share in sources.values()])
                if total not in (None, 100):
                    yield Problem(place, f"权重之和是 {total}，应为 100 / the weights are {total} together, not 100")
            known.add(str(scheme["code"]))


def _together(shares: Collection[Fraction | None]) -> Fraction | None:
    """Return the sum of weights, None while one of them is left open or there are none."""
    known = [share for share in shares if share is not None]
    return sum(known, Fraction(0)) if len(known) == len(shares) > 0 else None


def check_launched(plan: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raise InvalidInput when weights that launch parameters set are not 100 together."""
    for scheme in read_schemes(plan["scoring"], parameters):
        for sources in weight_sets(scheme).values():
            total, name = _together(sources.values()), scheme["name"] or scheme["code"]
            if total not in (None, 100):
                raise InvalidInput(
                    f"“{name}”的权重之和是 {total}，应为 100 / The weights of {name} are {total} together, not 100",
                    {"weights": "权重之和应为 100 / Weights must add up to 100"},
                )


def weight_sets(scheme: Mapping[str, Any]) -> dict[str, dict[str, Fraction | None]]:
    """Return the sources of a scheme with their weights, by category ("" for all)."""
    if scheme["over"]:
        return {"": {scheme["over"]["from_"]: None}}
    if scheme["parts"]:
        return {"": {part["from_"]: part["weight"] for part in scheme["parts"]}}
    return dict(scheme["by_category"])


def full_marks(scheme: Mapping[str, Any]) -> Fraction:
    """Return the full marks of a scheme's result: ``scale``, else ``full``, else its items' points or 100."""
    for name in ("scale", "full"):
        if scheme[name] is not None:
            return Fraction(scheme[name])
    total = sum((item["points"] for item in scheme["items"] if not item["bonus"]), Fraction(0))
    return total or Fraction(100)


SCORING = part_section("scoring", SchemeSchema, _check)
