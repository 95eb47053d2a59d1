"""Files go out as attachments that no browser runs."""

from flask import Response
from werkzeug.http import dump_options_header

from web.tasks.uploads import SHOWN


def attachment(content: bytes, *, filename: str, media_type: str) -> Response:
    """Return a file to save; only pictures keep a type that a browser draws."""
    served = (
        media_type if media_type in SHOWN or media_type.startswith("application/vnd.") else "application/octet-stream"
    )
    response = Response(content, mimetype=served)
    safe = filename.encode("ascii", "ignore").decode().strip() or "file"
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": safe}) + (
        f"; filename*=UTF-8''{_quoted(filename)}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
