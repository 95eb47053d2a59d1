"""From entries to a result, with a line for every step; pure and exact, rounded once at the end of each scheme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from engine.errors import InvalidInput
from engine.wording import listed, say
from workflows.parts.amounts import Rounding, plain, rounded
from workflows.scoring.schemes import full_marks


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry as it counts: ``item`` of the sheet or of its vetoes, ``amount`` as the item understands it."""

    id: int
    round: int
    item: str
    amount: Fraction
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a result: which rule, in words, with how many points, from which entries."""

    rule: str
    text: str
    points: Decimal | None = None
    entries: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the line for a column; identifiers as texts, because JavaScript keeps 53 bits."""
        points = None if self.points is None else plain(self.points)
        return {"rule": self.rule, "text": self.text, "points": points, "entries": [str(one) for one in self.entries]}


@dataclass(frozen=True, slots=True)
class Result:
    """A result out of ``full`` marks; ``value`` is none where something was missing, ``veto`` the veto's code."""

    value: Decimal | None
    full: Fraction
    veto: str = ""
    grade: str = ""
    lines: tuple[Line, ...] = ()


def of_sheet(scheme: Mapping[str, Any], marks: Sequence[Mark]) -> Result:
    """Compute a sheet: each round by its items, then the rounds by ``rounds``, the scale, bonuses, floor and cap."""
    vetoes = {veto["code"]: veto for veto in scheme["vetoes"]}
    counted = [mark for mark in marks if mark.item not in vetoes]
    if not counted and not any(mark.item in vetoes for mark in marks):
        return Result(None, full_marks(scheme), lines=(Line("missing", say("没有评分记录")),))
    rounds = sorted({mark.round for mark in counted}) or [1]
    totals, lines = [], []
    for number in rounds:
        own = [mark for mark in counted if mark.round == number]
        total, steps = _round(scheme, own)
        totals.append(total)
        lines += steps if len(rounds) == 1 else [_in_round(number, step) for step in steps]
    value = _several(totals, scheme["rounds"])
    if len(totals) > 1:
        lines.append(
            Line("rounds", say("{number} 轮{how}", number=len(totals), how=_HOW[scheme["rounds"]]), rounded(value, 4))
        )
    value, steps = _scaled(scheme, value)
    bonus, bonus_steps = _bonuses(scheme, counted)
    hit = [mark for mark in marks if mark.item in vetoes]
    return _finished(scheme, value + bonus, [*lines, *steps, *bonus_steps], [(vetoes[one.item], one) for one in hit])


def of_parts(scheme: Mapping[str, Any], weights: Mapping[str, Fraction], parts: Mapping[str, Result]) -> Result:
    """Compute a composite: each part on the composite's scale times its weight in percent."""
    full = full_marks(scheme)
    lines: list[Line] = []
    value, weighed = Fraction(0), Fraction(0)
    for source, weight in weights.items():
        part = parts[source]
        if part.value is None:
            if scheme["missing"] == "refuse":
                return Result(None, full, lines=(Line("missing", say("缺少“{source}”的得分", source=source)),))
            lines.append(
                Line(
                    "missing",
                    say("缺少“{source}”的得分，{missing}", source=source, missing=_MISSING[scheme["missing"]]),
                )
            )
            weighed += weight if scheme["missing"] == "zero" else 0
            continue
        share = Fraction(part.value) * full / part.full * weight / 100
        weighed += weight
        value += share
        lines.append(Line(source, f"{source} {plain(part.value)} × {plain(weight)}%", rounded(share, 4)))
    if not weighed:
        return Result(None, full, lines=(Line("missing", say("没有任何一项得分")),))
    if scheme["missing"] == "skip" and weighed != 100:
        value = value * 100 / weighed
        lines.append(
            Line("weights", say("缺项不计，权重 {weighed}% 折算为 100%", weighed=plain(weighed)), rounded(value, 4))
        )
    return _finished(scheme, value, lines, [], vetoed=next((one.veto for one in parts.values() if one.veto), ""))


def of_periods(scheme: Mapping[str, Any], results: Sequence[tuple[str, Result]]) -> Result:
    """Compute a result over periods, given in order; periods without a value don't count.

    With ``count`` fewer values than that are no result; with ``best`` only the best so many count.
    """
    over, full = scheme["over"], full_marks(scheme)
    found = [(period, one) for period, one in results if one.value is not None]
    if not found or len(found) < over["count"]:
        return Result(
            None,
            full,
            lines=(
                Line(
                    "missing", say("需要 {count} 次得分，只有 {number} 次", count=over["count"] or 1, number=len(found))
                ),
            ),
        )
    values = [(period, Fraction(one.value or 0) * full / one.full) for period, one in found]
    kept = sorted(values, key=lambda pair: -pair[1])[: over["best"]] if over["best"] else values
    lines = [
        Line(over["from_"], say("{period} 得 {value}", period=period, value=plain(value)), rounded(value, 4))
        for period, value in kept
    ]
    total = _several([value for _, value in kept], over["how"])
    lines.append(Line("over", say("{number} 次{how}", number=len(kept), how=_HOW[over["how"]]), rounded(total, 4)))
    return _finished(scheme, total, lines, [])


_HOW = {
    "mean": say("平均"),
    "sum": say("合计"),
    "best": say("取最高"),
    "worst": say("取最低"),
    "last": say("取最后一次"),
}
_MISSING = {"zero": say("按零分计"), "skip": say("不计入")}


def _several(values: Sequence[Fraction], how: str) -> Fraction:
    match how:
        case "sum":
            return sum(values, Fraction(0))
        case "best":
            return max(values)
        case "worst":
            return min(values)
        case "last":
            return values[-1]
        case _:
            return sum(values, Fraction(0)) / len(values)


def _in_round(number: int, line: Line) -> Line:
    return Line(line.rule, say("第 {number} 轮：{text}", number=number, text=line.text), line.points, line.entries)


def _round(scheme: Mapping[str, Any], marks: Sequence[Mark]) -> tuple[Fraction, list[Line]]:
    known = {item["code"] for item in scheme["items"]}
    stray = next((mark.item for mark in marks if mark.item not in known), None)
    if stray is not None:
        raise InvalidInput(
            say("评分“{code}”没有“{stray}”这一项", code=scheme["code"], stray=stray), {"item": say("方案里没有")}
        )
    total, lines = Fraction(0), []
    for item in scheme["items"]:
        if item["bonus"]:
            continue
        points, line = _item(item, [mark for mark in marks if mark.item == item["code"]])
        total += points
        lines.append(line)
    return total, lines


def _item(item: Mapping[str, Any], marks: Sequence[Mark]) -> tuple[Fraction, Line]:
    name, ids = item["name"] or item["code"], tuple(mark.id for mark in marks)
    why = [mark.reason for mark in marks if mark.reason]
    if item["per"] is not None:
        times = sum((mark.amount for mark in marks), Fraction(0))
        groups = floor(times / item["of"]) if item["of"] != 1 else times
        points = max(item["floor"], item["points"] - groups * item["per"])
        lost, full = plain(item["points"] - points), plain(item["points"])
        taken = say("{name} {full} 分，扣 {lost}", name=name, full=full, lost=lost)
        text = taken if times else say("{name} 未扣分", name=name)
    elif not marks:
        points, text = Fraction(0), say("{name} 没有记录", name=name)
    elif item["bands"]:
        value = marks[-1].amount
        points = _band(item["bands"], value)
        text = say("{name} {value}，得 {points}", name=name, value=plain(value), points=plain(points))
    else:
        given = sum((mark.amount for mark in marks), Fraction(0)) / len(marks)
        points = min(max(given, item["floor"]), item["points"])
        text = say("{name} 得 {points}，满分 {full}", name=name, points=plain(points), full=plain(item["points"]))
    told = say("{text}：{why}", text=text, why=listed(why, "；")) if why else text
    return points, Line(item["code"], told, rounded(points, 4), ids)


def _band(bands: Sequence[Mapping[str, Any]], value: Fraction) -> Fraction:
    reached = [band for band in bands if value >= band["from_"]]
    return max(reached, key=lambda band: band["from_"])["points"] if reached else Fraction(0)


def _bonuses(scheme: Mapping[str, Any], marks: Sequence[Mark]) -> tuple[Fraction, list[Line]]:
    total, lines = Fraction(0), []
    for item in scheme["items"]:
        own = [mark for mark in marks if mark.item == item["code"]]
        if not item["bonus"] or not own:
            continue
        points = sum((mark.amount * (item["points"] or 1) for mark in own), Fraction(0))
        total += points
        why = [mark.reason for mark in own if mark.reason]
        text = say("加分：{name}", name=item["name"] or item["code"])
        text = say("{text} {why}", text=text, why=listed(why, "；")) if why else text
        lines.append(Line(item["code"], text, rounded(points, 4), tuple(mark.id for mark in own)))
    cap = scheme["bonus_cap"]
    if cap is not None and total > cap:
        lines.append(
            Line(
                "bonus_cap",
                say("加分合计 {total}，上限 {cap}", total=plain(total), cap=plain(cap)),
                rounded(cap - total, 4),
            )
        )
        total = cap
    return total, lines


def _scaled(scheme: Mapping[str, Any], value: Fraction) -> tuple[Fraction, list[Line]]:
    scale = scheme["scale"]
    if scale is None:
        return value, []
    marks = scheme["full"] if scheme["full"] is not None else full_marks({**scheme, "scale": None})
    if marks == scale:
        return value, []
    converted = value * scale / marks
    return converted, [
        Line(
            "scale",
            say("{marks} 分制折算为 {scale} 分制", marks=plain(marks), scale=plain(scale)),
            rounded(converted, 4),
        )
    ]


def _finished(
    scheme: Mapping[str, Any],
    value: Fraction,
    lines: Sequence[Line],
    vetoes: Sequence[tuple[Mapping[str, Any], Mark]],
    *,
    vetoed: str = "",
) -> Result:
    """Apply floor, cap, rounding, vetoes and grades."""
    steps = list(lines)
    for name, limit, beyond in (("floor", scheme["floor"], -1), ("cap", scheme["cap"], 1)):
        if limit is not None and (value - limit) * beyond > 0:
            steps.append(
                Line(name, f"{'不低于' if beyond < 0 else '不超过'} {plain(limit)}", rounded(limit - value, 4))
            )
            value = limit
    final = rounded(value, scheme["decimals"], Rounding(scheme["rounding"]))
    grade = _grade(scheme, final)
    for veto, mark in vetoes:
        vetoed = vetoed or str(veto["code"])
        effect = {"zero": say("得零分"), "fail": say("评为最低等次"), "ineligible": say("不得评优")}[veto["effect"]]
        text = say("一票否决：{name}，{effect}", name=veto["name"] or veto["code"], effect=effect)
        text = say("{text}：{why}", text=text, why=mark.reason) if mark.reason else text
        steps.append(Line(f"veto:{veto['code']}", text, -final if veto["effect"] == "zero" else None, (mark.id,)))
        if veto["effect"] == "zero":
            final = Decimal(0)
            grade = _grade(scheme, final)
        elif veto["effect"] == "fail" and scheme["grades"]:
            grade = min(scheme["grades"], key=lambda name: scheme["grades"][name])
    return Result(final, full_marks(scheme), vetoed, grade, tuple(steps))


def _grade(scheme: Mapping[str, Any], value: Decimal) -> str:
    """Return the best grade whose points are reached, the lowest one where none is."""
    grades = sorted(scheme["grades"].items(), key=lambda pair: -pair[1])
    return next((name for name, points in grades if value >= points), grades[-1][0] if grades else "")
