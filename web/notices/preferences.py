"""A person's notification settings: channels with their tests, what goes where, quiet hours, digests."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from web.context import person, running_engine
from web.language import side
from web.notices.wording import content_names, event_names, kind_names, state_names, timing_names
from web.security import csrf, public
from workflows.notifications.channels import (
    add_channel,
    channels_of,
    delete_channel,
    ensure_mail,
    own_channel,
    webhook_secret,
)
from workflows.notifications.events import Event
from workflows.notifications.herald import Notifications
from workflows.notifications.message import LEVELS
from workflows.notifications.models import Channel, ChannelKind, Delivery, DeliveryState
from workflows.notifications.preferences import policy_of, preferences_of, save_preference, timing
from workflows.notifications.testing import send_test
from workflows.notifications.unsubscribing import channel_of_link, unsubscribe

notifying = Blueprint("notifying", __name__)

NEW_SECRET = "new-webhook-secret"  # noqa: S105 - the name of a place, not a secret
"""Under which a new webhook's secret travels to the next page, once, in the person's own cookie."""


def notifications() -> Notifications:
    """Return the notifications of this application; without them there is no such page."""
    found = running_engine().herald
    if not isinstance(found, Notifications):
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    return found


@notifying.app_context_processor
def _known() -> dict[str, Any]:
    """Tell templates whether there is anything to set."""
    return {"has_notifications": isinstance(running_engine().herald, Notifications)}


@notifying.get("/me/notifications")
def show() -> ResponseReturnValue:
    """Show the settings."""
    return _page()


def _page(sentence: str = "", status: int = 200) -> ResponseReturnValue:
    me, running, house = person(), running_engine(), notifications()
    _see_to_mail_channel(house)
    with running.db.read() as session:
        channels = channels_of(session, [me.id])
        preference = preferences_of(session, [me.id])[me.id]
        policy = policy_of(session)
        testing = _under_test(session, channels)
    usable = [one for one in channels if one.kind in policy.kinds]
    return render_template(
        "notices/preferences.html", channels=channels, usable=usable, preference=preference, testing=testing,
        chosen=lambda channel, event: timing(preference, channel, Event(event)), events=event_names(),
        timings=timing_names(), kinds=kind_names(), states=state_names(), contents=_contents(policy.content),
        offered=[kind for kind in policy.kinds if kind != ChannelKind.EMAIL], has_mail=house.settings.smtp is not None,
        sentence=sentence, secret=browser.pop(NEW_SECRET, ""), values=request.form, clock=_clock,
        now=running.clock.now(), section="me",
    ), status  # fmt: skip


def _see_to_mail_channel(house: Notifications) -> None:
    """Give whoever looks the e-mail channel of the account, when there is a mail server and none yet."""
    me, running = person(), running_engine()
    if house.settings.smtp is None or not me.email:
        return
    with running.db.read() as session:
        known = channels_of(session, [me.id])
    if all(one.kind != ChannelKind.EMAIL for one in known):
        with running.db.write() as session:
            ensure_mail(session, {me.id: me.email}, channels_of(session, [me.id]), running.clock.now())


def _under_test(session: Session, channels: list[Channel]) -> set[int]:
    """Return the channels whose test message is on its way."""
    query = select(Delivery.channel_id).where(
        Delivery.channel_id.in_([one.id for one in channels]),
        Delivery.state == DeliveryState.WAITING,
        Delivery.source.startswith("test:"),
    )
    return set(session.scalars(query))


def _contents(most: str) -> dict[str, str]:
    """Return the levels that the organisation allows."""
    names = content_names()
    return {level: names[level] for level in LEVELS[: LEVELS.index(most) + 1]}  # type: ignore[arg-type]


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


@notifying.post("/me/notifications")
def save() -> ResponseReturnValue:
    """Save what was chosen."""
    form = request.form
    choices: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        channel_id, separator, event = name.partition(":")
        if separator and channel_id.isdigit():
            choices.setdefault(channel_id, {})[event] = value
    try:
        with running_engine().db.write() as session:
            save_preference(
                session, person_id=person().id, language=form.get("language", ""), choices=choices, quiet=_quiet(),
                urgent_passes="urgent_passes" in form, working_days_only="working_days_only" in form,
                digest_at=_minutes("digest_at"), digest_day=_weekday(), content=form.get("content", ""),
            )  # fmt: skip
    except InvalidInput as error:
        return _page(str(error), 422)
    flash(_("通知设置已保存。"))
    return redirect(url_for("notifying.show"))


def _quiet() -> tuple[int, int] | None:
    return (_minutes("quiet_from"), _minutes("quiet_to")) if "quiet" in request.form else None


def _minutes(name: str) -> int:
    hours, _colon, minutes = request.form.get(name, "")[:5].partition(":")
    if not (hours.isdigit() and minutes.isdigit()) or int(hours) > 23 or int(minutes) > 59:
        raise InvalidInput(_("请填写时间，例如 08:00。"), {name: _("请填写时间，例如 08:00。")})
    return int(hours) * 60 + int(minutes)


def _weekday() -> int | None:
    text = request.form.get("digest_day", "")
    return int(text) if text in tuple("0123456") else None


@notifying.post("/me/notifications/channels")
def add() -> ResponseReturnValue:
    """Add a webhook or a robot; a webhook's signing secret is shown this once."""
    form, house, running = request.form, notifications(), running_engine()
    try:
        with running.db.write() as session:
            channel = add_channel(
                session, person_id=person().id, kind=form.get("kind", ""), label=form.get("label", ""),
                address=form.get("address", ""), secret=form.get("secret", ""), sealer=house.sealer,
                allowed=house.settings.allowed, at=running.clock.now(),
            )  # fmt: skip
    except InvalidInput as error:
        return _page(side(str(error)), 422)
    house.look_again()
    if channel.kind == ChannelKind.WEBHOOK:
        browser[NEW_SECRET] = webhook_secret(channel, house.sealer)
    flash(_("通道已添加，请发送一条测试消息。"))
    return redirect(url_for("notifying.show"))


@notifying.post("/me/notifications/channels/<int:channel_id>")
def change(channel_id: int) -> ResponseReturnValue:
    """Test or delete a channel, whichever button was pressed."""
    operation = request.form.get("operation", "")
    running = running_engine()
    try:
        with running.db.write() as session:
            if operation == "test":
                send_test(running, session, person_id=person().id, channel_id=channel_id)
                flash(_("测试消息已发出，结果稍后显示在通道旁。"))
            elif operation == "delete":
                delete_channel(session, person_id=person().id, channel_id=channel_id)
                flash(_("通道已删除。"))
            else:
                own_channel(session, person_id=person().id, channel_id=channel_id)
                raise InvalidInput(_("不认识的操作。"))
    except InvalidInput as error:
        return _page(str(error), 422)
    return redirect(url_for("notifying.show"))


@notifying.get("/me/notifications/channels/<int:channel_id>")
def state(channel_id: int) -> ResponseReturnValue:
    """Return how a channel does, for the page that waits for a test's result."""
    running = running_engine()
    with running.db.read() as session:
        channel = own_channel(session, person_id=person().id, channel_id=channel_id)
        testing = _under_test(session, [channel])
    return render_template(
        "notices/channel_state.html", one=channel, testing=testing, states=state_names(), now=running.clock.now()
    )


@notifying.get("/unsubscribe/<token>")
@public
def ask_unsubscribe(token: str) -> ResponseReturnValue:
    """Ask before digests end: programs that look into mails follow links too."""
    with running_engine().db.read() as session:
        channel_of_link(notifications(), session, token)
    return render_template("notices/unsubscribe.html", token=token, done=False)


@notifying.post("/unsubscribe/<token>")
@public
@csrf.exempt
def end_digests(token: str) -> ResponseReturnValue:
    """End a channel's digests: the page's button, or a mail program's one click (RFC 8058), which has no session."""
    with running_engine().db.write() as session:
        unsubscribe(session, channel_of_link(notifications(), session, token))
    return render_template("notices/unsubscribe.html", token=token, done=True)
