"""Drafts of packages (草稿): one a package, saved with an optimistic lock, never losing a text.

Without a draft, what is published stands in its place. A text that cannot be read is kept beside the last readable one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageFile, PackageVersion
from engine.definitions.packages import Package
from engine.errors import DubanError, InvalidInput, NotFound
from engine.store.bulk import insert_once
from engine.wording import named
from workflows.designer import history
from workflows.designer.access import require_designer
from workflows.designer.errors import DraftConflict
from workflows.designer.history import Kept
from workflows.designer.models import DesignedPackage, DraftRevision
from workflows.designer.texts import check_sizes, checked_path, problem_of

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """A package as it is being designed.

    ``version`` counts saves; ``based_on`` is the published version it began with, ``live`` the one that new instances
    start with (None: never published). ``drafted`` is False when ``files`` are those of the live version.
    """

    key: str
    name: str
    version: int
    drafted: bool
    based_on: int | None
    live: int | None
    owner_id: int | None
    files: Mapping[str, bytes] = field(repr=False)
    broken: Mapping[str, Kept] = field(default_factory=dict, repr=False)
    saved_at: datetime | None = None
    saved_by: int | None = None

    @property
    def package(self) -> Package:
        """The readable files as a package."""
        return Package(self.key, self.files)


def find_package(session: Session, key: str) -> DesignedPackage:
    """Return a package's row; one that was published by other means has one that is not kept. Raises NotFound."""
    found = session.get(DesignedPackage, key)
    if found is not None:
        return found
    version = live_version(session, key) or _newest(session, key)
    if version is None:
        raise NotFound(f"没有流程包“{key}” / There is no package {key}")
    return DesignedPackage(
        key=key, name=version.name, owner_id=None, created_at=version.published_at, version=0, drafted=False
    )


def live_version(session: Session, key: str) -> PackageVersion | None:
    """Return the version that new instances start with, if there is one."""
    query = select(PackageVersion).where(PackageVersion.key == key, PackageVersion.live.is_(True))
    return session.scalars(query.order_by(PackageVersion.version.desc()).limit(1)).first()


def read_draft(session: Session, key: str) -> Draft:
    """Return a package's draft, or the live version's files in its place. Raises NotFound."""
    package, live = find_package(session, key), live_version(session, key)
    number = live.version if live else None
    files: Mapping[str, Kept]
    if package.drafted:
        files = history.files_at(session, key, package.version)
    else:
        files = {} if live is None else {path: Kept(content) for path, content in version_files(session, live).items()}
    saved = last_save(session, package) if package.drafted else None
    return Draft(
        key=key,
        name=named(package.name or key, live.name_en if live else ""),
        version=package.version,
        drafted=package.drafted,
        based_on=package.based_on if package.drafted else number,
        live=number,
        owner_id=package.owner_id,
        files={path: one.content for path, one in files.items() if one.content is not None},
        broken={path: one for path, one in files.items() if one.broken is not None},
        saved_at=saved.saved_at if saved else None,
        saved_by=saved.saved_by if saved else None,
    )


def last_save(session: Session, package: DesignedPackage) -> DraftRevision | None:
    """Return who saved the draft's present version, and when."""
    return session.get(DraftRevision, (package.key, package.version))


def version_files(session: Session, version: PackageVersion) -> dict[str, bytes]:
    """Return the files of a published version."""
    query = select(PackageFile.path, PackageFile.content).where(PackageFile.version_id == version.id)
    return {row.path: row.content for row in session.execute(query.order_by(PackageFile.path))}


def published_version(session: Session, key: str, number: int) -> PackageVersion:
    """Return a published version of a package by its number. Raises NotFound."""
    query = select(PackageVersion).where(PackageVersion.key == key, PackageVersion.version == number)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("没有这个版本 / There is no such version")
    return found


def save_draft(
    engine: "Engine",
    *,
    key: str,
    person_id: int,
    version: int,
    changes: Mapping[str, bytes | None],
    discard: Collection[str] = (),
    note: str = "",
) -> Draft:
    """Save changed files; those that are not named stay.

    Parameters
    ----------
    version
        The version that the changes were made from; another one raises :class:`DraftConflict` and saves nothing.
    changes
        Contents by path, None for a file to delete.
    discard
        Paths whose unreadable text is thrown away.

    """
    for path in changes:
        checked_path(path)
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        return save_in(engine, session, package, person_id=person_id, changes=changes, discard=discard, note=note)


def save_in(
    engine: "Engine",
    session: Session,
    package: DesignedPackage,
    *,
    person_id: int,
    changes: Mapping[str, bytes | None],
    discard: Collection[str] = (),
    note: str = "",
) -> Draft:
    """Save changed files of a package whose row the caller has locked, in the caller's transaction."""
    draft = read_draft(session, package.key)
    begins = not package.drafted
    before = {path: Kept(content) for path, content in draft.files.items()} | dict(draft.broken)
    changed = _changed(before, changes, discard)
    if not changed and not (begins and draft.live is None):
        return draft
    check_sizes(_contents({**before, **changed}))
    if begins:
        package.based_on = draft.live
        changed = {**_instead(session, package, before), **changed}
    package.version += 1
    package.drafted = True
    history.add_entry(
        session,
        package.key,
        package.version,
        changed,
        by=person_id,
        at=engine.clock.now(),
        note=note.strip()[:MAX_NOTE],
        together=not begins,
    )
    package.name = _name_of(package, session)
    session.flush()
    return read_draft(session, package.key)


def discard_draft(engine: "Engine", *, key: str, person_id: int, version: int) -> None:
    """Throw a draft away; its history stays. A package that was never published keeps an empty one."""
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        if not package.drafted:
            raise NotFound("没有草稿 / There is no draft")
        if live_version(session, key) is None:
            raise InvalidInput(
                "这个流程包还没有发布过，不能放弃草稿 / It was never published: its draft is all there is"
            )
        end_draft(session, package)


def end_draft(session: Session, package: DesignedPackage) -> None:
    """Let the live version stand in the place of the draft; who has the draft open gets a conflict."""
    package.drafted = False
    package.based_on = None
    package.version += 1
    live = live_version(session, package.key)
    package.name = live.name if live else package.name


def restore(engine: "Engine", *, key: str, person_id: int, version: int, to: int) -> Draft:
    """Make the draft what it was at an earlier version, as a new version."""
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        history.entry(session, key, to)
        files = {path: one.content for path, one in history.files_at(session, key, to).items()}
        return _become(engine, session, package, person_id=person_id, files=files, note=f"恢复到 {to}")


def take_published(engine: "Engine", *, key: str, person_id: int, version: int, published: int) -> Draft:
    """Make the draft what was published as a version."""
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        files = version_files(session, published_version(session, key, published))
        return _become(engine, session, package, person_id=person_id, files=files, note=f"取自第 {published} 版")


def locked(engine: "Engine", session: Session, *, key: str, person_id: int, version: int | None) -> DesignedPackage:
    """Lock a package for a designer who saw this version of its draft (None: whichever it is).

    Raises NotFound for a stranger, and DraftConflict when somebody saved meanwhile.
    """
    found = find_package(session, key)
    if session.get(DesignedPackage, key) is None:
        values = {"key": key, "name": found.name, "created_at": engine.clock.now(), "version": 0, "drafted": False}
        insert_once(session, DesignedPackage, values)
    package = session.get_one(DesignedPackage, key, with_for_update=True, populate_existing=True)
    require_designer(session, person_id, package)
    if version is not None and package.version != version:
        saved = last_save(session, package)
        who, at = (saved.saved_by, saved.saved_at) if saved else (None, None)
        raise DraftConflict(package.version, who, at)
    return package


def _become(
    engine: "Engine",
    session: Session,
    package: DesignedPackage,
    *,
    person_id: int,
    files: Mapping[str, bytes | None],
    note: str,
) -> Draft:
    draft = read_draft(session, package.key)
    gone: dict[str, bytes | None] = dict.fromkeys({*draft.files, *draft.broken} - set(files))
    changes = {**gone, **files}
    return save_in(
        engine, session, package, person_id=person_id, changes=changes, discard=list(draft.broken), note=note
    )


def _changed(
    before: Mapping[str, Kept], changes: Mapping[str, bytes | None], discard: Collection[str]
) -> dict[str, Kept]:
    """Return what is different afterwards; an unreadable text leaves the readable one beside it alone."""
    after: dict[str, Kept] = {}
    for path in discard:
        if path in before:
            after[path] = Kept(before[path].content)
    for path, content in changes.items():
        problem = None if content is None else problem_of(path, content)
        if problem is None:
            after[path] = Kept(content)
        else:
            good = before[path].content if path in before else None
            after[path] = Kept(good, content, problem)
    return {
        path: one
        for path, one in after.items()
        if (one.content, one.broken) != ((was.content, was.broken) if (was := before.get(path)) else (None, None))
    }


def _instead(session: Session, package: DesignedPackage, before: Mapping[str, Kept]) -> dict[str, Kept]:
    """Return what a draft that begins has to write: every file, and that those of an earlier draft are gone."""
    earlier = history.files_at(session, package.key, package.version)
    return {**{path: Kept(None) for path in earlier}, **before}


def _contents(files: Mapping[str, Kept]) -> dict[str, bytes]:
    return {
        path: one.broken or one.content or b""
        for path, one in files.items()
        if one.content is not None or one.broken is not None
    }


def _name_of(package: DesignedPackage, session: Session) -> str:
    files = history.files_at(session, package.key, package.version)
    readable = {path: one.content for path, one in files.items() if one.content is not None}
    try:
        return Package(package.key, readable).name[:200]
    except DubanError:
        return package.name or package.key


def _newest(session: Session, key: str) -> PackageVersion | None:
    query = select(PackageVersion).where(PackageVersion.key == key).order_by(PackageVersion.version.desc())
    return session.scalars(query.limit(1)).first()
