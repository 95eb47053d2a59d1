"""Signatures and seals: who signed which file, so that a paper is complete when all have (签字盖章)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.documents.models import Document, Mark

SIGN, SEAL = "sign", "seal"


def mark(
    session: Session,
    *,
    campaign: Campaign,
    document_id: int,
    kind: str,
    person_id: int | None,
    at: datetime,
    note: str = "",
) -> list[Mark]:
    """Put a signature or a seal on a document; the same one again changes nothing. Returns all of them.

    Raises NotFound for a document of another campaign, InvalidInput when nobody signs.
    """
    document = session.get(Document, document_id)
    if document is None or document.campaign_id != campaign.id:
        raise NotFound(say("没有这份文件"))
    if person_id is None:
        raise InvalidInput(say("没有签署人"))
    marks = marks_of(session, document_id)
    if not any(one.kind == kind and one.person_id == person_id for one in marks):
        made = Mark(
            document_id=document_id,
            kind=kind,
            person_id=person_id,
            note=note[:200],
            digest=document.digest,
            marked_at=at,
        )
        session.add(made)
        session.flush()
        marks.append(made)
    return marks


def marks_of(session: Session, document_id: int) -> list[Mark]:
    """Return the signatures and seals of a document in their order."""
    query = select(Mark).where(Mark.document_id == document_id).order_by(Mark.marked_at, Mark.id)
    return list(session.scalars(query))
