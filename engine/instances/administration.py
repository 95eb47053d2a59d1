"""What every operation of an operator shares: who may do it, why it is done, and trying it out first."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.instances.writer import TurnWriter

if TYPE_CHECKING:
    from engine.runtime import Engine

MAX_REASON = 2000
"""Characters of the reason that an operator gives."""

MOST_VARIABLES = 200
"""Variables that an operator may set at once."""


class _TriedOut(Exception):
    """Takes back what a dry run did."""


@contextmanager
def operating(
    engine: "Engine", *, actor_id: int, reason: str | None = None, dry_run: bool = False
) -> Iterator[TurnWriter]:
    """Open the transaction of one operation of an operator; it is written at the end, then the bell is rung.

    Parameters
    ----------
    reason
        Why it is done; None for operations that need none.
    dry_run
        Take everything back at the end; the caller has read the effects from the writer by then.

    Raises
    ------
    NotFound
        The person is no administrator: that there is something to operate is none of their business.
    InvalidInput
        The reason is missing or too long.

    """
    rings = False
    try:
        with engine.db.write() as session, session.no_autoflush:
            require_operator(engine, session, actor_id)
            if reason is not None:
                require_reason(reason)
            writer = TurnWriter(engine, session, engine.clock.now())
            yield writer
            if dry_run:
                raise _TriedOut
            writer.write()
            rings = writer.rings
    except _TriedOut:
        return
    if rings:
        engine.bell.ring()


def require_operator(engine: "Engine", session: Session, actor_id: int) -> None:
    """Raise NotFound unless the person may operate instances of others."""
    if not engine.people.is_administrator(session, actor_id):
        raise NotFound("没有这个流程实例 / There is no such instance")


def require_reason(reason: str) -> None:
    """Raise InvalidInput unless there is a reason of a sensible length."""
    if not reason.strip():
        raise InvalidInput("请写明原因 / Give a reason", {"reason": "原因必填 / The reason is required"})
    if len(reason) > MAX_REASON:
        sentence = f"原因最多 {MAX_REASON} 字 / At most {MAX_REASON} characters"
        raise InvalidInput(sentence, {"reason": sentence})


def require_variables(values: Mapping[str, Any]) -> None:
    """Raise InvalidInput unless every name is one and their number is sensible."""
    if len(values) > MOST_VARIABLES:
        raise InvalidInput(f"一次最多设置 {MOST_VARIABLES} 个变量 / At most {MOST_VARIABLES} variables at once")
    for name in values:
        if not isinstance(name, str) or not name.strip() or len(name) > 200:
            raise InvalidInput(f"变量名“{name}”无效 / Not a variable's name: {name}", {"variables": str(name)})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what variables were and are, for the history: ``{name: {"from": …, "to": …}}``."""
    names = [name for name in after if name not in before or before[name] != after[name]]
    return {name: {"from": before.get(name), "to": after[name]} for name in names}
