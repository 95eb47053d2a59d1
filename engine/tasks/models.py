"""Tables of human tasks: activations, slots, candidates, drafts, submissions, copies, attachments, notices."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceText, UtcDateTime, new_id


class SlotState(StrEnum):
    """States of a slot (approvals.md, "Words"; ``abstained`` is the recorded answer of P3)."""

    WAITING = "waiting"
    READY = "ready"
    HELD = "held"
    DELEGATED = "delegated"
    AGREED = "agreed"
    REJECTED = "rejected"
    ABSTAINED = "abstained"
    RETURNED = "returned"
    COMPLETED = "completed"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SKIPPED = "skipped"


OPEN_STATES = (SlotState.WAITING, SlotState.READY, SlotState.HELD, SlotState.DELEGATED)


class Side(StrEnum):
    """How a slot came to be beside the signers that the rule found (加签, 委派)."""

    BEFORE = "before"
    AFTER = "after"
    BESIDE = "beside"
    OPINION = "opinion"


class Activation(Base):
    """One entry of the process into one human node. ``round`` counts the entries of the same node.

    ``kind`` is ``approval`` or ``work``. ``settings`` keeps the node's attributes as they were when it opened
    (policy, form, field rights, deadline action); ``return_to`` the activation a ``direct`` resubmission goes back to.
    ``data_version`` is the instance's version at which one of its slots last submitted form data. ``opened_by`` is the
    activation whose decision opened it, when nothing but the diagram lay between; ``beyond`` names what else that
    decision set in motion, which a retrieval could not take back.
    """

    __tablename__ = "activation"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        Index("ix_activation_instance_id_element_id", "instance_id", "element_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    token: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(SentenceText(300))
    title: Mapped[str] = mapped_column(SentenceText(300), default="")
    kind: Mapped[str] = mapped_column(String(12))
    policy: Mapped[str] = mapped_column(String(12), default="single")
    round: Mapped[int] = mapped_column(default=1)
    form: Mapped[str | None] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    scope: Mapped[dict[str, Any]] = mapped_column(Json)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(40))
    data_version: Mapped[int] = mapped_column(default=0)
    opened_by: Mapped[int | None] = mapped_column(Id, index=True)
    beyond: Mapped[list[str] | None] = mapped_column(Json)
    return_to: Mapped[int | None] = mapped_column(Id)
    return_reason: Mapped[str | None] = mapped_column(SentenceText)


_IN_ORDER = ("due", "opened_at", "id")
"""How the boxes list open slots (:data:`engine.tasks.paging.BY_DUE`): their first page is read off an index."""


class Slot(Base):
    """One person's work item inside an activation; a pooled one has no owner yet, only candidates.

    Actor, principal and rule are recorded apart (I3): ``owner_id`` is the principal. ``parent_id`` is the slot that it
    was added to, on the ``side`` and by the person that are noted; added slots of one side follow ``group_policy``
    (``any``, ``all``, ``sequence``). ``signature`` is the digest of the signature picture at the decision.
    ``root_id`` and ``paused`` (its instance is suspended) repeat what the instance says, ``due`` what the activation
    says: so the boxes need no other table.
    """

    __tablename__ = "slot"
    __table_args__ = (
        Index("ix_slot_owner_id", "owner_id", "state", "paused", *_IN_ORDER, "read_at"),
        Index("ix_slot_root_id", "root_id", "state", "paused", *_IN_ORDER),
        Index("ix_slot_owner_id_closed_at", "owner_id", "closed_at"),
        Index("ix_slot_activation_id", "activation_id"),
        Index("ix_slot_instance_id_state", "instance_id", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    root_id: Mapped[int] = mapped_column(Id)
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner_id: Mapped[int | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(12), default=SlotState.READY)
    position: Mapped[int] = mapped_column(default=0)
    claimed: Mapped[bool] = mapped_column(default=False, server_default=false())
    parent_id: Mapped[int | None] = mapped_column(Id)
    side: Mapped[str | None] = mapped_column(String(8))
    group_policy: Mapped[str | None] = mapped_column(String(8))
    added_by: Mapped[int | None] = mapped_column(Id)
    veto: Mapped[bool] = mapped_column(default=False, server_default=false())
    found_by: Mapped[str] = mapped_column(String(300), default="")
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(200))
    actor_id: Mapped[int | None] = mapped_column(Id)
    rule: Mapped[str | None] = mapped_column(String(80))
    opinion: Mapped[str | None] = mapped_column(Text)
    signature: Mapped[str | None] = mapped_column(String(64))
    urges: Mapped[int] = mapped_column(default=0)
    urged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def another(self, **values: Any) -> "Slot":
        """Return a new slot of the same activation, due at the same time; ``values`` say the rest."""
        return Slot(
            id=new_id(), activation_id=self.activation_id, instance_id=self.instance_id, root_id=self.root_id,
            paused=self.paused, due=self.due, **values,
        )  # fmt: skip

    def successor(self, *, owner_id: int | None, state: str, **values: Any) -> "Slot":
        """Return a new slot in this one's place: same position, same side of the same slot, same rights."""
        return self.another(
            owner_id=owner_id, state=state, position=self.position, parent_id=self.parent_id, side=self.side,
            group_policy=self.group_policy, added_by=self.added_by, veto=self.veto, **values,
        )  # fmt: skip


class SlotCandidate(Base):
    """A person who may claim a pooled slot."""

    __tablename__ = "slot_candidate"
    __table_args__ = (Index("ix_slot_candidate_person_id", "person_id"),)

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, primary_key=True)


class Draft(Base):
    """What somebody typed and has not submitted; ``version`` guards against a second tab."""

    __tablename__ = "draft"

    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StartDraft(Base):
    """What somebody prepared and has not started yet, or got back by withdrawing (草稿箱)."""

    __tablename__ = "start_draft"
    __table_args__ = (Index("ix_start_draft_person_id_saved_at", "person_id", "saved_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[int] = mapped_column(Id)
    package_key: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Submission(Base):
    """A form as it was submitted and checked by the server."""

    __tablename__ = "submission"
    __table_args__ = (Index("ix_submission_instance_id", "instance_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    element_id: Mapped[str] = mapped_column(String(200))
    form: Mapped[str | None] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int] = mapped_column(Id)


class Copy(Base):
    """A read-only copy (抄送) for somebody, with a read receipt; it never blocks."""

    __tablename__ = "copy"
    __table_args__ = (Index("ix_copy_person_id_read_at", "person_id", "read_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    activation_id: Mapped[int | None] = mapped_column(Id)
    person_id: Mapped[int] = mapped_column(Id)
    sender_id: Mapped[int | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(SentenceText, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Comment(Base):
    """A remark on an instance: never an opinion, never counted.

    Its author may change or delete it for some minutes; what it said before stays in the history. ``deleted_at`` marks
    one whose ``text`` is empty now.
    """

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    person_id: Mapped[int] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CommentMention(Base):
    """A person whom a comment calls by ``@name``; told once, when the name first stood in it."""

    __tablename__ = "comment_mention"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, primary_key=True)


class CommentFile(Base):
    """A file beside a comment; its bytes lie in :class:`AttachmentContent`. It is no evidence of a task."""

    __tablename__ = "comment_file"

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)


class Attachment(Base):
    """A file that somebody uploaded to a task's field; its bytes lie in :class:`AttachmentContent`.

    It counts as evidence only once a submission names it (``submission_id``).
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_activation_id_field", "activation_id", "field"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    field: Mapped[str] = mapped_column(String(100))
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    uploaded_by: Mapped[int] = mapped_column(Id)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submission_id: Mapped[int | None] = mapped_column(Id)


class AttachmentContent(Base):
    """Bytes of attachments by SHA-256; the same file is kept once."""

    __tablename__ = "attachment_content"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Notice(Base):
    """An in-app notification: reminder, warning, overdue, escalation, return.

    ``path`` is where it leads when it is about no instance: an address inside the application.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person_id_read_at", "person_id", "read_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[int] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(SentenceText)
    instance_id: Mapped[int | None] = mapped_column(Id, index=True)
    slot_id: Mapped[int | None] = mapped_column(Id)
    path: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
