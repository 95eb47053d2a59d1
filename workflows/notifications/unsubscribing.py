"""One click ends a channel's digests (RFC 8058): a link that only we can have written, valid without signing in."""

import hashlib
import hmac

from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.wording import say
from workflows.notifications.events import Event, Timing
from workflows.notifications.herald import Notifications
from workflows.notifications.models import Channel, Preference
from workflows.notifications.preferences import fresh_preference, timing

MARK_LETTERS = 32


def unsubscribe_path(notifications: Notifications, channel: Channel) -> str:
    """Return the path that ends a channel's digests."""
    return f"/unsubscribe/{channel.id}-{_mark(notifications, channel.id)}"


def channel_of_link(notifications: Notifications, session: Session, token: str) -> Channel:
    """Return the channel that a link is about; a link that we did not write raises NotFound."""
    number, _, mark = token.partition("-")
    if not number.isdigit() or len(number) > 19 or not hmac.compare_digest(
        mark.encode(), _mark(notifications, int(number)).encode()
    ):  # fmt: skip
        raise NotFound(say("这个退订链接无效"))
    channel = session.get(Channel, int(number))
    if channel is None:
        raise NotFound(say("这个退订链接无效"))
    return channel


def unsubscribe(session: Session, channel: Channel) -> None:
    """Switch off what a channel sends in digests; what it sends at once stays."""
    found = session.get(Preference, channel.person_id, with_for_update=True)
    preference = found or fresh_preference(channel.person_id)
    events = {
        str(event): str(Timing.OFF)
        for event in Event
        if timing(preference, channel, event) == Timing.DIGEST
    }  # fmt: skip
    chosen = preference.choices.get(str(channel.id), {})
    preference.choices = {**preference.choices, str(channel.id): {**chosen, **events}}
    if found is None:
        session.add(preference)


def _mark(notifications: Notifications, channel_id: int) -> str:
    text = f"unsubscribe {channel_id}".encode()
    return hmac.digest(notifications.sealer.signing_key, text, hashlib.sha256).hex()[:MARK_LETTERS]
