"""What of an instance's form data somebody may see, outside a task of one's own: on its page, and on paper."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.instances.models import Instance
from engine.tasks.formdata import rights_of
from engine.tasks.models import Activation, Slot, SlotCandidate

if TYPE_CHECKING:
    from engine.runtime import Engine


def hidden_fields(engine: "Engine", session: Session, instance: Instance, person_id: int | None) -> frozenset[str]:
    """Return the keys of form fields that stay hidden from a person on every page of the instance.

    Who signs sees what is not hidden at one of their own nodes, for themselves or as a deputy. The initiator and
    administrators see everything. Everybody else (copies, supervision; ``person_id`` None) sees what no node hides.
    """
    if person_id is not None and (
        person_id == instance.initiator_id or engine.people.is_administrator(session, person_id)
    ):
        return frozenset()
    query = select(Activation).where(Activation.instance_id == instance.id, Activation.form.is_not(None))
    activations = {one.id: one for one in session.scalars(query)}
    forms = engine.packages.get(session, instance.package_version_id).forms
    hidden = {
        number: frozenset(
            key
            for key, right in rights_of(one.settings, forms.get(one.form or "")).items()
            if right == "hidden"
        )
        for number, one in activations.items()
    }  # fmt: skip
    own = [hidden[number] for number in _own(engine, session, instance, person_id) if number in hidden]
    if own:
        return frozenset.intersection(*own)
    return frozenset().union(*hidden.values())


def _own(engine: "Engine", session: Session, instance: Instance, person_id: int | None) -> list[int]:
    """Return the activations at which a person signs, for themselves or for those whose deputy they are."""
    if person_id is None:
        return []
    principals = engine.people.principals(session, person_id, engine.clock.now(), instance.process_id)
    people = [person_id, *principals]
    query = (
        select(Slot.activation_id)
        .outerjoin(SlotCandidate, SlotCandidate.slot_id == Slot.id)
        .where(Slot.instance_id == instance.id)
        .where(Slot.owner_id.in_(people) | (Slot.actor_id == person_id) | SlotCandidate.person_id.in_(people))
    )
    return list(session.scalars(query.distinct()))
