"""Migration: an instance goes over to another published version of its package, or of another one.

An instance stays on its definition until somebody migrates it. What it means for tokens is in
:mod:`engine.interpreter.migration`; here the rows that name elements follow their tokens. One instance is one
transaction: it goes over whole, or it is refused with a sentence and nothing is changed. Many are a batch.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import NotAllowed, NotFound, Stale
from engine.history.models import Visit
from engine.instances.administration import operating, require_operator
from engine.instances.batches import open_batch
from engine.instances.effects import handle_effects
from engine.instances.forecast import Change, Forecast
from engine.instances.models import (
    OPEN_STATUSES,
    Batch,
    BatchKind,
    FanOut,
    Incident,
    IncidentStatus,
    Instance,
    InstanceStatus,
)
from engine.instances.plans import MigrationPlan, ProcessPlan, crossing_of, require_plan
from engine.instances.run import Run, load_run
from engine.instances.turns import advance, lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.migration import Finding, examine, remap
from engine.messages.models import Subscription
from engine.tasks.models import Activation
from engine.work.models import Work

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_FAMILY = 100_000
READ_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a dry run says of one instance."""

    instance_id: int
    title: str
    process_id: str
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        """Whether it would be refused."""
        return any(one.severity == "blocked" for one in self.findings)

    @property
    def loses(self) -> bool:
        """Whether it would lose something."""
        return any(one.severity == "lost" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        findings = [
            {"severity": one.severity, "rule": one.rule, "element": one.element_id, "target": one.target_id,
             "sentence": one.sentence}
            for one in self.findings
        ]  # fmt: skip
        return {
            "instance_id": str(self.instance_id),
            "title": self.title,
            "blocked": self.blocked,
            "findings": findings,
        }


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """What the migration of one instance did, or would do: its findings, and what moved."""

    verdict: Verdict
    changes: tuple[Change, ...]


def judge_instances(
    engine: "Engine", session: Session, plan: MigrationPlan, instance_ids: Sequence[int]
) -> list[Verdict]:
    """Say of each instance what would be lost or blocked; reads only."""
    verdicts: list[Verdict] = []
    for start in range(0, len(instance_ids), READ_CHUNK):
        chosen = instance_ids[start : start + READ_CHUNK]
        forms = _open_forms(session, chosen)
        for instance in session.scalars(select(Instance).where(Instance.id.in_(chosen)).order_by(Instance.id)):
            verdicts.append(_judge(engine, session, plan, instance, forms.get(instance.id, ())))
    return verdicts


def judge(engine: "Engine", session: Session, plan: MigrationPlan, instance: Instance) -> Verdict:
    """Say of one instance what would be lost or blocked."""
    return _judge(engine, session, plan, instance, _open_forms(session, [instance.id]).get(instance.id, ()))


def _judge(
    engine: "Engine", session: Session, plan: MigrationPlan, instance: Instance, forms: Sequence[tuple[str, str]]
) -> Verdict:
    refusal = _refusal(plan, instance)
    if refusal is not None:
        found = [Finding("blocked", "not-here", None, None, refusal)]
    else:
        found = examine(crossing_of(engine, session, plan, instance.process_id), instance.snapshot)
        known = engine.packages.get(session, plan.target_version_id).forms
        found += [
            Finding("blocked", "no-form", element, None, f"新版本没有表单“{form}” / The target has no form {form}")
            for element, form in forms
            if form not in known
        ]
    return Verdict(instance.id, instance.title, instance.process_id, tuple(found))


def migrate_instance(
    engine: "Engine",
    *,
    instance_id: int,
    plan: MigrationPlan,
    actor_id: int,
    reason: str,
    expected_version: int | None = None,
    dry_run: bool = False,
) -> MigrationResult:
    """Migrate one instance, or only say what that would do.

    Raises
    ------
    NotAllowed
        Something blocks it; the sentence says what. With ``dry_run`` the verdict says it instead.
    Stale
        The instance has moved since ``expected_version`` was seen, or a message is being delivered to it.
    InvalidInput
        The plan or the reason is no good.

    """
    with operating(engine, actor_id=actor_id, reason=reason, dry_run=dry_run) as writer:
        require_plan(engine, writer.session, plan)
        instance = lock_instance(writer.session, instance_id)
        if expected_version is not None and instance.version != expected_version:
            raise Stale("流程已经前进，请刷新后再操作 / The instance has moved on: look again")
        verdict = judge(engine, writer.session, plan, instance)
        if dry_run and verdict.blocked:
            return MigrationResult(verdict, ())
        return MigrationResult(verdict, _migrate(writer, instance, plan, verdict, actor_id=actor_id, reason=reason))


def migrate_instances(
    engine: "Engine",
    *,
    instance_ids: Collection[int],
    plan: MigrationPlan,
    actor_id: int,
    reason: str,
    with_children: bool = False,
) -> int:
    """Migrate many instances as a batch; returns the batch's id. Each is judged again when its turn comes.

    Parameters
    ----------
    with_children
        Take the instances below them along, as far as they are of the same version.

    """
    with operating(engine, actor_id=actor_id, reason=reason) as writer:
        require_plan(engine, writer.session, plan)
        chosen = set(instance_ids)
        if with_children:
            chosen |= set(descendants(writer.session, chosen, plan.source_version_id))
        return open_batch(
            writer, kind=BatchKind.MIGRATE, members=[(one, one) for one in sorted(chosen)],
            parameters=plan.as_json(), reason=reason, actor_id=actor_id,
        )  # fmt: skip


def migrate_member(writer: TurnWriter, instance: Instance, _subject_id: int, batch: Batch) -> None:
    """Migrate one instance of a batch; its row is locked."""
    require_operator(writer.engine, writer.session, batch.actor_id)
    plan = MigrationPlan.from_json(batch.parameters)
    verdict = judge(writer.engine, writer.session, plan, instance)
    _migrate(writer, instance, plan, verdict, actor_id=batch.actor_id, reason=batch.reason)


def descendants(session: Session, instance_ids: Collection[int], version_id: int) -> list[int]:
    """Return what is below these instances, is not over, and is of this version."""
    tree = select(Instance.id).where(Instance.id.in_(instance_ids)).cte("family", recursive=True)
    tree = tree.union_all(select(Instance.id).where(Instance.parent_id == tree.c.id))
    query = select(Instance.id).where(
        Instance.id.in_(select(tree.c.id)), Instance.package_version_id == version_id, Instance.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(Instance.id).limit(MOST_FAMILY)))


def _refusal(plan: MigrationPlan, instance: Instance) -> str | None:
    if instance.status not in (*OPEN_STATUSES, InstanceStatus.SUSPENDED):
        return "流程已经结束 / The instance is over"
    if instance.package_version_id != plan.source_version_id:
        return "实例不在方案的原版本上 / The instance is not of the plan's source version"
    if instance.process_id not in plan.processes:
        return f"方案里没有流程“{instance.process_id}” / The plan leaves out the process {instance.process_id}"
    return None


def _open_forms(session: Session, instance_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the elements and forms of open tasks, by instance."""
    query = select(Activation.instance_id, Activation.element_id, Activation.form).where(
        Activation.instance_id.in_(instance_ids), Activation.closed_at.is_(None), Activation.form.is_not(None)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for instance_id, element, form in session.execute(query):
        found.setdefault(instance_id, []).append((element, str(form)))
    return found


def _migrate(
    writer: TurnWriter, instance: Instance, plan: MigrationPlan, verdict: Verdict, *, actor_id: int, reason: str
) -> tuple[Change, ...]:
    """Take an instance over, with every row that names its elements; its row is locked."""
    session, engine = writer.session, writer.engine
    blocking = [one for one in verdict.findings if one.severity == "blocked"]
    if blocking:
        raise NotAllowed(blocking[0].sentence, findings=[one.sentence for one in blocking])
    if session.scalar(select(Work.id).where(Work.instance_id == instance.id, Work.kind == "message").limit(1)):
        raise Stale("有消息正在送达这个流程，请稍后再试 / A message is being delivered: try again in a moment")
    process_plan = plan.processes[instance.process_id]
    before = Instance(id=instance.id, snapshot=instance.snapshot, variables=dict(instance.variables))
    crossing = crossing_of(engine, session, plan, instance.process_id)
    writer.line(
        instance, "migrate", actor_id=actor_id, opinion=reason,
        detail={
            "from": _version(session, plan.source_version_id),
            "to": _version(session, plan.target_version_id),
            "process": process_plan.target,
            "renamed": {one: other for one, other in process_plan.elements.items() if one != other},
            "lost": [one.sentence for one in verdict.findings if one.severity == "lost"],
        },
    )  # fmt: skip
    instance.package_version_id, instance.process_id = plan.target_version_id, process_plan.target
    run = load_run(writer, instance)
    _rename_rows(run, process_plan)
    step = remap(crossing, run.definition, instance.snapshot, run.variables, run.environment, at=writer.at)
    instance.snapshot, run.variables = step.snapshot, dict(step.variables)
    if run.variables != instance.variables:
        instance.variables = run.variables
    run.effects.extend(step.effects)
    handle_effects(run, step.effects)
    advance(run, ())
    return tuple(Forecast(run, before=before).changes())


def _rename_rows(run: Run, plan: ProcessPlan) -> None:
    """Let tasks, deadlines, timers, calls, subscriptions and open incidents and visits follow their elements."""
    instance, session, renamed = run.instance, run.session, plan.elements
    instance.rounds = {renamed.get(one, one): number for one, number in instance.rounds.items()}
    for visit in session.scalars(select(Visit).where(Visit.instance_id == instance.id, Visit.lasted.is_(None))):
        visit.version_id, visit.process_id = instance.package_version_id, instance.process_id
        visit.element_id = renamed.get(visit.element_id, visit.element_id)
    for subscription in session.scalars(select(Subscription).where(Subscription.instance_id == instance.id)):
        subscription.process_id = instance.process_id
        subscription.element_id = renamed.get(subscription.element_id, subscription.element_id)
    for fanout in session.scalars(select(FanOut).where(FanOut.instance_id == instance.id, FanOut.status == "open")):
        fanout.element_id = renamed.get(fanout.element_id, fanout.element_id)
        called = run.process.nodes.get(fanout.element_id)
        fanout.called = called.attributes.get("calledElement", fanout.called) if called else fanout.called
    if all(one == other for one, other in renamed.items()):
        return
    for activation in session.scalars(select(Activation).where(Activation.instance_id == instance.id)):
        activation.element_id = renamed.get(activation.element_id, activation.element_id)
    failed = select(Incident).where(Incident.instance_id == instance.id, Incident.status == IncidentStatus.OPEN)
    for incident in session.scalars(failed):
        incident.element_id = renamed.get(incident.element_id or "", incident.element_id)
        incident.work_payload = _renamed(incident.work_payload, renamed)
    for work in session.scalars(select(Work).where(Work.instance_id == instance.id)):
        work.payload = _renamed(work.payload, renamed) or {}


def _renamed(payload: dict[str, Any] | None, elements: Mapping[str, str]) -> dict[str, Any] | None:
    element = str((payload or {}).get("element_id"))
    return {**(payload or {}), "element_id": elements[element]} if element in elements else payload


def _version(session: Session, version_id: int) -> dict[str, Any]:
    row = session.get(PackageVersion, version_id)
    if row is None:
        raise NotFound("没有这个版本 / There is no such version")
    return {"id": str(row.id), "package": row.key, "version": row.version}
