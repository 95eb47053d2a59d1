"""The ``ledger`` section of a plan: time limits by level, re-check, escalation, who is liable by who found it."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields, validate

from workflows.findings.models import FindingLevel
from workflows.parts.sections import Count, code, text
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import Strict, Text, Texts

_LEVELS = [*(one.value for one in FindingLevel), "key"]


class StepSchema(Strict):
    """A step of the ladder; it is reached when every condition that it names holds.

    ``overdue`` in working days beyond the limit, ``urged`` and ``returned`` times, ``extended`` times, ``recurred``
    (it came back), ``levels`` of the finding.
    """

    code = code()
    name = text()
    name_en = text()
    overdue = Count(load_default=None, allow_none=True)
    urged = Count(load_default=None, allow_none=True)
    returned = Count(load_default=None, allow_none=True)
    extended = Count(load_default=None, allow_none=True)
    recurred = fields.Boolean(load_default=None, allow_none=True)
    levels = Texts(load_default=list)


class LiabilitySchema(Strict):
    """Found by one of these ranks, these parties are liable (S0-05)."""

    found_by = Texts(required=True)
    liable = Texts(required=True)


class LedgerSchema(Strict):
    """What the plan says of findings."""

    limits = fields.Dict(keys=Text(validate=validate.OneOf(_LEVELS)), values=fields.Raw(), load_default=dict)
    extensions = Count(load_default=1)
    recheck = text()
    ladder = fields.List(fields.Nested(StepSchema), load_default=list)
    accountability = fields.List(fields.Nested(LiabilitySchema), load_default=list)


class _Kept(fields.Field[dict[str, Any]]):
    """Checked and kept as written, because launch parameters fill it in later."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        LedgerSchema().load(value)
        return dict(value)


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, step in enumerate(plan["ledger"].get("ladder", [])):
        if step["code"] in seen:
            yield Problem(("ledger", "ladder", number), f"“{step['code']}”写了两次 / {step['code']} stands twice")
        seen.add(step["code"])


LEDGER = Section("ledger", _Kept(load_default=dict), check=_check)
