"""Reading and writing what the processes on one database share."""

import secrets

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.store.database import Database
from engine.store.models import Setting

DATABASE_ID = "database-id"


def get_setting(session: Session, key: str, *, lock: bool = False) -> str | None:
    """Return a setting's value, None when it was never set; ``lock`` keeps others from changing it meanwhile."""
    query = select(Setting.value).where(Setting.key == key)
    with session.no_autoflush:
        return session.scalar(query.with_for_update() if lock else query)


def put_setting(session: Session, key: str, value: str) -> None:
    """Set a value, whatever was there."""
    insert = _insert(session, key, value)
    session.execute(insert.on_conflict_do_update(index_elements=[Setting.key], set_={"value": value}))


def keep_setting(session: Session, key: str, value: str) -> str:
    """Set a value unless another process was first; returns the one that counts."""
    session.execute(_insert(session, key, value).on_conflict_do_nothing(index_elements=[Setting.key]))
    return session.scalars(select(Setting.value).where(Setting.key == key)).one()


def _insert(session: Session, key: str, value: str) -> sqlite.Insert | postgresql.Insert:
    values = {"key": key, "value": value}
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(Setting).values(**values)
    return postgresql.insert(Setting).values(**values)


def database_id(db: Database) -> str:
    """Return the id that names this database's queue; the first process makes it."""
    with db.read() as session:
        known = get_setting(session, DATABASE_ID)
    if known is not None:
        return known
    with db.write() as session:
        return keep_setting(session, DATABASE_ID, secrets.token_hex(8))
