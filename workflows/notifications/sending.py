"""One delivery: what is said, by which channel, and what its answer means. The call itself holds no transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.runtime import Engine
from engine.tasks.models import OPEN_STATES, Activation, Comment, CommentMention, Slot
from engine.wording import say, spoken
from engine.work.models import Errand
from workflows.notifications.channels import note_result, open_channel
from workflows.notifications.config import NotificationSettings
from workflows.notifications.digests import items_of
from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.events import WAITING, Event
from workflows.notifications.herald import Notifications, notifications_of, send_errand
from workflows.notifications.mail import send_mail
from workflows.notifications.message import Content, Item, Message, heading, least, named, subject
from workflows.notifications.models import Channel, ChannelKind, ChannelState, Delivery, DeliveryState, Preference
from workflows.notifications.preferences import policy_of, preferences_of
from workflows.notifications.robots import send_to_robot
from workflows.notifications.unsubscribing import unsubscribe_path
from workflows.notifications.webhook import send_webhook

BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
"""How long to wait after each failure that may pass; then the delivery has failed."""
DEAD_AFTER: Final = 3
"""Deliveries in a row that failed for good, after which a channel is dead."""
TEST: Final = "test"
MAX_WORDS: Final = 500
NOTICE: Final = "notice:"
"""How the source of what a notice tells begins."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A prepared call: everything it needs, and no session."""

    kind: str
    address: str
    message: Message
    at: datetime
    settings: NotificationSettings
    secret: str = field(default="", repr=False)
    at_most_once: bool = False

    def run(self) -> Mapping[str, Any]:
        """Hand the message over; raises Refused or NotDelivered."""
        if self.kind == ChannelKind.EMAIL:
            if self.settings.smtp is None:
                raise Refused("没有配置邮件服务器 / there is no mail server")
            send_mail(self.settings.smtp, to=self.address, message=self.message)
        elif self.kind == ChannelKind.WEBHOOK:
            send_webhook(
                self.address, secret=self.secret, message=self.message, at=self.at, allowed=self.settings.allowed
            )
        else:
            send_to_robot(
                self.kind, self.address, secret=self.secret, message=self.message, at=self.at,
                allowed=self.settings.allowed,
            )  # fmt: skip
        return {}


def prepare(engine: Engine, session: Session, errand: Errand) -> Sending | None:
    """Return the call for a delivery that is still worth making."""
    delivery = session.get(Delivery, int(errand.payload["delivery_id"]))
    channel = session.get(Channel, delivery.channel_id) if delivery is not None else None
    if delivery is None or channel is None or delivery.state != DeliveryState.WAITING:
        return None
    if channel.state == ChannelState.DEAD and not is_test(delivery):
        delivery.state, delivery.problem = DeliveryState.FAILED, channel.problem
        return None
    if is_over(session, delivery):
        delivery.state = DeliveryState.DROPPED
        return None
    try:
        return sending(engine, session, delivery, channel)
    except Refused as error:
        _failed(session, delivery, channel, error, engine.clock.now(), for_good=True)
        return None


def finish(engine: Engine, session: Session, errand: Errand, result: Mapping[str, Any] | Exception) -> None:
    """Take down the answer; what may pass is tried again with growing pauses."""
    delivery = session.get(Delivery, int(errand.payload["delivery_id"]))
    if delivery is None:
        return
    channel = session.get_one(Channel, delivery.channel_id, with_for_update=True)
    now = engine.clock.now()
    delivery.attempts += 1
    if not isinstance(result, Exception):
        delivery.state, delivery.sent_at, delivery.problem = DeliveryState.SENT, now, ""
        note_result(channel, problem="", at=now)
        return
    again = not isinstance(result, Refused) and delivery.attempts <= len(BACKOFF) and not is_test(delivery)
    _failed(session, delivery, channel, result, now, for_good=not again)
    if again:
        send_errand(session, delivery_id=delivery.id, due=now + BACKOFF[delivery.attempts - 1], at=now)


def is_test(delivery: Delivery) -> bool:
    """Say whether this is a test message, which goes to dead channels too."""
    return delivery.source.startswith(TEST)


def is_over(session: Session, delivery: Delivery) -> bool:
    """Say whether what a message asks for has been done meanwhile."""
    if delivery.event not in WAITING or delivery.slot_id is None:
        return False
    state = session.scalar(select(Slot.state).where(Slot.id == delivery.slot_id))
    return state is not None and state not in OPEN_STATES


def sending(engine: Engine, session: Session, delivery: Delivery, channel: Channel) -> Sending:
    """Put a delivery's message together, in the person's language and as reserved as person and organisation ask."""
    notifications = notifications_of(engine)
    preference = preferences_of(session, [channel.person_id])[channel.person_id]
    opened = open_channel(session, channel, notifications.sealer)
    message = message_of(notifications, session, delivery, channel, preference)
    return Sending(
        channel.kind, opened.address, message, engine.clock.now(), notifications.settings, secret=opened.secret
    )


def message_of(
    notifications: Notifications, session: Session, delivery: Delivery, channel: Channel, preference: Preference
) -> Message:
    """Return the message of a delivery, a digest or a test."""
    language, level = preference.language, least(preference.content, policy_of(session).content)
    digest = delivery.digest_id == delivery.id
    rows = items_of(session, delivery.id) if digest else [] if is_test(delivery) else [delivery]
    items = tuple(_item(notifications, session, row, channel.person_id, level=level, language=language) for row in rows)
    if digest:
        words = say("通知摘要（{count} 条）", count=len(items)).spoken(language)
    else:
        words = heading(items[0], language) if items else named("test", language)
    return Message(
        id=f"duban-{delivery.id}",
        subject=subject(words, language),
        items=items,
        language=language,
        at=delivery.created_at.isoformat(),
        settings_link=notifications.link("/me/notifications"),
        unsubscribe_link=notifications.link(unsubscribe_path(notifications, channel)) if digest else "",
        digest=digest,
    )


def _item(
    notifications: Notifications, session: Session, row: Delivery, person_id: int, *, level: Content, language: str
) -> Item:
    path = "/notices"
    if row.slot_id is not None:
        path = f"/tasks/{row.slot_id}"
    elif row.instance_id is not None:
        path = f"/instances/{row.instance_id}"
    elif row.source.startswith(NOTICE):
        path = f"/notices/{row.source.removeprefix(NOTICE)}"
    words = _words(session, row, person_id, language) if level == Content.DETAILS else ""
    title = "" if level == Content.MINIMAL else spoken(row.title, language)
    return Item(Event(row.event), title, notifications.link(path), words)


def _words(session: Session, row: Delivery, person_id: int, language: str) -> str:
    """Return what stands behind an event: the reason of a return, the comment that calls somebody."""
    text: str | None = None
    if row.event == Event.RETURNED and row.slot_id is not None:
        reason = select(Activation.return_reason).join(Slot, Slot.activation_id == Activation.id)
        text = session.scalar(reason.where(Slot.id == row.slot_id))
    elif row.event == Event.MENTIONED:
        calls = select(Comment.text).join(CommentMention, CommentMention.comment_id == Comment.id)
        mine = calls.where(Comment.instance_id == row.instance_id, CommentMention.person_id == person_id)
        text = session.scalar(mine.order_by(Comment.created_at.desc()).limit(1))
    return spoken(text or "", language)[:MAX_WORDS]


def _failed(
    session: Session, delivery: Delivery, channel: Channel, error: Exception, now: datetime, *, for_good: bool
) -> None:
    problem = str(error) if isinstance(error, NotDelivered) else type(error).__name__
    delivery.problem = problem
    if not for_good:
        channel.problem = problem
        if channel.state != ChannelState.DEAD:
            channel.state = ChannelState.FAILING
        return
    delivery.state = DeliveryState.FAILED
    note_result(channel, problem=problem, at=now, dead=channel.failures + 1 >= DEAD_AFTER)
