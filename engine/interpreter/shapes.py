"""The shape in which a decision's answer is kept: ``mapDecisionResult`` of the Camunda dialect.

A decision answers with a value where it has one output, with a context where it has several, and with a list of these
where several rules count. Designers of Camunda expect entries by their names.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def shaped(outputs: Any, names: Sequence[str], shape: str | None) -> Any:
    """Bring an answer into a shape.

    Parameters
    ----------
    outputs
        The answer as the decision gives it.
    names
        Names of the output columns of its table; empty where it is no table.
    shape
        ``singleEntry`` one value; ``singleResult`` one context, null without an answer; ``collectEntries`` a list of
        values; ``resultList`` a list of contexts; None the answer as it is.
    """
    if shape is None or shape not in _SHAPES:
        return outputs
    rows = [] if outputs is None else outputs if isinstance(outputs, list) else [outputs]
    return _SHAPES[shape]([_entry(row, names) for row in rows])


def _entry(row: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return a row as a context; the value of a single output gets the output's name."""
    if isinstance(row, Mapping) and len(names) != 1:
        return dict(row)
    return {names[0] if names else "result": row}


def _values(entries: list[dict[str, Any]]) -> list[Any]:
    return [next(iter(entry.values()), None) for entry in entries]


_SHAPES = {
    "singleEntry": lambda entries: next(iter(_values(entries)), None),
    "singleResult": lambda entries: next(iter(entries), None),
    "collectEntries": _values,
    "resultList": lambda entries: entries,
}
