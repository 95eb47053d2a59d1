"""From what happened to who is told, by which channel, and when. One transaction: routed whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.instances.models import Instance, InstanceStatus
from engine.runtime import Engine
from engine.store import new_id
from engine.tasks.models import Activation, Notice, Slot, SlotCandidate, SlotState
from engine.wording import listed
from engine.work.errands import add_errand
from engine.work.models import Errand
from workflows.notifications.channels import channels_of, ensure_mail
from workflows.notifications.events import URGENT, Event, Timing, event_of
from workflows.notifications.herald import DIGEST, notifications_of, send_errand
from workflows.notifications.models import Channel, ChannelState, Delivery, DeliveryState, Preference
from workflows.notifications.preferences import policy_of, preferences_of, timing
from workflows.notifications.schedule import digest_due, earliest
from workflows.organisation.models import Person

KEPT = timedelta(days=90)
"""How long it can be seen what became of a message."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that one person is to be told of; ``source`` names its cause."""

    person_id: int
    event: Event
    source: str
    title: str
    instance_id: int | None
    slot_id: int | None = None


def route(engine: Engine, session: Session, errand: Errand) -> None:
    """Write a delivery for everybody who is to be told, and the errands that carry them out."""
    told = tell(session, errand.payload)
    if not told:
        return
    now = engine.clock.now()
    people = sorted({one.person_id for one in told})
    active = select(Person.id, Person.email).where(Person.id.in_(people), Person.active)
    addresses = {row[0]: row[1] for row in session.execute(active)}
    if notifications_of(engine).settings.smtp is not None:
        ensure_mail(session, addresses, channels_of(session, people), now)
    kinds = policy_of(session).kinds
    channels: dict[int, list[Channel]] = {}
    for channel in channels_of(session, list(addresses)):
        if channel.kind in kinds:
            channels.setdefault(channel.person_id, []).append(channel)
    preferences = preferences_of(session, list(addresses))
    calendar = engine.calendars.of_unit(session, None)
    router = _Router(session, now, calendar)
    for one in told:
        for channel in channels.get(one.person_id, ()):
            router.deliver(one, channel, preferences[one.person_id])
    router.finish()
    _forget_old(session, now)


def tell(session: Session, news: Mapping[str, Sequence[int]]) -> list[Told]:
    """Return who is to be told of what; a task that a notice already tells somebody of is not told twice."""
    found = [*_of_notices(session, news["notices"])]
    spoken = {(one.person_id, one.slot_id) for one in found if one.slot_id is not None}
    found += [
        one for one in _of_opened(session, news["opened"]) if (one.person_id, one.slot_id) not in spoken
    ]  # fmt: skip
    ended = list(_of_ended(session, news["ended"]))
    over = {(one.person_id, one.instance_id) for one in ended}
    found += [one for one in _of_closed(session, news["closed"]) if (one.person_id, one.instance_id) not in over]
    return [*found, *ended]


def _forget_old(session: Session, now: datetime) -> None:
    """Delete what went out, or will not, long ago."""
    over = (DeliveryState.SENT, DeliveryState.BUNDLED, DeliveryState.DROPPED, DeliveryState.FAILED)
    session.execute(delete(Delivery).where(Delivery.state.in_(over), Delivery.created_at < now - KEPT))


def _of_notices(session: Session, ids: Sequence[int]) -> Iterable[Told]:
    query = (
        select(Notice, Instance.title, Activation.name)
        .outerjoin(Instance, Instance.id == Notice.instance_id)
        .outerjoin(Slot, Slot.id == Notice.slot_id)
        .outerjoin(Activation, Activation.id == Slot.activation_id)
        .where(Notice.id.in_(ids))
        .order_by(Notice.id)
    )
    for notice, title, step in session.execute(query) if ids else ():
        event = event_of(notice.kind)
        words = notice.title if event == Event.OTHER or title is None else _title(title, step)
        yield Told(notice.person_id, event, f"notice:{notice.id}", words, notice.instance_id, notice.slot_id)


def _of_opened(session: Session, ids: Sequence[int]) -> Iterable[Told]:
    query = (
        select(Slot.id, Slot.owner_id, SlotCandidate.person_id, Slot.instance_id, Instance.title, Activation.name)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .outerjoin(SlotCandidate, (SlotCandidate.slot_id == Slot.id) & Slot.owner_id.is_(None))
        .where(Slot.activation_id.in_(ids), Slot.state == SlotState.READY)
        .order_by(Slot.id)
    )
    for slot_id, owner, candidate, instance_id, title, step in session.execute(query) if ids else ():
        person = owner or candidate
        if person is not None:
            yield Told(person, Event.TASK, f"task:{slot_id}:{person}", _title(title, step), instance_id, slot_id)


def _of_closed(session: Session, ids: Sequence[int]) -> Iterable[Told]:
    """Tell initiators of decisions that others took."""
    query = (
        select(Activation.id, Activation.name, Instance.id, Instance.title, Instance.initiator_id)
        .join(Instance, Instance.id == Activation.instance_id)
        .join(Slot, (Slot.activation_id == Activation.id) & Slot.actor_id.is_not(None))
        .where(Activation.id.in_(ids), Instance.parent_id.is_(None), Instance.initiator_id.is_not(None))
        .where(Slot.actor_id != Instance.initiator_id, Slot.closed_at == Activation.closed_at)
        .distinct()
    )
    for activation_id, step, instance_id, title, initiator in session.execute(query) if ids else ():
        if initiator is not None:
            yield Told(initiator, Event.DECIDED, f"closed:{activation_id}", _title(title, step), instance_id)


def _of_ended(session: Session, ids: Sequence[int]) -> Iterable[Told]:
    """Tell initiators what came out; who withdrew knows it."""
    query = select(Instance).where(
        Instance.id.in_(ids), Instance.parent_id.is_(None), Instance.status != InstanceStatus.WITHDRAWN
    )
    for instance in session.scalars(query) if ids else ():
        if instance.initiator_id is not None:
            source = f"ended:{instance.id}"
            yield Told(instance.initiator_id, Event.FINISHED, source, instance.title, instance.id)


def _title(title: str, step: str | None) -> str:
    return listed((part for part in (title, step) if part), " · ")


class _Router:
    """Writes the deliveries of one errand."""

    def __init__(self, session: Session, now: datetime, calendar: WorkingCalendar) -> None:
        self._session = session
        self._now = now
        self._calendar = calendar
        self._digests: dict[int, datetime] = {}

    def deliver(self, one: Told, channel: Channel, preference: Preference) -> None:
        how = timing(preference, channel, one.event)
        if how == Timing.OFF:
            return
        delivery = Delivery(
            id=new_id(), channel_id=channel.id, source=one.source, event=one.event, title=one.title,
            slot_id=one.slot_id, instance_id=one.instance_id, created_at=self._now, state=DeliveryState.WAITING,
        )  # fmt: skip
        self._session.add(delivery)
        if channel.state == ChannelState.DEAD:
            delivery.state, delivery.problem = DeliveryState.FAILED, channel.problem
        elif how == Timing.DIGEST:
            delivery.state = DeliveryState.COLLECTED
            self._digests[channel.id] = digest_due(preference, self._now, calendar=self._calendar)
        else:
            due = earliest(preference, self._now, urgent=one.event in URGENT, calendar=self._calendar)
            send_errand(self._session, delivery_id=delivery.id, due=due, at=self._now)

    def finish(self) -> None:
        """See that every digest that something was put into has its errand.

        The channel's row is the lock between this and the digest being sent: whoever comes second sees what the first
        one did, so nothing is left behind without an errand.
        """
        if not self._digests:
            return
        ids = sorted(self._digests)
        self._session.execute(select(Channel.id).where(Channel.id.in_(ids)).order_by(Channel.id).with_for_update())
        subjects = {f"digest:{channel_id}": channel_id for channel_id in ids}
        planned = set(self._session.scalars(select(Errand.subject).where(Errand.subject.in_(subjects))))
        for subject, channel_id in subjects.items():
            if subject not in planned:
                due, payload = self._digests[channel_id], {"channel_id": channel_id}
                add_errand(self._session, kind=DIGEST, due=due, at=self._now, payload=payload, subject=subject)
