"""A plan as a whole: every section's shape, then what the sections say of each other."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError

from engine.errors import InvalidInput
from workflows.plans.expansion import written_out
from workflows.plans.file import line_of, read_lines
from workflows.plans.section import Problem
from workflows.plans.sections import SECTIONS
from workflows.plans.shapes import Strict

FILENAME = "plan.yaml"


@cache
def plan_schema() -> Schema:
    """Return the schema of a plan, made of the sections."""
    return Strict.from_dict({section.name: section.shape for section in SECTIONS}, name="PlanSchema")()


def problems_of(raw: Any) -> tuple[dict[str, Any], list[Problem]]:
    """Return the checked plan (empty when a section has no shape) and everything that is wrong with it."""
    try:
        plan: dict[str, Any] = written_out(plan_schema().load(raw))
    except ValidationError as error:
        return {}, list(_problems(error.messages, ()))
    return plan, [problem for section in SECTIONS if section.check for problem in section.check(plan)]


def _problems(messages: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _problems(value, path if key == "_schema" else (*path, key))
    else:
        for one in messages if isinstance(messages, list) else [messages]:
            if isinstance(one, Mapping):
                yield from _problems(one, path)
            else:
                yield Problem(path, str(one))


def read_plan(raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """Check a package's plan; raises InvalidInput with every wrong place."""
    plan, problems = problems_of(dict(raw or {}))
    if problems:
        raise refusal(problems)
    return plan


def read_plan_file(content: bytes) -> dict[str, Any]:
    """Check a ``plan.yaml``; raises InvalidInput with every wrong place and its line."""
    raw, lines = read_lines(content, FILENAME)
    plan, problems = problems_of(raw)
    if problems:
        raise refusal([Problem(one.path, one.message, line_of(lines, one.path)) for one in problems])
    return plan


def refusal(problems: list[Problem]) -> InvalidInput:
    """Return the error that names every problem with its place."""
    told: dict[str, str] = {}
    for one in problems:
        where = f"{FILENAME}:{one.line}：" if one.line else ""
        told[one.place] = f"{told[one.place]}；{one.message}" if one.place in told else where + one.message
    return InvalidInput(f"{FILENAME} 有 {len(problems)} 处错误 / has {len(problems)} errors", told)
