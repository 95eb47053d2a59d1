"""Lines about changes of the organisation: append-only, each chained to the one before by its hash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.orm import Session

from workflows.organisation.models import OrganisationChange, Person

PAGE = 50
"""Lines of a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be recorded: the kind of row, its codes, what was done, and the fields as [before, after]."""

    subject: str
    key: str
    operation: str
    detail: Mapping[str, Any]


def record(session: Session, lines: Iterable[Line], *, actor_id: int, source: str, at: datetime) -> None:
    """Write lines; the caller holds the organisation's lock, so that numbers follow each other."""
    last = session.execute(
        select(OrganisationChange.sequence, OrganisationChange.digest)
        .order_by(OrganisationChange.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, digest = (last.sequence, last.digest) if last is not None else (0, "")
    rows = []
    for line in lines:
        sequence += 1
        row: dict[str, Any] = {
            "sequence": sequence, "at": at, "actor_id": actor_id, "source": source, "operation": line.operation,
            "subject": line.subject, "key": line.key[:300], "detail": dict(line.detail),
        }  # fmt: skip
        digest = _digest(digest, row)
        rows.append({**row, "digest": digest})
    if rows:
        session.execute(insert(OrganisationChange), rows)


def broken_at(session: Session) -> int | None:
    """Return the number of the first line that was changed or is missing, None when the record proves itself."""
    expected, digest = 1, ""
    query = select(OrganisationChange).order_by(OrganisationChange.sequence).execution_options(yield_per=1000)
    for line in session.scalars(query):
        row = {column.name: getattr(line, column.name) for column in OrganisationChange.__table__.columns}
        if line.sequence != expected or _digest(digest, row) != line.digest:
            return expected
        expected, digest = expected + 1, line.digest
    return None


def _digest(previous: str, row: Mapping[str, Any]) -> str:
    content = {name: value for name, value in row.items() if name != "digest"} | {"at": row["at"].isoformat()}
    return sha256(previous.encode() + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it."""

    line: OrganisationChange
    actor: str


def find_lines(session: Session, *, words: str = "", subject: str = "", page: int = 1) -> tuple[list[Shown], int]:
    """Return a page of lines, the newest first, and how many there are."""
    conditions: list[ColumnElement[bool]] = []
    if subject:
        conditions.append(OrganisationChange.subject == subject)
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = select(Person.id).where(
            or_(Person.name.ilike(pattern, escape="\\"), Person.login.ilike(pattern, escape="\\"))
        )
        conditions.append(
            or_(OrganisationChange.key.ilike(pattern, escape="\\"), OrganisationChange.actor_id.in_(named))
        )
    query = (
        select(OrganisationChange, Person.name)
        .join(Person, Person.id == OrganisationChange.actor_id, isouter=True)
        .where(*conditions)
        .order_by(OrganisationChange.sequence.desc())
    )
    total = session.scalar(select(func.count()).select_from(OrganisationChange).where(*conditions)) or 0
    rows = session.execute(query.offset((page - 1) * PAGE).limit(PAGE))
    return [Shown(line, name or "") for line, name in rows], total
