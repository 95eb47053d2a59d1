"""Drafts become versions; older versions become the live one again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package
from engine.definitions.publish import lint_package, publish_in
from engine.errors import InvalidInput
from workflows.designer.access import require_designer
from workflows.designer.catalogue import running_of
from workflows.designer.checking import check_package
from workflows.designer.drafts import (
    Draft,
    end_draft,
    find_package,
    locked,
    published_version,
    read_draft,
    version_files,
)
from workflows.designer.errors import DraftConflict, NotReady, ReviewNeeded
from workflows.designer.replaying import replay

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is live now; ``older`` instances run on versions before it, on ``from_id`` most of them."""

    version: int
    version_id: int
    older: int
    from_id: int | None


def publish_draft(engine: "Engine", *, key: str, person_id: int, version: int, note: str) -> Published:
    """Publish a draft as the live version, after the lint and after every scenario was played.

    Raises
    ------
    ReviewNeeded
        The person publishes through a review.
    DraftConflict
        The draft is another one than this version.
    NotReady
        Errors of the lint, or scenarios that do not hold: with the findings or the results.

    """
    note = checked_note(note)
    with engine.db.read() as session:
        may = require_designer(session, person_id, find_package(session, key))
        draft = read_draft(session, key)
    if not may.publish:
        raise ReviewNeeded
    if draft.version != version:
        raise DraftConflict(draft.version, draft.saved_by, draft.saved_at)
    if not draft.drafted:
        raise InvalidInput("没有可发布的草稿 / There is no draft to publish")
    require_ready(engine, draft)
    with engine.db.write() as session:
        package = locked(engine, session, key=key, person_id=person_id, version=version)
        published = publish_in(engine, session, draft.package, by=person_id, note=note)
        end_draft(session, package)
        return _published(session, published)


def require_ready(engine: "Engine", draft: Draft) -> None:
    """Raise :class:`NotReady` for what stands against publishing a draft."""
    if draft.broken:
        paths = "、".join(sorted(draft.broken))
        raise NotReady("refused-diagram", f"先改好读不了的文件：{paths} / Mend what cannot be read first: {paths}")
    with engine.db.read() as session:
        findings = check_package(engine, session, draft.package)
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise NotReady(
            "refused-diagram",
            f"有 {len(errors)} 处错误，未发布 / Not published: {len(errors)} errors",
            findings=findings,
        )
    replays = replay(engine, draft.package)
    failed = [one for one in replays if not one["ok"]]
    if failed:
        raise NotReady(
            "replay-failed",
            f"有 {len(failed)} 个场景不再成立，未发布 / Not published: {len(failed)} scenarios no longer hold",
            replays=replays,
        )


def publish_older(engine: "Engine", *, key: str, person_id: int, number: int, note: str) -> Published:
    """Make an older version the live one again (回退): a publication of its own in the history.

    Raises
    ------
    ReviewNeeded
        The person publishes through a review.
    InvalidInput
        Without a note, or of the version that is live.
    NotReady
        This installation can no longer run the version.

    """
    note = checked_note(note)
    with engine.db.read() as session:
        if not require_designer(session, person_id, find_package(session, key)).publish:
            raise ReviewNeeded
        version = published_version(session, key, number)
        if version.live:
            raise InvalidInput("这就是现行版本 / It is the live version")
        package = Package(key, version_files(session, version))
    errors = [one for one in lint_package(package, engine.services) if one.severity == "error"]
    if errors:
        raise NotReady(
            "refused-diagram",
            "这个版本在现在的系统里不能运行 / This version cannot run in this installation any more",
            findings=errors,
        )
    with engine.db.write() as session:
        return _published(session, publish_in(engine, session, package, by=person_id, note=note))


def checked_note(note: str) -> str:
    """Return what a publication says about itself. Raises InvalidInput with the field ``note``."""
    note = note.strip()
    if not note:
        raise InvalidInput("请写明改了什么 / Say what changed", {"note": "请写明改了什么 / Say what changed"})
    return note[:MAX_NOTE]


def _published(session: Session, version: PackageVersion) -> Published:
    running = running_of(session, version.key)
    others = {number: count for number, count in running.items() if number != version.version}
    most = max(others, key=lambda number: (others[number], number), default=None)
    source = None if most is None else published_version(session, version.key, most).id
    return Published(version.version, version.id, sum(others.values()), source)
