"""What people handed in or agreed to, for the services that read it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.tasks.models import Activation, Slot, SlotState, Submission
from engine.wording import say


def latest_submission(session: Session, *, instance_id: int, element_id: str) -> Submission | None:
    """Return the last submission of a task in an instance."""
    return session.scalars(
        select(Submission)
        .where(Submission.instance_id == instance_id, Submission.element_id == element_id)
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
        .limit(1)
    ).first()


def required_submission(session: Session, *, instance_id: int, element_id: str) -> Submission:
    """Return the last submission of a task; raises InvalidInput when there is none."""
    found = latest_submission(session, instance_id=instance_id, element_id=element_id)
    if found is None:
        raise InvalidInput(say("步骤“{element_id}”还没有提交过表单", element_id=element_id))
    return found


def doer_of(session: Session, *, instance_id: int, element_id: str) -> int:
    """Return who last completed a task or agreed at an approval; raises InvalidInput when nobody has."""
    found = session.scalars(
        select(Slot.actor_id)
        .join(Activation, Activation.id == Slot.activation_id)
        .where(Activation.instance_id == instance_id, Activation.element_id == element_id)
        .where(Slot.state.in_((SlotState.AGREED, SlotState.COMPLETED)), Slot.actor_id.is_not(None))
        .order_by(Slot.closed_at.desc(), Slot.id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise InvalidInput(say("还没有人办完步骤“{element_id}”", element_id=element_id))
    return found
