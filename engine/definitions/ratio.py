"""Shares as designers write them."""

from fractions import Fraction


def parse_ratio(text: str) -> Fraction:
    """Read a share: ``2/3``, ``0.6`` or ``60%``, above 0 and at most 1; exact, so that 0.6 of 5 is 3.

    Raises :class:`ValueError`.
    """
    written = text.strip()
    try:
        ratio = Fraction(written[:-1].strip()) / 100 if written.endswith("%") else Fraction(written)
    except ZeroDivisionError as error:
        raise ValueError(text) from error
    if not 0 < ratio <= 1:
        raise ValueError(text)
    return ratio
