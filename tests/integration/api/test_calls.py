"""The REST API for programs and signed-in people: who may call, what a task answers, and every refusal's shape."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.clock import SystemClock
from engine.runtime import Engine
from tests.support.api import Caller, api_app, approval, begin, slot_of, token_for
from web.context import SESSION_COOKIE
from workflows.access.models import ApiToken
from workflows.access.service import revoke_token
from workflows.organisation.models import Person
from workflows.organisation.sessions import open_session

Call = Callable[..., Caller]


def test_a_task_is_listed_with_what_may_be_done_to_it(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob", "cid", policy="all"), amount=5)
    bob = caller("bob")
    (row,) = bob.get("/task").json
    assert row["id"] == str(slot_of(engine, "bob").id)
    assert bob.get("/task/count").json == {"count": 1}
    detail = bob.get(f"/task/{row['id']}").json
    allowed = {one["name"]: one for one in detail["available_actions"]}
    assert allowed["agree"]["allowed"]
    assert allowed["agree"]["href"] == f"/api/v1/task/{row['id']}/agree"
    assert not allowed["urge"]["allowed"]
    assert allowed["urge"]["reason"]
    assert {one["person"] for one in detail["electorate"]} == {"bob先生", "cid先生"}


def test_agreeing_by_token_moves_the_process_and_says_so(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob"), approval("B", "cid"))
    task = slot_of(engine, "bob")
    bob = caller("bob")
    dry = bob.post(f"/task/{task.id}/agree", {"version": 1, "dryRun": True, "opinion": "同意"})
    assert dry.json["effects"]["opened"] == ["B"]
    assert slot_of(engine, "bob").state == "ready"
    first = bob.post(f"/task/{task.id}/agree", {"version": 1, "opinion": "同意"}, key="k-1")
    assert (first.status_code, first.json["effects"]) == (200, None)
    again = bob.post(f"/task/{task.id}/agree", {"version": 1, "opinion": "同意"}, key="k-1")
    assert again.json == first.json
    other = bob.post(f"/task/{task.id}/agree", {"version": 1, "opinion": "另一个"}, key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency-conflict")
    late = bob.post(f"/task/{task.id}/agree", {"version": 1})
    assert (late.status_code, late.json["code"]) == (409, "stale")
    assert "bob先生" in late.json["detail"]


def test_without_a_token_nothing_is_told(engine: Engine) -> None:
    client = api_app(engine).test_client()
    answer = client.get("/api/v1/task")
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "urn:duban:not-signed-in",
        "code": "not-signed-in",
        "status": 401,
        "title": "没有登录",
        "detail": "请提供有效的访问令牌",
    }
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("end", ["revoked", "expired", "left", "wrong"])
def test_a_token_that_is_over_is_none(engine: Engine, end: str) -> None:
    text = token_for(engine, "bob")
    now = SystemClock().now()
    with engine.db.write() as session:
        token = session.scalars(select(ApiToken)).one()
        if end == "revoked":
            revoke_token(session, person_id=token.person_id, token_id=token.id, at=now)
        elif end == "expired":
            token.expires_at = now - timedelta(seconds=1)
        elif end == "left":
            session.get_one(Person, token.person_id).active = False
        else:
            text += "x"
    answer = api_app(engine).test_client().get("/api/v1/task", headers={"Authorization": f"Bearer {text}"})
    assert (answer.status_code, answer.json["code"]) == (401, "not-signed-in")


def test_only_a_digest_of_a_token_is_kept_and_its_use_is_noted(engine: Engine, caller: Call) -> None:
    text = token_for(engine, "bob")
    with engine.db.read() as session:
        row = session.scalars(select(ApiToken)).one()
        assert text not in str({column: getattr(row, column.key) for column in ApiToken.__table__.columns})
        assert row.last_used_at is None
    Caller(api_app(engine), text).get("/task")
    with engine.db.read() as session:
        assert session.scalars(select(ApiToken)).one().last_used_at is not None


def test_a_signed_in_browser_needs_its_csrf_token_and_a_bearer_none(engine: Engine) -> None:
    begin(engine, approval("A", "bob"))
    task = slot_of(engine, "bob")
    app = api_app(engine)
    with engine.db.write() as session:
        cookie = open_session(session, person_id=3, at=SystemClock().now())
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, cookie)
    assert client.get("/api/v1/task").status_code == 200
    refused = client.post(f"/api/v1/task/{task.id}/agree", json={})
    assert (refused.status_code, refused.json["code"]) == (400, "csrf")
    assert slot_of(engine, "bob").state == "ready"
    assert Caller(app, token_for(engine, "bob")).post(f"/task/{task.id}/agree", {}).status_code == 200


def test_counters_are_304_while_nothing_changes(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob"))
    bob = caller("bob")
    first = bob.get("/counters")
    assert first.json["todo"] == 1
    assert bob.get("/counters", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    begin(engine, approval("A", "bob"))
    assert bob.get("/counters", headers={"If-None-Match": first.headers["ETag"]}).json["todo"] == 2


def test_sentences_are_in_the_language_that_is_asked_for(engine: Engine, caller: Call) -> None:
    answer = caller("bob").get("/task?firstResult=x", headers={"Accept-Language": "en-GB, en;q=0.8"})
    assert answer.status_code == 422
    assert answer.json["detail"] == "The request is not valid"
    assert answer.json["fields"] == {"firstResult": "Not a whole number"}
    assert caller("bob").get("/task?firstResult=x").json["fields"] == {"firstResult": "应为整数"}


def test_people_are_found_for_the_operations_that_need_them(caller: Call) -> None:
    bob = caller("bob")
    found = bob.get("/user?search=主任").json
    assert [(one["login"], one["description"]) for one in found] == [("boss", "办公室主任、系统管理员")]
    assert bob.get("/user/me").json["login"] == "bob"
    assert "bob" not in {one["login"] for one in bob.get("/user").json}
    assert bob.get("/user?search=%00").status_code == 422


HOSTILE: Mapping[str, tuple[bytes, str, int, str]] = {
    "no json": (b"{", "application/json", 400, "malformed"),
    "no utf-8": (b'{"opinion": "\xff"}', "application/json", 400, "malformed"),
    "nested without end": (b'{"variables": ' + b"[" * 5000, "application/json", 400, "malformed"),
    "deep": (
        b'{"variables": {"a": {"value": ' + b"[" * 60 + b"]" * 60 + b"}}}",
        "application/json",
        422,
        "invalid-input",
    ),
    "form": (b"opinion=yes", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
    "list": (b"[]", "application/json", 422, "invalid-input"),
    "NUL": (b'{"opinion": "a\\u0000b"}', "application/json", 422, "invalid-input"),
    "surrogate": (b'{"opinion": "\\ud800"}', "application/json", 400, "malformed"),
    "huge number": (b'{"version": ' + b"9" * 40 + b"}", "application/json", 422, "invalid-input"),
    "unknown": (b'{"who": 1}', "application/json", 422, "invalid-input"),
    "wrong type": (b'{"opinion": {"a": 1}}', "application/json", 422, "invalid-input"),
    "not a number": (b'{"version": NaN}', "application/json", 400, "malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_get_a_sentence(engine: Engine, caller: Call, name: str) -> None:
    body, media_type, status, code = HOSTILE[name]
    begin(engine, approval("A", "bob"))
    task = slot_of(engine, "bob")
    answer = caller("bob").raw("POST", f"/task/{task.id}/agree", body, media_type)
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    assert answer.json["detail"]
    assert slot_of(engine, "bob").state == "ready"


def test_the_documentation_is_a_page_of_ours_without_scripts_of_others(engine: Engine) -> None:
    client = api_app(engine).test_client()
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/v1/task/{task_id}/claim" in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert client.get("/api/openapi.json").json["openapi"].startswith("3.1")
