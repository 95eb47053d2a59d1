"""Files go out as attachments that no browser runs."""

from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""Types that a browser may draw; everything else is only ever downloaded."""


def attachment(content: bytes, *, filename: str, media_type: str) -> Response:
    """Return a file to save; only pictures keep a type that a browser draws."""
    served = (
        media_type if media_type in SHOWN or media_type.startswith("application/vnd.") else "application/octet-stream"
    )
    response = Response(content, mimetype=served)
    safe = filename.encode("ascii", "ignore").decode().strip() or "file"
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": safe}) + (
        f"; filename*=UTF-8''{quote(filename, safe='')}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
