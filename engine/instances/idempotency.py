"""The first answer to a request is kept for whoever repeats it (invariant I5): nothing happens a second time."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.errors import IdempotencyConflict
from engine.instances.models import IdempotencyKey
from engine.store.repeating import repeated
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine


def request_digest(asked: Sequence[Any]) -> str:
    """Return what tells a repeated request from another one with the same key."""
    return sha256(orjson.dumps(asked, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()


def first_response(session: Session, *, key: str, actor_id: int, digest: str) -> Mapping[str, Any] | None:
    """Return what a request with this key was answered before, None when there was none.

    Raises IdempotencyConflict when the key was used for another request.
    """
    first = session.get(IdempotencyKey, (key, actor_id))
    if first is None:
        return None
    if first.request_digest != digest:
        raise IdempotencyConflict(say("这个请求编号已经用于另一个请求"))
    return first.response


def keep_response(
    engine: "Engine", session: Session, *, key: str, actor_id: int, digest: str, response: Mapping[str, Any]
) -> None:
    """Keep a request's answer, in the transaction of what it did."""
    session.add(
        IdempotencyKey(
            key=key, actor_id=actor_id, request_digest=digest, response=dict(response), created_at=engine.clock.now()
        )
    )  # fmt: skip


def once(
    engine: "Engine", act: Callable[[Session], Mapping[str, Any]], *, key: str | None, actor_id: int,
    request: Sequence[Any],
) -> Mapping[str, Any]:  # fmt: skip
    """Do something in a transaction of its own; the same request with the same key gets the first answer.

    ``act`` returns the answer, JSON values. Without a key it is done every time.
    """
    digest = request_digest(request)
    try:
        return repeated(partial(_once, engine, act, key=key, actor_id=actor_id, digest=digest))
    except IntegrityError:
        # Two clicks at the same instant: the other one's key was committed first, so its answer is ours.
        if key is None:
            raise
        with engine.db.read() as session:
            first = first_response(session, key=key, actor_id=actor_id, digest=digest)
        if first is None:
            raise
        return first


def _once(
    engine: "Engine", act: Callable[[Session], Mapping[str, Any]], *, key: str | None, actor_id: int, digest: str
) -> Mapping[str, Any]:
    with engine.db.write() as session:
        if key is None:
            return act(session)
        first = first_response(session, key=key, actor_id=actor_id, digest=digest)
        if first is not None:
            return first
        response = act(session)
        keep_response(engine, session, key=key, actor_id=actor_id, digest=digest, response=response)
    return response
