"""The website on a fresh demonstration database, for tests of pages."""

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from engine.runtime import Engine
from engine.store import migrate
from web import create_app
from workflows.application import Settings, build_engine
from workflows.demo import load_demonstration

SECRET = "only for tests, long enough"


def demonstration(folder: Path) -> tuple[Engine, Settings]:
    """Return an engine with the demonstration loaded into a new SQLite file."""
    settings = Settings(database=f"sqlite:///{folder / 'duban.db'}", demo=True, secret_key=SECRET)
    engine = build_engine(settings)
    migrate.upgrade(engine.db)
    load_demonstration(engine)
    return engine, settings


def website(engine: Engine, settings: Settings, **overrides: object) -> Flask:
    """Return the application as it is served, without rate limits; decisions do not wait to be taken back."""
    return create_app(engine, settings, **{"RATELIMIT_ENABLED": False, "TESTING": True, "UNDO_SECONDS": 0, **overrides})


def csrf_token(client: FlaskClient, address: str = "/sign-in") -> str:
    """Return the token that a page of this client carries."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(address, follow_redirects=True).text)
    assert found is not None
    return found[1]


def signed_in(app: Flask, login: str) -> FlaskClient:
    """Return a client that is signed in through the account chooser."""
    client = app.test_client()
    answer = client.post("/sign-in/demo", data={"login": login, "csrf_token": csrf_token(client)})
    assert answer.status_code == 302
    return client


def task_addresses(client: FlaskClient) -> list[str]:
    """Return the addresses of the tasks in this person's inbox."""
    return list(dict.fromkeys(re.findall(r'href="(/tasks/\d+)', client.get("/inbox").text)))


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden inputs of the task form on a page."""
    form = page[page.index('<form id="task"') :]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form[: form.index("</form>")]))
