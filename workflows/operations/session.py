"""What every command of an operator shares: the engine, who operates, and expected errors as one sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from engine.errors import DubanError, InvalidInput
from engine.runtime import Engine
from engine.store import migrate
from engine.work.drain import drain
from workflows.operations.reading import operator_id

Command = TypeVar("Command", bound=Callable[..., Any])

WAIT_SECONDS = 5.0
"""How long one round of ``--wait`` works before it looks at the batch again."""


def operated(command: Command) -> Command:
    """Add the options of a command that changes something: who does it, and why."""
    return by_option(click.option("--reason", required=True, help="Why; the history keeps it.")(command))


def by_option(command: Command) -> Command:
    """Add ``--by``."""
    words = "Login of the administrator who does it."
    return click.option("--by", "login", required=True, envvar="DUBAN_OPERATOR", help=words)(command)


def as_json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="For programs.")(command)


def dry_run_option(command: Command) -> Command:
    """Add ``--dry-run``."""
    return click.option("--dry-run", is_flag=True, help="Only say what would happen.")(command)


@contextmanager
def running_engine() -> Iterator[Engine]:
    """Open the configured engine; an expected error ends the command with its sentence."""
    from workflows.application import build_engine, read_settings

    engine = build_engine(read_settings())
    try:
        found = migrate.current_revision(engine.db)
        if found != migrate.head_revision():
            raise click.ClickException(
                f"数据库表结构版本为 {found or '空'}，请先运行 duban migrate / Run duban migrate first"
            )
        yield engine
    except InvalidInput as error:
        details = "".join(f"\n  {field}: {sentence}" for field, sentence in error.fields.items())
        raise click.ClickException(f"{error}{details}") from error
    except DubanError as error:
        raise click.ClickException(str(error)) from error
    finally:
        engine.db.close()


def acting(engine: Engine, login: str) -> int:
    """Return who acts."""
    with engine.db.read() as session:
        return operator_id(session, login)


def work_off(engine: Engine, is_over: Callable[[], bool]) -> None:
    """Do the work that is due here, until something is over or nothing is due any more."""
    while not is_over():
        if drain(engine, budget_seconds=WAIT_SECONDS) == 0 and not is_over():
            raise click.ClickException("没有可做的工作，而批次还没有完成 / Nothing is due, and the batch is not over")
