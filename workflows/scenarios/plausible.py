"""Plausible values for forms: what a person might write, the same in every run."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.definitions.forms.schema import CHOICES, MULTIPLE, FormField
from engine.tasks import takes
from workflows.scenarios.files import MEDIA_TYPES

Upload = Callable[[str, str], str]
"""Gives a file of a name to a field; returns its id."""


def plausible(fields: tuple[FormField, ...], given: Mapping[str, Any], today: str, upload: Upload) -> dict[str, Any]:
    """Return the given values with every required field that they leave out."""
    made = dict(given)
    for field in fields:
        key = field.path[0] if field.path else field.key
        if field.type in ("group", "expression") or field.component.get("readonly") or key in made:
            continue
        if field.type == "dynamiclist":
            rows = int(field.component.get("defaultRepetitions") or 0)
            if rows:
                made[key] = [plausible(field.children, {}, today, upload) for _ in range(rows)]
        elif field.required and field.hide is None:
            made[key] = _value(field, today, upload)
    return made


def _value(field: FormField, today: str, upload: Upload) -> Any:
    if field.type in CHOICES:
        first = field.options[0].value if field.options else None
        return [first] if field.type in MULTIPLE else first
    match field.type:
        case "number":
            return _number(field)
        case "datetime":
            return today
        case "checkbox":
            return True
        case "filepicker":
            suffix = next((one for one in MEDIA_TYPES if takes(field.accept, MEDIA_TYPES[one])), ".pdf")
            return [upload(field.key, f"{field.key}{suffix}")]
        case _:
            return f"{field.label}：已完成"[: int(field.validate.get("maxLength") or 200)]


def _number(field: FormField) -> float:
    low, high = field.validate.get("min"), field.validate.get("max")
    if isinstance(low, int | float):
        return low
    return min(1, high) if isinstance(high, int | float) else 1
