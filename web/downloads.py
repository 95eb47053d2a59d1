"""Files go out as attachments that no browser runs."""

from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""Types that a browser may draw; everything else is only ever downloaded."""


LOOKED_AT = {
    **dict.fromkeys(
        (*SHOWN, "image/bmp"), "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
    ),
    "text/plain": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "text/csv": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "application/pdf": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; plugin-types application/pdf",
}
"""Types that may be looked at within our pages, each with what it may load. A browser's own viewer shows a PDF in a
process apart, and refuses to in a sandboxed document; its policy lets it load nothing else."""


def looked_at(content: bytes, *, media_type: str) -> Response:
    """Return a file to be shown in a frame or as a picture of our own pages; raises KeyError for other types."""
    served = "text/plain; charset=utf-8" if media_type.startswith("text/") else media_type
    response = Response(content, content_type=served)
    response.headers["Content-Security-Policy"] = f"{LOOKED_AT[media_type]}; frame-ancestors 'self'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def document(content: bytes, *, filename: str, media_type: str) -> Response:
    """Return a document of our own making, which the browser opens in a tab under its name."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = _disposition("inline", filename)
    response.headers["Content-Security-Policy"] = f"{LOOKED_AT[media_type]}; frame-ancestors 'self'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _disposition(kind: str, filename: str) -> str:
    filename = "".join(one for one in filename if one.isprintable())
    safe = filename.encode("ascii", "ignore").decode().strip() or "file"
    return dump_options_header(kind, {"filename": safe}) + f"; filename*=UTF-8''{quote(filename, safe='')}"


def attachment(content: bytes, *, filename: str, media_type: str) -> Response:
    """Return a file to save; only pictures keep a type that a browser draws."""
    served = (
        media_type if media_type in SHOWN or media_type.startswith("application/vnd.") else "application/octet-stream"
    )
    response = Response(content, mimetype=served)
    response.headers["Content-Disposition"] = _disposition("attachment", filename)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
