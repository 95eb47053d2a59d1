"""Whether goals are met and figures add up; pure and exact."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.wording import say
from workflows.parts.amounts import exact, plain, rounded

_QUANTITY = re.compile(r"([-+]?[\d,]+(?:\.\d+)?%?)\s*(万|亿|千|百)?(.*)", re.DOTALL)
_POWERS = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_MEASURES: Mapping[str, Mapping[str, Fraction]] = {
    "length": {"米": Fraction(1), "公里": Fraction(1000), "里": Fraction(500)},
    "area": {
        "平方米": Fraction(1), "亩": Fraction(2000, 3), "公顷": Fraction(10_000), "平方公里": Fraction(1_000_000),
    },
    "weight": {"公斤": Fraction(1), "斤": Fraction(1, 2), "吨": Fraction(1000)},
}  # fmt: skip
"""Units that reports mix, in the first unit of their measure: 15 mu (亩) are a hectare."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of an indicator."""

    baseline: Fraction | None = None
    goal: Fraction | None = None
    actual: Fraction | None = None
    verified: Fraction | None = None

    @property
    def counted(self) -> Fraction | None:
        """The figure that counts: verified by others where it was, else the unit's own."""
        return self.actual if self.verified is None else self.verified


@dataclass(frozen=True, slots=True)
class Assessed:
    """An indicator's result. ``rate`` is the share of the goal in percent; ``met`` none where nothing was demanded.

    ``difference`` is verified less reported; ``contradiction`` says which arithmetic does not come out.
    """

    code: str
    figures: Figures
    rate: Fraction | None
    met: bool | None
    difference: Fraction | None
    contradiction: str = ""


def quantity(value: Any, unit: str = "") -> Fraction:
    """Read a figure as reports write it: 32.3, "3,230万元", "0.36%" (0.36), "1.2亿"; "27.5公里" in metres is 27500.

    A percentage stays a number of percent, because goals are written so (目标 95%). ``unit`` is the indicator's: a
    figure in another unit of the same measure is converted.
    """
    if isinstance(value, str) and (match := _QUANTITY.fullmatch(value.strip())):
        number = exact(match[1].replace(",", "").rstrip("%"))
        return exact(number * _POWERS.get(match[2] or "", 1)) * _conversion(match[3].strip(), unit)
    return exact(value)


def _conversion(written: str, wanted: str) -> Fraction:
    for units in _MEASURES.values():
        if written in units and wanted in units:
            return units[written] / units[wanted]
    return Fraction(1)


def assess(targets: Sequence[Mapping[str, Any]], figures: Mapping[str, Figures]) -> list[Assessed]:
    """Assess every indicator of the plan."""
    return [_one(target, figures) for target in targets]


def score(targets: Sequence[Mapping[str, Any]], results: Sequence[Assessed]) -> Fraction | None:
    """Return the weighted degree of fulfilment out of 100, none without weights; a missed veto makes it zero.

    An indicator counts with its rate up to 100 %; one without a figure counts nothing.
    """
    weights = {target["code"]: target["weight"] for target in targets}
    total = sum(weights.values(), Fraction(0))
    if not total:
        return None
    if vetoed(targets, results):
        return Fraction(0)
    reached = sum(
        (weights[one.code] * min(max(one.rate or Fraction(0), Fraction(0)), Fraction(100)) for one in results),
        Fraction(0),
    )
    return reached / total


def vetoed(targets: Sequence[Mapping[str, Any]], results: Sequence[Assessed]) -> list[str]:
    """Return the veto indicators that are missed; one without a figure is not missed yet."""
    vetoes = {target["code"] for target in targets if target["veto"]}
    return [one.code for one in results if one.code in vetoes and one.met is False]


def _one(target: Mapping[str, Any], figures: Mapping[str, Figures]) -> Assessed:
    own = figures.get(target["code"], Figures())
    difference = None if own.verified is None or own.actual is None else own.verified - own.actual
    rate, met = _met(target["direction"], own.goal, own.counted)
    return Assessed(target["code"], own, rate, met, difference, _contradiction(target, figures))


def _met(direction: str, goal: Fraction | None, counted: Fraction | None) -> tuple[Fraction | None, bool | None]:
    if goal is None or counted is None:
        return None, None
    if direction == "equal":
        return Fraction(100 if counted == goal else 0), counted == goal
    if direction in ("at_most", "below"):
        if counted < goal or (counted == goal and direction == "at_most"):
            return Fraction(100), True
        return (goal / counted * 100 if counted > 0 else Fraction(0)), False
    met = counted > goal if direction == "above" else counted >= goal
    return (counted / goal * 100 if goal > 0 else Fraction(100 if met else 0)), met


def _contradiction(target: Mapping[str, Any], figures: Mapping[str, Figures]) -> str:
    rule, own = target["equals"], figures.get(target["code"], Figures()).counted
    if rule is None or own is None:
        return ""
    others = [figures.get(code, Figures()) for code in rule["of"]]
    values = [one.counted for one in others]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return ""
    expected = _expected(rule["how"], known, others[0].baseline)
    if expected is None or rounded(expected, rule["decimals"]) == rounded(own, rule["decimals"]):
        return ""
    return say("应为 {expected}，填报 {own}", expected=plain(rounded(expected, rule["decimals"])), own=plain(own))


def _expected(how: str, values: Sequence[Fraction], baseline: Fraction | None) -> Fraction | None:
    match how:
        case "sum":
            return sum(values, Fraction(0))
        case "difference":
            return values[0] - sum(values[1:], Fraction(0))
        case "percent":
            return values[0] * 100 / values[1] if values[1] else None
        case "growth":
            base = values[1] if len(values) > 1 else baseline
            return (values[0] - base) * 100 / base if base else None
        case _:
            return values[0]
