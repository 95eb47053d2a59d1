"""Puts the API into the application: the document's frame, its types, every room, and the page that shows it."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import AnyConverter, BaseConverter, ValidationError

from web.api import values
from web.api.address import ROOT
from web.api.callers import CALLS

VERSION = "1.0"
OPENAPI = "3.1.0"

DESCRIPTION = """\
Duban by HTTP and JSON. Nouns and verbs are those of Camunda 7's REST API where it has them; the operations of approvals
(agree, return, add signers …) are ours. `docs/api.md` is the guide.

Every changing operation of a task takes `version` (what was seen: a stale click changes nothing and gets 409), `dryRun`
(tells the effects and changes nothing) and the header `Idempotency-Key` (a repetition gets the first answer).
Identifiers are texts of digits. Errors are `application/problem+json` with stable codes.
"""


class HouseApi(Api):  # type: ignore[misc] - flask-smorest has no types
    """flask-smorest without its own errors: ours are in :mod:`web.errors`, and every operation names its own."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to the application."""


class IdConverter(BaseConverter):
    """An identifier in an address; a number that no column holds is no address of ours."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        found = int(value)
        if found > values.LARGEST:
            raise ValidationError
        return found


def install(app: Flask) -> None:
    """Register the API below :data:`web.api.address.ROOT`."""
    from web.api.page import documentation
    from web.api.rooms import ROOMS

    app.config.update(API_TITLE="Duban", API_VERSION=VERSION, OPENAPI_VERSION=OPENAPI)
    app.config.setdefault("API_CALLS", CALLS)
    app.url_map.converters["id"] = IdConverter
    api = HouseApi(spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": "/"}]})
    api.register_converter(IdConverter, _id_schema)
    api.register_converter(AnyConverter, _choices_schema)
    api.init_app(app)
    _describe(api)
    for room in ROOMS:
        api.register_blueprint(room)
    app.extensions["duban_api"] = api
    app.register_blueprint(documentation, url_prefix=ROOT)


def _describe(api: Any) -> None:
    """Say what the house's fields are, and how callers are recognised."""
    api.register_field(values.Identifier, "string", None)
    api.register_field(values.Instant, "string", "date-time")
    api.register_field(values.Day, "string", "date")
    api.register_field(values.Exact, "string", None)
    api.register_field(values.Variables, "object", None)
    for one in (_identifier_properties, _variables_properties):
        api.ma_plugin.converter.add_attribute_function(one)
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "An access token: duban_…"}
    )
    api.spec.components.security_scheme(
        "session",
        {"type": "apiKey", "in": "cookie", "name": "duban_session",
         "description": "A signed-in browser; what changes something carries X-CSRFToken"},
    )  # fmt: skip
    api.spec.options["security"] = [{"token": []}, {"session": []}]


def _id_schema(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": values.ID_PATTERN}


def _choices_schema(converter: AnyConverter) -> dict[str, Any]:
    return {"type": "string", "enum": sorted(converter.items)}


def _identifier_properties(_converter: Any, field: Any, **_more: Any) -> dict[str, Any]:
    return {"pattern": values.ID_PATTERN} if isinstance(field, values.Identifier) else {}


def _variables_properties(_converter: Any, field: Any, **_more: Any) -> dict[str, Any]:
    if not isinstance(field, values.Variables):
        return {}
    return {key: one for key, one in values.VARIABLES_SCHEMA.items() if key != "type"}
