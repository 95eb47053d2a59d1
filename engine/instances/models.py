"""Tables of running instances: the row that is lock, queue entry and state at once, fan-outs, incidents, batches."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceText, UtcDateTime, new_id


class InstanceStatus(StrEnum):
    """States of an instance (approvals.md, "Words")."""

    DRAFT = "draft"
    RUNNING = "running"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


OPEN_STATUSES = (InstanceStatus.RUNNING, InstanceStatus.RETURNED)
"""States in which people and timers move the instance."""


_ONLY_FAILED: Any = dict.fromkeys(("sqlite_where", "postgresql_where"), text("open_incidents > 0"))


class Instance(Base):
    """A process instance. ``next_due`` is the earliest due time of its open work, null when there is none.

    ``open_incidents`` counts its incidents that wait for a person.

    ``variables`` is the one scope of process variables: identifiers and scalars. ``rounds`` counts the entries of
    each human node. ``version`` counts turns; the UPDATE carries the old one, as a fence beside the row lock.
    ``conversation_id`` is shared by the instances of several pools that sent each other messages.
    """

    __tablename__ = "instance"
    __table_args__ = (
        Index("ix_instance_next_due", "next_due"),
        Index("ix_instance_fanout_status", "fanout_id", "status"),
        Index("ix_instance_root_id", "root_id"),
        Index("ix_instance_initiator_id_created_at", "initiator_id", "created_at"),
        Index("ix_instance_created_at", "created_at", "id"),
        Index("ix_instance_parent_id_status", "parent_id", "status"),
        Index("ix_instance_package_version_id_created_at", "package_version_id", "created_at", "id", "ended_at"),
        Index("ix_instance_open_incidents", "created_at", "id", **_ONLY_FAILED),
        Index("ix_instance_conversation_id", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    package_version_id: Mapped[int] = mapped_column(ForeignKey("package_version.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300))
    root_id: Mapped[int] = mapped_column(Id)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"))
    parent_token: Mapped[str | None] = mapped_column(String(80))
    fanout_id: Mapped[int | None] = mapped_column(Id)
    item_index: Mapped[int | None]
    unit_id: Mapped[int | None] = mapped_column(Id)
    conversation_id: Mapped[int | None] = mapped_column(Id)
    initiator_id: Mapped[int | None] = mapped_column(Id)
    status: Mapped[str] = mapped_column(String(12), default=InstanceStatus.RUNNING)
    version: Mapped[int] = mapped_column(default=0)
    next_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]] = mapped_column(Json)
    rounds: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    outcome: Mapped[str | None] = mapped_column(String(200))
    open_incidents: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    history_sequence: Mapped[int] = mapped_column(default=0)
    history_digest: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class FanOut(Base):
    """Children of one call activity: spawned in chunks (``spawned`` is the cursor), counted as they finish.

    ``indices`` are the items to do again when the others' children of an earlier round stand (R10); None is all.
    """

    __tablename__ = "fanout"

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    token: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str] = mapped_column(String(200))
    called: Mapped[str] = mapped_column(String(200))
    items: Mapped[list[Any] | None] = mapped_column(Json)
    item_name: Mapped[str | None] = mapped_column(String(100))
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    completion_condition: Mapped[str | None] = mapped_column(Text)
    sequential: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int]
    indices: Mapped[list[int] | None] = mapped_column(Json)
    spawned: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(12), default="open")


class IncidentStatus(StrEnum):
    """States of an incident: only an open one waits for somebody.

    ``obsolete`` says that its element was left, or taken away, by another way than a retry.
    """

    OPEN = "open"
    RETRIED = "retried"
    RESOLVED = "resolved"
    OBSOLETE = "obsolete"


class Incident(Base):
    """Something failed and waits for a person: element, cause, and the stimulus to repeat on retry."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_status_code", "status", "code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    element_id: Mapped[str | None] = mapped_column(String(200))
    token: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(80))
    message: Mapped[str] = mapped_column(SentenceText)
    work_kind: Mapped[str | None] = mapped_column(String(40))
    work_payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(12), default=IncidentStatus.OPEN)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchKind(StrEnum):
    """What an operator asked for many at once."""

    MIGRATE = "migrate"
    RETRY = "retry"


class MemberState(StrEnum):
    """How far a batch has come with one of its members."""

    WAITING = "waiting"
    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class Batch(Base):
    """One operation on many instances: done by work rows, one instance a transaction, so that it can be interrupted.

    ``parameters`` is what the kind needs (a migration's plan). Its progress is counted from the members.
    """

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class BatchMember(Base):
    """One thing that a batch has to do: an instance, or an incident of one. ``sentence`` says why it was refused."""

    __tablename__ = "batch_member"
    __table_args__ = (Index("ix_batch_member_batch_id_state", "batch_id", "state"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[int] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(12), default=MemberState.WAITING)
    sentence: Mapped[str] = mapped_column(SentenceText, default="")


class IdempotencyKey(Base):
    """The first result of a request, for whoever repeats it (invariant I5)."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    actor_id: Mapped[int] = mapped_column(Id, primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
