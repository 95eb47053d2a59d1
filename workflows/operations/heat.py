"""``duban heat``: how often elements were entered, and how long tokens stayed."""

from dataclasses import asdict
from datetime import timedelta

import click

from engine.history import element_times
from engine.instances.overview import element_name
from workflows.operations.reading import show_json, version_of
from workflows.operations.session import as_json_option, running_engine


@click.command()
@click.argument("version")
@click.option("--process", default="", help="Process of the package; the main one when not given.")
@as_json_option
def heat(version: str, process: str, as_json: bool) -> None:
    """Show the statistics of VERSION (key@3, or key for the live one), the longest stay first."""
    with running_engine() as engine, engine.db.read() as session:
        found = version_of(session, version)
        process_id = process or found.main_process
        times = element_times(session, version_id=found.id, process_id=process_id)
        names = {one: element_name(engine, session, found.id, process_id, one) for one in times}
    if as_json:
        rows = {
            element: {
                key: value.total_seconds() if isinstance(value, timedelta) else value for key, value in row.items()
            }
            for element, row in ((element, asdict(one)) for element, one in times.items())
        }
        show_json({"version": f"{found.key}@{found.version}", "process": process_id, "elements": rows})
        return
    click.echo("在此 / here  完成 / done  取消 / withdrawn  平均 / mean  中位 / median  P90  环节 / element")
    for element, one in sorted(times.items(), key=lambda item: item[1].mean or timedelta(), reverse=True):
        durations = "  ".join(_said(value) for value in (one.mean, one.median, one.ninetieth))
        click.echo(f"{one.here:>6} {one.done:>8} {one.withdrawn:>6}  {durations}  {names[element]}")


def _said(value: timedelta | None) -> str:
    return "-" if value is None else str(timedelta(seconds=round(value.total_seconds())))
