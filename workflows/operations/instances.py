"""``duban instances``: list, show, suspend, resume, terminate, modify, migrate."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.instances import (
    lifecycle,
    migrate_instance,
    migrate_instances,
    modify_instance,
)
from engine.instances.migrate import MOST_FAMILY, Verdict, descendants, judge_instances
from engine.instances.modify import Modification
from engine.instances.overview import (
    IncidentFilter,
    InstanceFilter,
    list_incidents,
    list_instances,
    living_instances,
    require_status,
)
from engine.instances.plans import MigrationPlan, generate_plan, require_plan
from engine.instances.view import instance_view
from engine.runtime import Engine
from workflows.operations.batches import report_batch
from workflows.operations.reading import cancels_of, mapping_of, show_json, starts_of, values_of, version_of
from workflows.operations.session import acting, as_json_option, dry_run_option, operated, running_engine

VERDICTS_SHOWN = 50


@click.group()
def instances() -> None:
    """Look after running instances."""


@instances.command("list")
@click.option("--version", "version", default="", help="key@3, or key for the live version.")
@click.option("--status", default="", help="running, suspended, completed, terminated …")
@click.option("--incident", is_flag=True, help="Only those with an open incident.")
@click.option("--search", default="", help="Part of the title.")
@click.option("--page", default=1, show_default=True)
@as_json_option
def list_command(*, version: str, status: str, incident: bool, search: str, page: int, as_json: bool) -> None:
    """List instances, the newest first."""
    with running_engine() as engine, engine.db.read() as session:
        chosen = version_of(session, version).id if version else None
        wanted = InstanceFilter(version_id=chosen, status=require_status(status), incident=incident, search=search)
        found = list_instances(session, wanted, page=page)
    if as_json:
        show_json({"rows": [asdict(row) for row in found.rows], "next": found.next})
        return
    for row in found.rows:
        mark = f" 异常 {row.open_incidents}" if row.open_incidents else ""
        click.echo(f"{row.id}  {row.status:<10} {row.package_key}@{row.version} {row.process_id}  {row.title}{mark}")
    if found.next:
        click.echo(f"… --page {found.next}")


@instances.command()
@click.argument("instance_id", type=int)
@as_json_option
def show(instance_id: int, as_json: bool) -> None:
    """Show one instance: tokens, variables, incidents, children."""
    with running_engine() as engine, engine.db.read() as session:
        view = instance_view(engine, session, instance_id)
        failed = list_incidents(engine, session, IncidentFilter(instance_id=instance_id)).rows
    if as_json:
        show_json({**view.as_json(), "incidents": [asdict(row) for row in failed]})
        return
    click.echo(f"{view.id}  {view.status}  {view.package_key}@{view.version} {view.process_id}  {view.title}")
    for token in view.tokens:
        listens = "（监听）" if token.listens else ""
        click.echo(f"  {'  ' * token.depth}@{token.token} {token.element_id} {token.state} {token.wait}{listens}")
    for name, value in sorted(view.variables.items()):
        click.echo(f"  {name} = {json.dumps(value, ensure_ascii=False)}")
    for row in failed:
        click.echo(f"  异常 {row.id} {row.element_id or ''} [{row.code}] {row.message}")
    if view.children:
        click.echo("  子流程 " + "，".join(f"{status} {number}" for status, number in sorted(view.children.items())))


def _lifecycle(name: str, doc: str, done: str) -> None:
    @instances.command(name, help=doc)
    @click.argument("instance_id", type=int)
    @operated
    def command(instance_id: int, login: str, reason: str) -> None:
        with running_engine() as engine:
            act = getattr(lifecycle, name)
            act(engine, instance_id=instance_id, actor_id=acting(engine, login), reason=reason)
        click.echo(done)


_lifecycle("suspend", "Suspend an instance with everything below it.", "已挂起 / Suspended")
_lifecycle("resume", "Let a suspended instance go on with everything below it.", "已恢复 / Resumed")
_lifecycle("terminate", "End an instance with everything below it.", "已终止 / Terminated")


@instances.command()
@click.argument("instance_id", type=int)
@click.option("--cancel", multiple=True, help="Element, or @token.")
@click.option("--before", multiple=True, help="Start before this element (element@token: inside that scope).")
@click.option("--after", multiple=True, help="Start after this element.")
@click.option("--set", "assignments", multiple=True, help="name=JSON")
@operated
@dry_run_option
@as_json_option
def modify(
    *, instance_id: int, cancel: Sequence[str], before: Sequence[str], after: Sequence[str],
    assignments: Sequence[str], login: str, reason: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Cancel tokens, start elsewhere, set variables."""
    tokens, elements = cancels_of(cancel)
    with running_engine() as engine:
        result = modify_instance(
            engine, instance_id=instance_id, actor_id=acting(engine, login), reason=reason, dry_run=dry_run,
            modification=Modification(
                cancel=tokens, cancel_at=elements, start=starts_of(before, after), variables=values_of(assignments)
            ),
        )  # fmt: skip
    if as_json:
        show_json({"dry_run": dry_run, "changes": [one.as_json() for one in result.changes]})
        return
    for change in result.changes:
        click.echo(change.sentence)
    click.echo("试运行，什么都没有改变 / A dry run: nothing was changed" if dry_run else "已修改 / Modified")


@instances.command()
@click.argument("instance_ids", type=int, nargs=-1)
@click.option("--from", "source", required=True, help="key@3")
@click.option("--to", "target", required=True, help="key@4, or key for the live version.")
@click.option("--all", "everything", is_flag=True, help="Every instance of the source version that is not over.")
@click.option("--map", "pairs", multiple=True, help="old=new; beside what can be told by itself.")
@click.option("--unmap", multiple=True, help="Element that is taken out of the mapping.")
@click.option("--process", default="", help="Process that --map and --unmap are about; the main one when not given.")
@click.option("--plan", "plan_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Plan as JSON.")
@click.option("--with-children", is_flag=True, help="Take the instances below them along.")
@click.option("--wait", is_flag=True, help="Work here until the batch is over.")
@operated
@dry_run_option
@as_json_option
def migrate(
    *, instance_ids: Sequence[int], source: str, target: str, everything: bool, pairs: Sequence[str],
    unmap: Sequence[str], process: str, plan_file: Path | None, with_children: bool, wait: bool, login: str,
    reason: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Migrate INSTANCE_IDS to another published version. With --dry-run: what would be lost or blocked, for each."""
    if bool(instance_ids) == everything:
        raise click.UsageError("请写实例编号，或 --all / Name instances, or --all")
    with running_engine() as engine:
        actor = acting(engine, login)
        with engine.db.read() as session:
            plan = _plan(engine, session, source, target, mapping_of(pairs, unmap), process, plan_file)
            wanted = InstanceFilter(version_id=plan.source_version_id)
            chosen = living_instances(session, wanted) if everything else list(instance_ids)
            if dry_run and with_children:
                chosen = sorted({*chosen, *descendants(session, chosen, plan.source_version_id)})[:MOST_FAMILY]
            verdicts = judge_instances(engine, session, plan, chosen) if dry_run else []
        if dry_run:
            _report(plan, verdicts, as_json)
        elif len(chosen) == 1 and not with_children:
            result = migrate_instance(engine, instance_id=chosen[0], plan=plan, actor_id=actor, reason=reason)
            _report(plan, [result.verdict], as_json)
        else:
            batch = migrate_instances(
                engine, instance_ids=chosen, plan=plan, actor_id=actor, reason=reason, with_children=with_children
            )
            report_batch(engine, batch, wait=wait, as_json=as_json)


def _plan(  # noqa: PLR0917
    engine: Engine, session: Session, source: str, target: str, elements: dict[str, str | None], process: str,
    plan_file: Path | None,
) -> MigrationPlan:  # fmt: skip
    if plan_file is not None:
        try:
            plan = MigrationPlan.from_json(json.loads(plan_file.read_text("utf-8")))
        except ValueError as error:
            raise InvalidInput(f"{plan_file.name} 不是 JSON / {plan_file.name} is no JSON") from error
        require_plan(engine, session, plan)
        return plan
    old, new = version_of(session, source), version_of(session, target)
    changed = {process or old.main_process: elements} if elements else None
    return generate_plan(engine, session, source_version_id=old.id, target_version_id=new.id, elements=changed)


def _report(plan: MigrationPlan, verdicts: Sequence[Verdict], as_json: bool) -> None:
    if as_json:
        show_json({"plan": plan.as_json(), "instances": [one.as_json() for one in verdicts]})
        return
    told = [one for one in verdicts if one.findings]
    for verdict in told[:VERDICTS_SHOWN]:
        click.echo(f"{verdict.instance_id}  {verdict.title}")
        for finding in verdict.findings:
            click.echo(f"    {_WORDS[finding.severity]} {finding.sentence}")
    if len(told) > VERDICTS_SHOWN:
        click.echo(f"… {len(told) - VERDICTS_SHOWN}")
    blocked, losing = sum(one.blocked for one in verdicts), sum(one.loses and not one.blocked for one in verdicts)
    chinese = f"{len(verdicts)} 个实例：{blocked} 个不能迁移，{losing} 个有丢失"
    click.echo(f"{chinese} / {blocked} blocked, {losing} would lose something")


_WORDS: dict[str, Any] = {"blocked": "✗", "lost": "−", "note": "·"}
