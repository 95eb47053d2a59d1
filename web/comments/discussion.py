"""The comments of an instance as a page shows them: names, mentions marked, files, and what may still be changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.runtime import Engine
from engine.tasks.comments import may_change
from engine.tasks.models import Comment, CommentFile, CommentMention
from web.context import person


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment; ``changeable`` says whether whoever looks may still edit or delete it."""

    id: int
    person: str
    at: datetime
    text: str
    shown: Markup
    edited_at: datetime | None
    deleted_at: datetime | None
    files: Sequence[CommentFile]
    changeable: bool


def remarks(engine: Engine, session: Session, comments: Sequence[Comment]) -> list[Remark]:
    """Return comments for the person who asks, in three statements."""
    if not comments:
        return []
    ids = [one.id for one in comments]
    called: dict[int, list[int]] = {}
    for mention in session.scalars(select(CommentMention).where(CommentMention.comment_id.in_(ids))):
        called.setdefault(mention.comment_id, []).append(mention.person_id)
    files: dict[int, list[CommentFile]] = {}
    for file in session.scalars(select(CommentFile).where(CommentFile.comment_id.in_(ids)).order_by(CommentFile.id)):
        files.setdefault(file.comment_id, []).append(file)
    people = {one.person_id for one in comments} | {one for some in called.values() for one in some}
    names = engine.people.names(session, sorted(people))
    now = engine.clock.now()
    return [
        Remark(
            id=one.id,
            person=names.get(one.person_id, ""),
            at=one.created_at,
            text=one.text,
            shown=_marked(one.text, [names.get(each, "") for each in called.get(one.id, ())]),
            edited_at=one.edited_at,
            deleted_at=one.deleted_at,
            files=files.get(one.id, ()),
            changeable=may_change(one, person().id, now),
        )
        for one in comments
    ]


def _marked(text: str, names: Sequence[str]) -> Markup:
    """Return the text with its line breaks, everything escaped, the names of those who were told marked."""
    marks: Mapping[str, str] = {name: f"@{name}" for name in names if name}
    if not marks:
        return Markup("<br>").join(escape(line) for line in text.splitlines())
    call = re.compile("(" + "|".join(re.escape(mark) for mark in sorted(marks.values(), key=len, reverse=True)) + ")")
    lines = []
    for line in text.splitlines():
        parts = (
            Markup('<span class="mention">{}</span>').format(part) if part in marks.values() else escape(part)
            for part in call.split(line)
        )
        lines.append(Markup("").join(parts))
    return Markup("<br>").join(lines)
