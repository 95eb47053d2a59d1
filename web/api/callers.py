"""Who calls: a program with a token, or a person whose browser is signed in."""

from hashlib import sha256

from flask import current_app, g, request
from flask_limiter.util import get_remote_address

from web.api.problems import NotSignedIn, ScopeMissing
from web.context import SESSION_COOKIE, running_engine
from web.security import csrf
from workflows.access.service import Scope, bearer_of, note_use
from workflows.organisation.sessions import person_of_session

EVERYTHING = frozenset(Scope)
"""What a signed-in person may do by the API: what the pages let them do."""

CALLS = "600 per minute"
"""What one caller may ask, when the configuration has no ``API_CALLS``."""


def recognise() -> None:
    """Find out who calls, before every request. Raises NotSignedIn.

    Another site can make a browser send its cookie, never a header of ours: a session's changing requests carry the
    CSRF token, a bearer's need none.
    """
    now = current_app.extensions["duban_wall"].now()
    engine = running_engine()
    text = _bearer_text()
    if text is not None:
        with engine.db.read() as session:
            bearer = bearer_of(session, text=text, at=now)
        if bearer is None:
            raise NotSignedIn
        if bearer.note_use:
            with engine.db.write() as session:
                note_use(session, token_id=bearer.token_id, at=now)
        g.person, g.scopes = bearer.person, bearer.scopes
        return
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        with engine.db.read() as session:
            g.person = person_of_session(session, token=cookie, at=now)
    if g.person is None:
        raise NotSignedIn
    g.scopes = EVERYTHING
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def require_scope(scope: Scope) -> None:
    """Raise ScopeMissing unless the caller has the scope."""
    if scope not in g.scopes:
        raise ScopeMissing(scope)


def calls_allowed() -> str:
    """Return how many requests one caller may make."""
    return str(current_app.config["API_CALLS"])


def caller_key() -> str:
    """Return whose requests are counted together: a token's, else an address's."""
    text = _bearer_text()
    return get_remote_address() if text is None else sha256(text.encode("utf-8", "replace")).hexdigest()


def _bearer_text() -> str | None:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else None
