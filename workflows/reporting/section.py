"""The ``reports`` section of a plan, and the steps that it stands for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, validates_schema

from workflows.plans.form_fields import FieldSchema
from workflows.plans.phases import PhaseDay
from workflows.plans.rounds import Rhythm
from workflows.plans.section import Problem, Section
from workflows.plans.shapes import Code, Strict, Text, Texts, many

UNITS, OFFICE = "units", "office"


class ReportSchema(Strict):
    """One obligation.

    ``every`` makes it periodic (by the 20th of each month, odd months, 20 June and 20 November), ``due`` is a single
    day of the plan (3 working days after a phase, before its end). ``levels`` are kinds of unit from below: each level
    adds up what the units below it filed and files its own. ``to`` consolidates what the last level filed.
    """

    code = Code(required=True)
    name = Text(required=True)
    name_en = Text(load_default="")
    who = Text(required=True)
    kinds = Texts(load_default=list)
    levels = Texts(load_default=list)
    by = Text(load_default=UNITS)
    to = Text(load_default="")
    review = Text(load_default="")
    every = Rhythm(load_default=None, allow_none=True)
    begins = Text(load_default="")
    until = Text(load_default="")
    due = PhaseDay(load_default=None, allow_none=True)
    opens = PhaseDay(load_default=None, allow_none=True)
    content = many(FieldSchema, data_key="fields")

    @validates_schema
    def _one_time(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data["every"]) == bool(data["due"]):
            raise ValidationError("every 与 due 写且只写一个 / write either every or due", "due")
        if data["by"] not in (UNITS, OFFICE):
            raise ValidationError("应是 units、office 之一 / expected units or office", "by")


def _check(plan: Mapping[str, Any]) -> Iterable[Problem]:
    seen: set[str] = set()
    for number, report in enumerate(plan["reports"]):
        if report["code"] in seen:
            yield Problem(("reports", number, "code"), f"“{report['code']}”写了两次 / {report['code']} stands twice")
        seen.add(report["code"])
        for kind in (*report["kinds"], *report["levels"]):
            if kind not in plan["units"]["kinds"]:
                place = ("reports", number, "levels" if kind in report["levels"] else "kinds")
                yield Problem(place, f"units.kinds 里没有“{kind}” / units.kinds has no {kind}")


def report_steps(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of an obligation as an author would write them."""
    code, name = report["code"], report["name"]
    periodic = bool(report["every"])
    inside = _filing(report, "=round_period" if periodic else "")
    if periodic:
        every = {key: value for key, value in report["every"].items() if value not in (None, [])}
        rounds = {"rounds": name, "code": f"{code}_rounds", "every": every, "steps": inside}
        return [rounds | {key: report[key] for key in ("begins", "until") if report[key]}]
    if report["opens"]:
        inside.insert(0, {"wait": f"{name}开始报送", "code": f"{code}_opens", "until": report["opens"]})
    return [{"stage": name, "code": f"{code}_stage", "steps": inside}]


def _filing(report: Mapping[str, Any], period: str) -> list[dict[str, Any]]:
    code = report["code"]
    steps: list[dict[str, Any]] = []
    if report["by"] == OFFICE:
        return _one_filing(report, f"{code}_file", period, sums=False)
    levels = report["levels"] or [""]
    for number, level in enumerate(levels):
        kinds = [level] if level else list(report["kinds"])
        suffix = f"_{number + 1}" if number else ""
        steps.append(
            {
                "each": report["name"] if not number else f"{report['name']}逐级汇总",
                "code": f"{code}_units{suffix}",
                "kinds": kinds,
                "steps": _one_filing(report, f"{code}_file{suffix}", period, sums=bool(number)),
            }
        )
    if report["to"]:
        steps += _consolidation(report, period, levels[-1])
    return steps


def _one_filing(report: Mapping[str, Any], element: str, period: str, *, sums: bool) -> list[dict[str, Any]]:
    common = {"report": report["code"], "period": period}
    due = {} if report["every"] else {"due": report["due"]}
    steps: list[dict[str, Any]] = [
        {"service": "report.expect", "name": "登记应报", "with": {**common, "due": _due(report, element)}}
    ]
    if sums:
        steps.append({"service": "report.add_up", "name": "汇总下级", "with": common, "gives": {"sums": "=sums"}})
    form = [_raw(one) for one in report["content"]] or [{"key": "report_file", "label": report["name"], "type": "file"}]
    steps.append({"work": f"报送{report['name']}", "code": element, "who": report["who"], "form": form, **due})
    if report["review"]:
        steps.append(
            {"approve": f"审核{report['name']}", "code": f"{element}_reviewed", "who": report["review"], **due}
        )
    steps.append({"service": "report.file", "name": "登记已报", "with": {**common, "element": element}})
    return steps


def _due(report: Mapping[str, Any], element: str) -> str:
    return "=round_due" if report["every"] else f"={element}_due"


def _consolidation(report: Mapping[str, Any], period: str, level: str) -> list[dict[str, Any]]:
    code = report["code"]
    inputs: dict[str, Any] = {"report": code, "period": period}
    if level:
        inputs["kinds"] = [level]
    gives = {name: f"={name}" for name in ("sums", "filed_count", "late_count", "missing_count")}
    title = f'="汇总{report["name"]}：已报 " + string(filed_count) + "，迟报 " + string(late_count)'
    form = [{"key": "summary", "label": "汇总情况", "label_en": "Summary", "type": "long"}]
    return [
        {"service": "report.add_up", "name": "汇总报送", "with": inputs, "gives": gives},
        {
            "work": f"汇总{report['name']}", "code": f"{code}_consolidate", "who": report["to"], "title": title,
            "form": form, "due": "2 working days",
        },
    ]  # fmt: skip


def _raw(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked field as an author writes it."""
    options = {item["value"]: " / ".join(filter(None, (item["label"], item["label_en"]))) for item in one["options"]}
    kept = {
        key: value for key, value in one.items() if value not in (None, [], "") and key not in ("options", "columns")
    }
    columns = {"columns": [_raw(column) for column in one["columns"]]} if one["columns"] else {}
    return {**kept, **({"options": options} if options else {}), **columns}


def all_report_steps(plan: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """Return the steps of every obligation of a plan; they run beside the phases."""
    return [step for report in plan["reports"] for step in report_steps(report)]


REPORTS = Section("reports", many(ReportSchema), check=_check)
