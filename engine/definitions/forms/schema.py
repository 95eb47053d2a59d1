"""Reads a form-js schema (schemaVersion up to 19) into fields; what the server cannot judge is refused."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidInput
from engine.wording import say

NEWEST_SCHEMA = 19
LARGEST = 1 << 20
MOST_COMPONENTS = 500
DEEPEST = 12

CONTAINERS = frozenset({"group", "dynamiclist"})
STATIC = frozenset({"text", "image", "button", "separator", "spacer", "table"})
# These show markup or a page of somebody else's: not on a page where people approve things.
UNSAFE = frozenset({"html", "iframe", "documentPreview"})
MULTIPLE = frozenset({"checklist", "taglist"})
CHOICES = frozenset({"select", "radio"}) | MULTIPLE
INPUTS = frozenset({"textfield", "textarea", "number", "datetime", "checkbox", "filepicker"}) | CHOICES
KEYED = INPUTS | {"expression"}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose."""

    value: Any
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One component that holds, computes or groups data.

    ``key`` is the whole path with dots, inside a list from the list's row on; ``path`` is the same inside its scope.
    ``children`` are the fields of a dynamiclist's row, or of a group.
    """

    key: str
    path: tuple[str, ...]
    type: str
    label: str
    label_en: str
    component: Mapping[str, Any]
    children: tuple["FormField", ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """The options written in the form; computed ones are known only when data is."""
        return tuple(
            Option(item.get("value"), str(item.get("label", item.get("value"))))
            for item in self.component.get("values") or ()
            if isinstance(item, Mapping)
        )

    @property
    def validate(self) -> Mapping[str, Any]:
        """The rules as form-js has them."""
        rules = self.component.get("validate")
        return rules if isinstance(rules, Mapping) else {}

    @property
    def required(self) -> bool:
        """Whether a value must be given while the field is shown and editable."""
        return bool(self.validate.get("required"))

    @property
    def multiple(self) -> bool:
        """Whether an attachment field takes several files."""
        return bool(self.component.get("multiple"))

    @property
    def accept(self) -> str:
        """The file types an attachment field takes, as in HTML."""
        return str(self.component.get("accept") or "")

    @property
    def properties(self) -> Mapping[str, Any]:
        """The designer's custom properties."""
        custom = self.component.get("properties")
        return custom if isinstance(custom, Mapping) else {}

    def label_for(self, locale: str) -> str:
        """Return the label in a locale."""
        return self.label_en if locale.lower().startswith("en") and self.label_en else self.label

    @property
    def hide(self) -> str | None:
        """The FEEL condition under which the field is hidden."""
        conditional = self.component.get("conditional")
        return conditional.get("hide") if isinstance(conditional, Mapping) else None


def is_expression(value: Any) -> bool:
    """Say whether a property is FEEL rather than a plain value."""
    return isinstance(value, str) and value.startswith("=")


def refused(place: str, sentence: str) -> InvalidInput:
    """The error of a form that cannot be used."""
    return InvalidInput(say("表单无法使用：{place}：{sentence}", place=place, sentence=sentence), {place: sentence})


def read_schema(content: bytes) -> Mapping[str, Any]:
    """Parse and look over a form file. Raises InvalidInput with the place."""
    if len(content) > LARGEST:
        raise refused("form", say("表单文件过大（最多 1 MB）。"))
    try:
        schema = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refused("form", say("表单文件不是有效的 JSON。")) from error
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise refused("form", say("这不是 form-js 表单：缺少 components。"))
    version = schema.get("schemaVersion", 1)
    if not isinstance(version, int) or version > NEWEST_SCHEMA:
        raise refused(
            "schemaVersion",
            say("表单版本 {version} 过新（最高 {newest}）。", version=version, newest=NEWEST_SCHEMA),
        )
    return schema


class _Reader:
    """Walks components once, counting them."""

    def __init__(self) -> None:
        self.count = 0

    def fields(self, components: Any, place: str, prefix: tuple[str, ...], depth: int) -> tuple[FormField, ...]:
        if not isinstance(components, list):
            raise refused(place, say("components 必须是列表。"))
        if depth > DEEPEST:
            raise refused(place, say("嵌套过深。"))
        return tuple(
            field
            for number, component in enumerate(components)
            for field in self.field(component, f"{place}[{number}]", prefix, depth)
        )

    def field(self, component: Any, place: str, prefix: tuple[str, ...], depth: int) -> Iterator[FormField]:
        self.count += 1
        if self.count > MOST_COMPONENTS:
            raise refused(place, say("组件过多（最多 {most} 个）。", most=MOST_COMPONENTS))
        if not isinstance(component, dict):
            raise refused(place, say("组件必须是对象。"))
        kind = component.get("type")
        place = say("{place}（{name}）", place=place, name=component.get("key") or component.get("id") or kind)
        if kind in STATIC:
            return
        if kind not in KEYED | CONTAINERS:
            reason = say("出于安全不允许使用组件") if kind in UNSAFE else say("无法识别的组件")
            raise refused(place, say("{reason}“{kind}”。", reason=reason, kind=kind))
        name = component.get("path") if kind in CONTAINERS else component.get("key")
        if kind != "group" and not (isinstance(name, str) and name.strip()):
            raise refused(place, say("组件缺少键（key）。"))
        own = tuple(str(name).split(".")) if name else ()
        if any(not part or part == "__proto__" for part in own):
            raise refused(place, say("键“{name}”不合法。", name=name))
        path = prefix + own
        inner = () if kind == "dynamiclist" else path
        children = self.fields(component.get("components", []), place, inner, depth + 1) if kind in CONTAINERS else ()
        label = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or name or ""
        custom = component.get("properties")
        english = custom.get("label:en", "") if isinstance(custom, dict) else ""
        yield FormField(".".join(path), path, str(kind), str(label), str(english), component, children)


def read_fields(schema: Mapping[str, Any]) -> tuple[FormField, ...]:
    """Return the form's fields as a tree of groups and lists."""
    fields = _Reader().fields(schema["components"], "components", (), 0)
    _no_doubles(fields)
    return fields


def flat(fields: tuple[FormField, ...]) -> Iterator[FormField]:
    """Yield the fields of one scope, those in groups included."""
    for field in fields:
        if field.type == "group":
            yield from flat(field.children)
        else:
            yield field


def _no_doubles(fields: tuple[FormField, ...]) -> None:
    seen: set[str] = set()
    for field in flat(fields):
        if field.key in seen:
            raise refused(field.key, say("键重复。"))
        seen.add(field.key)
        if field.type == "dynamiclist":
            _no_doubles(field.children)
