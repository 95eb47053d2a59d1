"""Sending a test message, with its result."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from engine.runtime import Engine
from engine.store import new_id
from workflows.notifications.channels import own_channel
from workflows.notifications.events import Event
from workflows.notifications.herald import send_errand
from workflows.notifications.models import Channel, Delivery
from workflows.notifications.sending import TEST

WAIT_SECONDS: Final = 60
"""Between two test messages of one channel."""


def send_test(engine: Engine, session: Session, *, person_id: int, channel_id: int) -> Delivery:
    """Have a test message sent; its result stands on the delivery and on the channel a moment later."""
    channel: Channel = own_channel(session, person_id=person_id, channel_id=channel_id)
    at: datetime = engine.clock.now()
    number = new_id()
    delivery = Delivery(id=number, channel_id=channel.id, source=f"{TEST}:{number}", event=Event.OTHER, created_at=at)
    session.add(delivery)
    session.flush()
    send_errand(session, delivery_id=number, due=at, at=at)
    return delivery
