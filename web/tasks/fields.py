"""A form (form-js JSON) as fields that plain HTML can show and a plain POST can fill.

The server decides what a submission means (:mod:`engine.definitions.forms`); this module only presents the
fields and reads the browser's names back into the shape that the server checks.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from engine.errors import DubanError
from web.language import in_a_row, is_english

PREFIX = "f."
MAX_ROWS = 200
_ROW = re.compile(r"\[(\d{1,4})\]")
_KINDS = {
    "textfield": "text",
    "textarea": "area",
    "number": "number",
    "checkbox": "check",
    "checklist": "checks",
    "taglist": "checks",
    "radio": "radio",
    "select": "select",
    "filepicker": "file",
    "dynamiclist": "list",
    "expression": "computed",
    "text": "text-block",
}

Evaluate = Callable[[str, Mapping[str, Any]], Any]


@dataclass(slots=True)
class Field:
    """One field as a template shows it."""

    key: str
    kind: str
    label: str
    name: str = ""
    value: Any = None
    options: list[tuple[str, str]] = field(default_factory=list)
    required: bool = False
    readonly: bool = False
    hidden: bool = False
    wide: bool = False
    hint: str = ""
    error: str = ""
    limits: dict[str, Any] = field(default_factory=dict)
    lines: int = 3
    accept: str = ""
    multiple: bool = False
    files: list[Any] = field(default_factory=list)
    rows: list[list["Field"]] = field(default_factory=list)
    blank: list["Field"] = field(default_factory=list)
    row_label: str = ""
    summary: bool = False

    @property
    def id(self) -> str:
        """Return the identifier of the input."""
        return re.sub(r"[^A-Za-z0-9_-]", "-", self.name)

    @property
    def text(self) -> str:
        """Return the value as an input holds it."""
        return "" if self.value is None else str(self.value)

    @property
    def shown(self) -> str:
        """Return the value as a reader sees it."""
        if self.kind == "check":
            return _("是") if self.value else _("否")
        if self.options:
            labels = dict(self.options)
            chosen = self.value if isinstance(self.value, list) else [self.value]
            return in_a_row(labels.get(str(one), str(one)) for one in chosen if one not in (None, ""))
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return self.text.replace("T", " ") if self.kind == "datetime-local" else self.text

    def chose(self, option: str) -> bool:
        """Say whether an option is chosen."""
        if isinstance(self.value, list):
            return option in [str(one) for one in self.value]
        return self.value is not None and str(self.value) == option


@dataclass(frozen=True, slots=True)
class Values:
    """What fields are filled from."""

    data: Mapping[str, Any]
    rights: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    evaluate: Evaluate | None = None
    readonly: bool = False


def components(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Walk the components of one level; groups are only presentation."""
    for one in schema.get("components", []):
        if one.get("type") == "group":
            if one.get("label"):
                yield {"type": "text", "heading": True, **{k: one[k] for k in ("label", "properties") if k in one}}
            yield from components(one)
        else:
            yield one


def present(schema: Mapping[str, Any], values: Values) -> list[Field]:
    """Return the fields of a form with what is known about each."""
    return [one for part in components(schema) if (one := _present(part, values, values.data, PREFIX, ""))]


def _present(part: Mapping[str, Any], values: Values, scope: Mapping[str, Any], prefix: str, path: str) -> Field | None:
    kind = _kind(part)
    label = _label(part)
    if kind == "text-block":
        text = label if part.get("heading") else str(part.get("text", ""))
        return Field("", "heading" if part.get("heading") else "note", re.sub(r"^#+\s*", "", text)) if text else None
    key = str(part.get("key") or part.get("path") or "")
    if not key or kind is None:
        return None
    right = values.rights.get(key, "edit") if not path else "edit"
    if right == "hidden":
        return None
    rules = part.get("validate") or {}
    shown = Field(
        key=key,
        kind=kind,
        label=label or key,
        name=prefix + key,
        value=scope.get(key),
        required=bool(rules.get("required")) is True and kind != "check",
        readonly=values.readonly or right == "read" or part.get("readonly") is True or kind == "computed",
        hidden=_is_hidden(part, values, scope),
        wide=kind in ("area", "list", "radio", "checks"),
        hint=_text(part, "description"),
        error=values.errors.get(path + key, ""),
        limits=_limits(part, kind, rules),
        summary=str((part.get("properties") or {}).get("summary", "")).lower() == "true",
    )
    shown.options = _options(part, values, scope)
    if kind == "file":
        shown.multiple = part.get("multiple") is True
        shown.accept = str(part.get("accept") or "")
        given = shown.value if isinstance(shown.value, list) else [shown.value] if shown.value else []
        shown.files = [values.files[str(one)] for one in given if str(one) in values.files]
    if kind == "area":
        shown.lines = 3
    if kind == "computed" and values.evaluate and part.get("expression"):
        shown.value = _evaluated(values, str(part["expression"]), scope)
    if kind == "list":
        _fill_rows(shown, part, values, prefix, path)
    return shown


def _fill_rows(shown: Field, part: Mapping[str, Any], values: Values, prefix: str, path: str) -> None:
    given = shown.value if isinstance(shown.value, list) else []
    if not given and not shown.readonly:
        given = [{}] * int(part.get("defaultRepetitions") or 0)
    nested = list(components(part))
    shown.row_label = _text(part, "rowLabel") or _("第")
    for index, row in enumerate(given[:MAX_ROWS]):
        scope = row if isinstance(row, Mapping) else {}
        inside = f"{path}{shown.key}[{index}]."
        found = (_present(one, values, scope, f"{prefix}{shown.key}[{index}].", inside) for one in nested)
        shown.rows.append([one for one in found if one])
    blank = (_present(one, values, {}, f"{prefix}{shown.key}[__n__].", f"{path}{shown.key}[].") for one in nested)
    shown.blank = [one for one in blank if one]


def _kind(part: Mapping[str, Any]) -> str | None:
    if part.get("type") == "datetime":
        return {"date": "date", "time": "time", "datetime": "datetime-local"}.get(str(part.get("subtype")), "date")
    if part.get("type") == "textfield":
        return {"email": "email", "phone": "tel"}.get(str((part.get("validate") or {}).get("validationType")), "text")
    return _KINDS.get(str(part.get("type")))


def _text(part: Mapping[str, Any], name: str) -> str:
    properties = part.get("properties") or {}
    english = properties.get(f"{name}:en") if is_english() else None
    return str(english or part.get(name) or properties.get(name) or "")


def _label(part: Mapping[str, Any]) -> str:
    return _text(part, "label") or _text(part, "dateLabel") or _text(part, "timeLabel")


def _is_hidden(part: Mapping[str, Any], values: Values, scope: Mapping[str, Any]) -> bool:
    condition = (part.get("conditional") or {}).get("hide")
    if condition is None or values.evaluate is None:
        return False
    return _evaluated(values, str(condition), scope) is True


def _evaluated(values: Values, expression: str, scope: Mapping[str, Any]) -> Any:
    """Evaluate for showing only; a failing expression shows nothing, the check on submission says what is wrong."""
    if values.evaluate is None:
        return None
    try:
        return values.evaluate(expression, {**values.data, **scope})
    except DubanError:
        return None


def _options(part: Mapping[str, Any], values: Values, scope: Mapping[str, Any]) -> list[tuple[str, str]]:
    given: Any = part.get("values")
    if part.get("valuesKey"):
        given = values.data.get(str(part["valuesKey"]))
    elif part.get("valuesExpression"):
        given = _evaluated(values, str(part["valuesExpression"]), scope)
    found = []
    for one in given or []:
        if isinstance(one, Mapping):
            english = one.get("label:en") or one.get("label_en")
            label = english if english and is_english() else one.get("label", one.get("value", ""))
            found.append((str(one.get("value", label)), str(label)))
        else:
            found.append((str(one), str(one)))
    return found


def _limits(part: Mapping[str, Any], kind: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if kind == "number":
        limits |= {name: rules[name] for name in ("min", "max") if isinstance(rules.get(name), int | float)}
        digits = part.get("decimalDigits")
        limits["step"] = part.get("increment") or (f"{10 ** -int(digits):.{int(digits)}f}" if digits else "any")
        limits["inputmode"] = "decimal"
    if kind in ("text", "area", "email", "tel"):
        names = (("maxlength", "maxLength"), ("minlength", "minLength"))
        limits |= {html: rules[rule] for html, rule in names if isinstance(rules.get(rule), int)}
    return limits


def read(schema: Mapping[str, Any], posted: MultiDict[str, str]) -> dict[str, Any]:
    """Read a POST of these fields back into form data; what it cannot make a number of stays text, to be refused."""
    return _read(schema, posted, PREFIX)


def _read(schema: Mapping[str, Any], posted: MultiDict[str, str], prefix: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for part in components(schema):
        key = str(part.get("key") or part.get("path") or "")
        kind = _kind(part)
        name = prefix + key
        if not key or kind in (None, "computed", "text-block"):
            continue
        if kind == "list":
            if f"{name}.__count" in posted:
                data[key] = [_read(part, posted, f"{name}[{index}].") for index in _rows(posted, name)]
        elif kind == "check":
            data[key] = name in posted
        elif kind in ("checks", "file"):
            data[key] = posted.getlist(name)
        elif name in posted:
            data[key] = _number(posted[name]) if kind == "number" else posted[name].replace("\r\n", "\n") or None
    return data


def _rows(posted: MultiDict[str, str], name: str) -> Sequence[int]:
    """Return the row numbers that were posted; a row of unticked boxes leaves no name but is counted."""
    seen = {int(found[1]) for one in posted if one.startswith(f"{name}[") and (found := _ROW.match(one[len(name) :]))}
    count = posted.get(f"{name}.__count", "0")
    seen |= set(range(min(int(count) if count.isdigit() else 0, MAX_ROWS)))
    return sorted(seen)[:MAX_ROWS]


def _number(text: str) -> int | float | str | None:
    text = text.strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def change_rows(data: dict[str, Any], operation: str) -> dict[str, Any]:
    """Add or remove a row of a list, as the buttons do without JavaScript (``add-row:key``, ``remove-row:key:2``)."""
    action, _sep, rest = operation.partition(":")
    key, _sep, index = rest.partition(":")
    rows = list(data.get(key) or [])
    if action == "add-row":
        rows.append({})
    elif index.isdigit() and int(index) < len(rows):
        rows.pop(int(index))
    return {**data, key: rows}


def parse(content: bytes) -> dict[str, Any]:
    """Read a form's JSON."""
    schema: dict[str, Any] = json.loads(content)
    return schema
