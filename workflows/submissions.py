"""What people handed in, for the services that read it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.tasks.models import Submission


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
        raise InvalidInput(f"步骤“{element_id}”还没有提交过表单")
    return found
