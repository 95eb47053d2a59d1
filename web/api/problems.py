"""What goes wrong, as RFC 9457 has it: one shape, and codes that stay."""

import marshmallow as ma
from marshmallow import fields

from engine.errors import DubanError

MEDIA_TYPE = "application/problem+json"


class MalformedBody(DubanError):
    """The body is no JSON."""

    code = "malformed"
    status = 400

    def __init__(self, line: int, column: int) -> None:
        super().__init__(
            f"请求内容不是有效的 JSON（第 {line} 行第 {column} 列） / No valid JSON (line {line}, column {column})"
        )


class WrongMediaType(DubanError):
    """The body is of another kind than the operation takes."""

    code = "unsupported-media-type"
    status = 415

    def __init__(self) -> None:
        super().__init__("这里只接受 application/json / Only application/json is taken here")


class NotSignedIn(DubanError):
    """Nobody is known to ask: no token or session, or one that is over."""

    code = "not-signed-in"
    status = 401

    def __init__(self) -> None:
        super().__init__("请提供有效的访问令牌 / A valid access token is needed: Authorization: Bearer …")


class ScopeMissing(DubanError):
    """The token was not made for this."""

    code = "scope-missing"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"访问令牌没有“{scope}”权限 / The token lacks the scope {scope}")


class ProblemSchema(ma.Schema):
    """A problem (RFC 9457) with our stable code and a sentence for each wrong field."""

    type = fields.String(required=True, metadata={"description": "urn:duban:<code>"})
    code = fields.String(required=True, metadata={"description": "Stable; docs/api.md lists them all"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "A sentence in the language of Accept-Language"})
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.String(), data_key="fields",
        metadata={"description": "What is wrong, by the path of the field"},
    )  # fmt: skip


WORDS = {
    304: "Nothing has changed",
    400: "Malformed JSON, or a session's request without its CSRF token",
    401: "No token, or one that is unknown, over or revoked",
    403: "The scope is missing, or it is not allowed now; the sentence says why",
    404: "It does not exist, or is none of the caller's business",
    409: "Somebody was faster, or what was seen is not so any more; nothing was changed",
    413: "The body is too large",
    415: "The body is of another media type",
    422: "Fields are not valid, or the idempotency key belongs to another request",
    429: "Too many requests",
}
"""What a status means, for the document."""

READING = (401, 403, 404, 422, 429)
CHANGING = (400, 401, 403, 404, 409, 413, 415, 422, 429)
