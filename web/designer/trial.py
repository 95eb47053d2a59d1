"""The dry run: begun, gone on with, taken back, recorded."""

from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from marshmallow import INCLUDE, fields

from web.context import person, running_engine
from web.designer.checking import drawn
from web.designer.drafting import saved_json
from web.designer.room import Body, VersionBody, allowed, designer, identifier, object_of, read, text
from web.language import side
from web.presentation import words
from workflows.designer import sandbox


class BeginBody(Body):
    """A dry run to begin."""

    files = object_of(fields.String(allow_none=True))
    process = text(default=None)
    variables = object_of()
    who = text(default=None, most=80)
    starts_at = text(default=None, most=40)
    answered = fields.List(fields.String(), load_default=list)
    people = text(default=None, most=20)


class StepBody(Body):
    """A step; what belongs to which is checked when it becomes a scenario's."""

    class Meta:
        unknown = INCLUDE

    do = text(required=True, most=20)


class RecordBody(VersionBody):
    """A dry run to keep as a scenario."""

    name = text(required=True, most=100)


def _mine(key: str, number: str) -> dict[str, Any]:
    with running_engine().db.read() as session:
        allowed(session, key)
    return {"key": key, "sandbox_id": identifier(number), "person_id": person().id}


def _state(told: dict[str, Any]) -> Response:
    steps = [{**one, "words": side(one["words"])} for one in told["steps"]]
    history = [{**one, "said": words(one["operation"])} for one in told["history"]]
    return jsonify({**told, "steps": steps, "history": history})


@designer.post("/<key>/sandbox")
def begin_trial(key: str) -> Response:
    """Begin a dry run of the draft with what is on the screen."""
    given = read(BeginBody())
    package = drawn(key, given.pop("files")).package
    return _state(sandbox.begin(running_engine(), package, person_id=person().id, **given))


@designer.get("/<key>/sandbox/<number>")
def trial(key: str, number: str) -> Response:
    """Show where a dry run stands."""
    return _state(sandbox.look(running_engine(), **_mine(key, number)))


@designer.post("/<key>/sandbox/<number>/steps")
def trial_step(key: str, number: str) -> Response:
    """Go on with a dry run."""
    return _state(sandbox.step(running_engine(), **_mine(key, number), asked=read(StepBody())))


@designer.post("/<key>/sandbox/<number>/undo")
def trial_undo(key: str, number: str) -> Response:
    """Take the last step back."""
    return _state(sandbox.undo(running_engine(), **_mine(key, number)))


@designer.post("/<key>/sandbox/<number>/record")
def trial_record(key: str, number: str) -> Response:
    """Keep a dry run as a scenario of the draft."""
    given = read(RecordBody())
    draft, path, recorded = sandbox.record(running_engine(), **_mine(key, number), **given)
    return saved_json(draft, path=path, text=recorded)


@designer.delete("/<key>/sandbox/<number>")
def trial_end(key: str, number: str) -> ResponseReturnValue:
    """End a dry run."""
    sandbox.end(running_engine(), **_mine(key, number))
    return "", 204
