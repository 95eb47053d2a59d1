"""Shapes of scenario files. Every unknown key is an error: a misspelt expectation must not pass silently."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.wording import listed, say
from workflows.scenarios.operations import ACTIONS

MISSING = say("缺少此项")
SELECTION = say("可写代码、代码列表、all 或 {{kind: …}}")


class Strict(Schema):
    """Unknown keys are refused with a Chinese sentence."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": say("不认识的键"), "type": say("这里应是键值对")}  # noqa: RUF012 - as marshmallow declares it


def text(**options: Any) -> fields.String:
    """Make a text field whose errors are ours; ``options`` as marshmallow's."""
    return fields.String(error_messages={"required": MISSING, "invalid": say("应是文字")}, **options)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


class Texts(fields.Field[list[str]]):
    """One text or a list of texts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if isinstance(value, dict):
            raise ValidationError(say("应是文字或文字的列表"))
        return _texts(value)


class Units(fields.Field[dict[str, list[str]]]):
    """Which units: ``all``, a code, codes, or ``{kind: …, except: …}``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, list[str]]:
        if isinstance(value, dict):
            if set(value) - {"kind", "except", "code"}:
                raise ValidationError(SELECTION)
            return {key: _texts(one) for key, one in value.items()}
        return {} if value == "all" else {"code": _texts(value)}


class UnitsOfKindSchema(Strict):
    """Units of one kind, written together."""

    kind = text(required=True)
    parent = text(load_default=None, allow_none=True)
    names = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, error_messages={"required": MISSING}
    )
    posts = Texts(load_default=list)


class GroupSchema(Strict):
    """A group and the logins of its members by role."""

    name = text(load_default="")
    head = Texts(load_default=list)
    deputy = Texts(load_default=list)
    member = Texts(load_default=list)
    office = Texts(load_default=list)


class PeopleSchema(Strict):
    """Invented people: ``<unit>-<post>`` for every post of every unit, group members by login, and others."""

    posts = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    leading_posts = Texts(load_default=lambda: ["head"])
    units = fields.List(fields.Nested(UnitsOfKindSchema), load_default=list)
    groups = fields.Dict(keys=fields.String(), values=fields.Nested(GroupSchema), load_default=dict)
    others = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    administrators = Texts(load_default=list)


class ScenarioSchema(Strict):
    """The whole file."""

    name = text(load_default="")
    catalogue = text(load_default="")
    starts_at = text(required=True)
    people = fields.Nested(PeopleSchema, load_default=lambda: PeopleSchema().load({}))
    answered = Texts(load_default=list)
    steps = fields.List(
        fields.Raw(), required=True, error_messages={"required": MISSING, "invalid": say("应是步骤的列表")}
    )


class ForEachSchema(Strict):
    """The same steps for several values."""

    in_ = Texts(required=True, data_key="in", error_messages={"required": MISSING})
    as_ = text(required=True, data_key="as")
    steps = fields.List(fields.Raw(), required=True, error_messages={"required": MISSING})


class LaunchSchema(Strict):
    """Launch the package's campaign; ``units`` are the codes of those that take part, by default all that may."""

    who = text(required=True)
    parameters = fields.Dict(load_default=dict)
    units = fields.List(fields.String(), load_default=None)
    refused = text(load_default=None)
    source = text(load_default="")


class StartSchema(Strict):
    """Start a process that is no campaign."""

    who = text(required=True)
    process = text(load_default=None)
    title = text(load_default="")
    unit = text(load_default=None)
    variables = fields.Dict(load_default=dict)
    refused = text(load_default=None)
    source = text(load_default="")


class MovePhaseSchema(Strict):
    """Somebody proposes to move a phase; with ``by`` somebody decides about it."""

    who = text(required=True)
    phase = text(required=True)
    starts = fields.Date(load_default=None)
    ends = fields.Date(load_default=None)
    reason = text(load_default="")
    by = text(load_default=None)
    agree = fields.Boolean(load_default=True)
    opinion = text(load_default="")
    refused = text(load_default=None)
    source = text(load_default="")


class PlayOnSchema(Strict):
    """Everybody does at once what comes to them, until a date or until nothing is left to do."""

    until = text(load_default="end")
    leave = Texts(load_default=list)
    values = fields.Dict(keys=fields.String(), values=fields.Dict(), load_default=dict)
    reject = Texts(load_default=list)


class TaskSchema(Strict):
    """Which open tasks are meant."""

    task = text(required=True)
    unit = Units(load_default=dict)
    who = Texts(load_default=list)
    where = fields.Dict(load_default=dict)


class AnswerSchema(Strict):
    """What a service answers that this scenario plays itself: variables, or the code of a BPMN error."""

    task = text(required=True)
    unit = Units(load_default=dict)
    values = fields.Dict(load_default=dict)
    fails = text(load_default=None)
    nth = fields.Integer(load_default=None, allow_none=True)


class MessageSchema(Strict):
    """A message from outside; ``correlation`` says which instance is meant."""

    name = text(required=True)
    payload = fields.Dict(load_default=dict)
    correlation = fields.Dict(load_default=None, allow_none=True)


class SignalSchema(Strict):
    """A signal to everybody who waits for it."""

    name = text(required=True)
    payload = fields.Dict(load_default=dict)


class DoSchema(TaskSchema):
    """Somebody acts on a task. Without ``who`` it is the task's own person (the first who may)."""

    action = text(
        load_default="complete",
        validate=validate.OneOf(ACTIONS, error=say("动作须为 {actions} 之一", actions=listed(ACTIONS))),
    )
    each = fields.Boolean(load_default=False)
    values = fields.Dict(load_default=dict)
    attach = fields.Dict(keys=fields.String(), values=Texts(), load_default=dict)
    opinion = text(load_default="")
    signs = fields.Boolean(load_default=False)
    people = Texts(load_default=list)
    policy = text(load_default="all")
    due = text(load_default=None)
    to = text(load_default=None)
    mode = text(
        load_default="direct", validate=validate.OneOf(("direct", "again"), error=say("mode 须为 direct 或 again"))
    )
    seen = text(load_default=None)
    fill = fields.Boolean(load_default=True)
    key = text(load_default=None)
    count = fields.Integer(load_default=None)
    nth = fields.Integer(load_default=None, allow_none=True)
    refused = text(load_default=None)
    source = text(load_default="")


class SeeSchema(TaskSchema):
    """Somebody opens a task's page and keeps it open under a name."""

    as_ = text(required=True, data_key="as")


class ExpectSchema(Strict):
    """An asserted figure: one subject, one operator, and where the figure comes from."""

    source = text(required=True)
    note = text(load_default="")
    equals = fields.Raw(allow_none=True)
    at_least = fields.Raw()
    at_most = fields.Raw()
    contains = fields.Raw()
    lacks = fields.Raw()
    matches = text()
