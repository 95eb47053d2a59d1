"""Notifications as operators see them: the mail server, channels that do not work, messages that failed, the limits."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.work.models import Errand
from web.context import running_engine
from web.notices.preferences import notifications as house
from web.notices.wording import content_names, event_names, kind_names, state_names
from web.operations.room import operations
from workflows.notifications.models import Channel, ChannelState, Delivery, DeliveryState
from workflows.notifications.preferences import Policy, policy_of, put_policy

MOST_SHOWN = 100
RECENT = timedelta(days=7)


@operations.get("/notifications")
def notifications() -> ResponseReturnValue:
    """Show how notifications do."""
    running, settings = running_engine(), house().settings
    with running.db.read() as session:
        since = running.clock.now() - RECENT
        ill = select(Channel).where(Channel.state.in_([ChannelState.FAILING, ChannelState.DEAD]))
        channels = list(session.scalars(ill.order_by(Channel.state, Channel.id).limit(MOST_SHOWN)))
        failed = select(Delivery, Channel).join(Channel, Channel.id == Delivery.channel_id)
        failed = failed.where(Delivery.state == DeliveryState.FAILED, Delivery.created_at >= since)
        rows = [tuple(row) for row in session.execute(failed.order_by(Delivery.created_at.desc()).limit(MOST_SHOWN))]
        people = {one.person_id for one in channels} | {row[1].person_id for row in rows}
        return render_template(
            "operations/notifications.html", tab="notifications", settings=settings, channels=channels, failed=rows,
            names=running.people.names(session, sorted(people)), numbers=_numbers(session, since),
            policy=policy_of(session), contents=content_names(), kinds=kind_names(), states=state_names(),
            events=event_names(), now=running.clock.now(), section="operations",
        )  # fmt: skip


def _numbers(session: Session, since: object) -> dict[str, int]:
    """Count what was sent and failed lately, what waits, and what needs a hand."""
    query = select(Delivery.state, func.count()).where(Delivery.created_at >= since).group_by(Delivery.state)
    by_state = {state: int(number) for state, number in session.execute(query)}
    stuck = select(func.count()).select_from(Errand).where(Errand.kind.startswith("notify."), Errand.due.is_(None))
    return {
        _("已发出"): by_state.get(DeliveryState.SENT, 0),
        _("等待中"): by_state.get(DeliveryState.WAITING, 0),
        _("等摘要"): by_state.get(DeliveryState.COLLECTED, 0),
        _("失败"): by_state.get(DeliveryState.FAILED, 0),
        _("程序出错"): int(session.scalar(stuck) or 0),
    }


@operations.post("/notifications")
def limit_notifications() -> ResponseReturnValue:
    """Set the organisation's limits."""
    policy = Policy(request.form.get("content", ""), tuple(request.form.getlist("kind")))
    with running_engine().db.write() as session:
        if not policy.kinds:
            raise InvalidInput(_("至少开放一种通道。"))
        put_policy(session, policy)
    flash(_("通知的限制已保存。"))
    return redirect(url_for("operations.notifications"))
