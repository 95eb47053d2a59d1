"""Phases (阶段): dated, by the month, relative, undated one after the other, with gaps and overlaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError, validates_schema

from engine.errors import InvalidInput
from workflows.plans.dates import ENDS, OPEN, STARTS, Days, EndsBeforeStart, parse_day
from workflows.plans.deadlines import cascade_days, step_days
from workflows.plans.section import Problem
from workflows.plans.shapes import Code, Strict, Text
from workflows.plans.step_field import Steps

_SAMPLE_YEAR = 2026
"""A plan's dates are tried out in this year when the plan is checked."""


class PhaseDay(Text):
    """A date of a phase."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text != OPEN or attr != ENDS:
            try:
                parse_day(text)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return text


class Length(Text):
    """How long something lasts: ``10 working days``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parse_day(f"{text} after launch")
        except ValueError as error:
            sentence = "应写成“10 working days”“2 weeks”“3 months” / expected '10 working days', '2 weeks', '3 months'"
            raise ValidationError(sentence) from error
        return text


class PhaseSchema(Strict):
    """One entry of ``phases``.

    Without ``starts`` a phase begins when the one before it (or the one that ``after`` names) is done; ``lasts`` then
    gives its end. ``ends: open`` is a phase that goes on. ``within`` makes it a part of another phase.
    """

    code = Code(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")
    starts = PhaseDay(load_default=None, allow_none=True)
    ends = PhaseDay(load_default=None, allow_none=True)
    lasts = Length(load_default=None, allow_none=True)
    after = Code(load_default=None, allow_none=True)
    within = Code(load_default=None, allow_none=True)
    purpose = Text(load_default="")
    steps = Steps(load_default=list)

    @validates_schema
    def _one_end(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["ends"] and data["lasts"]:
            raise ValidationError("ends 与 lasts 只写一个 / write either ends or lasts", "lasts")
        if data["after"] and data["starts"]:
            raise ValidationError("starts 与 after 只写一个 / write either starts or after", "after")


class NamedDateSchema(Strict):
    """One entry of ``dates``: a day that deadlines and other dates refer to by its code."""

    code = Code(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")
    on = PhaseDay(required=True, data_key="date")


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """A phase of one campaign; both days belong to it. None where the course of things decides."""

    code: str
    name: str
    name_en: str
    starts: date | None
    ends: date | None


def day_texts(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return every date that a plan writes: ``survey.starts``, ``survey.ends``, and named dates by their code."""
    texts: dict[str, str] = {}
    for phase in plan["phases"]:
        code = phase["code"]
        if phase["starts"]:
            texts[f"{code}.{STARTS}"] = phase["starts"]
        if phase["ends"]:
            texts[f"{code}.{ENDS}"] = phase["ends"]
        elif phase["lasts"]:
            texts[f"{code}.{ENDS}"] = f"{phase['lasts']} after {code}.{STARTS}"
    for named in plan["dates"]:
        texts[named["code"]] = named["on"]
    return {**texts, **cascade_days(plan), **step_days(plan)}


def plan_days(
    plan: Mapping[str, Any],
    year: int,
    *,
    launched: date | None = None,
    parameters: Mapping[str, Any] | None = None,
    moved: Mapping[str, date] | None = None,
) -> Days:
    """Return the days of a campaign of this plan."""
    return Days(day_texts(plan), year, launched or date(year, 1, 1), parameters or {}, moved=moved or {})


def phase_dates(
    plan: Mapping[str, Any],
    year: int,
    *,
    launched: date | None = None,
    parameters: Mapping[str, Any] | None = None,
    moved: Mapping[str, date] | None = None,
) -> tuple[PhaseDates, ...]:
    """Return the phases of ``year``. ``--MM-DD`` takes the year; a phase that ends before it starts ends next year.

    Phases may share a day (the boundary day belongs to both), overlap, and leave gaps.
    """
    days = plan_days(plan, year, launched=launched, parameters=parameters, moved=moved)
    try:
        return tuple(
            PhaseDates(
                phase["code"],
                phase["name"],
                phase["name_en"],
                days.day(f"{phase['code']}.{STARTS}"),
                days.day(f"{phase['code']}.{ENDS}"),
            )
            for phase in plan["phases"]
        )
    except EndsBeforeStart as error:
        raise _named(plan, error) from error


def _named(plan: Mapping[str, Any], error: EndsBeforeStart) -> EndsBeforeStart:
    """Return the error with the phase's name instead of its code."""
    phase = next(one for one in plan["phases"] if one["code"] in error.fields)
    sentence = f"“{phase['name']}”的结束日早于开始日 / {phase['name_en'] or phase['code']} ends before it starts"
    return EndsBeforeStart(sentence, error.fields)


def date_variables(plan: Mapping[str, Any], days: Days) -> dict[str, str | None]:
    """Return the process variables that carry the plan's days: ``survey_starts``, ``survey_ends``, named dates."""
    values: dict[str, str | None] = {}
    for phase in plan["phases"]:
        for edge in (STARTS, ENDS):
            day = days.day(f"{phase['code']}.{edge}")
            values[f"{phase['code']}_{edge}"] = day.isoformat() if day else None
    for name in (*(named["code"] for named in plan["dates"]), *cascade_days(plan), *step_days(plan)):
        day = days.day(name)
        values[name] = day.isoformat() if day else None
    return values


def check_phases(plan: Mapping[str, Any]) -> Iterable[Problem]:
    """Find codes that stand twice, references to nothing, dates that cannot be worked out."""
    codes = [phase["code"] for phase in plan["phases"]]
    yield from repeated(plan, "phases")
    yield from repeated(plan, "dates")
    yield from _taken_names(plan)
    for number, phase in enumerate(plan["phases"]):
        for key in ("after", "within"):
            if phase[key] and (phase[key] not in codes or phase[key] == phase["code"]):
                yield Problem(("phases", number, key), f"没有阶段“{phase[key]}” / there is no phase {phase[key]}")
    texts = day_texts(plan)
    parameters = {one["name"]: one for one in plan["launch"]["parameters"]}
    trial = {name: "2026-06-15" for name, one in parameters.items() if one["type"] == "date"}
    days = plan_days(plan, _SAMPLE_YEAR, parameters=trial)
    for name, text in texts.items():
        reference = parse_day(text).reference if text != OPEN else ""
        path = _path_of(plan, name)
        if reference.startswith("{") and reference[1:-1] not in trial:
            yield Problem(
                path, f"没有日期型启动参数“{reference}” / there is no launch parameter {reference} of type date"
            )
        elif "." in reference and reference.partition(".")[0] not in codes:
            yield Problem(path, f"没有阶段“{reference}” / there is no phase for {reference}")
        else:
            try:
                days.day(name)
            except EndsBeforeStart as error:
                if not _chosen_at_launch(texts, name):
                    yield Problem(path, str(error))
            except InvalidInput as error:
                yield Problem(path, str(error))


def _taken_names(plan: Mapping[str, Any]) -> Iterable[Problem]:
    """Find named dates whose variable already carries another day: a step's deadline, or a phase's edge."""
    edges = {f"{phase['code']}_{edge}" for phase in plan["phases"] for edge in (STARTS, ENDS)}
    taken = edges | step_days(plan).keys() | cascade_days(plan).keys()
    for number, named in enumerate(plan["dates"]):
        if named["code"] in taken:
            sentence = f"“{named['code']}”已是另一个日子的变量，请改名 / {named['code']} is the variable of another day"
            yield Problem(("dates", number, "code"), sentence)


def _chosen_at_launch(texts: Mapping[str, str], name: str) -> bool:
    """Say whether a day, or the beginning of its phase, hangs on a launch parameter: its order is known at launch."""
    asked = {name, f"{name.partition('.')[0]}.{STARTS}"} & texts.keys()
    references = {parse_day(texts[one]).reference for one in asked if texts[one] != OPEN} - asked
    return any(one.startswith("{") or (one in texts and _chosen_at_launch(texts, one)) for one in references)


def repeated(plan: Mapping[str, Any], section: str, key: str = "code") -> Iterable[Problem]:
    """Find codes that stand twice in a list of a plan."""
    seen: set[str] = set()
    for number, one in enumerate(plan[section]):
        if one[key] in seen:
            yield Problem((section, number, key), f"“{one[key]}”写了两次 / {one[key]} stands twice")
        seen.add(one[key])


def _path_of(plan: Mapping[str, Any], name: str) -> tuple[str | int, ...]:
    code, _, edge = name.partition(".")
    if not edge:
        number = next((n for n, one in enumerate(plan["dates"]) if one["code"] == code), None)
        return ("dates", number, "date") if number is not None else (name,)
    number = next(n for n, one in enumerate(plan["phases"]) if one["code"] == code)
    return ("phases", number, edge if plan["phases"][number][edge] else "lasts")
