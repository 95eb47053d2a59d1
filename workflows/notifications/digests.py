"""A digest: what a channel collected goes out as one message."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.runtime import Engine
from engine.store import new_id
from engine.work.models import Errand
from workflows.notifications.events import Event
from workflows.notifications.herald import send_errand
from workflows.notifications.models import Channel, Delivery, DeliveryState


def bundle(engine: Engine, session: Session, errand: Errand) -> None:
    """Put what a channel collected into one delivery and have it sent; nothing collected is nothing sent."""
    channel = session.get(Channel, int(errand.payload["channel_id"]), with_for_update=True)
    if channel is None:
        return
    now, digest_id = engine.clock.now(), new_id()
    bundled = session.execute(
        update(Delivery)
        .where(Delivery.channel_id == channel.id, Delivery.state == DeliveryState.COLLECTED)
        .values(state=DeliveryState.BUNDLED, digest_id=digest_id)
    )
    if not bundled.rowcount:  # type: ignore[attr-defined]
        return
    session.add(
        Delivery(
            id=digest_id, channel_id=channel.id, source=f"digest:{digest_id}", event=Event.OTHER, digest_id=digest_id,
            created_at=now,
        )
    )  # fmt: skip
    send_errand(session, delivery_id=digest_id, due=now, at=now)


def items_of(session: Session, digest_id: int) -> list[Delivery]:
    """Return what a digest holds, oldest first."""
    query = select(Delivery).where(Delivery.digest_id == digest_id, Delivery.state == DeliveryState.BUNDLED)
    return list(session.scalars(query.order_by(Delivery.created_at, Delivery.id)))
