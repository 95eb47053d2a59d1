"""Exact numbers: read without loss, rounded once by a stated rule, shared so that the shares add up.

Scores and money are computed as fractions; a float enters only as the decimal that was written (0.1 is one tenth).
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any

from engine.errors import InvalidInput
from engine.wording import say

CENT = Decimal("0.01")
LARGEST = 10**10
"""Beyond this a number is a mistake: the columns hold ten digits before the point."""


_ENORMOUS = re.compile(r"[eE][+-]?0*\d{3}")
"""An exponent whose power nobody should compute."""


class Rounding(StrEnum):
    """What happens to the part that does not fit: half away from zero, towards zero, away from zero."""

    HALF_UP = "half-up"
    DOWN = "down"
    UP = "up"


def exact(value: Any, name: str = say("数值")) -> Fraction:
    """Read a number: 3, 0.5, "0.5", "1/4", "30%", a Decimal. Raises InvalidInput for anything else."""
    try:
        text = str(value).strip()
        if isinstance(value, bool) or value is None or _ENORMOUS.search(text):
            raise ValueError
        number = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidInput(
            say("{name}须为数字，而不是“{value}”", name=name, value=value), {name: say("须为数字")}
        ) from error
    if abs(number) >= LARGEST:
        raise InvalidInput(say("{name}太大", name=name), {name: say("太大")})
    return number


def rounded(value: Fraction | Decimal | int, decimals: int = 2, rule: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round once; ``decimals`` are places after the point."""
    scaled = abs(Fraction(value)) * 10**decimals
    match rule:
        case Rounding.DOWN:
            whole = floor(scaled)
        case Rounding.UP:
            whole = -floor(-scaled)
        case _:
            whole = floor(scaled + Fraction(1, 2))
    return Decimal(-whole if value < 0 else whole).scaleb(-decimals)


def shared(amount: Decimal, shares: Mapping[str, Fraction], unit: Decimal = CENT) -> dict[str, Decimal]:
    """Share an amount by weights so that the shares add up to it exactly.

    Every share is rounded down to ``unit``; what is left goes, a unit each, to the largest remainders (Hamilton's
    method), the earlier name first among equals. A negative amount (a fine) is shared like the positive one.
    Raises InvalidInput when there are no positive weights or the amount is no multiple of ``unit``.
    """
    total = sum(shares.values(), Fraction(0))
    if total <= 0 or any(share < 0 for share in shares.values()):
        raise InvalidInput(say("分配比例须为正数"))
    units = Fraction(amount) / Fraction(unit)
    if units.denominator != 1:
        raise InvalidInput(say("金额 {amount} 不是 {unit} 的整数倍", amount=amount, unit=unit))
    sign = -1 if units < 0 else 1
    exactly = {name: abs(units) * share / total for name, share in shares.items()}
    whole = {name: floor(value) for name, value in exactly.items()}
    left = int(abs(units)) - sum(whole.values())
    order = sorted(exactly, key=lambda name: whole[name] - exactly[name])
    for name in order[:left]:
        whole[name] += 1
    return {name: sign * number * unit for name, number in whole.items()}


def plain(value: Decimal | Fraction) -> str:
    """Return a number for a sentence, without trailing zeros; fractions that never end to four places."""
    number = value if isinstance(value, Decimal) else rounded(value, 4)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
