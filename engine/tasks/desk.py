"""A task on somebody's desk: locked, checked, with everything an operation or a page asks about it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.calendars import SHANGHAI
from engine.errors import NotFound, Stale
from engine.history.models import Visit
from engine.instances.idempotency import first_response
from engine.instances.models import IdempotencyKey, Instance
from engine.instances.run import Run, load_run
from engine.instances.writer import TurnWriter
from engine.store.repeating import repeated
from engine.tasks.models import OPEN_STATES, Activation, Copy, Draft, Slot, SlotCandidate, SlotState
from engine.wording import Sentence, listed, packed, say, unpacked

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class OperationEffects:
    """What an operation does (I4): states of slots, cancelled waits, dropped timers, who is next, in plain words.

    ``elements`` says where, by element id of the instance's diagram: ``cancelled`` (tokens and waits taken away; joins
    among them lose what had arrived) and ``opened``.
    """

    slots: Mapping[str, str] = field(default_factory=dict)
    cancelled: Sequence[str] = ()
    timers_dropped: int = 0
    opened: Sequence[str] = ()
    next_people: Sequence[str] = ()
    instance_status: str = ""
    elements: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        """Say it in sentences, for the page that shows it before a destructive click."""
        cancelled = sum(1 for state in self.slots.values() if state == SlotState.CANCELLED)
        if cancelled:
            yield say("取消 {cancelled} 个未办的待办", cancelled=cancelled)
        for name in self.cancelled:
            yield say("取消“{name}”", name=name)
        if self.timers_dropped:
            yield say("撤掉 {timers_dropped} 个节点的期限和定时", timers_dropped=self.timers_dropped)
        for name in self.opened:
            yield say("打开“{name}”", name=name)
        if self.next_people:
            yield say("下一步办理：{next_people}", next_people=listed(self.next_people))


@dataclass(frozen=True, slots=True)
class OperationResult:
    """The answer of an operation: the instance's new version and one sentence; ``effects`` for a dry run."""

    instance_id: int
    version: int
    sentence: str
    effects: OperationEffects | None = None


@dataclass(slots=True)
class Desk:
    """One slot with its activation, siblings and instance, seen by one person in one transaction."""

    engine: "Engine"
    session: Session
    writer: TurnWriter
    instance: Instance
    activation: Activation
    slot: Slot
    slots: list[Slot]
    actor_id: int
    candidates: set[int]
    draft_version: int | None
    principals: frozenset[int] = frozenset()
    _run: Run | None = None

    @property
    def run(self) -> Run:
        """The instance ready to be moved."""
        if self._run is None:
            self._run = load_run(self.writer, self.instance)
        return self._run

    @property
    def at(self) -> datetime:
        return self.writer.at

    @property
    def holds(self) -> bool:
        """Whether the actor, for himself or as a deputy, owns the slot or may take it."""
        if self.slot.owner_id is None:
            return self.is_candidate
        return self.slot.owner_id == self.actor_id or self.slot.owner_id in self.principals

    @property
    def is_candidate(self) -> bool:
        return self.actor_id in self.candidates or not self.principals.isdisjoint(self.candidates)

    @property
    def claimant(self) -> int:
        """Whose a pooled slot becomes when the actor takes it: a deputy takes it for the principal."""
        if self.actor_id in self.candidates:
            return self.actor_id
        return min(self.principals & self.candidates, default=self.actor_id)

    @property
    def is_administrator(self) -> bool:
        return self.engine.people.is_administrator(self.session, self.actor_id)

    @property
    def where(self) -> dict[str, Any]:
        """The part of a history line that says which node and round."""
        return {"element_id": self.activation.element_id, "round": self.activation.round}


Operation = Callable[[Desk], str]
"""What an operation does at the desk; returns the sentence for the person."""


class _DryRun(Exception):
    """Carries a dry run's result past the rollback."""


# Built once: making a statement costs as much as running it. Each takes ``slot_id``, the second ``person_id`` too.
_INSTANCE = select(Instance).where(
    Instance.id == select(Slot.instance_id).where(Slot.id == bindparam("slot_id")).scalar_subquery()
)
_LOCKED_INSTANCE = _INSTANCE.with_for_update()
_SURROUNDINGS = (
    select(Slot, Activation, Draft.version)
    .join(Activation, Activation.id == Slot.activation_id)
    .outerjoin(Draft, and_(Draft.activation_id == Activation.id, Draft.person_id == bindparam("person_id")))
    .where(Slot.activation_id == select(Slot.activation_id).where(Slot.id == bindparam("slot_id")).scalar_subquery())
    .order_by(Slot.position, Slot.id)
)
_CANDIDATES = select(SlotCandidate.person_id).where(SlotCandidate.slot_id == bindparam("slot_id"))


def open_desk(engine: "Engine", session: Session, *, slot_id: int, actor_id: int, lock: bool) -> Desk:
    """Load a slot with its surroundings in two statements; a stranger gets :class:`NotFound`.

    The instance comes first and alone: on PostgreSQL only what is read after the lock is certainly new.
    """
    where = {"slot_id": slot_id, "person_id": actor_id}
    instance = session.scalars(_LOCKED_INSTANCE if lock else _INSTANCE, where).one_or_none()
    if instance is None:
        raise NotFound(say("没有这个待办"))
    rows = session.execute(_SURROUNDINGS, where).all()
    slots = [row[0] for row in rows]
    slot = next(slot for slot in slots if slot.id == slot_id)
    candidates: set[int] = set()
    if slot.owner_id != actor_id:
        candidates = set(session.scalars(_CANDIDATES, where))
    writer = TurnWriter(engine, session, engine.clock.now())
    desk = Desk(engine, session, writer, instance, rows[0][1], slot, slots, actor_id, candidates, rows[0][2])
    if not desk.holds:
        desk.principals = frozenset(engine.people.principals(session, actor_id, desk.at, instance.process_id))
    if not desk.holds and not may_see(engine, session, instance, actor_id):
        raise NotFound(say("没有这个待办"))
    return desk


def may_see(engine: "Engine", session: Session, instance: Instance, person_id: int) -> bool:
    """Say whether an instance is this person's business.

    It is for who started it or what it belongs to, acts or acted in it, may claim a task of it, got a copy,
    stands in for one of those now, supervises it, or administers.
    """
    if instance.initiator_id == person_id or _takes_part(session, instance, [person_id]):
        return True
    at = engine.clock.now()
    principals = engine.people.principals(session, person_id, at, instance.process_id)
    if principals and _takes_part(session, instance, principals):
        return True
    if instance.root_id in engine.people.oversees(session, person_id, at):
        return True
    if instance.root_id != instance.id:
        root = select(Instance.id).where(Instance.id == instance.root_id, Instance.initiator_id == person_id)
        if session.execute(root).first():
            return True
    return engine.people.is_administrator(session, person_id)


def _takes_part(session: Session, instance: Instance, people: Collection[int]) -> bool:
    mine = select(Slot.id).where(
        Slot.instance_id == instance.id, or_(Slot.owner_id.in_(people), Slot.actor_id.in_(people))
    )
    pooled = (
        select(SlotCandidate.slot_id)
        .join(Slot, Slot.id == SlotCandidate.slot_id)
        .where(Slot.instance_id == instance.id, SlotCandidate.person_id.in_(people))
    )
    copied = select(Copy.id).where(Copy.instance_id == instance.id, Copy.person_id.in_(people))
    return any(session.execute(query.limit(1)).first() for query in (mine, copied, pooled))


def require_fresh(desk: Desk, version: int | None) -> None:
    """Refuse a click on what has changed since the person saw it (I1).

    Another turn of the instance alone does not make a page stale: in a countersignature every signer's act raises the
    version. Stale is a slot that is no longer open or no longer the actor's, and a page whose form data somebody else
    of the same activation has submitted since.
    """
    slot, activation = desk.slot, desk.activation
    if slot.state not in OPEN_STATES or activation.closed_at is not None:
        raise Stale(handled_sentence(desk))
    if not desk.holds and slot.owner_id is not None and desk.is_candidate:
        raise Stale(say("已由 {who} 领取", who=name_of(desk, slot.owner_id)))
    require_same_form(desk, version)


def require_same_form(desk: Desk, version: int | None) -> None:
    """Refuse a click on a page whose form data somebody else has submitted since (I1)."""
    if version is not None and version < desk.activation.data_version:
        raise Stale(say("表单内容已被其他办理人更新，请刷新后再操作"))


def handled_sentence(desk: Desk) -> Sentence:
    """Say who was faster: ``已由 X 于 T 处理``."""
    slot = desk.slot
    closed = slot.closed_at or desk.activation.closed_at
    deciders = [one for one in desk.slots if one.actor_id is not None and one.closed_at == closed]
    actor = slot.actor_id or (deciders[0].actor_id if deciders else None)
    who = name_of(desk, actor) if actor is not None else say("系统")
    when = closed.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if closed else ""
    return say("已由 {who} 于 {when} 处理", who=who, when=when)


def name_of(desk: Desk, person_id: int) -> str:
    """Return a display name."""
    return desk.engine.people.names(desk.session, [person_id]).get(person_id, str(person_id))


def digest_of(request: Mapping[str, Any]) -> str:
    """Return the digest that tells whether two requests are the same."""
    return sha256(orjson.dumps(dict(request), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()


def earlier_answer(session: Session, actor_id: int, key: str | None, digest: str) -> OperationResult | None:
    """Return the first answer to this request, when it was made before (I5)."""
    if key is None:
        return None
    response = first_response(session, key=key, actor_id=actor_id, digest=digest)
    if response is None:
        return None
    return OperationResult(int(response["instance_id"]), int(response["version"]), unpacked(response["sentence"]))


def keep_answer(
    session: Session, actor_id: int, key: str | None, digest: str, *, result: OperationResult, at: datetime
) -> None:
    """Keep the answer for whoever repeats the request, in the same transaction."""
    if key is not None:
        response = {"instance_id": result.instance_id, "version": result.version, "sentence": packed(result.sentence)}
        session.add(IdempotencyKey(key=key, actor_id=actor_id, request_digest=digest, response=response, created_at=at))


def effects_of(desk: Desk) -> OperationEffects:
    """Describe what the operation is about to do; asked before it is written."""
    writer, engine = desk.writer, desk.engine
    slots = [slot for slot in writer.rows[Slot] if slot.state in OPEN_STATES]
    people = [slot.owner_id for slot in slots if slot.owner_id is not None]
    people += [row.person_id for row in writer.rows[SlotCandidate]]
    names = engine.people.names(desk.session, list(dict.fromkeys(people)))
    changed = [row for row in desk.session.identity_map.values() if isinstance(row, Slot) and row in desk.session.dirty]
    cancelled = [
        row.name
        for row in desk.session.identity_map.values()
        if isinstance(row, Activation) and (row.outcome or "").startswith("cancelled")
    ]
    return OperationEffects(
        slots={str(slot.id): slot.state for slot in changed},
        cancelled=cancelled,
        timers_dropped=sum(len(tokens) for tokens in writer.dropped.values()),
        opened=[activation.name for activation in writer.rows[Activation]],
        next_people=list(names.values()),
        instance_status=desk.instance.status,
        elements={
            "cancelled": _torn(desk),
            "opened": [one.element_id for one in writer.rows[Activation] if one.instance_id == desk.instance.id],
        },
    )


def _torn(desk: Desk) -> list[str]:
    """Return the elements whose tokens the operation takes away."""
    tokens = desk.writer.visits.ended.get((desk.instance.id, True), set())
    query = select(Visit.element_id).where(
        Visit.instance_id == desk.instance.id, Visit.token.in_(sorted(tokens)), Visit.lasted.is_(None)
    )
    return list(desk.session.scalars(query.distinct().order_by(Visit.element_id))) if tokens else []


def operate(
    engine: "Engine",
    *,
    slot_id: int,
    actor_id: int,
    request: Mapping[str, Any],
    key: str | None,
    dry_run: bool,
    act: Operation,
) -> OperationResult:
    """Run one operation: replay, act, write and commit once, then ring the bell.

    A dry run does everything and takes it back.
    """
    digest = digest_of({"slot_id": slot_id, **request})
    once = partial(_operate_once, engine, act, slot_id=slot_id, actor_id=actor_id, key=key, digest=digest)
    return repeated(partial(once, dry_run=dry_run))


def _operate_once(
    engine: "Engine", act: Operation, *, slot_id: int, actor_id: int, key: str | None, digest: str, dry_run: bool
) -> OperationResult:
    rings = False
    try:
        with engine.db.write() as session, session.no_autoflush:
            desk = open_desk(engine, session, slot_id=slot_id, actor_id=actor_id, lock=True)
            earlier = earlier_answer(session, actor_id, key, digest)
            if earlier is not None:
                return earlier
            sentence = act(desk)
            if dry_run:
                result = OperationResult(desk.instance.id, desk.instance.version, sentence, effects_of(desk))
                raise _DryRun(result)
            result = OperationResult(desk.instance.id, desk.instance.version, sentence)
            keep_answer(session, actor_id, key, digest, result=result, at=desk.at)
            rings = desk.writer.rings
            desk.writer.write()
            rings = rings or desk.writer.rings
    except _DryRun as dry:
        answer: OperationResult = dry.args[0]
        return answer
    if rings:
        engine.bell.ring()
    return result


def is_ready(slot: Slot) -> bool:
    """Say whether the slot's owner may decide now."""
    return slot.state == SlotState.READY
