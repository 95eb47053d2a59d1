"""The Flask factory: configuration, security, languages, and one blueprint per capability."""

from datetime import timedelta
from typing import Any, Protocol

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_compress import Compress

from engine.runtime import Engine
from web import assets, context, errors, language, presentation, security

MAX_REQUEST_BYTES = 50 * 1024 * 1024
MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_FORM_PARTS = 3000
STATIC_LASTS = timedelta(days=365)
UNDO_SECONDS = 5
"""How long a decision waits in the browser, where it can be taken back."""


class WebSettings(Protocol):
    """What the pages need to know beside the engine."""

    @property
    def demo(self) -> bool: ...

    @property
    def secret_key(self) -> str: ...


def create_app(engine: Engine, settings: WebSettings, **overrides: Any) -> Flask:
    """Build the application around a running engine.

    Parameters
    ----------
    engine
        Answers every question and carries out every operation; the pages decide nothing.
    settings
        ``demo`` shows the account chooser and the clock; ``secret_key`` signs CSRF tokens and flashes.
    overrides
        Flask configuration that wins over the settings (tests).

    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        DEMO=settings.demo,
        SESSION_COOKIE_NAME="duban_state",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=bool(getattr(settings, "secure_cookies", False)),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIN_SIZE=1024,
        RATELIMIT_STORAGE_URI="memory://",
        UNDO_SECONDS=UNDO_SECONDS,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.config.update(overrides)
    app.extensions["duban"] = engine
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    language.install(app)
    assets.install(app)
    presentation.install(app)
    security.install(app)
    context.install(app)
    errors.install(app)
    Compress(app)
    _register(app)

    @app.get("/")
    def root() -> ResponseReturnValue:
        return redirect(url_for("inbox.show"))

    @app.after_request
    def _cache(response: Any) -> Any:
        if request.endpoint == "static" and request.method == "GET" and response.status_code == 200:
            response.direct_passthrough = False
            response.get_data()  # read whole: Flask-Compress does not gzip streams
        if request.path.startswith("/static/dist/assets/"):
            response.cache_control.public = True
            response.cache_control.immutable = True
            response.cache_control.max_age = int(STATIC_LASTS.total_seconds())
        elif request.endpoint != "static" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    return app


def _register(app: Flask) -> None:
    from web.accounts import accounts
    from web.admin.views import admin
    from web.api import setup as api
    from web.campaigns import ledger as _ledger  # noqa: F401 - adds its views to the room
    from web.campaigns import notices as _notices  # noqa: F401 - adds its views to the room
    from web.campaigns import trial as _trial  # noqa: F401 - adds its views to the room
    from web.campaigns.cascade import campaign_cascade
    from web.campaigns.reports import campaign_reports
    from web.campaigns.schedule import campaign_schedule
    from web.campaigns.sheets import campaign_sheets
    from web.campaigns.views import campaigns
    from web.comments.views import comments
    from web.demonstration.views import demonstration
    from web.designer.views import designer
    from web.health.views import health
    from web.help.views import help_pages
    from web.inbox.saved import saved_views
    from web.inbox.views import inbox
    from web.instances.views import instances
    from web.notices.preferences import notifying
    from web.notices.views import notices
    from web.operations.views import operations
    from web.phrases.views import phrases
    from web.start.views import start
    from web.tasks.asking import asking
    from web.tasks.returning import returning
    from web.tasks.views import tasks

    rooms = (
        accounts,
        inbox,
        saved_views,
        tasks,
        asking,
        returning,
        instances,
        start,
        campaigns,
        campaign_schedule,
        campaign_sheets,
        campaign_cascade,
        campaign_reports,
        notices,
        operations,
        admin,
        designer,
        health,
        comments,
        phrases,
        notifying,
        help_pages,
    )
    for blueprint in rooms:
        app.register_blueprint(blueprint)
    if app.config["DEMO"]:
        app.register_blueprint(demonstration)
    api.install(app)
