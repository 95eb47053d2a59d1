"""The migration wizard: versions, mapping with a dry run, then the batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.definitions.model import Node
from engine.errors import DubanError, InvalidInput
from engine.instances import migrate_instances
from engine.instances.migrate import Verdict, descendants, judge_instances
from engine.instances.models import Instance
from engine.instances.overview import InstanceFilter, living_instances
from engine.instances.plans import MigrationPlan, crossing_of, generate_plan
from web.context import person, running_engine
from web.element_words import type_words
from web.language import bracketed
from web.operations.room import number_of, operations, optional_number, version_row, versions

JUDGED = 2000
"""Instances that a preview looks at; the migration itself judges each again."""

SHOWN = 50


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One element of the source with the targets that it may go to."""

    process_id: str
    id: str
    name: str
    type: str
    chosen: str
    choices: Sequence[tuple[str, str]]

    @property
    def field(self) -> str:
        """Name of its select."""
        return f"map:{self.process_id}:{self.id}"

    @property
    def same(self) -> bool:
        """Whether it goes to the element of its own id."""
        return self.chosen == self.id


@operations.get("/migrate")
def ask_migrate() -> ResponseReturnValue:
    """Choose versions; with both chosen, show the mapping."""
    return _wizard()


@operations.post("/migrate")
def migrate() -> ResponseReturnValue:
    """Try the migration out for every instance, or begin it once it was tried out."""
    try:
        if request.form.get("operation") != "apply":
            return _wizard(preview=True)
        running = running_engine()
        with running.db.read() as session:
            plan = _plan(session)
            chosen = _chosen(session, plan)
        batch = migrate_instances(
            running,
            instance_ids=chosen,
            plan=plan,
            actor_id=person().id,
            reason=request.form.get("reason", ""),
            with_children=request.form.get("children") == "yes",
        )
    except InvalidInput as error:
        return _wizard(sentence=str(error), errors=error.fields), 422
    return redirect(url_for("operations.batch", batch_id=batch))


def _wizard(*, preview: bool = False, sentence: str = "", errors: Mapping[str, str] | None = None) -> str:
    running = running_engine()
    context: dict[str, Any] = {"sentence": sentence, "errors": errors or {}, "form": request.values}
    with running.db.read() as session:
        context["versions"] = versions(session)
        living = select(Instance.package_version_id, func.count()).where(Instance.ended_at.is_(None))
        counted = session.execute(living.group_by(Instance.package_version_id))
        context["living"] = {row[0]: row[1] for row in counted}
        context["instance_id"] = optional_number("instance")
        source, target = optional_number("source"), optional_number("target")
        context |= {"chosen_source": source, "chosen_target": target}
        if source and target:
            context |= {"source": version_row(session, source), "target": version_row(session, target)}
            try:
                plan = _plan(session)
            except DubanError as error:
                context["sentence"] = context["sentence"] or str(error)
                plan = None
            if plan is not None:
                context["rows"] = _rows(session, plan)
                context |= _judged(session, plan) if preview else {}
        return render_template("operations/migrate.html", tab="migrate", **context)


def _judged(session: Session, plan: MigrationPlan) -> dict[str, Any]:
    chosen = _chosen(session, plan)
    if request.form.get("children") == "yes":
        chosen = sorted({*chosen, *descendants(session, chosen, plan.source_version_id)})
    verdicts = judge_instances(running_engine(), session, plan, chosen[:JUDGED])
    told = sorted((one for one in verdicts if one.findings), key=lambda one: (not one.blocked, not one.loses))
    return {
        "total": len(chosen),
        "judged": len(verdicts),
        "blocked": sum(one.blocked for one in verdicts),
        "losing": sum(one.loses and not one.blocked for one in verdicts),
        "rules": _by_sentence(verdicts),
        "verdicts": told[:SHOWN],
        "more": max(0, len(told) - SHOWN),
    }


def _by_sentence(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int]]:
    """Return severity, sentence and how many instances it concerns, the gravest first."""
    counts: dict[tuple[str, str], int] = {}
    for verdict in verdicts:
        for one in verdict.findings:
            counts[one.severity, one.sentence] = counts.get((one.severity, one.sentence), 0) + 1
    order = ("blocked", "lost", "note")
    return sorted(
        ((severity, sentence, number) for (severity, sentence), number in counts.items()),
        key=lambda row: (order.index(row[0]), -row[2]),
    )


def _plan(session: Session) -> MigrationPlan:
    """Make the plan that the form says; elements it does not mention keep the generated target."""
    changed: dict[str, dict[str, str | None]] = {}
    for name, value in request.values.items():
        if name.startswith("map:"):
            _prefix, process_id, element = name.split(":", 2)
            changed.setdefault(process_id, {})[element] = value or None
    return generate_plan(
        running_engine(),
        session,
        source_version_id=number_of("source"),
        target_version_id=number_of("target"),
        elements=changed,
    )


def _chosen(session: Session, plan: MigrationPlan) -> list[int]:
    one = optional_number("instance")
    if one is not None:
        return [one]
    found = living_instances(session, InstanceFilter(version_id=plan.source_version_id))
    if not found:
        raise InvalidInput(_("原版本没有进行中的实例。"))
    return found


def _rows(session: Session, plan: MigrationPlan) -> list[ElementRow]:
    """Return the elements of the source that tokens can be at, those without target first."""
    rows = []
    for process_id in plan.processes:
        crossing = crossing_of(running_engine(), session, plan, process_id)
        by_type: dict[str, list[tuple[str, str]]] = {}
        for node in crossing.target.nodes.values():
            by_type.setdefault(node.type, []).append((node.id, _said(node)))
        for node in crossing.source.nodes.values():
            chosen = crossing.elements.get(node.id, "")
            choices = by_type.get(node.type, [])
            rows.append(ElementRow(process_id, node.id, _said(node), type_words(node.type), chosen, choices))
    return sorted(rows, key=lambda row: (row.chosen != "", row.process_id))


def _said(node: Node) -> str:
    return f"{node.name}{bracketed(node.id)}" if node.name else node.id
