"""Cards of what can be started, and the form of launch parameters."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package
from engine.errors import InvalidInput, NotFound
from engine.instances import start_instance
from engine.instances.models import Instance
from web.context import person, running_engine
from web.language import bracketed, is_english, pick, side
from web.start.schedule import schedule_for
from web.start.units import ticked_units, unit_groups
from web.tasks.fields import PREFIX, Field
from workflows.campaigns.launch import launch
from workflows.campaigns.models import Campaign
from workflows.plans.measures import unit_of_measure
from workflows.plans.parameters import hint_of
from workflows.plans.schema import read_plan

start = Blueprint("start", __name__)

MOST_OFTEN = 4
MOST_COPIED = 5

NOT_STARTED_HERE = "camunda:isStartableInTasklist"
"""Attribute of a process: ``false`` for one that only other pages start."""

UNITS = "units"
"""Where a draft keeps the ticked units, beside the parameters."""

KINDS = {
    "integer": "number",
    "number": "number",
    "text": "text",
    "date": "date",
    "boolean": "check",
    "choice": "select",
}


@start.get("/start")
def show() -> ResponseReturnValue:
    """Show every live package as a card: what the person starts often first, then all by their groups."""
    running = running_engine()
    search = request.args.get("q", "").strip()[:100]
    query = select(PackageVersion).where(PackageVersion.live).order_by(PackageVersion.name)
    with running.db.read() as session:
        found = [(one, running.packages.get(session, one.id)) for one in session.scalars(query)]
        cards = [_card(one, package.plan) for one, package in found if _is_started_here(package)]
        often = _often(session)
    groups: dict[str, list[dict[str, Any]]] = {}
    for card in cards:
        if search.lower() in f"{card['name']} {card['note']} {card['key']}".lower():
            groups.setdefault(card["group"], []).append(card)
    by_key = {card["key"]: card for card in cards}
    frequent = [by_key[key] for key in often if key in by_key] if not search else []
    return render_template(
        "start/index.html", groups=groups, frequent=frequent, search=search, known=bool(cards), section="start"
    )


def _is_started_here(package: Package) -> bool:
    return package.process(package.main_process)[1].attributes.get(NOT_STARTED_HERE) != "false"


def _card(version: PackageVersion, plan: Mapping[str, Any]) -> dict[str, Any]:
    def said(name: str) -> str:
        return str((is_english() and plan.get(f"{name}_en")) or plan.get(name) or "")

    return {
        "key": version.key,
        "name": pick(version.name, version.name_en),
        "version": version.version,
        "note": said("summary"),
        "catalogue": plan.get("catalogue", ""),
        "group": _group(str(plan.get("kind", "application"))),
    }


def _group(kind: str) -> str:
    """Return the heading under which plans of a kind stand."""
    known = {
        "phased-campaign": _("专项行动"),
        "recurring-supervision": _("常态督查"),
        "competition": _("竞赛评比"),
        "target-assessment": _("目标考核"),
        "case-handling": _("事项办理"),
        "duty-routine": _("值班与日常"),
    }
    return known.get(kind, _("申请与审批"))


def _often(session: Session) -> list[str]:
    """Return the packages that the person has started most."""
    query = (
        select(PackageVersion.key)
        .join(Instance, Instance.package_version_id == PackageVersion.id)
        .where(Instance.initiator_id == person().id, Instance.parent_id.is_(None))
        .group_by(PackageVersion.key)
        .order_by(func.count().desc(), PackageVersion.key)
        .limit(MOST_OFTEN)
    )
    return list(session.scalars(query))


def _earlier(session: Session, package_key: str) -> list[Instance]:
    """Return what the person started of a package before, the latest first: it can be copied."""
    query = (
        select(Instance)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
        .where(PackageVersion.key == package_key, Instance.initiator_id == person().id, Instance.parent_id.is_(None))
        .order_by(Instance.created_at.desc())
        .limit(MOST_COPIED)
    )
    return list(session.scalars(query))


@start.get("/start/<package_key>")
def form(package_key: str) -> ResponseReturnValue:
    """Ask for the launch parameters; ``draft`` names one to go on with, ``copy`` an earlier start to copy."""
    given: dict[str, Any] = {}
    draft, copied = request.args.get("draft", ""), request.args.get("copy", "")
    if copied.isdigit():
        with running_engine().db.read() as session:
            known = {one.id: one for one in _earlier(session, package_key)}
            if int(copied) not in known:
                raise NotFound(_("没有这次发起。"))
            campaign = session.scalars(select(Campaign).where(Campaign.instance_id == int(copied))).one_or_none()
            given = dict(known[int(copied)].variables) | {UNITS: campaign and campaign.chosen_units}
    elif draft.isdigit():
        with running_engine().db.read() as session:
            given = dict(human_tasks.start_draft(session, person_id=person().id, draft_id=int(draft)).data)
    return _form(package_key, given, {}, "")


@start.post("/start/<package_key>")
def begin(package_key: str) -> ResponseReturnValue:
    """Start the campaign, or the plain process of a package without phases."""
    running = running_engine()
    with running.db.read() as session:
        version = running.packages.live(session, package_key)
        plan = read_plan(running.packages.get(session, version.id).plan)
    given = {name: _typed(one, request.form) for one in plan["launch"]["parameters"] if (name := one["name"])}
    key = request.form.get("key", "")[:80] or None
    units = ticked_units(request.form)
    if request.form.get("operation") == "save":
        return _save(package_key, {**given, UNITS: units}, pick(version.name, version.name_en))
    try:
        if plan["phases"]:
            campaign = launch(
                running, package_key=package_key, parameters=given, initiator_id=person().id, key=key, unit_ids=units
            )
            flash(_("已发起。"))
            return redirect(url_for("campaigns.board", campaign_id=campaign.id))
        instance_id = start_instance(
            running,
            package_key=package_key,
            variables={name: value for name, value in given.items() if value is not None},
            title=pick(version.name, version.name_en),
            initiator_id=person().id,
            key=key,
        )
    except InvalidInput as error:
        return _form(package_key, {**given, UNITS: units}, error.fields, side(str(error))), 422
    flash(_("已发起。"))
    return redirect(url_for("instances.show", instance_id=instance_id))


@start.post("/start/<package_key>/route")
def route(package_key: str) -> ResponseReturnValue:
    """Say when the phases are, or who will probably sign, for what is typed so far."""
    running = running_engine()
    with running.db.read() as session:
        version = running.packages.live(session, package_key)
        plan = read_plan(running.packages.get(session, version.id).plan)
    given = {one["name"]: _typed(one, request.form) for one in plan["launch"]["parameters"]}
    if plan["phases"]:
        return render_template("start/schedule.html", schedule=schedule_for(plan, given, running.clock.now()))
    return render_template("start/route.html", steps=_route(package_key, given))


def _route(package_key: str, given: dict[str, Any]) -> list[Any]:
    """Return the predicted steps: by the rules that will decide, over what is typed."""
    running = running_engine()
    values = {name: value for name, value in given.items() if value is not None}
    with running.db.read() as session:
        return human_tasks.forecast_start(
            running, session, package_key=package_key, variables=values, initiator_id=person().id
        )


def _save(package_key: str, given: dict[str, Any], title: str) -> ResponseReturnValue:
    """Keep what was typed in the drafts box."""
    draft = request.args.get("draft", "")
    running = running_engine()
    values = {name: value for name, value in given.items() if value is not None}
    version, number = 0, None
    if draft.isdigit():
        number = int(draft)
        with running.db.read() as session:
            version = human_tasks.start_draft(session, person_id=person().id, draft_id=number).version
    human_tasks.save_start_draft(
        running, person_id=person().id, package_key=package_key, data=values, title=title, draft_id=number,
        version=version,
    )  # fmt: skip
    flash(_("草稿已保存。"))
    return redirect(url_for("inbox.show", box="drafts"))


def _typed(one: dict[str, Any], posted: Any) -> Any:
    name = PREFIX + one["name"]
    if one["type"] == "boolean":
        return name in posted
    if one["type"] == "choice":
        return next((choice for choice in one["choices"] if str(choice) == posted.get(name)), posted.get(name) or None)
    return (posted.get(name) or "").strip() or None


def _form(package_key: str, given: dict[str, Any], errors: Any, sentence: str) -> str:
    running = running_engine()
    with running.db.read() as session:
        version = running.packages.live(session, package_key)
        plan = read_plan(running.packages.get(session, version.id).plan)
        earlier = _earlier(session, package_key)
        groups = unit_groups(session, plan, given.get(UNITS))
    year = running.clock.now().year
    typed = {"year": year} | {name: value for name, value in given.items() if value is not None}
    return render_template(
        "start/form.html",
        section="start",
        name=pick(version.name, version.name_en),
        fields=[_field(one, given, errors, year) for one in plan["launch"]["parameters"]],
        summary=(is_english() and plan.get("summary_en")) or plan.get("summary"),
        groups=groups,
        units_error=errors.get(UNITS, ""),
        schedule=schedule_for(plan, typed, running.clock.now()) if plan["phases"] else None,
        steps=[] if plan["phases"] else _route(package_key, given),
        package_key=package_key,
        earlier=earlier,
        now=running.clock.now(),
        sentence=sentence,
        key=secrets.token_hex(12),
    )


def _field(one: dict[str, Any], given: dict[str, Any], errors: Any, year: int) -> Field:
    label = (one.get("label_en") if is_english() else None) or one["label"] or one["name"]
    value = given.get(one["name"], one["default"])
    if value is None and one["name"] == "year" and not given:
        value = year
    limits = {name: one[name] for name in ("min", "max") if one[name] is not None and one["type"] != "date"}
    if one["type"] == "number":
        limits["step"] = "any"
    return Field(
        key=one["name"],
        kind=KINDS[one["type"]],
        label=f"{label}{bracketed(side(unit_of_measure(one['unit'])))}" if one["unit"] else label,
        name=PREFIX + one["name"],
        value=value,
        options=[(str(choice), side(text)) for choice, text in one["choices"].items()],
        required=bool(one["required"]),
        error=side(errors.get(one["name"], "")),
        hint=side(hint_of(one)),
        limits=limits,
    )
