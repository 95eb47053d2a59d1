"""Money by rule: per rank, per head, cut below a line; all in cents that add up."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from workflows.awards.ranks import Place
from workflows.parts.amounts import rounded, shared


class TieMoney(StrEnum):
    """Equals on a rank with money: each gets the rank's amount, or they share the amounts of the ranks they fill."""

    EACH = "each"
    SHARE = "share"


def by_rank(places: Sequence[Place], amounts: Sequence[Fraction], rule: TieMoney) -> dict[str, Decimal]:
    """Return the amount of each place of one group; ranks beyond ``amounts`` get nothing.

    With ``share`` two firsts of 300 and 200 get 250 each; the cents left over go to the earlier ones.
    """
    table = [rounded(amount) for amount in amounts]
    paid: dict[str, Decimal] = {}
    if rule is TieMoney.EACH:
        for place in places:
            if place.rank <= len(table):
                paid[place.candidate.code] = table[place.rank - 1]
        return paid
    for rank in sorted({place.rank for place in places}):
        equals = [place.candidate.code for place in places if place.rank == rank]
        pooled = sum(table[rank - 1 : rank - 1 + len(equals)], Decimal(0))
        if pooled:
            paid |= shared(pooled, dict.fromkeys(equals, Fraction(1)))
    return paid


def cut_below(base: Decimal, value: Fraction, *, line: Fraction, percent_per_point: Fraction = Fraction(1)) -> Decimal:
    """Return ``base`` in full from ``line`` on; below it each missing point cuts so many percent, never below zero.

    S0-05: quality wage in full from 90 points on; each missing point cuts it by 1 %.
    """
    missing = max(line - value, Fraction(0))
    share = max(1 - missing * percent_per_point / 100, Fraction(0))
    return rounded(Fraction(base) * share)


def capital_base(yearly: Decimal, rate: Fraction) -> Decimal:
    """Return the capital whose yearly interest is ``yearly`` (S1-03: P a year at 5 % is a base of P / 5 %)."""
    return rounded(Fraction(yearly) / rate)
