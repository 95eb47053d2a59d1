"""What the pages refuse: strangers, forgers, double clicks, stale pages, wrong files."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from engine.history.models import HistoryLine
from engine.runtime import Engine
from engine.tasks.models import Attachment, Notice
from tests.support.website import csrf_token, demonstration, hidden_fields, signed_in, task_addresses, website
from web.security import limiter
from workflows.application import Settings
from workflows.demo import PASSWORD
from workflows.documents.models import Document
from workflows.organisation.models import Person

LEADER = "deputy-medical"
DEPARTMENT = "internal-director"
UPLOAD = re.compile(r'type="file"\s+id="[^"]+"\s+name="([^"]+)"')
PUBLIC = {
    "api-documentation.document",
    "api-documentation.show",
    "accounts.sign_in",
    "accounts.enter",
    "accounts.enter_demo",
    "accounts.prefer",
    "health.show",
    "notifying.ask_unsubscribe",
    "notifying.end_digests",
    "static",
}
SIGNED_LINKS = {"notifying.end_digests"}
"""What a mail program posts by itself (RFC 8058), without a session: its address carries our own signature."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Settings]]:
    engine, settings = demonstration(tmp_path_factory.mktemp("website"))
    yield engine, settings
    engine.db.close()


@pytest.fixture
def app(built: tuple[Engine, Settings]) -> Flask:
    return website(*built)


def _stranger(engine: Engine) -> str:
    with engine.db.write() as session:
        if session.scalar(select(Person.id).where(Person.login == "stranger")) is None:
            highest = session.scalar(select(func.max(Person.id))) or 0
            session.add(Person(id=highest + 1000, login="stranger", name="外人", name_en="Stranger"))
    return "stranger"


def test_no_route_is_public_by_accident(app: Flask) -> None:
    public = {name for name, view in app.view_functions.items() if getattr(view, "public", False)} | {"static"}
    assert public == PUBLIC
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or "GET" not in (rule.methods or ()):
            continue
        address = rule.rule.replace("<int:", "<").split("<")[0] + ("1" if "<" in rule.rule else "")
        answer = client.get(address if "<" not in rule.rule else _filled(rule.rule, {}))
        assert answer.status_code in ((401,) if rule.rule.startswith("/api/") else (302, 404, 405)), rule
        if answer.status_code == 302:
            assert "/sign-in" in answer.headers["Location"], rule


def _filled(rule: str, ids: dict[str, int]) -> str:
    parts = []
    for part in rule.split("/"):
        inside = part.strip("<>")
        kind, _, name = inside.partition(":")
        if part.startswith("<") and kind in ("int", "id"):
            parts.append(str(ids.get(name, 1)))
        elif kind.startswith("any("):
            parts.append(kind[4:].partition(",")[0])
        else:
            parts.append("none" if part.startswith("<") else part)
    return "/".join(parts)


def test_every_route_with_an_id_is_404_for_a_stranger(app: Flask, built: tuple[Engine, Settings]) -> None:
    engine = built[0]
    task = int(task_addresses(signed_in(app, DEPARTMENT))[0].rsplit("/", 1)[1])
    with engine.db.read() as session:
        from engine.tasks.models import Slot
        from workflows.campaigns.models import Campaign

        slot = session.get_one(Slot, task)
        ids = {
            "slot_id": task,
            "instance_id": slot.instance_id,
            "campaign_id": session.scalars(select(Campaign.id)).first() or 1,
            "attachment_id": session.scalars(select(Attachment.id)).first() or 1,
            "notice_id": session.scalars(select(Notice.id)).first() or 1,
            "document_id": session.scalars(select(Document.id)).first() or 1,
        }
    client = signed_in(app, _stranger(engine))
    token = csrf_token(client, "/inbox")
    answers: dict[str, int] = {}
    for rule in app.url_map.iter_rules():
        if "<int:" not in rule.rule:
            continue
        address = _filled(rule.rule, ids)
        if "GET" in (rule.methods or ()):
            answers[f"GET {rule.rule}"] = client.get(address).status_code
        if "POST" in (rule.methods or ()):
            data = {"csrf_token": token, "version": "1", "key": "k", "operation": "agree", "target": "1", "reason": "x"}
            answers[f"POST {rule.rule}"] = client.post(address, data=data).status_code
    assert len(answers) >= 12
    assert {address: status for address, status in answers.items() if status != 404} == {}


def test_a_request_without_csrf_token_is_refused(app: Flask) -> None:
    client = signed_in(app, LEADER)
    answers = {
        rule.rule: client.post(_filled(rule.rule, {})).status_code
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint not in SIGNED_LINKS
    }
    assert {address: status for address, status in answers.items() if status != 400} == {}


def test_double_post_with_the_same_key_has_one_effect(app: Flask, built: tuple[Engine, Settings]) -> None:
    client = signed_in(app, LEADER)
    address = task_addresses(client)[-1]
    data = {**hidden_fields(client.get(address).text), "operation": "claim"}
    first = client.post(address, data=data)
    lines = _history_lines(built[0])
    second = client.post(address, data=data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert _history_lines(built[0]) == lines


def _history_lines(engine: Engine) -> int:
    with engine.db.read() as session:
        return session.scalar(select(func.count()).select_from(HistoryLine)) or 0


def test_a_stale_page_gets_a_sentence_and_changes_nothing(app: Flask, built: tuple[Engine, Settings]) -> None:
    faster, slower = signed_in(app, "inspector-medical"), signed_in(app, "inspector-surgery")
    address = next(one for one in task_addresses(faster) if one in task_addresses(slower))
    seen = hidden_fields(slower.get(address).text)
    faster.post(address, data={**hidden_fields(faster.get(address).text), "operation": "claim"})
    lines = _history_lines(built[0])
    answer = slower.post(address, data={**seen, "operation": "claim"})
    assert answer.status_code == 409
    assert "曹查医" in answer.text
    assert _history_lines(built[0]) == lines


@pytest.mark.parametrize(
    ("filename", "content"),
    [("x.exe", b"MZ" + b"\0" * 64), ("x.png", b"not a picture"), ("x.docx", b"PK\3\4broken")],
    ids=["program", "no picture", "broken document"],
)
def test_a_wrong_file_gets_a_sentence(
    app: Flask, built: tuple[Engine, Settings], filename: str, content: bytes
) -> None:
    client = signed_in(app, DEPARTMENT)
    address, field = _task_with_upload(client)
    with built[0].db.read() as session:
        before = session.scalar(select(func.count()).select_from(Attachment))
    data = {**hidden_fields(client.get(address).text), "operation": "save", field: (BytesIO(content), filename)}
    answer = client.post(address, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with built[0].db.read() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == before


def _task_with_upload(client: FlaskClient) -> tuple[str, str]:
    for address in task_addresses(client):
        page = client.get(address).text
        if 'value="claim"' in page:
            client.post(address, data={**hidden_fields(page), "operation": "claim"})
            page = client.get(address).text
        found = UPLOAD.search(page)
        if found:
            return address, found[1]
    raise AssertionError("no task with an upload")


def test_an_oversize_request_gets_a_sentence(built: tuple[Engine, Settings]) -> None:
    app = website(*built, MAX_CONTENT_LENGTH=2000)
    client = signed_in(app, DEPARTMENT)
    answer = client.post("/sign-out", data={"csrf_token": "x" * 4000})
    assert answer.status_code == 413
    assert "太大" in answer.text


def test_sign_in_makes_a_new_session_and_sign_out_revokes_it(app: Flask) -> None:
    client = app.test_client()
    form = {"login": LEADER, "password": PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post("/sign-in", data=form).status_code == 302
    token = client.get_cookie("duban_session")
    assert token is not None
    client.post("/sign-out", data={"csrf_token": csrf_token(client, "/inbox")})
    client.set_cookie("duban_session", token.value)
    assert client.get("/inbox").status_code == 302


def test_guessing_passwords_is_slowed_down(built: tuple[Engine, Settings]) -> None:
    app = website(*built, RATELIMIT_ENABLED=True)
    limiter.reset()
    client = app.test_client()
    token = csrf_token(client)
    form = {"login": LEADER, "password": "wrong", "csrf_token": token}
    statuses = [client.post("/sign-in", data=form).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10
    assert statuses[-1] == 429


def test_errors_are_problem_json_for_machines(app: Flask) -> None:
    answer = signed_in(app, LEADER).get("/tasks/1", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "urn:duban:not-found"


def test_headers_forbid_foreign_scripts_and_frames(app: Flask) -> None:
    headers = app.test_client().get("/sign-in").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_first_visit_on_a_phone_is_small(app: Flask) -> None:
    client = signed_in(app, LEADER)
    page = client.get("/inbox", headers={"Accept-Encoding": "gzip"})
    total = len(page.data)
    import gzip
    import re

    for address in set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', gzip.decompress(page.data).decode())):
        total += len(client.get(address, headers={"Accept-Encoding": "gzip"}).data)
    assert total <= 60 * 1024
    assert Path(app.static_folder or "").is_dir()
