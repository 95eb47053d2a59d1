"""Sections of a plan that belong to parts: checked when the plan is read, filled with launch parameters when used.

An entry may name a launch parameter in braces wherever a number or a word is expected (``line: "{commend_line}"``), so
a plan is checked with its braces, kept as written, and read again with the campaign's parameters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from engine.errors import InvalidInput
from engine.wording import listed, say
from workflows.parts.amounts import exact
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import MISSING, PARAMETER, Strict, Text

_CODE = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}\Z"


class Amount(fields.Field[Fraction | None]):
    """An exact number: 0.5, "1/4", "30%", or a launch parameter by name in braces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Fraction | None:
        if isinstance(value, str) and PARAMETER.fullmatch(value):
            return Fraction(0)
        try:
            return exact(value)
        except InvalidInput as error:
            raise ValidationError("应是数字 / expected a number") from error


class Count(fields.Field[int]):
    """A whole number that is not negative, or a launch parameter by name in braces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and PARAMETER.fullmatch(value):
            return 0
        if isinstance(value, bool) or not str(value).isdigit():
            raise ValidationError("应是不小于 0 的整数 / expected a whole number from 0 on")
        return int(value)


class Day(fields.Date):
    """A day, or a launch parameter by name in braces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, str) and PARAMETER.fullmatch(value):
            return date.min
        return value if isinstance(value, date) else super()._deserialize(value, attr, data, **kwargs)


def code(**options: Any) -> Text:
    """Return a field for a code that other places refer to."""
    expected = "代码只能用字母、数字、下划线、点和短横 / a code has letters, digits, _ . and -"
    return Text(required=True, validate=validate.Regexp(_CODE, error=expected), **options)


def text(**options: Any) -> Text:
    """Return a field for a text, empty unless it is required."""
    return Text(**(options if options.get("required") else {"load_default": ""} | options))


def word(values: Sequence[str], **options: Any) -> Text:
    """Return a field for one of a few words, or a launch parameter by name in braces."""
    listed = "、".join(values)

    def check(value: str) -> None:
        if value not in values and not PARAMETER.fullmatch(value):
            raise ValidationError(f"应是 {listed} 之一 / expected one of {listed}")

    return Text(validate=check, **options)


class Entries(fields.Field[list[Any]]):
    """A list of entries, checked and kept as written."""

    def __init__(self, schema: type[Strict]) -> None:
        super().__init__(load_default=list)
        self._schema = schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("应是列表 / expected a list")
        self._schema(many=True).load(value)
        return value


def part_section(
    name: str, schema: type[Strict], check: Callable[[Mapping[str, Any]], Iterable[Problem]] | None = None
) -> Section:
    """Return the section of a part: a list of entries with codes of their own, beside what ``check`` demands."""

    def checked(plan: Mapping[str, Any]) -> Iterator[Problem]:
        declared = {str(one["name"]) for one in plan["launch"]["parameters"]} | {"year"}
        seen: set[str] = set()
        for number, entry in enumerate(plan[name]):
            if (own := str(entry["code"])) in seen:
                yield Problem((name, number, "code"), f"“{own}”写了两次 / {own} stands twice")
            seen.add(own)
            for path, used in _parameters(entry, (name, number)):
                if used not in declared:
                    yield Problem(path, f"没有启动参数“{used}” / there is no launch parameter {used}")
        if check is not None:
            yield from check(plan)

    return Section(name, Entries(schema), check=checked)


def refers(plan: Mapping[str, Any], section: str, key: str, to: str) -> Iterator[Problem]:
    """Yield a problem for each entry of ``section`` whose ``key`` names no entry of the section ``to``."""
    known = {str(one["code"]) for one in plan[to]}
    for number, entry in enumerate(plan[section]):
        wanted = entry.get(key)
        for one in wanted if isinstance(wanted, list) else [wanted]:
            if one and str(one) not in known:
                yield Problem((section, number, key), f"{to} 里没有“{one}” / {to} has no {one}")


def loaded(
    schema: type[Schema], entries: Sequence[Any] | None, parameters: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Read a section of a campaign's plan with its launch parameters.

    Without parameters braces count as zero, which is how references are checked before anybody launches. Raises
    InvalidInput when a parameter gives something that does not fit its place.
    """
    written = entries or []
    try:
        found: list[dict[str, Any]] = schema(many=True).load(
            written if parameters is None else [filled(one, parameters) for one in written]
        )
    except ValidationError as error:
        raise InvalidInput(say("启动参数不适合方案：{messages}", messages=error.messages)) from error
    return found


def filled(value: Any, parameters: Mapping[str, Any]) -> Any:
    """Return a section with ``{name}`` replaced by the launch parameter of that name."""
    if isinstance(value, str) and (match := PARAMETER.fullmatch(value)):
        if parameters.get(match[1]) is None:
            raise InvalidInput(say("方案用到启动参数“{match}”，但没有填写", match=match[1]), {match[1]: MISSING})
        return parameters[match[1]]
    if isinstance(value, Mapping):
        return {key: filled(one, parameters) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, parameters) for one in value]
    return value


def chosen(entries: Sequence[Mapping[str, Any]], wanted: str, what: str) -> Mapping[str, Any]:
    """Return the entry with this code; raises InvalidInput with the codes that there are."""
    for entry in entries:
        if entry["code"] == wanted:
            return entry
    known = listed(str(entry["code"]) for entry in entries) or say("无")
    raise InvalidInput(
        say("方案里没有{what}“{wanted}”；有：{known}", what=what, wanted=wanted, known=known),
        {wanted: say("方案里没有")},
    )


def _parameters(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str) and (match := PARAMETER.fullmatch(value)):
        yield path, match[1]
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _parameters(one, (*path, str(key)))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _parameters(one, (*path, number))


def as_json(value: Any) -> Any:
    """Return a value with exact numbers as texts, for columns and process variables."""
    if isinstance(value, Fraction | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return value
