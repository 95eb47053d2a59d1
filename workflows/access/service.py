"""Access tokens of programs: found by the SHA-256 of a text that is shown once, with scopes and an end."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from workflows.access.models import MAX_NAME, ApiToken
from workflows.organisation.models import Person

PREFIX = "duban_"
"""Lets scanners of source code tell a leaked token."""

DEFAULT_DAYS = 90
MOST_DAYS = 730
MOST_TOKENS = 50
USE_NOTED_EVERY = timedelta(minutes=10)
"""``last_used_at`` is as coarse as this, so that reading does not write each time."""

_HINT = 12


class Scope(StrEnum):
    """What a token may be used for; what its owner may not do, it may not either."""

    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    INSTANCES_READ = "instances:read"
    INSTANCES_WRITE = "instances:write"
    DEFINITIONS_READ = "definitions:read"
    DEFINITIONS_WRITE = "definitions:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token stands for, and what it may be used for; ``note_use`` says that its use is to be noted again."""

    person: Person
    token_id: int
    scopes: frozenset[str]
    note_use: bool


def issue_token(
    session: Session, *, person_id: int, name: str, scopes: Collection[str], at: datetime, days: int = DEFAULT_DAYS
) -> tuple[ApiToken, str]:
    """Make a token; returns its row and its text, which cannot be had again.

    Raises
    ------
    InvalidInput
        No name, no scope or an unknown one, an end too far, or too many tokens.

    """
    wrong: dict[str, str] = {}
    if not name.strip() or len(name) > MAX_NAME:
        wrong["name"] = f"名称应为 1–{MAX_NAME} 个字符 / A name has 1 to {MAX_NAME} characters"
    if not scopes or not set(scopes) <= set(Scope):
        wrong["scopes"] = "请选择权限 / Choose scopes"
    if not 1 <= days <= MOST_DAYS:
        wrong["days"] = f"有效期为 1–{MOST_DAYS} 天 / It lasts 1 to {MOST_DAYS} days"
    if wrong:
        raise InvalidInput("令牌填写有误 / The token is not valid", wrong)
    living = select(func.count()).where(
        ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > at
    )
    if (session.scalar(living) or 0) >= MOST_TOKENS:
        raise InvalidInput(f"令牌最多 {MOST_TOKENS} 个，请先撤销 / At most {MOST_TOKENS} tokens: revoke some first")
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        person_id=person_id, name=name.strip(), digest=_digest(text), hint=text[:_HINT],
        scopes=[one.value for one in Scope if one in scopes], created_at=at, expires_at=at + timedelta(days=days),
    )  # fmt: skip
    session.add(token)
    session.flush()
    return token, text


def bearer_of(session: Session, *, text: str, at: datetime) -> Bearer | None:
    """Return who a token's text stands for, in one statement; None when it is over, revoked, or never was."""
    query = (
        select(Person, ApiToken)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(
            ApiToken.digest == _digest(text), ApiToken.revoked_at.is_(None), ApiToken.expires_at > at, Person.active
        )
    )  # fmt: skip
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    person, token = found
    stale = token.last_used_at is None or at - token.last_used_at >= USE_NOTED_EVERY
    return Bearer(person, token.id, frozenset(token.scopes), stale)


def note_use(session: Session, *, token_id: int, at: datetime) -> None:
    """Note that a token was used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))


def tokens_of(session: Session, *, person_id: int) -> list[ApiToken]:
    """Return a person's tokens, the newest first."""
    query = select(ApiToken).where(ApiToken.person_id == person_id)
    return list(session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))


def revoke_token(session: Session, *, person_id: int, token_id: int, at: datetime) -> None:
    """End a token now. Raises NotFound for somebody else's."""
    token = session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id:
        raise NotFound("没有这个令牌 / There is no such token")
    token.revoked_at = token.revoked_at or at


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
