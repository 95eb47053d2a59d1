"""Who is signed in: one row a session, found by the SHA-256 of a token that only the browser knows."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.store import Base, UtcDateTime
from workflows.organisation.models import Person

SESSION_LASTS = timedelta(days=7)
"""From sign-in; a working week on a phone without signing in again."""


class WebSession(Base):
    """A signed-in browser. The row can be deleted: a signed cookie alone could not be revoked."""

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str] = mapped_column(String(64), default="")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, *, person_id: int, at: datetime, address: str = "") -> str:
    """Write a new session and return its token; expired ones of everybody are swept on the way."""
    session.execute(delete(WebSession).where(WebSession.expires_at < at))
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            digest=_digest(token),
            person_id=person_id,
            created_at=at,
            expires_at=at + SESSION_LASTS,
            address=address[:64],
        )
    )
    return token


def person_of_session(session: Session, *, token: str, at: datetime) -> Person | None:
    """Return the active person that a token stands for, in one statement."""
    return session.scalars(
        select(Person)
        .join(WebSession, WebSession.person_id == Person.id)
        .where(WebSession.digest == _digest(token), WebSession.expires_at > at, Person.active)
    ).one_or_none()


def close_session(session: Session, *, token: str) -> None:
    """Forget a session; an unknown token is none."""
    session.execute(delete(WebSession).where(WebSession.digest == _digest(token)))


def close_sessions_of(session: Session, *, person_id: int, at: datetime) -> None:
    """Sign a person out everywhere (a leaver, a changed password)."""
    session.execute(update(WebSession).where(WebSession.person_id == person_id).values(expires_at=at))
