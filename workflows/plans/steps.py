"""The plain verbs of steps, and those that the parts of the domain add (docs/plans.md)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from workflows.plans.form_fields import FormOf
from workflows.plans.rounds import Rhythm
from workflows.plans.section import Verb
from workflows.plans.shapes import Code, Strict, Text, Texts, Whole, YesNo, many, one_of
from workflows.plans.step_field import Steps

ON_OVERDUE = ("remind", "escalate", "transfer", "return", "agree", "reject")
POLICIES = ("single", "all", "any", "vote", "sequence")


class StepSchema(Strict):
    """What every step may say. ``of`` is the verb's own value."""

    of: fields.Field[Any] = Text(required=True)
    code = Code(load_default=None, allow_none=True)
    name = Text(load_default="")
    name_en = Text(load_default="")
    note = Text(load_default="")


class Expressions(fields.Field[dict[str, Any]]):
    """Values by name; texts that begin with ``=`` are FEEL."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("应是 {名称: 值} / expected {name: value}")
        return {str(key): one for key, one in value.items()}


class AfterSchema(Strict):
    """What happens beside a step when it takes too long (``wait``), or when a day comes (``until``)."""

    wait = Text(load_default="")
    until = Text(load_default="")
    name = Text(load_default="")
    stop = YesNo(load_default=False)
    steps = Steps(required=True)

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data["wait"]) == bool(data["until"]):
            raise ValidationError("须写 wait 或 until 之一 / write wait or until", "wait")


class HumanSchema(StepSchema):
    """What work and approvals share. ``phase`` is for steps beside the phases: where the board counts them."""

    code = Code(required=True)
    who = Text(required=True)
    form = FormOf(load_default=None, allow_none=True)
    rights = Text(load_default="")
    title = Text(load_default="")
    due = Text(load_default=None, allow_none=True)
    warn = Text(load_default=None, allow_none=True)
    on_overdue = one_of(*ON_OVERDUE, load_default=None, allow_none=True)
    escalate_to = Text(load_default="")
    empty = one_of("admin", "skip", load_default=None, allow_none=True)
    copy_to = Text(load_default="")
    counts = YesNo(load_default=True)
    phase = Code(load_default=None, allow_none=True)
    keeps = Texts(load_default=None, allow_none=True)
    after = many(AfterSchema)


class WorkSchema(HumanSchema):
    """``work``: somebody does something and hands in a form. ``checklist`` are items to tick, ``evidence`` files."""

    output = Text(load_default="")
    checklist = fields.List(Text(), load_default=list)
    evidence = Texts(load_default=list)
    evidence_required = YesNo(load_default=True)


class ApproveSchema(HumanSchema):
    """``approve``: a decision. A rejection goes ``back_to`` a step before, ends the process, or goes on."""

    policy = one_of(*POLICIES, load_default="single")
    ratio = Text(load_default="")
    count = Whole(load_default=None, allow_none=True)
    veto = Text(load_default="")
    collect_all = YesNo(load_default=False)
    back_to = Code(load_default=None, allow_none=True)
    on_reject = one_of("back", "end", "go-on", load_default=None, allow_none=True)
    signature = YesNo(load_default=False)
    batch = YesNo(load_default=False)
    if_initiator = one_of("self", "skip", "leader", load_default=None, allow_none=True)


class ServiceSchema(StepSchema):
    """``service``: a kind of service that the installation has."""

    with_ = Expressions(load_default=dict, data_key="with")
    gives = Expressions(load_default=dict)


class SetSchema(StepSchema):
    """``set``: variables from FEEL expressions, one after the other."""

    of = Expressions(required=True)


class DecideSchema(StepSchema):
    """``decide``: a decision table of the plan or of a file; its outputs become variables."""

    of = Code(required=True)
    with_ = Expressions(load_default=dict, data_key="with")


class BranchSchema(Strict):
    """A branch; the one without ``when`` is taken when no other holds."""

    name = Text(load_default="")
    when = Text(load_default="")
    steps = Steps(load_default=list)


class ChooseSchema(StepSchema):
    """``choose``: one of several ways; with ``several`` all whose condition holds."""

    branches = many(BranchSchema, required=True)
    several = YesNo(load_default=False)

    @validates_schema
    def _one_default(self, data: Mapping[str, Any], **_: Any) -> None:
        without = [one for one in data["branches"] if not one["when"]]
        if len(without) > 1:
            raise ValidationError("只能有一个没有 when 的分支 / only one branch may lack its when", "branches")


class ParallelSchema(StepSchema):
    """``parallel``: several ways at once; goes on when all are done."""

    branches = many(BranchSchema, required=True)


class EachSchema(StepSchema):
    """``each``: the same steps for every unit, person or item, each in an instance of its own."""

    code = Code(required=True)
    over = Text(load_default="units")
    kinds = Texts(load_default=list)
    as_ = Code(load_default=None, allow_none=True, data_key="as")
    one_by_one = YesNo(load_default=False)
    enough = Text(load_default="")
    title = Text(load_default="")
    gather = Expressions(load_default=dict)
    steps = Steps(required=True)


class RoundsSchema(StepSchema):
    """``rounds``: the steps come round again and again, each round in an instance of its own."""

    code = Code(required=True)
    every = Rhythm(required=True)
    begins = Text(load_default="")
    until = Text(load_default="")
    one_by_one = YesNo(load_default=False)
    gather = Expressions(load_default=dict)
    steps = Steps(required=True)


class RepeatSchema(StepSchema):
    """``repeat``: the steps again until a condition holds."""

    until = Text(required=True)
    steps = Steps(required=True)


class StageSchema(StepSchema):
    """``stage``: steps drawn together in a frame."""

    steps = Steps(required=True)
    after = many(AfterSchema)


class WaitSchema(StepSchema):
    """``wait``: until a date, for a time, or for a message."""

    until = Text(load_default="")
    for_ = Text(load_default="", data_key="for")
    message = Text(load_default="")

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **_: Any) -> None:
        if sum(bool(data[key]) for key in ("until", "for_", "message")) != 1:
            raise ValidationError("须写 until、for 或 message 之一 / write until, for or message", "until")


class CallSchema(StepSchema):
    """``call``: a process of the plan or of a shared part, waited for; ``start``: not waited for."""

    of = Code(required=True)
    with_ = Expressions(load_default=dict, data_key="with")
    gives = Expressions(load_default=dict)


class NotifySchema(StepSchema):
    """``notify``: an in-app notice."""

    who = Text(required=True)
    units = Text(load_default="")


class EndSchema(StepSchema):
    """``end``: the process (or stage) is over here."""


_PLAIN: Mapping[str, type[Schema]] = {
    "work": WorkSchema,
    "approve": ApproveSchema,
    "service": ServiceSchema,
    "set": SetSchema,
    "decide": DecideSchema,
    "choose": ChooseSchema,
    "parallel": ParallelSchema,
    "each": EachSchema,
    "rounds": RoundsSchema,
    "repeat": RepeatSchema,
    "stage": StageSchema,
    "wait": WaitSchema,
    "call": CallSchema,
    "start": CallSchema,
    "notify": NotifySchema,
    "end": EndSchema,
}


@cache
def verbs() -> Mapping[str, Verb | None]:
    """Return every verb; plain ones have no expansion."""
    from workflows.plans.sections import SECTIONS

    offered = {name: verb for section in SECTIONS for name, verb in section.verbs.items()}
    return {**dict.fromkeys(_PLAIN), **offered}


@cache
def schema_of(verb: str) -> type[Schema]:
    """Return the schema of a verb's options; that of a part's verb has code, name and note besides."""
    found = verbs()[verb]
    if found is None:
        return _PLAIN[verb]
    return type(
        f"{verb.title()}Step", (found.schema, StepSchema), {"of": fields.Raw(load_default=None, allow_none=True)}
    )
