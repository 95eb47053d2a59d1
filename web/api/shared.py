"""Shapes that several rooms share: paging, people, the answer of an operation."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from engine.tasks import OperationResult
from web.api.values import Flag, Identifier, Number, Schema, Text, about
from web.language import side

MOST_ROWS = 200
DEEPEST_ROW = 10_000


class PartSchema(Schema):
    """Which part of a list: Camunda's way."""

    first_result = Number(most=DEEPEST_ROW, load_default=0, metadata=about("Rows to leave out"))
    max_results = Number(least=1, most=MOST_ROWS, load_default=50, metadata=about("Rows at most"))


class CursorSchema(Schema):
    """Which part of a list: from a place on, however far behind it lies."""

    cursor = Text(most=400, load_default=None, metadata=about("`next` of the page before"))
    max_results = Number(least=1, most=MOST_ROWS, load_default=50, metadata=about("Rows at most"))


class CountSchema(Schema):
    """How many."""

    count = fields.Integer(required=True)


class KeySchema(Schema):
    """What makes a repeated request harmless (I5)."""

    key = fields.String(
        data_key="Idempotency-Key",
        load_default=None,
        metadata=about(
            "The same key with the same request gets the first answer; with another one it is refused",
            pattern="^[!-~]{1,100}$",
        ),
    )


class EffectsSchema(Schema):
    """What an operation does, or would do (I4)."""

    slots = fields.Dict(keys=fields.String(), values=fields.String(), metadata=about("New states by task"))
    cancelled = fields.List(fields.String(), metadata=about("Nodes whose work is taken away"))
    timers_dropped = fields.Integer()
    opened = fields.List(fields.String(), metadata=about("Nodes that are opened"))
    next_people = fields.List(fields.String(), metadata=about("Who is next"))
    instance_status = fields.String()
    sentences = fields.List(fields.String(), metadata=about("The same in words"))


class ResultSchema(Schema):
    """The answer of an operation."""

    instance_id = Identifier(required=True)
    version = fields.Integer(required=True, metadata=about("Of the instance, to be sent with the next operation"))
    sentence = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    effects = fields.Nested(EffectsSchema, allow_none=True, metadata=about("Of a dry run"))


class SeenSchema(Schema):
    """What every changing operation of a task takes."""

    version = Number(
        load_default=None, allow_none=True, metadata=about("The instance's version that was seen; 409 when it is stale")
    )
    dry_run = Flag(load_default=False, metadata=about("Tell the effects and change nothing"))


def result_of(result: OperationResult, *, dry_run: bool) -> Mapping[str, Any]:
    """Return an operation's answer for :class:`ResultSchema`."""
    effects = result.effects
    told = None
    if effects is not None:
        names = ("slots", "cancelled", "timers_dropped", "opened", "next_people", "instance_status")
        told = {name: getattr(effects, name) for name in names} | {"sentences": [side(one) for one in effects]}
    return {
        "instance_id": result.instance_id,
        "version": result.version,
        "sentence": side(result.sentence),
        "dry_run": dry_run,
        "effects": told,
    }
