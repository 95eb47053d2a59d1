"""The sections that every plan has: names, launch, phases and dates, units, roles, steps, processes, decisions."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields

from workflows.plans.decisions import DecisionSchema
from workflows.plans.form_fields import FormSchema
from workflows.plans.parameters import LaunchSchema
from workflows.plans.phases import NamedDateSchema, PhaseSchema, check_phases, repeated
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import Code, Strict, Text, Texts, Whole, YesNo, many, one_of
from workflows.plans.step_field import Steps

KINDS = (
    "phased-campaign",
    "recurring-supervision",
    "competition",
    "target-assessment",
    "case-handling",
    "duty-routine",
    "application",
)
"""Kinds of process in the catalogue."""


class UnitsSchema(Strict):
    """Which units take part, by kind."""

    kinds = Texts(load_default=list)


class RoleSchema(Strict):
    """A role and the assignment rule that finds its people."""

    code = Code(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")
    rule = Text(required=True)
    count = Whole(load_default=None, allow_none=True)


class ProcessSchema(Strict):
    """A process of its own: called, or started by a person (``starts: person``) or by a message."""

    code = Code(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")
    starts = one_of("call", "person", "message", load_default="call")
    message = Text(load_default="")
    form = fields.Raw(load_default=None, allow_none=True)
    note = Text(load_default="")
    steps = Steps(required=True)


def _check_roles(plan: Mapping[str, Any]) -> Iterable[Problem]:
    yield from repeated(plan, "roles")


def _check_processes(plan: Mapping[str, Any]) -> Iterable[Problem]:
    yield from repeated(plan, "processes")


def _nested(schema: type[Strict]) -> fields.Nested:
    message: dict[str, str | list[Any] | dict[Any, Any]] = {"type": "这里应是键值对 / expected a mapping"}
    return fields.Nested(schema, load_default=lambda: schema().load({}), error_messages=message)


CORE: tuple[Section, ...] = (
    Section("catalogue", Text(load_default="")),
    Section("name", Text(load_default="")),
    Section("name_en", Text(load_default="")),
    Section("kind", one_of(*KINDS, load_default="phased-campaign")),
    Section("main_process", Text(load_default="")),
    Section("summary", Text(load_default="")),
    Section("summary_en", Text(load_default="")),
    Section("shows", Texts(load_default=list)),
    Section("open", Texts(load_default=list)),
    Section("parts", Texts(load_default=list)),
    Section("shared_part", YesNo(load_default=False)),
    Section("drawn_by_hand", YesNo(load_default=False)),
    Section("launch", _nested(LaunchSchema)),
    Section("units", _nested(UnitsSchema)),
    Section("roles", many(RoleSchema), check=_check_roles),
    Section("phases", many(PhaseSchema), check=check_phases),
    Section("dates", many(NamedDateSchema)),
    Section("opening", Steps(load_default=list)),
    Section("streams", Steps(load_default=list)),
    Section("closing", Steps(load_default=list)),
    Section("processes", many(ProcessSchema), check=_check_processes),
    Section("decisions", many(DecisionSchema)),
    Section("forms", many(FormSchema)),
)
