"""The document ``/api/openapi.json``, and ``/api/docs``: a page made of it, without any script of others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from web.security import public

documentation = Blueprint("api-documentation", __name__)

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it.

    ``parameters`` are name, place and words; ``answers`` status, words and the name of a shape; ``body`` names one.
    """

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: list[tuple[str, str, str]]
    body: str
    answers: list[tuple[str, str, str]]


@documentation.get("/openapi.json")
@public
def document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(_document())


@documentation.get("/docs")
@public
def show() -> str:
    """Show every operation and every shape."""
    found = _document()
    groups: dict[str, list[Operation]] = {}
    for tag, operation in _operations(found):
        groups.setdefault(tag, []).append(operation)
    words = {one["name"].removeprefix("api-"): one.get("description", "") for one in found.get("tags", ())}
    return render_template(
        "api/docs.html", groups=groups, words=words, schemas=_schemas(found), section="api",
        introduction=found["info"]["description"].replace("`", ""), version=found["info"]["version"],
    )  # fmt: skip


def _document() -> dict[str, Any]:
    return _made(current_app.extensions["duban_api"])


@cache
def _made(api: Any) -> dict[str, Any]:
    """Make the document once an application."""
    made: dict[str, Any] = api.spec.to_dict()
    made["tags"] = [{**one, "name": one["name"].removeprefix("api-")} for one in made.get("tags", ())]
    return made


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, item in found["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            one = item[method]
            yield (
                one["tags"][0],
                Operation(
                    anchor=f"{method}-{path}".replace("/", "-").replace("{", "").replace("}", ""),
                    method=method.upper(),
                    path=path,
                    summary=one.get("summary", ""),
                    description=one.get("description", ""),
                    scope=one.get("x-scope", ""),
                    parameters=[
                        _parameter(given) for given in (*item.get("parameters", ()), *one.get("parameters", ()))
                    ],
                    body=_named(one.get("requestBody", {})),
                    answers=[
                        (code, answer["description"], _named(answer)) for code, answer in one["responses"].items()
                    ],
                ),
            )


def _parameter(given: Mapping[str, Any]) -> tuple[str, str, str]:
    schema = given.get("schema", {})
    words = given.get("description") or schema.get("description") or _type(schema)
    return given["name"], given["in"], words


def _named(holder: Mapping[str, Any]) -> str:
    """Return the name of the schema of a body or an answer."""
    for content in holder.get("content", {}).values():
        schema = content.get("schema", {})
        reference = schema.get("$ref") or schema.get("items", {}).get("$ref") or ""
        return str(reference.rpartition("/")[2])
    return ""


def _schemas(found: Mapping[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the keys of every shape: name, type and words."""
    shapes = found.get("components", {}).get("schemas", {})
    return {
        name: [(key, _type(one), one.get("description", "")) for key, one in shape.get("properties", {}).items()]
        for name, shape in sorted(shapes.items())
    }


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    kinds = schema.get("type", "any")
    words = " | ".join(one for one in kinds if one != "null") if isinstance(kinds, list) else str(kinds)
    if words.startswith("array"):
        return f"{_type(schema.get('items', {}))}[]"
    choices = [str(one) for one in schema.get("enum", ()) if one is not None]
    return f"{words} ({', '.join(choices)})" if choices else words
