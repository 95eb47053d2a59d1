"""Sign-in by password: argon2id, and the same work for a login that does not exist."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.organisation.models import Person

LONGEST_PASSWORD = 1024
"""Characters; a longer one is refused before it costs anything."""

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _hasher.hash(password)


@cache
def _dummy_hash() -> str:
    return _hasher.hash("nobody has this password")


def authenticate(session: Session, *, login: str, password: str) -> Person | None:
    """Return the active person with this login and password, else None.

    An unknown login, a wrong password and an inactive account take the same time and look the same.
    """
    person = session.scalars(select(Person).where(Person.login == login)).one_or_none()
    usable = person is not None and person.active and person.password_hash is not None
    stored = person.password_hash if person is not None and usable else None
    try:
        _hasher.verify(stored or _dummy_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return person if usable and len(password) <= LONGEST_PASSWORD else None
