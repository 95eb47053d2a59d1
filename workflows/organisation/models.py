"""Tables of the organisation.

Identifiers that appear in process variables (people, units) are small: a FEEL number is a double.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class GroupRole(StrEnum):
    """What a member is in a group."""

    HEAD = "head"
    DEPUTY = "deputy"
    MEMBER = "member"
    OFFICE = "office"


class GroupKind(StrEnum):
    """What a group is for: a leading group (领导小组), an inspection team (检查组), any other work (工作组)."""

    LEADING = "leading"
    INSPECTION = "inspection"
    WORKING = "working"


class GroupUnitRole(StrEnum):
    """How a unit stands to a group: it leads the work (牵头), assists (配合), or is inspected by the group."""

    LEAD = "lead"
    ASSISTING = "assisting"
    INSPECTED = "inspected"


class PostDuty(StrEnum):
    """What a post does for the units below: a deputy in charge of them (分管副职), the director of their office."""

    NONE = ""
    DEPUTY = "deputy"
    OFFICE = "office"


class Person(Base):
    """Somebody who signs in. ``login`` is unique and never reused."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    is_administrator: Mapped[bool] = mapped_column(default=False)


class Unit(Base):
    """A unit (单位, 科室). ``kind`` decides routing and assessment; ``parent_id`` is the unit it reports to.

    ``calendar`` overrides working days: ISO date -> whether it is one. ``seasons`` gives hours to parts of the year:
    a list of ``{"from": "06-01", "to": "09-30", "hours": [["08:00", "12:00"], …]}``. Units below inherit both. A unit
    that was closed is kept, not ``active``; ``position`` orders the units of one parent.
    """

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(40), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    calendar: Mapped[dict[str, Any] | None] = mapped_column(Json)
    seasons: Mapped[list[Any] | None] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    position: Mapped[int] = mapped_column(default=0, server_default="0")


class Post(Base):
    """A post (岗位). ``leads`` marks those whose holder leads the unit; ``position`` orders them, the highest first.

    ``duty`` marks those whose holder is in charge of the unit as a deputy, or directs its office (:class:`PostDuty`).
    """

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    leads: Mapped[bool] = mapped_column(default=False)
    duty: Mapped[str] = mapped_column(String(12), default=PostDuty.NONE, server_default=text("''"))
    position: Mapped[int] = mapped_column(default=0)


class Holding(Base):
    """A person holds a post in a unit from a day to a day (both inclusive, null is open)."""

    __tablename__ = "holding"
    __table_args__ = (
        UniqueConstraint("person_id", "unit_id", "post_id", "valid_from"),
        Index("ix_holding_unit_id_post_id", "unit_id", "post_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Group(Base):
    """A group of people (领导小组, 检查组): the organisation's, or one campaign's own with the same code."""

    __tablename__ = "person_group"
    __table_args__ = (UniqueConstraint("code", "campaign_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(12), default=GroupKind.WORKING, server_default=GroupKind.WORKING)
    campaign_id: Mapped[int | None] = mapped_column(Id)


class GroupMember(Base):
    """A person's part in a group; one person may be in several groups."""

    __tablename__ = "group_member"
    __table_args__ = (Index("ix_group_member_person_id", "person_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("person_group.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(12), default=GroupRole.MEMBER)
    position: Mapped[int] = mapped_column(default=0)


class GroupUnit(Base):
    """A unit beside a group: it leads the group's work, assists, or is inspected by the team."""

    __tablename__ = "group_unit"

    group_id: Mapped[int] = mapped_column(ForeignKey("person_group.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(12), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class Absence(Base):
    """A person is away from a day to a day (both inclusive) and somebody acts for them (代理).

    ``process_id`` limits it to one process; null is every process. The work stays the principal's; both are recorded.
    """

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_deputy_id", "deputy_id"), Index("ix_absence_person_id", "person_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    process_id: Mapped[str | None] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300), default="")
    set_by: Mapped[int] = mapped_column(Id)


class OrganisationChange(Base):
    """One line about what an administrator, an import or a synchronisation changed; never changed or deleted.

    ``subject`` is the kind of row (a section of the synchronisation's document), ``key`` its codes, ``operation``
    one of add, change, remove, and others by name (``password``). ``detail`` keeps the fields as [before, after].
    ``digest`` chains a line to the one before (:mod:`workflows.organisation.audit`).
    """

    __tablename__ = "organisation_change"
    __table_args__ = (Index("ix_organisation_change_subject_key", "subject", "key"),)

    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int] = mapped_column(Id)
    source: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(300))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))


class OrganisationImport(Base):
    """A workbook that was uploaded and looked at, and is to be applied or not.

    ``remove`` says that its sections are complete. ``content`` is emptied when the import was applied or is a day old.
    """

    __tablename__ = "organisation_import"

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    remove: Mapped[bool] = mapped_column(default=False)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
