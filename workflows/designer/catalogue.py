"""The list of packages: what is drawn, what is live, what runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion, Publication
from engine.instances.models import Instance
from workflows.designer.models import DesignedPackage, DraftRevision, Review, ReviewState

MOST = 500
"""Packages that one list shows; a search finds the others."""


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package in the list. ``live`` and ``published_at`` are None before the first publication."""

    key: str
    name: str
    name_en: str
    owner_id: int | None
    live: int | None
    published_at: datetime | None
    drafted: bool
    saved_at: datetime | None
    saved_by: int | None
    running: int
    in_review: bool


def list_packages(session: Session, *, words: str = "") -> list[PackageRow]:
    """Return the packages whose name or key holds the words, by name."""
    designed = {row.key: row for row in session.scalars(select(DesignedPackage))}
    live = {row.key: row for row in session.scalars(select(PackageVersion).where(PackageVersion.live))}
    since = _live_since(session)
    running = _running(session)
    saved = {
        row.key: row
        for row in session.scalars(
            select(DraftRevision).join(
                DesignedPackage,
                (DesignedPackage.key == DraftRevision.key) & (DesignedPackage.version == DraftRevision.version),
            )
        )
    }
    reviewed = set(session.scalars(select(Review.key).where(Review.state == ReviewState.OPEN)))
    wanted = words.strip().lower()
    rows = []
    for key in {*designed, *live}:
        own, version = designed.get(key), live.get(key)
        drafted = own is not None and own.drafted
        row = PackageRow(
            key=key,
            name=(own.name if own and drafted else version.name if version else own.name if own else "") or key,
            name_en=version.name_en if version else "",
            owner_id=own.owner_id if own else None,
            live=version.version if version else None,
            published_at=since.get(version.id, version.published_at) if version else None,
            drafted=drafted,
            saved_at=saved[key].saved_at if drafted and key in saved else None,
            saved_by=saved[key].saved_by if drafted and key in saved else None,
            running=running.get(key, 0),
            in_review=key in reviewed,
        )
        if not wanted or any(wanted in text.lower() for text in (row.key, row.name, row.name_en)):
            rows.append(row)
    return sorted(rows, key=lambda row: (row.name, row.key))[:MOST]


def running_of(session: Session, key: str) -> dict[int, int]:
    """Return how many instances run by version number of a package."""
    query = (
        select(PackageVersion.version, func.count())
        .join(Instance, Instance.package_version_id == PackageVersion.id)
        .where(PackageVersion.key == key, Instance.ended_at.is_(None))
        .group_by(PackageVersion.version)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _running(session: Session) -> dict[str, int]:
    query = (
        select(PackageVersion.key, func.count())
        .join(Instance, Instance.package_version_id == PackageVersion.id)
        .where(Instance.ended_at.is_(None), Instance.parent_id.is_(None))
        .group_by(PackageVersion.key)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def versions_of(session: Session, key: str) -> Sequence[PackageVersion]:
    """Return the published versions of a package, the newest first."""
    query = select(PackageVersion).where(PackageVersion.key == key).order_by(PackageVersion.version.desc())
    return session.scalars(query).all()


def publications_of(session: Session, key: str) -> list[tuple[Publication, int]]:
    """Return every publication of a package with its version's number, the newest first: rollbacks among them."""
    query = (
        select(Publication, PackageVersion.version)
        .join(PackageVersion, PackageVersion.id == Publication.version_id)
        .where(PackageVersion.key == key)
        .order_by(Publication.published_at.desc(), Publication.id.desc())
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _live_since(session: Session) -> dict[int, datetime]:
    """Return when each live version became so, by its id."""
    query = (
        select(Publication.version_id, func.max(Publication.published_at))
        .join(PackageVersion, PackageVersion.id == Publication.version_id)
        .where(PackageVersion.live)
        .group_by(Publication.version_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
