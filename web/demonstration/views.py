"""Moves the demonstration's clock, lets everything that falls due happen, and says what it was."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from engine.clock.shared import DemonstrationClock
from engine.errors import InvalidInput, NotAllowed
from engine.instances.models import OPEN_STATUSES, Instance
from engine.runtime import Engine
from engine.tasks.models import Notice
from engine.work.drain import drain
from engine.work.models import Work
from web.context import running_engine, safe_next
from web.presentation import LOCAL

demonstration = Blueprint("demonstration", __name__)

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
DRAIN_SECONDS = 15


@demonstration.post("/demonstration/clock")
def advance() -> ResponseReturnValue:
    """Move by an hour, a day, or to the next due time."""
    running = running_engine()
    clock = running.clock
    if not isinstance(clock, DemonstrationClock):
        raise NotAllowed(_("这里没有演示时钟。"))
    by = request.form.get("by", "")
    now = clock.now()
    if by in STEPS:
        clock.advance(STEPS[by])
    elif by == "deadline":
        due = _next_due(running, now)
        if due is None:
            flash(_("没有等待中的时限。"))
            return redirect(safe_next(request.form.get("next")))
        clock.advance(max(due - now, timedelta(0)) + timedelta(seconds=1))
    else:
        raise InvalidInput(_("不认识的步长。"))
    fired = _drain(running)
    told = _notices_since(running, now)
    words = _("现在是 %(time)s。", time=f"{clock.now().astimezone(LOCAL):%Y-%m-%d %H:%M}")
    words += ngettext("触发了 %(num)d 项，", "触发了 %(num)d 项，", fired)
    words += ngettext("发出 %(num)d 条通知。", "发出 %(num)d 条通知。", told)
    flash(words)
    return redirect(safe_next(request.form.get("next")))


def _drain(running: Engine) -> int:
    return drain(running, budget_seconds=DRAIN_SECONDS)


def _next_due(running: Engine, now: datetime) -> datetime | None:
    query = (
        select(func.min(Work.due))
        .join(Instance, Instance.id == Work.instance_id)
        .where(Work.due > now, Instance.status.in_(OPEN_STATUSES))
    )
    with running.db.read() as session:
        return session.scalar(query)


def _notices_since(running: Engine, at: datetime) -> int:
    with running.db.read() as session:
        return session.scalar(select(func.count()).select_from(Notice).where(Notice.created_at > at)) or 0
