"""Why a result is what it is: the decisions that an instance made, as its record has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.history.models import HistoryLine


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """One decision: what it went by and what came out.

    ``rules`` are the 1-based numbers of the matched rows; ``inputs`` the values by column. ``steps`` are the required
    decisions and the tables of functions on the way, with ``decision``, ``name``, ``inputs``, ``rules``, ``outputs``.
    """

    at: datetime
    element_id: str
    decision: str
    inputs: Mapping[str, Any]
    rules: tuple[int, ...]
    outputs: Any
    steps: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def decisions_made(session: Session, *, instance_id: int, element_id: str | None = None) -> list[MadeDecision]:
    """Return the decisions of an instance (or of one element of it), oldest first."""
    query = select(HistoryLine).where(HistoryLine.instance_id == instance_id, HistoryLine.operation == "decide")
    if element_id is not None:
        query = query.where(HistoryLine.element_id == element_id)
    return [
        MadeDecision(
            at=line.at,
            element_id=line.element_id or "",
            decision=line.detail["decision"],
            inputs=line.detail["inputs"],
            rules=tuple(line.detail["rules"]),
            outputs=line.detail["outputs"],
            steps=tuple(line.detail.get("steps", ())),
        )
        for line in session.scalars(query.order_by(HistoryLine.sequence))
    ]
