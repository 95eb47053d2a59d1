"""The ``steps`` of a phase or process: each a mapping with one verb."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from engine.errors import InvalidInput

MOST_DEPTH = 20


class Steps(fields.Field[list[dict[str, Any]]]):
    """A list of steps. Each becomes ``{verb, of, code, …options}``; what a part offers is written out in plain verbs.

    Which verbs there are is asked when a plan is read (:func:`workflows.plans.steps.verbs`).
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise ValidationError("应是步骤的列表 / expected a list of steps")
        found, wrong = [], {}
        for number, one in enumerate(value):
            try:
                found.append(_step(one))
            except ValidationError as error:
                wrong[number] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return found


def _step(value: Any) -> dict[str, Any]:
    from workflows.plans.steps import schema_of, verbs

    if not isinstance(value, Mapping):
        raise ValidationError("一步应是一个动词和它的选项 / a step is a verb with its options")
    known = verbs()
    written = [key for key in value if key in known]
    if len(written) != 1:
        listed = "、".join(sorted(known))
        raise ValidationError(f"一步恰有一个动词 / a step has exactly one verb of: {listed}")
    verb = written[0]
    options = {("of" if key == verb else key): one for key, one in value.items()}
    try:
        loaded: dict[str, Any] = schema_of(verb)().load(options)
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {"of": error.messages}
        raise ValidationError({(verb if key == "of" else key): one for key, one in messages.items()}) from error
    except InvalidInput as error:
        raise ValidationError(str(error)) from error
    return {"verb": verb, **loaded}
