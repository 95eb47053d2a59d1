"""Reads requests: JSON by a strict parser, every text without what no database keeps."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow as ma
import orjson
from flask import Request
from webargs.flaskparser import FlaskParser, is_json_request

from engine.errors import InvalidInput
from web.api.problems import MalformedBody, WrongMediaType
from web.api.values import DEEPEST


class StrictParser(FlaskParser):
    """Gives schemas what they may see; whatever is wrong becomes one of our errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs' own interface
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
        "json": ma.RAISE,
        "files": ma.EXCLUDE,
        "form": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Read a JSON body; none at all is an empty object."""
        body = req.get_data(cache=True)
        if not body:
            return {}
        if not is_json_request(req):
            raise WrongMediaType
        return read_json(body)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read the address."""
        for name, value in req.args.items(multi=True):
            require_clean({name: value})
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Say which fields are wrong, each by its path."""
        found = dict(_flat(error.messages_dict.values()))
        raise InvalidInput("请求内容有误 / The request is not valid", found) from error


def read_json(body: bytes) -> Any:
    """Parse a body. Raises MalformedBody, and InvalidInput for values that nothing of ours could keep."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(error.lineno, error.colno) from error
    require_clean(found)
    return found


def require_clean(value: Any, path: str = "", depth: int = 0) -> None:
    """Raise InvalidInput for NUL in a text, and for lists and objects inside each other without end."""
    if isinstance(value, str):
        if "\0" in value:
            raise _refused(path, "含有不可用的字符（NUL） / Contains a NUL character")
    elif depth > DEEPEST:
        raise _refused(path, f"嵌套超过 {DEEPEST} 层 / Nested deeper than {DEEPEST}")
    elif isinstance(value, dict):
        for name, one in value.items():
            require_clean(name, path, depth)
            require_clean(one, f"{path}.{name}".strip("."), depth + 1)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            require_clean(one, f"{path}.{index}".strip("."), depth + 1)


def _refused(path: str, sentence: str) -> InvalidInput:
    return InvalidInput("请求内容有误 / The request is not valid", {path[:200].replace("\0", "") or "body": sentence})


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and sentence of marshmallow's nested messages."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            own = "" if name == "_schema" else str(name)
            yield from _flat(inner, f"{path}.{own}".strip("."))
    elif isinstance(messages, str):
        yield path or "body", messages
    else:
        for inner in messages:
            yield from _flat(inner, path)
