"""What lowering knows where it stands: the plan, the process, the phase, the deadline, names and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import InvalidInput
from workflows.plans.compiler.blocks import Process
from workflows.plans.shapes import is_rule

PERSON_RULE = '="person(" + person + ")"'
"""Who acts in an ``each`` over people: the person that the instance is about."""


class CompileError(InvalidInput):
    """A plan cannot be compiled; names the step."""


def refuse(step: Mapping[str, Any] | None, sentence: str) -> CompileError:
    """Return the error of a step, named by its code or its name."""
    place = str(step.get("code") or step.get("of") or step["verb"]) if step else "plan.yaml"
    return CompileError(f"{place}：{sentence}", {place: sentence})


@dataclass
class Output:
    """What compiling has made so far, for the whole package."""

    processes: dict[str, Process] = field(default_factory=dict)
    forms: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def take_code(self, step: Mapping[str, Any], code: str) -> str:
        """Keep a code for one element; a second use is refused."""
        if code in self.codes:
            raise refuse(step, f"代码“{code}”用了两次 / the code {code} is used twice")
        self.codes.add(code)
        return code


@dataclass(frozen=True)
class Scope:
    """Where a step stands. ``has_units`` says that the campaign's units are a variable there."""

    plan: Mapping[str, Any]
    output: Output
    process: str
    phase: str = ""
    due: str = ""
    until: str = ""
    about_person: bool = False
    has_units: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    def inside(self, **changes: Any) -> "Scope":
        """Return the scope of what lies inside."""
        return replace(self, **changes)

    def code(self, step: Mapping[str, Any] | None, verb: str) -> str:
        """Return an element's id: the author's code, else made of process, verb and number."""
        if step is not None and step.get("code"):
            return self.output.take_code(step, str(step["code"]))
        self.numbers[verb] = self.numbers.get(verb, 0) + 1
        return self.output.take_code(step or {"verb": verb}, f"{self.process}_{verb}_{self.numbers[verb]}")

    def rule(self, step: Mapping[str, Any], who: str) -> str:
        """Return the assignment rule that a step means by a role's code, ``person``, or a rule."""
        if who == "person":
            if not self.about_person:
                raise refuse(step, "person 只能用在对人员的 each 里 / person is for an each over people")
            return PERSON_RULE
        if is_rule(who):
            return who
        found: str | None = next((str(role["rule"]) for role in self.plan["roles"] if role["code"] == who), None)
        if found is None:
            raise refuse(step, f"没有角色“{who}” / there is no role {who}")
        return found


def literal(value: Any) -> str:
    """Write a value as FEEL after ``=``; texts that begin with ``=`` are FEEL already."""
    if isinstance(value, str) and value.startswith("="):
        return value
    return "=" + _feel(value)


def _feel(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key}: {_feel_part(one)}" for key, one in value.items())
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_feel_part(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _feel_part(value: Any) -> str:
    return value[1:] if isinstance(value, str) and value.startswith("=") else _feel(value)


def feel(text: str) -> str:
    """Return a FEEL text without the ``=`` in front."""
    return text.strip().removeprefix("=").strip()
