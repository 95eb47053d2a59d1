"""Who gets an award: the plan's rule applied to a ranking; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.errors import InvalidInput
from engine.wording import say
from workflows.awards.money import TieMoney, by_rank
from workflows.awards.ranks import Edge, Place, by_category, first, quota
from workflows.parts.amounts import Rounding, plain, rounded


@dataclass(frozen=True, slots=True)
class Chosen:
    """Somebody who gets an award, with the reason in words and the money before heads and splitting."""

    place: Place
    reason: str
    money: Decimal | None = None


def choose(
    rule: Mapping[str, Any],
    places: Sequence[Place],
    *,
    per_category: bool,
    barred: Collection[str] = (),
    among: Collection[str] | None = None,
) -> list[Chosen]:
    """Apply a rule of the ``awards`` section.

    Parameters
    ----------
    barred
        Who cannot get it: holders of an award in ``lacking``, and those under a veto.
    among
        Who may get it, none for all. A percentage is always one of the whole group, not of these (S4-02: the school
        confirms 20 % of the subject's teachers out of the 40 % nominated).

    """
    found: list[Chosen] = []
    for category, group in by_category(places, per_category=per_category).items():
        open_to = [
            place
            for place in group
            if place.candidate.code not in barred and (among is None or place.candidate.code in among)
        ]
        eligible = [place for place in open_to if _reaches(place, rule["eligible_from"])]
        picked, reason = _picked(rule, category, len(group), eligible)
        found += _with_money(rule, category, picked, reason)
    return found


def _reaches(place: Place, line: Fraction | None) -> bool:
    return line is None or (place.candidate.value or Decimal(0)) >= line


def _picked(rule: Mapping[str, Any], category: str, size: int, group: Sequence[Place]) -> tuple[list[Place], str]:
    edge = Edge(rule["edge"])
    for way, word in (("top", say("前")), ("bottom", say("后"))):
        if rule[way] is not None:
            count = _count(rule[way], category)
            picked = first(group, count, edge=edge, bottom=way == "bottom")
            return picked, say("{word} {count} 名", word=word, count=count)
    if rule["percent"] is not None:
        count = quota(
            size, rule["percent"], rounding=Rounding(rule["rounding"]), least=rule["least"], most=rule["most"]
        )
        return first(group, count, edge=edge), say(
            "{size} 个的 {percent}% 为 {count} 个", size=size, percent=plain(rule["percent"]), count=count
        )
    if rule["line"] is not None:
        picked = [one for one in group if _reaches(one, rule["line"])]
        return picked, say("达到 {line} 分", line=plain(rule["line"]))
    if rule["below"] is not None:
        return [one for one in group if not _reaches(one, rule["below"])], say(
            "低于 {below} 分", below=plain(rule["below"])
        )
    lowest = min(band["from_"] for band in rule["bands"])
    return [one for one in group if _reaches(one, lowest)], say("达到 {lowest} 分", lowest=plain(lowest))


def _count(value: Any, category: str) -> int:
    number = value.get(category, value.get("", 0)) if isinstance(value, Mapping) else value
    if isinstance(number, bool) or not str(number).isdigit():
        raise InvalidInput(say("名额“{number}”须为不小于 0 的整数", number=number), {"awards": say("名额")})
    return int(number)


def _with_money(rule: Mapping[str, Any], category: str, picked: Sequence[Place], reason: str) -> list[Chosen]:
    amounts = rule["money"].get(category, rule["money"].get(""))
    if rule["bands"]:
        paid = {one.candidate.code: _band(rule["bands"], one) for one in picked}
    elif isinstance(amounts, list):
        paid = by_rank(_counted(picked), amounts, TieMoney(rule["tie_money"]))
    else:
        paid = {} if amounts is None else {one.candidate.code: rounded(amounts) for one in picked}
    return [Chosen(one, _reason(one, reason), paid.get(one.candidate.code)) for one in picked]


def _reason(place: Place, rule: str) -> str:
    tied = say("（并列）") if place.tied else ""
    return say(
        "第 {rank} 名{tied}，得分 {value}，{rule}",
        rank=place.rank,
        tied=tied,
        value=plain(place.candidate.value or Decimal(0)),
        rule=rule,
    )


def _counted(picked: Sequence[Place]) -> list[Place]:
    """Return the places with ranks counted among those chosen: from the last one where the last are chosen."""
    counted: list[Place] = []
    for position, place in enumerate(picked, start=1):
        equal = counted and counted[-1].candidate.standing == place.candidate.standing
        counted.append(Place(place.candidate, counted[-1].rank if equal else position, place.of, place.tied))
    return counted


def _band(bands: Sequence[Mapping[str, Any]], place: Place) -> Decimal:
    reached = [band for band in bands if _reaches(place, band["from_"])]
    return rounded(max(reached, key=lambda band: band["from_"])["money"])
