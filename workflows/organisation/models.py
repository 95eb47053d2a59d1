"""Tables of the organisation.

Identifiers that appear in process variables (people, units) are small: a FEEL number is a double.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json


class GroupRole(StrEnum):
    """What a member is in a group."""

    HEAD = "head"
    DEPUTY = "deputy"
    MEMBER = "member"
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

    ``calendar`` overrides working days: ISO date -> whether it is one.
    """

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(40), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    calendar: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Post(Base):
    """A post (岗位). ``leads`` marks those whose holder leads the unit; ``position`` orders them."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    leads: Mapped[bool] = mapped_column(default=False)
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
    """A working group (领导小组, 考核小组): the organisation's, or one campaign's own with the same code."""

    __tablename__ = "person_group"
    __table_args__ = (UniqueConstraint("code", "campaign_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    campaign_id: Mapped[int | None] = mapped_column(Id)


class GroupMember(Base):
    """A person's part in a group; one person may be in several groups."""

    __tablename__ = "group_member"
    __table_args__ = (Index("ix_group_member_person_id", "person_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("person_group.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(12), default=GroupRole.MEMBER)
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
