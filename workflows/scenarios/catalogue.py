"""The rows of the acceptance table: 68 processes of five compilations."""

CATALOGUE: tuple[str, ...] = tuple(
    f"{compilation}-{number:02}"
    for compilation, last, absent in (("S0", 5, 0), ("S1", 22, 0), ("S2", 17, 0), ("S3", 5, 0), ("S4", 20, 13))
    for number in range(1, last + 1)
    if number != absent
)
"""Ids of the entries; S4-13 does not exist."""
