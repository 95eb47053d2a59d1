"""The room's door, and how its requests are read and its errors told."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, json, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from sqlalchemy.orm import Session

from engine.definitions.model import LintFinding
from engine.errors import DubanError, InvalidInput, NotFound
from web.context import may_design, person, running_engine
from web.errors import answer
from web.language import side
from workflows.designer.access import Rights, require_designer
from workflows.designer.drafts import find_package
from workflows.designer.errors import DraftConflict, NotReady

designer = Blueprint("designer", __name__, url_prefix="/designer")


class Body(Schema):
    """A request's JSON: what it does not know is left out."""

    class Meta:
        unknown = EXCLUDE


def text(*, required: bool = False, most: int = 500, default: str | None = "", none: bool = False) -> fields.String:
    """Return a text of a request, with sentences of ours."""
    wrong = {"required": _missing, "invalid": _not_text, "null": _missing}
    length = validate.Length(max=most, error=f"最多 {most} 个字 / At most {most} characters")
    if required:
        return fields.String(required=True, validate=length, error_messages=wrong)
    return fields.String(
        load_default=default, validate=length, allow_none=none or default is None, error_messages=wrong
    )


_missing = "缺少此项 / It is missing"
_not_text = "应是文字 / It should be a text"
_not_number = "应是整数 / It should be a whole number"


def whole(*, required: bool = True) -> fields.Integer:
    """Return a whole number of a request."""
    wrong = {"required": _missing, "invalid": _not_number, "null": _missing}
    if required:
        return fields.Integer(required=True, strict=True, validate=validate.Range(min=0), error_messages=wrong)
    return fields.Integer(load_default=None, strict=True, allow_none=True, error_messages=wrong)


def object_of(values: fields.Field[Any] | None = None, *, required: bool = False) -> fields.Dict:
    """Return an object of a request."""
    wrong = {"required": _missing, "invalid": "应是对象 / It should be an object", "null": _missing}
    if required:
        return fields.Dict(keys=fields.String(), values=values, required=True, error_messages=wrong)
    return fields.Dict(keys=fields.String(), values=values, load_default=dict, error_messages=wrong)


class VersionBody(Body):
    """The version of the draft that somebody saw."""

    version = whole()


def read(schema: Schema) -> dict[str, Any]:
    """Return the request's JSON as a schema has it. Raises InvalidInput with every wrong place."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InvalidInput("请求应是 JSON 对象 / The request should be a JSON object")
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        places = dict(_places(error.messages))
        raise InvalidInput("请求有误 / Something in the request is wrong", places) from error
    return loaded


def _places(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        inner = (_places(value, f"{path}.{key}" if path else str(key)) for key, value in messages.items())
        return [pair for pairs in inner for pair in pairs]
    return [(path, str(messages[0]) if isinstance(messages, list) else str(messages))]


@designer.before_request
def _designers_only() -> None:
    if not may_design():
        raise NotFound(_("没有这个页面，或者它与您无关。"))


@designer.after_request
def _fresh(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def identifier(text_: str) -> int:
    """Return an identifier of the address or a request. Raises NotFound for what is none."""
    if not text_.isdigit() or len(text_) > 19:
        raise NotFound(_("没有这个页面，或者它与您无关。"))
    return int(text_)


def allowed(session: Session, key: str) -> Rights:
    """Return what the person may do with a package. Raises NotFound for a stranger to it."""
    return require_designer(session, person().id, find_package(session, key))


def names_of(session: Session, *people: int | None) -> dict[int, str]:
    """Return the names of people."""
    known = sorted({one for one in people if one is not None})
    return dict(running_engine().people.names(session, known)) if known else {}


def finding_json(finding: LintFinding) -> dict[str, Any]:
    """Return a finding as the contract has it, in the page's language."""
    return {
        "path": finding.file,
        "element": finding.element_id,
        "name": finding.element_name,
        "line": finding.line,
        "severity": finding.severity,
        "code": finding.rule,
        "message": side(finding.message),
        "help": side(finding.advice),
    }


def problem(error: DubanError, **more: Any) -> ResponseReturnValue:
    """Tell an error with what the editor needs to go on."""
    told = answer(error.status, error.code, side(str(error)))
    if isinstance(told, Response):
        told.set_data(json.dumps({**(told.get_json() or {}), **more}, ensure_ascii=False))
    return told


@designer.errorhandler(DraftConflict)
def _conflict(error: DraftConflict) -> ResponseReturnValue:
    with running_engine().db.read() as session:
        who = names_of(session, error.saved_by).get(error.saved_by or 0, "")
    at = error.saved_at.isoformat() if error.saved_at else None
    return problem(error, version=error.version, who=who, at=at)


@designer.errorhandler(NotReady)
def _not_ready(error: NotReady) -> ResponseReturnValue:
    return problem(error, findings=[finding_json(one) for one in error.findings], replays=error.replays)
