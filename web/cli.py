"""The whole command line: packages and scenarios of ``workflows.cli``, and the processes that serve."""

import logging
from dataclasses import replace

import click

from engine.errors import DubanError
from engine.store import Database, migrate
from web.server import HOST, PORT
from workflows.application import read_settings
from workflows.cli import duban


@duban.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, help="Port to listen on.")
@click.option("--demo/--no-demo", default=None, help="Demonstration mode (overrides DUBAN_DEMO).")
def serve(host: str, port: int, demo: bool | None) -> None:
    """Serve pages, worker and sweeper in one process."""
    from web import server

    settings = read_settings()
    if demo is not None:
        settings = replace(settings, demo=demo)
    try:
        server.serve(settings, host=host, port=port, say=click.echo)
    except OSError as error:
        raise click.ClickException(f"无法监听 {host}:{port}（{error.strerror}），可用 --port 换一个端口") from error


@duban.command()
def worker() -> None:
    """Work in the background, beside gunicorn; as many as wanted on PostgreSQL."""
    from web import server

    server.worker(read_settings(), say=click.echo)


@duban.command(name="migrate")
@click.option("--to", "revision", default="head", show_default=True, help="Revision, or base for an empty database.")
def migrate_tables(revision: str) -> None:
    """Bring the database's tables to this version (or to another one)."""
    database = Database(read_settings().database)
    before = migrate.current_revision(database)
    if revision == "base" or _is_older(revision, before):
        migrate.downgrade(database, revision)
    else:
        migrate.upgrade(database, revision)
    click.echo(f"{before or '空'} → {migrate.current_revision(database) or '空'}")


def _is_older(revision: str, current: str | None) -> bool:
    return revision != "head" and current is not None and revision < current


def main() -> None:
    """Run the command line; an expected error is one sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("spiff").setLevel(logging.WARNING)
    try:
        duban.main(standalone_mode=True)
    except DubanError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
