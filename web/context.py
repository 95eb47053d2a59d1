"""Who asks, and what every page shows: the person, the counters, the language and the theme."""

from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import tasks as human_tasks
from engine.runtime import Engine
from web.api.address import is_api
from web.language import chosen
from workflows.designer.access import designs_anything
from workflows.organisation.models import Person
from workflows.organisation.sessions import person_of_session

SESSION_COOKIE = "duban_session"
THEMES = ("auto", "light", "dark")


def running_engine() -> Engine:
    """Return the engine behind this application."""
    engine_: Engine = current_app.extensions["duban"]
    return engine_


def person() -> Person:
    """Return who is signed in; only private views may ask."""
    known: Person = g.person
    return known


def theme() -> str:
    """Return the chosen theme: auto, light or dark."""
    given = request.cookies.get("theme", "auto")
    return given if given in THEMES else "auto"


def wants_fragment() -> bool:
    """Say whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request-Type") == "partial"


def wants_json() -> bool:
    """Say whether the client prefers JSON to HTML; a client of the API always does."""
    if is_api():
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best.endswith("json") and "application/" in str(request.accept_mimetypes)


def may_design() -> bool:
    """Say, asking once a request, whether the process designer is there for the person."""
    if "may_design" not in g:
        with running_engine().db.read() as session:
            g.may_design = designs_anything(session, person())
    return bool(g.may_design)


def rehearsing() -> bool:
    """Say whether a decision is only tried: the browser sends it for good a few seconds later."""
    return request.headers.get("X-Rehearsal") == "1"


def safe_next(address: str | None) -> str:
    """Return a local address to go on to, the inbox for anything else."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address:
        return address
    return url_for("inbox.show")


def install(app: Flask) -> None:
    """Recognise the person before each request and give templates the frame's values."""

    @app.before_request
    def _who() -> ResponseReturnValue | None:
        g.person = None
        view = app.view_functions.get(request.endpoint or "")
        if request.endpoint == "static" or is_api():
            return None  # the API recognises its callers itself: a program without a token gets no form to sign in
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            engine_ = running_engine()
            with engine_.db.read() as session:
                g.person = person_of_session(session, token=token, at=app.extensions["duban_wall"].now())
        if g.person is not None or view is None or getattr(view, "public", False):
            return None
        if wants_json() or wants_fragment():
            return Response(status=401, headers={"HX-Redirect": url_for("accounts.sign_in")})
        return redirect(url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None))

    @app.context_processor
    def _frame() -> dict[str, Any]:
        return {
            "me": g.get("person"),
            "theme": theme(),
            "language": chosen(),
            "demo": app.config["DEMO"],
            "counters": _counters,
            "demo_now": running_engine().clock.now,
            "may_design": may_design,
        }

    @app.after_request
    def _vary(response: Response) -> Response:
        if request.endpoint != "static":
            response.vary.update(("HX-Request-Type", "Cookie"))
        if is_api():
            response.vary.update(("Authorization", "Accept-Language"))
        return response

    from engine.clock import SystemClock

    app.extensions["duban_wall"] = SystemClock()


def _counters() -> Any:
    """Count once a request what waits for the person."""
    if "counters" not in g:
        engine_ = running_engine()
        with engine_.db.read() as session:
            g.counters = human_tasks.counters(engine_, session, person_id=person().id)
    return g.counters
