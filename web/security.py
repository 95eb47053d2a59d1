"""What protects every page: CSRF, headers, rate limits, and the rule that a page is private unless it says so."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

View = TypeVar("View", bound=Callable[..., Any])

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

csrf = CSRFProtect()
limiter = Limiter(get_remote_address)


def public(view: View) -> View:
    """Mark a view that nobody has to be signed in for."""
    view.public = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Protect the application."""
    csrf.init_app(app)
    limiter.init_app(app)

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
