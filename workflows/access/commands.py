"""``duban token``: access tokens of programs, made and revoked on the command line."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import SystemClock
from engine.errors import NotFound
from workflows.access.service import DEFAULT_DAYS, Scope, issue_token, revoke_token, tokens_of
from workflows.operations.reading import show_json
from workflows.operations.session import as_json_option, running_engine
from workflows.organisation.models import Person

for_option = click.option("--for", "login", required=True, help="Login of the person whom the token stands for.")


@click.group()
def token() -> None:
    """Make, list and revoke access tokens of the REST API."""


@token.command("create")
@for_option
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([one.value for one in Scope]),
    help="What it may do; may be repeated.",
)  # fmt: skip
@click.option("--days", default=DEFAULT_DAYS, show_default=True, help="How long it lasts.")
def create(login: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token; its text is printed once and kept nowhere."""
    with running_engine() as engine, engine.db.write() as session:
        _, text = issue_token(
            session, person_id=_person(session, login), name=name, scopes=scopes, at=SystemClock().now(), days=days
        )
    click.echo(text)


@token.command("list")
@for_option
@as_json_option
def list_command(login: str, as_json: bool) -> None:
    """List a person's tokens, the newest first."""
    with running_engine() as engine, engine.db.read() as session:
        found = tokens_of(session, person_id=_person(session, login))
    rows = [
        {
            "id": str(one.id), "name": one.name, "hint": one.hint, "scopes": one.scopes,
            "expires_at": one.expires_at.isoformat(),
            "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        }
        for one in found
    ]  # fmt: skip
    if as_json:
        show_json(rows)
        return
    for row in rows:
        state = f"已撤销 / revoked {row['revoked_at']}" if row["revoked_at"] else f"到期 / ends {row['expires_at']}"
        click.echo(f"{row['id']}  {row['hint']}…  {row['name']}  {' '.join(row['scopes'] or ())}  {state}")


@token.command("revoke")
@for_option
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
def revoke(login: str, token_id: int) -> None:
    """End a token now."""
    with running_engine() as engine, engine.db.write() as session:
        revoke_token(session, person_id=_person(session, login), token_id=token_id, at=SystemClock().now())
    click.echo("已撤销 / revoked")


def _person(session: Session, login: str) -> int:
    found = session.scalars(select(Person).where(Person.login == login, Person.active)).one_or_none()
    if found is None:
        raise NotFound(f"没有账号“{login}” / There is no account {login}")
    return found.id
