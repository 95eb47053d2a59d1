"""The ``ledger`` section of a plan: limits by level, re-check, escalation, who is liable, who handles what comes in."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields, validate

from workflows.findings.models import FindingLevel
from workflows.parts.sections import Count, code, text
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import Strict, Text, Texts
from workflows.plans.walking import steps_of

START = "findings.start"
"""The service that starts an instance for each finding of a submission."""
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
    """What the plan says of findings; ``process`` is the code of the process that each one from a workbook gets."""

    process = text()

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


def process_of(plan: Mapping[str, Any]) -> str:
    """Return the process that handles a finding from outside: ``ledger.process``, else the one of ``findings.start``.

    Empty when neither names exactly one: such findings stay rows of the ledger.
    """
    if named := plan["ledger"].get("process"):
        return str(named)
    calls = (step for step in steps_of(plan) if step["verb"] == "service" and step["of"] == START)
    codes = {str(step["with_"].get("process") or "") for step in calls}
    return codes.pop() if len(codes) == 1 and not next(iter(codes)).startswith("=") else ""


def _check(plan: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _check_process(plan)
    seen: set[str] = set()
    for number, step in enumerate(plan["ledger"].get("ladder", [])):
        if step["code"] in seen:
            yield Problem(("ledger", "ladder", number), f"“{step['code']}”写了两次 / {step['code']} stands twice")
        seen.add(step["code"])


def _check_process(plan: Mapping[str, Any]) -> Iterator[Problem]:
    """Diagrams that are drawn by hand have processes of which the plan knows nothing."""
    code = plan["ledger"].get("process")
    if not code or plan["drawn_by_hand"]:
        return
    process = next((one for one in plan["processes"] if one["code"] == code), None)
    if process is None:
        yield Problem(("ledger", "process"), f"没有流程“{code}” / there is no process {code}")
    elif process["starts"] != "call":
        yield Problem(
            ("ledger", "process"),
            f"流程“{code}”须写 starts: call，才能由系统发起 / {code} has to say starts: call",
        )


LEDGER = Section("ledger", _Kept(load_default=dict), check=_check)
