"""What a page shows of one task or one instance: data, rights, timeline, actions, where it may go back to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.forms import Form
from engine.errors import NotFound
from engine.instances.models import Incident, Instance
from engine.tasks.deadlines import Lamp, lamp
from engine.tasks.desk import Desk, may_see, open_desk
from engine.tasks.forecasting import forecast
from engine.tasks.formdata import form_of, rights_of, stored_data
from engine.tasks.legality import Action, actions
from engine.tasks.models import OPEN_STATES, Activation, Attachment, Comment, Draft, Slot, SlotCandidate, SlotState
from engine.tasks.policy import Tally, rule_of, tally
from engine.tasks.returning import ReturnTarget, return_targets
from engine.tasks.signing import Signers
from engine.wording import listed, say

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step: ``done``, ``current`` or ``predicted``; ``duration`` is the time used, or waited so far.

    ``principal`` is for whom a deputy acted; ``signature`` the digest of the signature picture; ``rule`` the automatic
    rule where a machine acted (I3).
    """

    kind: str
    name: str
    person_names: tuple[str, ...]
    operation: str | None
    opinion: str | None
    at: datetime | None
    duration: timedelta | None
    element_id: str = ""
    round: int = 1
    principal: str = ""
    signature: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """One signer of an activation. ``actor`` acted as a deputy; ``side`` and ``added_by`` say how an added one came."""

    person: str
    state: str
    opinion: str | None
    slot_id: int = 0
    parent_id: int | None = None
    side: str | None = None
    added_by: str = ""
    actor: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InstanceDetail:
    """An instance for whoever may see it."""

    instance: Instance
    version: int
    title: str
    timeline: list[TimelineEntry]
    comments: list[Comment]
    actions: list[Action] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task for whoever may see it. ``data`` are the stored values with the person's draft over them."""

    slot: Slot
    activation: Activation
    instance: Instance
    version: int
    title: str
    form: Form | None
    data: Mapping[str, Any]
    draft_version: int
    rights: Mapping[str, str]
    attachments: Mapping[str, list[Attachment]]
    timeline: list[TimelineEntry]
    actions: list[Action]
    return_targets: list[ReturnTarget]
    comments: list[Comment]
    electorate: list[Signer]
    lamp: Lamp | None
    tally: Tally | None = None


def task_detail(engine: "Engine", session: Session, *, slot_id: int, person_id: int) -> TaskDetail:
    """Return a task; raises :class:`NotFound` for a stranger."""
    desk = open_desk(engine, session, slot_id=slot_id, actor_id=person_id, lock=False)
    form = form_of(desk)
    allowed = actions(desk)
    data = stored_data(session, desk.instance, form)
    rights = rights_of(desk.activation.settings, form)
    draft = session.get(Draft, (desk.activation.id, person_id)) if desk.draft_version is not None else None
    if draft is not None:
        data |= draft.data
    hidden = {key for key, right in rights.items() if right == "hidden"}
    can_return = any(action.name == "return" and action.allowed for action in allowed)
    return TaskDetail(
        slot=desk.slot,
        activation=desk.activation,
        instance=desk.instance,
        version=desk.instance.version,
        title=desk.activation.title or desk.instance.title,
        form=form,
        data={key: value for key, value in data.items() if key not in hidden},
        draft_version=draft.version if draft is not None else 0,
        rights=rights,
        attachments=_attachments(session, desk.instance.id),
        timeline=timeline(engine, session, desk.instance),
        actions=allowed,
        return_targets=return_targets(desk) if can_return else [],
        comments=_comments(session, desk.instance.id),
        electorate=_electorate(engine, session, desk.slots),
        lamp=lamp(desk.activation, desk.at),
        tally=_tally(desk) if desk.activation.policy == "vote" else None,
    )


def instance_detail(engine: "Engine", session: Session, *, instance_id: int, person_id: int | None) -> InstanceDetail:
    """Return an instance; raises :class:`NotFound` for a stranger.

    ``person_id`` None skips the question: the domain has found that the person oversees the campaign.
    """
    instance = session.get(Instance, instance_id)
    if instance is None or (person_id is not None and not may_see(engine, session, instance, person_id)):
        raise NotFound(say("没有这个流程实例"))
    comments = _comments(session, instance_id)
    return InstanceDetail(instance, instance.version, instance.title, timeline(engine, session, instance), comments)


def diagram_state(engine: "Engine", session: Session, *, instance_id: int) -> dict[str, Any]:
    """Return what to colour in the diagram: done, current and broken elements, badges with people."""
    query = select(Activation).where(Activation.instance_id == instance_id).order_by(Activation.id)
    activations = list(session.scalars(query))
    current = {one.element_id for one in activations if one.closed_at is None}
    done = _done_elements(session, instance_id) | {one.element_id for one in activations if one.closed_at is not None}
    broken = select(Incident.element_id).where(Incident.instance_id == instance_id, Incident.status == "open")
    incidents = {element for element in session.scalars(broken) if element}
    names = _holders(engine, session, [one.id for one in activations if one.closed_at is None])
    now = engine.clock.now()
    badges = {
        one.element_id: {"text": listed(names.get(one.id, ())) or say("未领取"), "kind": lamp(one, now) or "current"}
        for one in activations
        if one.closed_at is None
    }
    return {
        "done": sorted(done - current - incidents),
        "current": sorted(current),
        "incidents": sorted(incidents),
        "badges": badges,
    }


def timeline(engine: "Engine", session: Session, instance: Instance) -> list[TimelineEntry]:
    """Return what was done, what is waited for, and what comes next along the drawn way (marked predicted)."""
    query = (
        select(Slot, Activation)
        .join(Activation, Activation.id == Slot.activation_id)
        .where(Slot.instance_id == instance.id)
        .order_by(Activation.opened_at, Activation.id, Slot.closed_at, Slot.position)
    )
    rows = [(slot, activation) for slot, activation in session.execute(query)]
    people = {person for slot, _ in rows for person in (slot.actor_id, slot.owner_id) if person is not None}
    names = engine.people.names(session, sorted(people)) if people else {}
    open_ones = [activation for _, activation in rows if activation.closed_at is None]
    pooled = _holders(engine, session, list({activation.id for activation in open_ones}))
    done = [_done_entry(slot, activation, names) for slot, activation in rows if _is_done(slot)]
    done.sort(key=lambda entry: entry.at or instance.created_at)
    now = engine.clock.now()
    current = []
    for activation in {one.id: one for one in open_ones}.values():
        waiting = tuple(pooled.get(activation.id, ()))
        current.append(
            TimelineEntry(
                "current", activation.name, waiting, None, activation.return_reason, activation.opened_at,
                now - activation.opened_at, activation.element_id, activation.round,
            )
        )  # fmt: skip
    predicted = [
        TimelineEntry("predicted", one.name, one.people, None, None, None, None, one.element_id)
        for one in forecast(engine, session, instance=instance)
    ]
    return [*done, *current, *predicted]


def _is_done(slot: Slot) -> bool:
    return slot.state not in OPEN_STATES and slot.state not in (SlotState.CANCELLED,)


def _done_entry(slot: Slot, activation: Activation, names: Mapping[int, str]) -> TimelineEntry:
    person = slot.actor_id if slot.actor_id is not None else slot.owner_id
    who = (names.get(person, ""),) if person is not None else ()
    duration = slot.closed_at - slot.opened_at if slot.closed_at and slot.closed_at >= slot.opened_at else None
    principal = names.get(slot.owner_id or 0, "") if slot.actor_id not in (None, slot.owner_id) else ""
    return TimelineEntry(
        "done", activation.name, who, slot.state, slot.opinion, slot.closed_at, duration, activation.element_id,
        activation.round, principal, slot.signature, slot.rule,
    )  # fmt: skip


def _holders(engine: "Engine", session: Session, activations: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of those whose turn it is, by activation; candidates where nobody has claimed."""
    if not activations:
        return {}
    query = (
        select(Slot.activation_id, Slot.owner_id, SlotCandidate.person_id)
        .outerjoin(SlotCandidate, (SlotCandidate.slot_id == Slot.id) & Slot.owner_id.is_(None))
        .where(Slot.activation_id.in_(activations), Slot.state.in_(OPEN_STATES))
        .order_by(Slot.position)
    )
    found = [(activation, owner or candidate) for activation, owner, candidate in session.execute(query)]
    names = engine.people.names(session, sorted({person for _, person in found if person is not None}))
    holders: dict[int, list[str]] = {}
    for activation, person in found:
        if person is not None:
            holders.setdefault(activation, []).append(names.get(person, ""))
    return holders


def _done_elements(session: Session, instance_id: int) -> set[str]:
    from engine.history.models import HistoryLine

    query = select(HistoryLine.element_id).where(
        HistoryLine.instance_id == instance_id, HistoryLine.operation == "leave", HistoryLine.element_id.is_not(None)
    )
    return {element for element in session.scalars(query.distinct()) if element}


def _attachments(session: Session, instance_id: int) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    query = select(Attachment).where(Attachment.instance_id == instance_id).order_by(Attachment.id)
    for attachment in session.scalars(query):
        found.setdefault(attachment.field, []).append(attachment)
    return found


def _comments(session: Session, instance_id: int) -> list[Comment]:
    return list(session.scalars(select(Comment).where(Comment.instance_id == instance_id).order_by(Comment.id)))


def _electorate(engine: "Engine", session: Session, slots: Sequence[Slot]) -> list[Signer]:
    people = {
        person for slot in slots for person in (slot.owner_id, slot.actor_id, slot.added_by) if person is not None
    }
    names = engine.people.names(session, sorted(people)) if people else {}
    return [
        Signer(
            names.get(slot.owner_id or 0, ""), slot.state, slot.opinion, slot.id, slot.parent_id, slot.side,
            names.get(slot.added_by or 0, ""),
            names.get(slot.actor_id or 0, "") if slot.actor_id != slot.owner_id else "", slot.closed_at,
        )
        for slot in slots
    ]  # fmt: skip


def _tally(desk: Desk) -> Tally:
    """Return the numbers of a vote as they stand."""
    signers = Signers(desk.slots)
    return tally(rule_of(desk.activation.settings), [signers.answer(slot) for slot in signers.electorate])
