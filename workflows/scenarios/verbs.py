"""The verbs of a scenario's steps, and how the argument of each is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from engine.wording import listed, say
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.observe import SUBJECTS
from workflows.scenarios.schemas import (
    AnswerSchema,
    DoSchema,
    ExpectSchema,
    LaunchSchema,
    MessageSchema,
    MovePhaseSchema,
    PlayOnSchema,
    SeeSchema,
    SignalSchema,
    StartSchema,
)

OPERATORS = ("equals", "at_least", "at_most", "contains", "lacks", "matches")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of a step: reads its argument."""

    schema: type[Schema] | None

    def read(self, value: Any, place: str, load: Callable[[Schema, Any, str], Any]) -> Any:
        """Return the checked argument; a verb without a schema takes a text, ``expect`` a list of figures."""
        if self.schema is None:
            return str(value)
        if self.schema is ExpectSchema:
            return [_expectation(one, place, load) for one in (value if isinstance(value, list) else [value])]
        return load(self.schema(), value, place)


def _expectation(value: Any, place: str, load: Callable[[Schema, Any, str], Any]) -> dict[str, Any]:
    line = getattr(value, "line", 0)
    here = say("{place}，expect 第 {line} 行", place=place, line=line) if line else place
    known = set(ExpectSchema().load_fields)
    subjects = {} if not isinstance(value, Mapping) else {k: v for k, v in value.items() if k not in known}
    checked = load(ExpectSchema(), {k: v for k, v in value.items() if k in known} if subjects else value, here)
    operators = [operator for operator in OPERATORS if operator in checked]
    if len(subjects) != 1 or len(operators) != 1:
        raise ScenarioError(
            say(
                "{here}：须有一个对象（{subjects}）和一个比较（{operators}）",
                here=here,
                subjects=listed(sorted(SUBJECTS)),
                operators=listed(OPERATORS),
            )
        )
    subject, arguments = next(iter(subjects.items()))
    if subject not in SUBJECTS:
        raise ScenarioError(
            say(
                "{here}：不认识的对象“{subject}”；可用：{subjects}",
                here=here,
                subject=subject,
                subjects=listed(sorted(SUBJECTS)),
            )
        )
    arguments = load(SUBJECTS[subject].schema(), arguments or {}, f"{here} {subject}")
    operator = operators[0]
    return {
        "line": line,
        "source": checked["source"],
        "subject": subject,
        "arguments": arguments,
        "written": value[subject],
        "operator": operator,
        "value": checked[operator],
    }


STEPS: Mapping[str, Verb] = {
    "launch": Verb(LaunchSchema),
    "start": Verb(StartSchema),
    "at": Verb(None),
    "wait": Verb(None),
    "do": Verb(DoSchema),
    "see": Verb(SeeSchema),
    "play_on": Verb(PlayOnSchema),
    "move_phase": Verb(MovePhaseSchema),
    "answer": Verb(AnswerSchema),
    "message": Verb(MessageSchema),
    "signal": Verb(SignalSchema),
    "expect": Verb(ExpectSchema),
}
