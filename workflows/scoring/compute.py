"""From entries to a result, with a line for every step; pure and exact, rounded once at the end of each scheme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from engine.errors import InvalidInput
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
        return Result(None, full_marks(scheme), lines=(Line("missing", "没有评分记录"),))
    rounds = sorted({mark.round for mark in counted}) or [1]
    totals, lines = [], []
    for number in rounds:
        own = [mark for mark in counted if mark.round == number]
        total, steps = _round(scheme, own)
        totals.append(total)
        lines += steps if len(rounds) == 1 else [_in_round(number, step) for step in steps]
    value = _several(totals, scheme["rounds"])
    if len(totals) > 1:
        lines.append(Line("rounds", f"{len(totals)} 轮{_HOW[scheme['rounds']]}", rounded(value, 4)))
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
                return Result(None, full, lines=(Line("missing", f"缺少“{source}”的得分"),))
            lines.append(Line("missing", f"缺少“{source}”的得分，{_MISSING[scheme['missing']]}"))
            weighed += weight if scheme["missing"] == "zero" else 0
            continue
        share = Fraction(part.value) * full / part.full * weight / 100
        weighed += weight
        value += share
        lines.append(Line(source, f"{source} {plain(part.value)} × {plain(weight)}%", rounded(share, 4)))
    if not weighed:
        return Result(None, full, lines=(Line("missing", "没有任何一项得分"),))
    if scheme["missing"] == "skip" and weighed != 100:
        value = value * 100 / weighed
        lines.append(Line("weights", f"缺项不计，权重 {plain(weighed)}% 折算为 100%", rounded(value, 4)))
    return _finished(scheme, value, lines, [], vetoed=next((one.veto for one in parts.values() if one.veto), ""))


def of_periods(scheme: Mapping[str, Any], results: Sequence[tuple[str, Result]]) -> Result:
    """Compute a result over periods, given in order; periods without a value don't count.

    With ``count`` fewer values than that are no result; with ``best`` only the best so many count.
    """
    over, full = scheme["over"], full_marks(scheme)
    found = [(period, one) for period, one in results if one.value is not None]
    if not found or len(found) < over["count"]:
        return Result(None, full, lines=(Line("missing", f"需要 {over['count'] or 1} 次得分，只有 {len(found)} 次"),))
    values = [(period, Fraction(one.value or 0) * full / one.full) for period, one in found]
    kept = sorted(values, key=lambda pair: -pair[1])[: over["best"]] if over["best"] else values
    lines = [Line(over["from_"], f"{period} 得 {plain(value)}", rounded(value, 4)) for period, value in kept]
    total = _several([value for _, value in kept], over["how"])
    lines.append(Line("over", f"{len(kept)} 次{_HOW[over['how']]}", rounded(total, 4)))
    return _finished(scheme, total, lines, [])


_HOW = {"mean": "平均", "sum": "合计", "best": "取最高", "worst": "取最低", "last": "取最后一次"}
_MISSING = {"zero": "按零分计", "skip": "不计入"}


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
    return Line(line.rule, f"第 {number} 轮：{line.text}", line.points, line.entries)


def _round(scheme: Mapping[str, Any], marks: Sequence[Mark]) -> tuple[Fraction, list[Line]]:
    known = {item["code"] for item in scheme["items"]}
    stray = next((mark.item for mark in marks if mark.item not in known), None)
    if stray is not None:
        raise InvalidInput(f"评分“{scheme['code']}”没有“{stray}”这一项", {"item": "方案里没有"})
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
    why = "；".join(mark.reason for mark in marks if mark.reason)
    reason = f"：{why}" if why else ""
    if item["per"] is not None:
        times = sum((mark.amount for mark in marks), Fraction(0))
        groups = floor(times / item["of"]) if item["of"] != 1 else times
        points = max(item["floor"], item["points"] - groups * item["per"])
        text = f"{name} {plain(item['points'])} 分，扣 {plain(item['points'] - points)}" if times else f"{name} 未扣分"
    elif not marks:
        points, text = Fraction(0), f"{name} 没有记录"
    elif item["bands"]:
        value = marks[-1].amount
        points = _band(item["bands"], value)
        text = f"{name} {plain(value)}，得 {plain(points)}"
    else:
        given = sum((mark.amount for mark in marks), Fraction(0)) / len(marks)
        points = min(max(given, item["floor"]), item["points"])
        text = f"{name} 得 {plain(points)}，满分 {plain(item['points'])}"
    return points, Line(item["code"], text + reason, rounded(points, 4), ids)


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
        text = f"加分：{item['name'] or item['code']} {'；'.join(mark.reason for mark in own if mark.reason)}".strip()
        lines.append(Line(item["code"], text, rounded(points, 4), tuple(mark.id for mark in own)))
    cap = scheme["bonus_cap"]
    if cap is not None and total > cap:
        lines.append(Line("bonus_cap", f"加分合计 {plain(total)}，上限 {plain(cap)}", rounded(cap - total, 4)))
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
    return converted, [Line("scale", f"{plain(marks)} 分制折算为 {plain(scale)} 分制", rounded(converted, 4))]


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
        effect = {"zero": "得零分", "fail": "评为最低等次", "ineligible": "不得评优"}[veto["effect"]]
        text = f"一票否决：{veto['name'] or veto['code']}，{effect}{'：' + mark.reason if mark.reason else ''}"
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
