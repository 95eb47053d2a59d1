"""Tables of the designer: packages, drafts with their history, who is editing, remarks, reviews, dry runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class DesignedPackage(Base):
    """A package that somebody designs here. ``version`` counts the saves of its draft, also over discarded drafts.

    ``drafted`` says whether there is a draft now; ``based_on`` is the published version that it began with.
    """

    __tablename__ = "designed_package"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    owner_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=0)
    drafted: Mapped[bool] = mapped_column(default=False)
    based_on: Mapped[int | None]


class DraftRevision(Base):
    """One entry of a draft's history: who saved last in it, and when.

    ``kept`` ones are named or under review: they are never thinned out.
    """

    __tablename__ = "draft_revision"

    key: Mapped[str] = mapped_column(ForeignKey("designed_package.key", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[int] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(300), default="")
    kept: Mapped[bool] = mapped_column(default=False)


class DraftFile(Base):
    """A file of a draft from a version on, until a later row of the same path.

    ``content`` is the last readable one, null for a deleted file or one that never was readable; ``broken`` is a later
    text that cannot be read, with ``problem`` saying why, at ``line`` (0 where no line is known).
    """

    __tablename__ = "draft_file"
    __table_args__ = (Index("ix_draft_file_key_version", "key", "version"),)

    key: Mapped[str] = mapped_column(ForeignKey("designed_package.key", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    broken: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem: Mapped[str] = mapped_column(String(500), default="")
    line: Mapped[int] = mapped_column(default=0)


class Presence(Base):
    """Somebody has a package open in a tab of the browser."""

    __tablename__ = "designer_presence"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    tab: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id)
    path: Mapped[str] = mapped_column(String(200), default="")
    element: Mapped[str] = mapped_column(String(200), default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Remark(Base):
    """A remark on an element of a package, or on the package (``element`` empty).

    The first one of a thread carries its place, and whether it is resolved; ``thread_id`` of the others is its id.
    ``mentions`` are the people whom the text calls by ``@name``.
    """

    __tablename__ = "designer_remark"
    __table_args__ = (Index("ix_designer_remark_key", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80))
    thread_id: Mapped[int | None] = mapped_column(Id)
    path: Mapped[str] = mapped_column(String(200), default="")
    element: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[int] = mapped_column(Id)
    text: Mapped[str] = mapped_column(String(2000))
    mentions: Mapped[list[int]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_by: Mapped[int | None] = mapped_column(Id)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReviewState(StrEnum):
    """Where the review of a draft stands."""

    OPEN = "open"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Review(Base):
    """A draft that waits for somebody's agreement before it is published; ``instance_id`` is the process of it.

    ``draft_version`` is what is reviewed now, also when it was returned and asked for again; ``published`` the version
    that it became.
    """

    __tablename__ = "package_review"
    __table_args__ = (Index("ix_package_review_key_state", "key", "state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80))
    draft_version: Mapped[int]
    instance_id: Mapped[int | None] = mapped_column(Id)
    requested_by: Mapped[int] = mapped_column(Id)
    reviewer_id: Mapped[int] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(12), default=ReviewState.OPEN)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published: Mapped[int | None]


class SandboxRecord(Base):
    """A dry run: the package as an archive, and the steps that were played so far. It can be played again anywhere."""

    __tablename__ = "designer_sandbox"
    __table_args__ = (Index("ix_designer_sandbox_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int] = mapped_column(Id)
    archive: Mapped[bytes] = mapped_column(LargeBinary)
    setup: Mapped[dict[str, Any]] = mapped_column(Json)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScenarioReplay(Base):
    """What playing a scenario of a package gave; the same files give the same again."""

    __tablename__ = "scenario_replay"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    played_at: Mapped[datetime] = mapped_column(UtcDateTime)
