"""Comments on an instance: who may, whom they call by name, what becomes of them. They are never opinions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import CompoundSelect, select, union
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.instances.models import Instance
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.tasks.desk import OperationResult, digest_of, earlier_answer, keep_answer, may_see
from engine.tasks.files import judge_file
from engine.tasks.models import (
    OPEN_STATES,
    AttachmentContent,
    Comment,
    CommentFile,
    CommentMention,
    Copy,
    Slot,
    SlotCandidate,
)
from engine.tasks.opening import notify
from engine.wording import listed, say

if TYPE_CHECKING:
    from engine.runtime import Engine

EDITABLE = timedelta(minutes=10)
"""How long an author may change or delete a comment."""
MAX_COMMENT = 2000
MOST_MENTIONS = 20
MOST_FILES = 9

Change = Callable[[TurnWriter, Instance, Comment], str]
"""What is done to a comment; returns the sentence for its author."""


def add_comment(
    engine: "Engine", *, actor_id: int, text: str, slot_id: int | None = None, instance_id: int | None = None,
    mentions: Sequence[int] = (), files: Sequence[tuple[str, bytes]] = (), key: str | None = None,
) -> OperationResult:  # fmt: skip
    """Add a remark to a slot's instance, or to an instance; it is never an opinion and never counts.

    Parameters
    ----------
    mentions
        People to tell. Who cannot see the instance yet gets a read-only copy (抄送), where the actor may send copies.
    files
        Names and contents of files that lie beside the comment.

    Raises
    ------
    NotFound
        The instance is none of the actor's business.
    InvalidInput
        Nothing or too much was written, a file is refused, or somebody is called who may not see it.

    """
    body = text.strip()
    judged = [(*judge_file(name, content), content) for name, content in files]
    digests = [sha256(content).hexdigest() for _, _, content in judged]
    request = {"operation": "comment", "slot_id": slot_id, "instance_id": instance_id, "text": body, "files": digests}
    with engine.db.write() as session, session.no_autoflush:
        if slot_id is not None:
            slot = session.get(Slot, slot_id)
            instance_id = slot.instance_id if slot is not None else None
        instance = lock_instance(session, instance_id or 0)
        if not may_see(engine, session, instance, actor_id):
            raise NotFound(say("没有这个流程实例"))
        earlier = earlier_answer(session, actor_id, key, digest_of(request))
        if earlier is not None:
            return earlier
        _judge(body, files=len(judged))
        writer = TurnWriter(engine, session, engine.clock.now())
        comment = Comment(instance_id=instance.id, person_id=actor_id, text=body, created_at=writer.at)
        session.add(comment)
        session.flush()
        for (name, media_type, content), digest in zip(judged, digests, strict=True):
            _keep_file(session, comment, name=name, media_type=media_type, content=content, digest=digest)
        told = _mention(writer, instance, comment, mentions)
        detail = {"mentions": list(mentions), "files": digests} if mentions or files else {}
        writer.line(instance, "comment", actor_id=actor_id, opinion=body, detail=detail)
        result = OperationResult(instance.id, instance.version, say("评论已发表{told}", told=told))
        keep_answer(session, actor_id, key, digest_of(request), result=result, at=writer.at)
        writer.write()
    engine.bell.ring()
    return result


def edit_comment(
    engine: "Engine", *, comment_id: int, actor_id: int, text: str, mentions: Sequence[int] = ()
) -> OperationResult:
    """Change one's own comment within :data:`EDITABLE`; who is called now for the first time is told."""
    body = text.strip()

    def act(writer: TurnWriter, instance: Instance, comment: Comment) -> str:
        _judge(body)
        if body == comment.text:
            return say("评论没有改动")
        told = _mention(writer, instance, comment, mentions)
        detail = {"comment": comment.id, "before": comment.text}
        comment.text, comment.edited_at = body, writer.at
        writer.line(instance, "comment_edit", actor_id=actor_id, opinion=body, detail=detail)
        return say("评论已修改{told}", told=told)

    return _change(engine, comment_id, actor_id, act)


def delete_comment(engine: "Engine", *, comment_id: int, actor_id: int) -> OperationResult:
    """Delete one's own comment within :data:`EDITABLE`: its place stays, its words stay in the history alone."""

    def act(writer: TurnWriter, instance: Instance, comment: Comment) -> str:
        detail = {"comment": comment.id, "before": comment.text}
        comment.text, comment.deleted_at = "", writer.at
        for file in writer.session.scalars(select(CommentFile).where(CommentFile.comment_id == comment.id)):
            writer.session.delete(file)
        writer.line(instance, "comment_delete", actor_id=actor_id, detail=detail)
        return say("评论已删除")

    return _change(engine, comment_id, actor_id, act)


def may_change(comment: Comment, person_id: int, at: datetime) -> bool:
    """Say whether this person may change or delete the comment now."""
    return comment.person_id == person_id and comment.deleted_at is None and at <= comment.created_at + EDITABLE


def may_copy(engine: "Engine", session: Session, instance: Instance, person_id: int) -> bool:
    """Say whether somebody may give others a read-only copy: initiator, owner of an open task, administrator."""
    if instance.initiator_id == person_id:
        return True
    held = select(Slot.id).where(
        Slot.instance_id == instance.id, Slot.owner_id == person_id, Slot.state.in_(OPEN_STATES)
    )
    if session.execute(held.limit(1)).first() is not None:
        return True
    return engine.people.is_administrator(session, person_id)


def participants(session: Session, instance: Instance) -> set[int]:
    """Return the people whose business an instance is: it started with them, waits or waited for them, was copied."""
    mine = instance.id
    queries: CompoundSelect[Any] = union(
        select(Slot.owner_id).where(Slot.instance_id == mine, Slot.owner_id.is_not(None)),
        select(Slot.actor_id).where(Slot.instance_id == mine, Slot.actor_id.is_not(None)),
        select(SlotCandidate.person_id).join(Slot, Slot.id == SlotCandidate.slot_id).where(Slot.instance_id == mine),
        select(Copy.person_id).where(Copy.instance_id == mine),
    )
    found = {row[0] for row in session.execute(queries)}
    return found | ({instance.initiator_id} if instance.initiator_id is not None else set())


def comment_file(engine: "Engine", session: Session, *, file_id: int, person_id: int | None) -> tuple[CommentFile, int]:
    """Return a comment's file and its instance; ``person_id`` None skips the question who may see it."""
    file = session.get(CommentFile, file_id)
    comment = session.get(Comment, file.comment_id) if file is not None else None
    if file is None or comment is None:
        raise NotFound(say("没有这个附件"))
    instance = session.get_one(Instance, comment.instance_id)
    if person_id is not None and not may_see(engine, session, instance, person_id):
        raise NotFound(say("没有这个附件"))
    return file, instance.id


def _judge(body: str, *, files: int = 0) -> None:
    if not body or len(body) > MAX_COMMENT:
        raise InvalidInput(say("评论不能为空，且不超过 2000 字"), {"text": say("1–{most} 字", most=MAX_COMMENT)})
    if files > MOST_FILES:
        raise InvalidInput(
            say("一条评论最多 {most} 个附件", most=MOST_FILES), {"files": say("最多 {most} 个", most=MOST_FILES)}
        )


def _keep_file(session: Session, comment: Comment, *, name: str, media_type: str, content: bytes, digest: str) -> None:
    if session.get(AttachmentContent, digest) is None:
        session.add(AttachmentContent(digest=digest, content=content))
    session.add(
        CommentFile(comment_id=comment.id, filename=name, media_type=media_type, size=len(content), digest=digest)
    )


def _mention(writer: TurnWriter, instance: Instance, comment: Comment, mentions: Sequence[int]) -> str:
    """Tell those who are called for the first time, and give a copy to who cannot see the instance; says whom."""
    session = writer.session
    known = set(session.scalars(select(CommentMention.person_id).where(CommentMention.comment_id == comment.id)))
    fresh = [one for one in dict.fromkeys(mentions) if one not in known and one != comment.person_id]
    if not fresh:
        return ""
    names = writer.engine.people.names(session, fresh)
    if len(fresh) + len(known) > MOST_MENTIONS or any(one not in names for one in fresh):
        raise InvalidInput(
            say("一条评论最多提到 {most} 个人", most=MOST_MENTIONS), {"text": say("最多 {most} 人", most=MOST_MENTIONS)}
        )
    blind = [one for one in fresh if not may_see(writer.engine, session, instance, one)]
    _copy(writer, instance, comment, blind, names)
    session.add_all(CommentMention(comment_id=comment.id, person_id=one) for one in fresh)
    author = writer.engine.people.names(session, [comment.person_id]).get(comment.person_id, "")
    notify(
        writer, instance, fresh, "mention", say("{author} 在评论中提到您：{title}", author=author, title=instance.title)
    )
    told = say("，已提醒 {fresh}", fresh=listed(names[one] for one in fresh))
    return say("{told}，并抄送 {blind}", told=told, blind=listed(names[one] for one in blind)) if blind else told


def _copy(
    writer: TurnWriter, instance: Instance, comment: Comment, blind: Collection[int], names: Mapping[int, str]
) -> None:
    if blind and not may_copy(writer.engine, writer.session, instance, comment.person_id):
        who = listed(names[one] for one in blind)
        raise InvalidInput(
            say("{who} 看不到这个流程；发起人或办理人提到他时会同时抄送", who=who),
            {"text": say("{who} 看不到这个流程", who=who)},
        )
    for person in blind:
        copy = Copy(instance_id=instance.id, person_id=person, sender_id=comment.person_id, created_at=writer.at)
        copy.note = say("在评论中提到")
        writer.add(copy)


def _change(engine: "Engine", comment_id: int, actor_id: int, act: Change) -> OperationResult:
    """Change a comment under its instance's lock; others than its author get NotAllowed, strangers NotFound."""
    with engine.db.write() as session, session.no_autoflush:
        found = session.get(Comment, comment_id)
        if found is None:
            raise NotFound(say("没有这条评论"))
        instance = lock_instance(session, found.instance_id)
        session.refresh(found)
        if not may_see(engine, session, instance, actor_id):
            raise NotFound(say("没有这条评论"))
        writer = TurnWriter(engine, session, engine.clock.now())
        if not may_change(found, actor_id, writer.at):
            minutes = EDITABLE // timedelta(minutes=1)
            raise NotAllowed(say("只有作者本人可以在发表后 {minutes} 分钟内修改或删除评论", minutes=minutes))
        sentence: str = act(writer, instance, found)
        result = OperationResult(instance.id, instance.version, sentence)
        writer.write()
    engine.bell.ring()
    return result
