"""Access tokens as people make them: on their own page, and on the command line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database, migrate
from tests.support.api import Caller, api_app, number_of, small_office
from tests.support.web import signed_in_client
from workflows.access.models import ApiToken
from workflows.cli import duban

Sign = Callable[[str], FlaskClient]


@pytest.fixture
def engine(sqlite_database: Database, clock: FakeClock) -> Engine:
    return small_office(sqlite_database, clock)


@pytest.fixture
def sign(engine: Engine) -> Sign:
    return lambda login: signed_in_client(engine, person_id=number_of(login))


def test_a_token_is_shown_once_works_and_is_revoked(engine: Engine, sign: Sign) -> None:
    bob = sign("bob")
    assert "还没有令牌" in bob.get("/me/tokens").text
    made = bob.post("/me/tokens", data={"name": "台账同步", "scopes": ["tasks:read"], "days": "30"})
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    (text,) = set(re.findall(r"duban_[\w-]{40,}", made.text))
    page = bob.get("/me/tokens").text
    assert "台账同步" in page
    assert text not in page
    program = Caller(api_app(engine), text)
    assert program.get("/counters").status_code == 200
    assert program.get("/process-instance").json["code"] == "scope-missing"
    with engine.db.read() as session:
        number = session.scalars(select(ApiToken.id)).one()
    assert sign("cid").post(f"/me/tokens/{number}/revoke").status_code == 404
    assert program.get("/counters").status_code == 200
    assert "已撤销" in bob.post(f"/me/tokens/{number}/revoke", follow_redirects=True).text
    assert program.get("/counters").status_code == 401


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "0"}, {"days": "9" * 40}]
)
def test_what_is_wrong_is_said_beside_the_form(engine: Engine, sign: Sign, given: dict[str, object]) -> None:
    answer = sign("bob").post("/me/tokens", data={"name": "n", "scopes": ["tasks:read"], "days": "30", **given})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with engine.db.read() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_the_page_speaks_english_too(sign: Sign) -> None:
    client = sign("bob")
    client.set_cookie("lang", "en")
    page = client.get("/me/tokens").text
    assert "New token" in page
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"bob先生|中文", "", page.split("<main")[1].split("</main>")[0]))


def test_tokens_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    address = f"sqlite:///{tmp_path / 'duban.db'}"
    database = Database(address)
    migrate.upgrade(database)
    small_office(database, clock)
    database.close()
    monkeypatch.setenv("DUBAN_DATABASE", address)

    def run(*words: str) -> str:
        done = CliRunner().invoke(duban, ["token", *words])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    text = run("create", "--for", "bob", "--name", "sync", "--scope", "tasks:read", "--days", "5")
    assert text.startswith("duban_")
    (row,) = json.loads(run("list", "--for", "bob", "--json"))
    assert (row["name"], row["scopes"], row["revoked_at"]) == ("sync", ["tasks:read"], None)
    assert text.startswith(row["hint"])
    assert "revoked" in run("revoke", "--for", "bob", row["id"])
    assert "已撤销" in run("list", "--for", "bob")
    missing = CliRunner().invoke(duban, ["token", "list", "--for", "nobody"])
    assert missing.exit_code == 1
    assert "nobody" in missing.output
