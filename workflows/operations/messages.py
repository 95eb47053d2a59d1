"""``duban messages``: messages that wait for their receiver, sending by hand, errands that failed."""

from collections.abc import Sequence
from datetime import timedelta

import click
import isodate

from engine.errors import InvalidInput
from engine.messages.early import count_waiting, waiting
from engine.messages.models import EarlyMessage
from engine.messages.service import broadcast_signal, correlate_message
from engine.work.errands import retry_errand, stuck_errands
from engine.work.models import Errand
from workflows.operations.reading import show_json, values_of
from workflows.operations.session import as_json_option, running_engine

MOST_SHOWN = 50
_VALUES = "name=value; a value is JSON, or a text where it is none."


@click.group()
def messages() -> None:
    """See and send what goes between instances."""


@messages.command("list")
@click.option("--name", default=None, help="Only messages of this name.")
@as_json_option
def list_command(name: str | None, as_json: bool) -> None:
    """Show messages that wait for their receiver, and errands that failed on their way."""
    with running_engine() as engine, engine.db.read() as session:
        counts = count_waiting(session)
        rows = waiting(session, name=name, limit=MOST_SHOWN)
        failed = stuck_errands(session, limit=MOST_SHOWN)
    if as_json:
        show_json(
            {"waiting": counts, "messages": [_as_json(row) for row in rows], "failed": list(map(_failed, failed))}
        )
        return
    names = ", ".join(f"{one} × {count}" for one, count in counts.items())
    click.echo(f"{sum(counts.values())} 条消息在等接收者 / messages wait: {names or '—'}")
    for row in rows:
        click.echo(f"    {row.id} {row.name} {row.correlation} → {row.expires_at:%Y-%m-%d %H:%M:%S}Z")
    click.echo(f"{len(failed)} 项投递失败 / errands failed")
    for errand in failed:
        click.echo(f"    {errand.id} {errand.kind}: {errand.problem}")


@messages.command()
@click.argument("name")
@click.option("--correlation", "-c", multiple=True, help=_VALUES)
@click.option("--payload", "-p", multiple=True, help=_VALUES)
@click.option("--id", "message_id", default=None, help="The same id twice has one effect.")
@click.option("--ttl", default=None, help="How long it waits when nobody does, such as PT1H.")
def send(
    name: str, correlation: Sequence[str], payload: Sequence[str], message_id: str | None, ttl: str | None
) -> None:
    """Send the message NAME to the one instance that waits for it, or to the process that it starts."""
    with running_engine() as engine:
        delivered = correlate_message(
            engine, name=name, correlation=values_of(correlation), payload=values_of(payload), message_id=message_id,
            ttl=None if ttl is None else _duration(ttl),
        )  # fmt: skip
    reached = [*delivered.instances, *delivered.started]
    if reached:
        click.echo(f"已送达 / delivered: {', '.join(map(str, reached))}")
    else:
        became = "已暂存 / kept" if delivered.stored else "没有保留 / let go"
        click.echo(f"没有接收者 / nobody waits: {became}")


@messages.command()
@click.argument("name")
@click.option("--payload", "-p", multiple=True, help=_VALUES)
def signal(name: str, payload: Sequence[str]) -> None:
    """Send the signal NAME to everybody who waits for it."""
    with running_engine() as engine:
        broadcast_signal(engine, name, values_of(payload))
    click.echo("后台会送达 / It is delivered in the background")


@messages.command()
@click.argument("errand_id", type=int)
def retry(errand_id: int) -> None:
    """Do a failed errand again; ``list`` shows its id."""
    with running_engine() as engine:
        retry_errand(engine, errand_id)
    click.echo("后台会重新投递 / It is done again in the background")


def _duration(text: str) -> timedelta:
    try:
        value = isodate.parse_duration(text)
    except (ValueError, isodate.ISO8601Error) as error:
        raise InvalidInput(f"“{text}”不是时长 / {text} is no duration of ISO 8601, such as PT1H") from error
    if not isinstance(value, timedelta):
        raise InvalidInput("时长不能用年月 / A duration without years and months")
    return value


def _as_json(row: EarlyMessage) -> dict[str, object]:
    return {
        "id": str(row.id), "name": row.name, "message_id": row.message_id, "correlation": row.correlation,
        "payload": row.payload, "created_at": row.created_at, "expires_at": row.expires_at,
    }  # fmt: skip


def _failed(errand: Errand) -> dict[str, object]:
    return {"id": str(errand.id), "kind": errand.kind, "problem": errand.problem, "created_at": errand.created_at}
