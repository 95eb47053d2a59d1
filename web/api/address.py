"""Where the API lies. Kept apart, because languages and errors ask it of every request."""

from flask import request

ROOT = "/api"
VERSIONED = f"{ROOT}/v1"


def is_api() -> bool:
    """Say whether the request is for the API, and not for a page."""
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")
