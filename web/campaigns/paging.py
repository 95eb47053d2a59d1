"""Pages of long tables: which one is asked for, how many there are, and what its links keep."""

from collections.abc import Mapping
from typing import Any

from flask import request

UNITS_PAGE = 100
"""Units on one page of the matrix, the chart and the results."""
MOST_DIGITS = 6


def page_number() -> int:
    """Return the page that is asked for, from 1 on; what is no number is the first."""
    given = request.args.get("page", "")
    return max(int(given), 1) if given.isdecimal() and len(given) <= MOST_DIGITS else 1


def pages_of(total: int, page: int, size: int) -> Mapping[str, Any]:
    """Return what the template of a paged table needs to know."""
    return {"total": total, "page": page, "pages": max(-(-total // size), 1), "before": (page - 1) * size}


def kept_arguments(*names: str) -> dict[str, str]:
    """Return the filters of the request that links to other pages keep."""
    return {name: value for name, value in request.args.items() if name in names and value}


def number_in(name: str) -> int | None:
    """Return an identifier of the address, None where there is none."""
    given = request.args.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
