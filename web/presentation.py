"""How instants, deadlines, sizes and states are said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from engine.calendars import WorkingCalendar
from web.language import side
from web.tasks.evidence import shown_as
from workflows.organisation.kinds import UNIT_KINDS
from workflows.parts.amounts import plain

LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Chip:
    """A deadline in words and a colour (green, yellow, red)."""

    words: str
    colour: str


def deadline(
    due: datetime | None, *, now: datetime, lamp: str | None = None, calendar: WorkingCalendar | None = None
) -> Chip | None:
    """Say how long there is, in working days; colour never stands alone."""
    if due is None:
        return None
    days_of = calendar or WorkingCalendar()
    today, day = now.astimezone(LOCAL).date(), due.astimezone(LOCAL).date()
    if now > due:
        late = days_of.working_days_between(day, today)
        words = ngettext("逾期 %(num)d 个工作日", "逾期 %(num)d 个工作日", late) if late > 0 else _("已逾期")
        return Chip(words, "red")
    if day == today:
        return Chip(_("今天 %(time)s", time=f"{due.astimezone(LOCAL):%H:%M}"), lamp or "yellow")
    left = days_of.working_days_between(today, day)
    if left <= 0:
        return Chip(_("%(day)s 到期", day=f"{day:%m-%d}"), lamp or "yellow")
    words = ngettext("剩 %(num)d 个工作日", "剩 %(num)d 个工作日", left)
    return Chip(words, lamp or ("yellow" if left <= 1 else "green"))


def moment(value: datetime | None, now: datetime | None = None) -> Markup:
    """Return an instant as short as it can be said; the whole of it on hover."""
    if value is None:
        return Markup("")
    local = value.astimezone(LOCAL)
    full = f"{local:%Y-%m-%d %H:%M}"
    short = full
    if now is not None:
        today = now.astimezone(LOCAL)
        if local.date() == today.date():
            short = f"{local:%H:%M}"
        elif local.year == today.year:
            short = f"{local:%m-%d %H:%M}"
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(value.isoformat(), full, short)


def took(value: timedelta | None) -> str:
    """Say a duration roughly."""
    if value is None:
        return ""
    minutes = value.total_seconds() / 60
    if minutes < 1:
        return _("不到 1 分钟")
    if minutes < 60:
        return _("%(n)d 分钟", n=round(minutes))
    if minutes < 24 * 60:
        return _("%(n).1f 小时", n=minutes / 60)
    return _("%(n).1f 天", n=minutes / 60 / 24)


def size(number: int) -> str:
    """Say a number of bytes."""
    if number < 1024:
        return f"{number} B"
    if number < 1024 * 1024:
        return f"{number / 1024:.0f} kB"
    return f"{number / 1024 / 1024:.1f} MB"


def initial(name: str | None) -> str:
    """Return the character on a person's face."""
    return side(name or "?").strip()[:1].upper()


def day(value: date | datetime | None) -> str:
    """Return a date."""
    if value is None:
        return ""
    return f"{value.astimezone(LOCAL) if isinstance(value, datetime) else value:%Y-%m-%d}"


def figure(value: Decimal | int) -> str:
    """Return a number without zeros that say nothing."""
    return plain(value) if isinstance(value, Decimal) else str(value)


def short_day(value: date) -> str:
    """Return a date without its year."""
    return f"{value:%m-%d}"


def words(value: str | None) -> str:
    """Return the words for a code of the engine or the domain: states, operations, levels, grades.

    An outcome such as ``cancelled(jump)`` is a code with its reason; a reason without words is left out.
    """
    # A page of a thousand rows asks thousands of times, and its language stays the same.
    known: dict[str, str] | None = g.get("_words")
    if known is None:
        known = g._words = _known_words()
    code, _bracket, reason = (value or "").partition("(")
    said = known.get(code, code)
    why = known.get(reason.rstrip(")"))
    return _("%(what)s（%(why)s）", what=said, why=why) if why else said


def unit_kind(code: str) -> str:
    """Return the words for a kind of unit; an organisation's own kinds stay as they are written."""
    return _(UNIT_KINDS[code]) if code in UNIT_KINDS else code


def _known_words() -> dict[str, str]:
    return {
        "waiting": _("未轮到"),
        "ready": _("待处理"),
        "held": _("等待加签"),
        "delegated": _("已委派"),
        "agreed": _("同意"),
        "abstained": _("弃权"),
        "rejected": _("不同意"),
        "returned": _("退回"),
        "completed": _("完成"),
        "transferred": _("已转办"),
        "cancelled": _("已取消"),
        "jump": _("跳转"),
        "resubmitted": _("重新提交"),
        "retrieved": _("取回"),
        "removed": _("减签"),
        "recalled": _("收回"),
        "task-done": _("任务已完成"),
        "happened": _("事件已发生"),
        "expired": _("已过期"),
        "skipped": _("已跳过"),
        "running": _("进行中"),
        "suspended": _("已暂停"),
        "withdrawn": _("已撤销"),
        "terminated": _("已终止"),
        "draft": _("起草中"),
        "open": _("待认领"),
        "planned": _("已定措施"),
        "rectifying": _("整改中"),
        "verifying": _("待复核"),
        "closed": _("已销号"),
        "self-check": _("自查"),
        "spot-check": _("抽查"),
        "supervision": _("督查"),
        "inspection": _("检查"),
        "superior": _("上级检查"),
        "report-box": _("举报箱"),
        "hotline": _("热线"),
        "recheck": _("回头看"),
        "general": _("一般"),
        "major": _("重点"),
        "hard": _("难点"),
        "severe": _("严重"),
        "excellent": _("优秀"),
        "good": _("良好"),
        "fair": _("合格"),
        "poor": _("较差"),
        "commended": _("表彰"),
        "criticised": _("通报批评"),
        "none": _("无"),
        "todo": _("未开始"),
        "doing": _("进行中"),
        "done": _("已完成"),
        "late": _("逾期"),
        "agree": _("同意"),
        "reject": _("不同意"),
        "complete": _("提交"),
        "return": _("退回"),
        "return_task": _("退回"),
        "claim": _("领取"),
        "unclaim": _("放回"),
        "abstain": _("弃权"),
        "transfer": _("转办"),
        "urge": _("催办"),
        "start": _("发起"),
        "comment": _("评论"),
        "comment_edit": _("修改评论"),
        "comment_delete": _("删除评论"),
        "mention": _("提到您"),
        "attach": _("上传附件"),
        "escalate": _("升级"),
        "escalated": _("已升级"),
        "remind": _("提醒"),
        "overdue": _("逾期"),
        "warn": _("临近到期"),
        "current": _("待处理"),
        "predicted": _("预计"),
        "modify": _("修改流程"),
        "migrate": _("迁移到新版本"),
        "suspend": _("挂起"),
        "resume": _("恢复"),
        "terminate": _("终止"),
        "retry": _("重试"),
        "retry-later": _("自动重试"),
        "resolve": _("手工处理异常"),
        "withdraw": _("取消环节"),
        "incident": _("出现异常"),
        "service": _("调用服务"),
        "timer": _("定时到点"),
        "decide": _("决策"),
        "throw": _("发出消息或信号"),
        "uncaught": _("无人处理的错误或升级"),
        "end": _("流程结束"),
    }


def colour(value: str | None) -> str:
    """Return the chip colour for a code."""
    return {
        "closed": "green",
        "completed": "green",
        "agreed": "green",
        "commended": "green",
        "excellent": "green",
        "done": "green",
        "running": "blue",
        "doing": "blue",
        "rectifying": "blue",
        "good": "blue",
        "verifying": "amber",
        "open": "amber",
        "major": "amber",
        "returned": "amber",
        "suspended": "amber",
        "rejected": "red",
        "terminated": "red",
        "severe": "red",
        "poor": "red",
        "criticised": "red",
        "late": "red",
    }.get(value or "", "")


def paragraphs(text: str) -> Markup:
    """Return text with its line breaks, everything escaped."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def static_file(name: str) -> str:
    """Return the address of an unbuilt static file."""
    return url_for("static", filename=name)


def install(app: Flask) -> None:
    """Give templates the filters."""
    filters: dict[str, Any] = {
        "moment": moment,
        "took": took,
        "size": size,
        "initial": initial,
        "day": day,
        "figure": figure,
        "short_day": short_day,
        "words": words,
        "colour": colour,
        "paragraphs": paragraphs,
        "shown_as": shown_as,
        "unit_kind": unit_kind,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(deadline=deadline, static_file=static_file)
