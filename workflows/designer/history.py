"""The history of a draft: which file had which content at which version, thinned out as it grows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.designer.models import DraftFile, DraftRevision
from workflows.designer.texts import Problem

TOGETHER = timedelta(minutes=5)
"""Saves of one person within this time are one entry of the history."""

MOST_REVISIONS = 100
"""Entries that are kept, beside those under review."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file at a version: the last readable content (None: there was none yet), and a later text that is not."""

    content: bytes | None
    broken: bytes | None = None
    problem: Problem | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the history with the files that it changed."""

    version: int
    saved_at: datetime
    saved_by: int
    note: str
    kept: bool
    paths: tuple[str, ...]


def files_at(session: Session, key: str, version: int) -> dict[str, Kept]:
    """Return the files of a draft as they were at a version, deleted ones left out."""
    latest = (
        select(DraftFile.path, func.max(DraftFile.version).label("version"))
        .where(DraftFile.key == key, DraftFile.version <= version)
        .group_by(DraftFile.path)
        .subquery()
    )
    query = (
        select(DraftFile)
        .join(latest, (latest.c.path == DraftFile.path) & (latest.c.version == DraftFile.version))
        .where(DraftFile.key == key)
        .order_by(DraftFile.path)
    )
    return {
        row.path: Kept(
            row.content,
            row.broken,
            None if row.broken is None else Problem(row.problem, row.line),
            row.version,
        )
        for row in session.scalars(query)
        if row.content is not None or row.broken is not None
    }


def entries(session: Session, key: str) -> list[Entry]:
    """Return the history, the newest entry first."""
    changed: dict[int, list[str]] = {}
    for path, version in session.execute(select(DraftFile.path, DraftFile.version).where(DraftFile.key == key)):
        changed.setdefault(version, []).append(path)
    query = select(DraftRevision).where(DraftRevision.key == key).order_by(DraftRevision.version.desc())
    return [
        Entry(row.version, row.saved_at, row.saved_by, row.note, row.kept, tuple(sorted(changed.get(row.version, ()))))
        for row in session.scalars(query)
    ]


def entry(session: Session, key: str, version: int) -> DraftRevision:
    """Return one entry of the history. Raises NotFound."""
    found = session.get(DraftRevision, (key, version))
    if found is None:
        raise NotFound("没有这一版草稿 / There is no such version of the draft")
    return found


def add_entry(
    session: Session,
    key: str,
    version: int,
    changes: Mapping[str, Kept],
    *,
    by: int,
    at: datetime,
    note: str = "",
    together: bool = False,
) -> None:
    """Write a version: its entry and the files that it changed.

    ``together`` lets it take the place of the entry before, when that is the same person's of just now.
    """
    before = _last(session, key)
    session.add(DraftRevision(key=key, version=version, saved_at=at, saved_by=by, note=note))
    session.add_all(
        DraftFile(
            key=key,
            path=path,
            version=version,
            content=one.content,
            broken=one.broken,
            problem=one.problem.message[:500] if one.problem else "",
            line=one.problem.line if one.problem else 0,
        )
        for path, one in changes.items()
    )
    session.flush()
    if together and before is not None and not note and _belongs_to(before, by, at):
        _merge(session, before, version)
    _thin_out(session, key)


def keep(session: Session, key: str, version: int) -> None:
    """Let an entry never be thinned out."""
    entry(session, key, version).kept = True


def _last(session: Session, key: str) -> DraftRevision | None:
    query = select(DraftRevision).where(DraftRevision.key == key).order_by(DraftRevision.version.desc())
    return session.scalars(query.limit(1)).first()


def _belongs_to(before: DraftRevision, by: int, at: datetime) -> bool:
    recent = timedelta(0) <= at - before.saved_at <= TOGETHER
    return recent and before.saved_by == by and not before.kept and not before.note


def _merge(session: Session, gone: DraftRevision, into: int) -> None:
    """Take an entry out of the history: what it changed and the next one did not becomes the next one's."""
    own = (DraftFile.key == gone.key, DraftFile.version == gone.version)
    again = select(DraftFile.path).where(DraftFile.key == gone.key, DraftFile.version == into).scalar_subquery()
    session.execute(delete(DraftFile).where(*own, DraftFile.path.in_(again)))
    session.execute(update(DraftFile).where(*own).values(version=into))
    session.delete(gone)
    session.flush()


def _thin_out(session: Session, key: str) -> None:
    query = select(DraftRevision).where(DraftRevision.key == key).order_by(DraftRevision.version)
    rows = list(session.scalars(query))
    for gone, following in _oldest(rows):
        _merge(session, gone, following)


def _oldest(rows: list[DraftRevision]) -> Iterable[tuple[DraftRevision, int]]:
    """Return the entries to take out, each with the version that follows it then."""
    surplus = sum(not row.kept for row in rows) - MOST_REVISIONS
    for row, following in pairwise(rows):
        if surplus <= 0:
            return
        if not row.kept:
            surplus -= 1
            yield row, following.version
