"""A room of the API: one decorator says what an operation takes, gives, and whom it is for."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from web.api.address import VERSIONED
from web.api.callers import caller_key, calls_allowed, recognise, require_scope
from web.api.parsing import StrictParser
from web.api.problems import CHANGING, MEDIA_TYPE, READING, WORDS, ProblemSchema
from web.security import csrf, limiter
from workflows.access.service import Scope

View = Callable[..., Any]

FILE = {"type": "string", "format": "binary"}
"""How the document describes a file."""


def upload(field: str, words: str) -> dict[str, Any]:
    """Return the description of a request's body that uploads one file."""
    shape = {"type": "object", "required": [field], "properties": {field: {**FILE, "description": words}}}
    return {"required": True, "content": {"multipart/form-data": {"schema": shape}}}


class Room(Blueprint):  # type: ignore[misc] - flask-smorest has no types
    """Operations of one noun, below ``/api/v1``. Every one has a caller; none has a page."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api-{name}", __name__, url_prefix=VERSIONED, description=description)
        self.tag = name
        self.before_request(recognise)
        csrf.exempt(self)
        limiter.limit(calls_allowed, key_func=caller_key)(self)

    def operation(
        self,
        method: str,
        rule: str,
        *,
        scope: Scope,
        gives: type[ma.Schema] | ma.Schema | None = None,
        status: int = 200,
        file: str = "",
        query: type[ma.Schema] | None = None,
        body: type[ma.Schema] | ma.Schema | None = None,
        headers: type[ma.Schema] | None = None,
        problems: Iterable[int] | None = None,
        **document: Any,
    ) -> Callable[[View], View]:
        """Add an operation.

        Parameters
        ----------
        scope
            What a token needs. It is asked for before anything of the request is read.
        gives, status
            What is answered when all is well; without a schema the answer has no body unless the view gives one.
        file
            The media type of a file that the view answers with.
        query, headers, body
            What is read; the view gets them in this order, before the parts of the address.
        problems
            The statuses it can fail with, when not those of reading (GET) or changing.
        document
            More of the OpenAPI operation.

        """

        def add(view: View) -> View:
            shown: dict[str, Any] = {"schema": FILE, "content_type": file} if file else {"schema": gives}
            documented: View = self.response(status, **shown)(view)
            for location, schema in (("json", body), ("headers", headers), ("query", query)):
                if schema is not None:
                    documented = self.arguments(schema, location=location)(documented)
            for one in problems or (READING if method == "GET" else CHANGING):
                shape = {"schema": ProblemSchema, "content_type": MEDIA_TYPE} if one >= 400 else {}
                documented = self.alt_response(one, description=WORDS[one], **shape)(documented)
            documented = self.doc(**{"x-scope": scope.value, **document})(documented)

            @wraps(documented)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                require_scope(scope)
                return documented(*args, **kwargs)

            endpoint = document.get("operationId", view.__name__)
            self.add_url_rule(rule, endpoint, guarded, methods=[method], tags=[self.tag])
            return view

        return add


def nothing() -> Response:
    """Return the answer without a body."""
    return Response(status=204)
