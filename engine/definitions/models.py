"""Tables of published process packages: immutable, content-addressed versions, their files, when each went live."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, UtcDateTime, new_id


class PackageVersion(Base):
    """One published version of a process package (流程包)."""

    __tablename__ = "package_version"
    __table_args__ = (UniqueConstraint("key", "version"), Index("ix_package_version_key_live", "key", "live"))

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str] = mapped_column(String(64))
    main_process: Mapped[str] = mapped_column(String(200))
    live: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(String(1000), default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(Id)


class Publication(Base):
    """One time that a version became the live one of its package (发布记录).

    ``again`` marks a return to a version that was live before (回退); ``note`` says why.
    """

    __tablename__ = "publication"
    __table_args__ = (Index("ix_publication_version_id", "version_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    version_id: Mapped[int] = mapped_column(ForeignKey("package_version.id", ondelete="CASCADE"))
    again: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(1000), default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(Id)


class PackageFile(Base):
    """One file of a published version; ``path`` is relative to the package's folder."""

    __tablename__ = "package_file"

    version_id: Mapped[int] = mapped_column(ForeignKey("package_version.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
