"""Writing the append-only record and proving that nobody changed it."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.history.models import HistoryLine
from engine.store import Database, new_id
from engine.wording import Sentence, packed

if TYPE_CHECKING:
    from engine.instances.models import Instance

CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to be written (I6): what happened, who clicked, for whom, by which rule, from and to which state."""

    operation: str
    at: datetime
    element_id: str | None = None
    round: int | None = None
    actor_id: int | None = None
    principal_id: int | None = None
    rule: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    opinion: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenPlace:
    """A place where the record does not prove itself: the instance, the line's number and what is wrong."""

    instance_id: int
    sequence: int
    problem: str


def chain(lines: Sequence[tuple["Instance", Line]], *, key: bytes | None = None) -> list[dict[str, Any]]:
    """Chain lines to their instances; return the rows of :class:`HistoryLine` to insert in the same transaction.

    The instances' rows must be locked: their ``history_sequence`` and ``history_digest`` move on.

    Parameters
    ----------
    key
        Makes the chain an HMAC, which an intruder with the database alone cannot recompute.

    """
    return [_chained(instance, line, key) for instance, line in lines]


def verify(session: Session, *, key: bytes | None = None, instance_id: int | None = None) -> list[BrokenPlace]:
    """Recompute every chain; returns the broken places, empty when the record is as it was written.

    A chain that was cut at its end is found by the instance's row, which keeps the last number and digest.
    """
    from engine.instances.models import Instance

    ends = select(Instance.id, Instance.history_sequence, Instance.history_digest)
    query = select(HistoryLine).order_by(HistoryLine.instance_id, HistoryLine.sequence)
    if instance_id is not None:
        ends = ends.where(Instance.id == instance_id)
        query = query.where(HistoryLine.instance_id == instance_id)
    expected = {row.id: (row.history_sequence, row.history_digest) for row in session.execute(ends)}
    broken: list[BrokenPlace] = []
    reached: dict[int, tuple[int, str]] = {}
    for line in session.scalars(query.execution_options(yield_per=CHUNK)):
        sequence, digest = reached.get(line.instance_id, (0, ""))
        if line.sequence != sequence + 1:
            broken.append(BrokenPlace(line.instance_id, line.sequence, f"lines {sequence + 1} and later are missing"))
        elif line.digest != _digest(digest, _content(line.instance_id, line.sequence, line), key):
            broken.append(BrokenPlace(line.instance_id, line.sequence, "the line was changed"))
        reached[line.instance_id] = (line.sequence, line.digest)
    for instance, end in expected.items():
        if reached.get(instance, (0, "")) != end:
            broken.append(BrokenPlace(instance, end[0], "the end of the record was cut off or changed"))
    broken += [
        BrokenPlace(instance, 0, "its instance is gone")
        for instance in reached
        if instance not in expected and instance_id is None
    ]
    return broken


def verify_everything(db: Database, *, key: bytes | None) -> list[BrokenPlace]:
    """Verify every chain of a database as it is at one instant, also while the system works."""
    with db.read() as session:
        if not db.is_sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return verify(session, key=key)


def _chained(instance: "Instance", line: Line, key: bytes | None) -> dict[str, Any]:
    sequence = instance.history_sequence + 1
    content = _content(instance.id, sequence, line)
    digest = _digest(instance.history_digest, content, key)
    instance.history_sequence, instance.history_digest = sequence, digest
    return {"id": new_id(), **content, "at": line.at, "digest": digest}


def _content(instance_id: int, sequence: int, line: Line | HistoryLine) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "sequence": sequence,
        "at": line.at.isoformat(),
        "operation": line.operation,
        "element_id": line.element_id,
        "round": line.round,
        "actor_id": line.actor_id,
        "principal_id": line.principal_id,
        "rule": line.rule,
        "from_state": line.from_state,
        "to_state": line.to_state,
        "opinion": line.opinion,
        "detail": {name: packed(one) if isinstance(one, Sentence) else one for name, one in line.detail.items()},
    }


def _digest(previous: str, content: Mapping[str, Any], key: bytes | None) -> str:
    chained = previous.encode() + orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hmac.new(key, chained, sha256).hexdigest() if key else sha256(chained).hexdigest()
