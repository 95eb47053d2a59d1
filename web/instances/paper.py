"""An instance as an approval form (审批单) on paper: its data, every opinion with its signature, its attachments."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.tasks import TimelineEntry
from engine.tasks.models import AttachmentContent
from web.language import bracketed, colon, in_a_row
from web.presentation import LOCAL, size, took, words
from web.tasks.fields import Field
from web.tasks.page import TaskPage
from workflows.documents.paper import Paper, Row, Section

DIGITS = 32
"""How much of the history's digest is printed: 128 bits are enough to find a change."""


def approval_form(session: Session, page: TaskPage, instance: Any, *, now: datetime) -> Paper:
    """Put the paper together from what the person may see of the instance."""
    steps = [_step(session, entry, now) for entry in page.timeline if entry.kind != "predicted"]
    return Paper(
        heading=_("%(process)s审批单", process=page.process_name),
        title=page.title,
        sections=[
            Section(_("基本情况"), _basics(page)),
            Section(_("表单内容"), [row for one in page.context_facts for row in _fact(one)]),
            Section(_("办理意见"), steps),
            Section(_("附件"), _attachments(page.context_facts)),
        ],
        running=f"{page.title} · {_('编号')} {page.number}",
        verification=_(
            "历史校验 %(digest)s（%(lines)d 条）· 打印于 %(at)s",
            digest=instance.history_digest[:DIGITS],
            lines=instance.history_sequence,
            at=_moment(now),
        ),
        page_words=_("第 {page} 页，共 {pages} 页"),
        unreadable=_("（签名图片无法显示）"),
    )


def _basics(page: TaskPage) -> list[Row]:
    rows = [
        Row(_("编号"), str(page.number)),
        Row(_("发起人"), page.initiator or _("系统")),
        Row(_("单位"), page.unit),
        Row(_("发起时间"), _moment(page.started_at)),
        Row(_("状态"), words(page.status)),
    ]
    return [row for row in rows if row.text]


def _fact(field: Field) -> Iterable[Row]:
    """Return a field's row; the rows of a list one below the other, each with its own fields."""
    if field.hidden or field.kind in ("heading", "note", "file"):
        return
    if field.kind != "list":
        yield Row(field.label, field.shown or "—")
        return
    for number, row in enumerate(field.rows, 1):
        inside = [one for one in row if not one.hidden and one.kind != "file"]
        yield Row(f"{field.label} {number}", "\n".join(colon(one.label, one.shown or "—") for one in inside))


def _step(session: Session, entry: TimelineEntry, now: datetime) -> Row:
    who = in_a_row(entry.person_names)
    if entry.principal:
        who = _("%(who)s（代 %(principal)s）", who=who, principal=entry.principal)
    if entry.rule:
        who = _("%(who)s（按规则自动办理）", who=who) if who else _("按规则自动办理")
    label = f"{entry.name}\n{_('第 %(n)d 轮', n=entry.round)}" if entry.round > 1 else entry.name
    if entry.kind == "current":
        return Row(label, f"{who}  {_('待处理')}", _("已等待 %(time)s", time=took(now - (entry.at or now))))
    head = f"{who}  {words(entry.operation)}".strip()
    kept = session.get(AttachmentContent, entry.signature) if entry.signature else None
    return Row(label, f"{head}\n{entry.opinion}" if entry.opinion else head, _moment(entry.at), kept and kept.content)


def _attachments(fields: Sequence[Field]) -> list[Row]:
    rows = []
    for field in fields:
        if field.hidden:
            continue
        if field.files:
            rows.append(
                Row(field.label, "\n".join(f"{file.filename}{bracketed(size(file.size))}" for file in field.files))
            )
        for row in field.rows:
            rows += _attachments(row)
    return rows


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(LOCAL):%Y-%m-%d %H:%M}" if value is not None else ""
