"""``duban batches``: how far operations on many instances have come."""

from dataclasses import asdict

import click

from engine.instances.batches import BatchProgress, batch_progress, recent_batches
from engine.runtime import Engine
from workflows.operations.reading import show_json
from workflows.operations.session import as_json_option, running_engine, work_off


@click.group()
def batches() -> None:
    """Follow operations on many instances."""


@batches.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """List the latest batches."""
    with running_engine() as engine, engine.db.read() as session:
        found = recent_batches(session)
    if as_json:
        show_json([_as_json(one) for one in found])
        return
    for one in found:
        click.echo(_line(one))


@batches.command()
@click.argument("batch_id", type=int)
@as_json_option
def show(batch_id: int, as_json: bool) -> None:
    """Show how far a batch has come, and what was refused."""
    with running_engine() as engine:
        report_batch(engine, batch_id, wait=False, as_json=as_json)


def report_batch(engine: Engine, batch_id: int, *, wait: bool, as_json: bool) -> None:
    """Tell how far a batch has come; with ``wait`` work here until it is over."""
    if wait:
        work_off(engine, lambda: _progress(engine, batch_id).over)
    progress = _progress(engine, batch_id)
    if as_json:
        show_json(_as_json(progress))
        return
    click.echo(_line(progress))
    for one in progress.refusals:
        click.echo(f"    {one.instance_id} {one.title}: {one.sentence}")
    if not progress.over:
        click.echo(f"后台会继续，可用 duban batches show {batch_id} 查看 / It goes on in the background")


def _progress(engine: Engine, batch_id: int) -> BatchProgress:
    with engine.db.read() as session:
        return batch_progress(session, batch_id)


def _line(one: BatchProgress) -> str:
    return (
        f"{one.id}  {one.kind} {one.percent}%  完成 {one.done} 拒绝 {one.failed} 等待 {one.waiting} / "
        f"{one.done} done, {one.failed} refused, {one.waiting} waiting  {one.reason}"
    )


def _as_json(one: BatchProgress) -> dict[str, object]:
    return {**asdict(one), "id": str(one.id), "percent": one.percent, "over": one.over}
