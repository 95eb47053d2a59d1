"""Everything that a return can choose from: nodes with their signers, nodes of the caller, units of a fan-out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.tasks.desk import Desk, open_desk
from engine.tasks.models import Activation, Slot
from engine.tasks.returning import ANSWERS, ReturnTarget, return_targets
from engine.tasks.returning_beyond import CallerTarget, UnitTarget, caller_targets, unit_targets

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class ReturnChoices:
    """Where a task can be returned to.

    ``signers`` holds, for nodes that several people signed, who they were by id and name: a return may ask only some
    of them to sign again (``onlyChanged``, R5).
    """

    targets: list[ReturnTarget]
    signers: dict[str, list[tuple[int, str]]]
    caller: list[CallerTarget]
    units: list[UnitTarget]

    def __bool__(self) -> bool:
        return bool(self.targets or self.caller or self.units)


def return_choices(engine: "Engine", session: Session, *, slot_id: int, person_id: int) -> ReturnChoices:
    """Return where a task can be returned to; raises :class:`engine.errors.NotFound` for a stranger."""
    desk = open_desk(engine, session, slot_id=slot_id, actor_id=person_id, lock=False)
    targets = return_targets(desk)
    signers = {one.element_id: _signers(desk, one.element_id) for one in targets}
    return ReturnChoices(
        targets,
        {element: people for element, people in signers.items() if len(people) > 1},
        caller_targets(desk),
        unit_targets(desk),
    )


def _signers(desk: Desk, element_id: str) -> list[tuple[int, str]]:
    """Return who answered in the last round of a node."""
    last = (
        select(Activation.id)
        .where(Activation.instance_id == desk.instance.id, Activation.element_id == element_id)
        .order_by(Activation.round.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Slot.owner_id).where(Slot.activation_id == last, Slot.state.in_(ANSWERS)).order_by(Slot.position)
    people = [person for person in desk.session.scalars(query) if person is not None]
    names = desk.engine.people.names(desk.session, people) if people else {}
    return [(person, names.get(person, "")) for person in dict.fromkeys(people)]
