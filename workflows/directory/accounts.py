"""Passwords as administrators and people themselves set them."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.runtime import Engine
from engine.store.locks import lock_name
from workflows.directory import audit
from workflows.directory.listing import person_of
from workflows.directory.service import LOCK
from workflows.organisation.passwords import LONGEST_PASSWORD, authenticate, hash_password
from workflows.organisation.sessions import close_sessions_of

SHORTEST_PASSWORD = 10
"""Characters of a password that somebody chooses."""

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 14


def reset_password(engine: Engine, *, person_id: int, actor_id: int, at: datetime) -> str:
    """Give a person a new password, sign them out everywhere, and return it: it can be read this once.

    ``at`` is the wall clock's: sessions end by it.
    """
    password = "".join(secrets.choice(_READABLE) for _ in range(_LENGTH))
    hashed = hash_password(password)
    with engine.db.write() as session:
        lock_name(session, LOCK)
        found = person_of(session, person_id)
        _set(session, person_id, hashed, at)
        line = audit.Line("people", found.login, "password", {})
        audit.record(session, [line], actor_id=actor_id, source="page", at=engine.clock.now())
    return password


def change_password(engine: Engine, *, person_id: int, old: str, new: str, at: datetime) -> None:
    """Let a person choose a new password; they are signed out everywhere. Raises InvalidInput with the field."""
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        raise _wrong(
            "new",
            f"新密码至少要 {SHORTEST_PASSWORD} 个字符 / A new password has at least {SHORTEST_PASSWORD} characters",
        )
    with engine.db.read() as session:
        login = person_of(session, person_id).login
        if authenticate(session, login=login, password=old) is None:
            raise _wrong("old", "现在的密码不对 / The present password is wrong")
    hashed = hash_password(new)
    with engine.db.write() as session:
        _set(session, person_id, hashed, at)


def _set(session: Session, person_id: int, hashed: str, at: datetime) -> None:
    person_of(session, person_id).password_hash = hashed
    session.flush()
    close_sessions_of(session, person_id=person_id, at=at)


def _wrong(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {field: sentence})
