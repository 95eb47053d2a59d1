"""``duban incidents``: list, groups, retry, resolve."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from engine.instances import resolve_incident, retry_incident, retry_incidents
from engine.instances.incidents import Edit
from engine.instances.overview import IncidentFilter, group_incidents, incident_ids, list_incidents
from workflows.operations.batches import report_batch
from workflows.operations.reading import show_json, values_of, version_of
from workflows.operations.session import acting, as_json_option, by_option, operated, running_engine


@click.group()
def incidents() -> None:
    """Look after what failed."""


@incidents.command("list")
@click.option("--version", default="", help="key@3, or key for the live version.")
@click.option("--element", default="", help="Element's id.")
@click.option("--code", default="", help="Code of the error.")
@click.option("--status", default="open", show_default=True, help="open, retried, resolved, obsolete.")
@click.option("--page", default=1, show_default=True)
@as_json_option
def list_command(*, version: str, element: str, code: str, status: str, page: int, as_json: bool) -> None:
    """List incidents, the newest first."""
    with running_engine() as engine, engine.db.read() as session:
        chosen = version_of(session, version).id if version else None
        wanted = IncidentFilter(version_id=chosen, element_id=element, code=code, status=status)
        found = list_incidents(engine, session, wanted, page=page)
    if as_json:
        show_json({"rows": [asdict(row) for row in found.rows], "next": found.next})
        return
    for row in found.rows:
        click.echo(f"{row.id}  {row.instance_id} {row.title}  {row.element} [{row.code}] {row.message}")
    if found.next:
        click.echo(f"… --page {found.next}")


@incidents.command()
@as_json_option
def groups(as_json: bool) -> None:
    """Show the open incidents by definition, element and code."""
    with running_engine() as engine, engine.db.read() as session:
        found = group_incidents(engine, session)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.count:>6}  {one.package_name}@{one.version} {one.element} [{one.code}] {one.message}")


@incidents.command()
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that the filters below leave.")
@click.option("--version", default="", help="key@3")
@click.option("--element", default="", help="Element's id.")
@click.option("--code", default="", help="Code of the error.")
@click.option("--set", "assignments", multiple=True, help="name=JSON, set first (one incident only).")
@click.option("--wait", is_flag=True, help="Work here until the batch is over.")
@by_option
@click.option("--reason", default="", help="Why; the history keeps it.")
@as_json_option
def retry(
    *, ids: Sequence[int], everything: bool, version: str, element: str, code: str, assignments: Sequence[str],
    wait: bool, login: str, reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Do again what failed: the incidents IDS, or all of a filter."""
    if bool(ids) == everything:
        raise click.UsageError("请写异常编号，或 --all / Name incidents, or --all")
    if assignments and len(ids) != 1:
        raise click.UsageError("--set 只用于一个异常 / --set is for one incident only")
    with running_engine() as engine:
        actor = acting(engine, login)
        if len(ids) == 1:
            edit = Edit(variables=values_of(assignments))
            retry_incident(engine, incident_id=ids[0], actor_id=actor, edit=edit, reason=reason)
            click.echo("已安排重试 / The retry is scheduled")
            return
        with engine.db.read() as session:
            chosen = version_of(session, version).id if version else None
            wanted = IncidentFilter(version_id=chosen, element_id=element, code=code)
            all_ids = incident_ids(session, wanted) if everything else ids
        batch = retry_incidents(engine, incident_ids=all_ids, actor_id=actor, reason=reason)
        report_batch(engine, batch, wait=wait, as_json=as_json)


@incidents.command()
@click.argument("incident_id", type=int)
@click.option("--set", "assignments", multiple=True, help="name=JSON: what the element would have given.")
@click.option("--close-only", is_flag=True, help="Close the incident without moving the instance.")
@operated
def resolve(incident_id: int, assignments: Sequence[str], close_only: bool, login: str, reason: str) -> None:
    """Take the failed element for done, with the results given."""
    with running_engine() as engine:
        resolve_incident(
            engine, incident_id=incident_id, actor_id=acting(engine, login), reason=reason,
            result=values_of(assignments), skip=not close_only,
        )  # fmt: skip
    click.echo("已处理 / Resolved")
