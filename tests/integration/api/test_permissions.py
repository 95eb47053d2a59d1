"""Who may do what by REST: scopes for every operation, nothing for strangers, operating for administrators alone."""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import event, select

from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput
from engine.instances.models import Instance
from engine.runtime import Engine
from tests.support.api import Caller, api_app, approval, begin, number_of, slot_of, token_for
from tests.support.turning import diagram, line, process
from web.security import limiter
from workflows.access.service import MOST_TOKENS, Scope, issue_token

Call = Callable[..., Caller]


def operations(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield method, address with identifiers filled in, and scope of every operation of the document."""
    for path, item in app.test_client().get("/api/openapi.json").json["paths"].items():
        address = path.removeprefix("/api/v1")
        for parameter in item.get("parameters", ()):
            value = parameter["schema"].get("enum", ["1"])[0]
            address = address.replace("{" + parameter["name"] + "}", value)
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete"):
                yield method.upper(), address, operation["x-scope"]


def test_every_operation_asks_for_its_own_scope_before_anything_else(app: Flask, caller: Call) -> None:
    without = {scope: caller("boss", [one for one in Scope if one != scope]) for scope in Scope}
    seen = set()
    for method, address, scope in operations(app):
        answer = without[Scope(scope)].send(method, address)
        assert (answer.status_code, answer.json["code"]) == (403, "scope-missing"), (method, address)
        assert scope in answer.json["detail"]
        seen.add(scope)
    assert {"tasks:read", "tasks:write", "instances:read", "instances:write", "definitions:read", "operations"} <= seen


def test_every_operation_wants_to_know_who_calls(app: Flask) -> None:
    client = app.test_client()
    for method, address, _scope in operations(app):
        assert client.open(f"/api/v1{address}", method=method).status_code == 401, (method, address)


def test_the_operators_part_does_not_exist_for_others(engine: Engine, app: Flask, caller: Call) -> None:
    instance = begin(engine, approval("A", "bob"))
    bodies = {
        "suspended": {"suspended": True, "reason": "x"},
        "terminate": {"reason": "x"},
        "modification": {"reason": "x", "variables": {"a": {"value": 1}}},
        "variables": {"reason": "x", "modifications": {"a": {"value": 1}}},
        "retry": {},
        "resolve": {"reason": "x"},
        "generate": {"sourceProcessDefinitionId": "1", "targetProcessDefinitionId": "2"},
        "execute": {
            "sourceProcessDefinitionId": "1", "targetProcessDefinitionId": "2", "processInstanceIds": ["1"],
            "reason": "x",
        },
        "message": {"messageName": "m"},
        "signal": {"name": "s"},
    }  # fmt: skip
    bob = caller("bob")
    asked = 0
    for method, address, scope in operations(app):
        if scope != Scope.OPERATIONS:
            continue
        place = address.replace("/process-instance/1", f"/process-instance/{instance}")
        place += "?reason=x" if method == "DELETE" else ""
        body = bodies[address.rsplit("/", 1)[1]] if method in ("POST", "PUT") else None
        answer = bob.send(method, place, body)
        assert (answer.status_code, answer.json["code"]) == (404, "not-found"), (method, address, answer.json)
        asked += 1
    assert asked >= 15


def test_a_stranger_does_not_find_what_there_is(engine: Engine, caller: Call) -> None:
    instance = begin(engine, approval("A", "bob"), amount=5)
    task = slot_of(engine, "bob").id
    stranger = caller("stranger")
    for address in (
        f"/task/{task}", f"/task/{task}/form-variables", f"/task/{task}/timeline", f"/task/{task}/return-targets",
        f"/task/{task}/comment", f"/task/{task}/attachment", f"/task/{task}/forecast",
        f"/process-instance/{instance}", f"/process-instance/{instance}/timeline",
        f"/process-instance/{instance}/forecast", f"/history/process-instance/{instance}",
        f"/history/user-operation?processInstanceId={instance}", "/task/99999999999999999999", "/task/0",
    ):  # fmt: skip
        assert stranger.get(address).status_code == 404, address
    assert stranger.get("/task").json == []
    assert stranger.get("/process-instance").json == []
    assert stranger.get("/task/count").json == stranger.get("/process-instance/count").json == {"count": 0}


def test_instances_are_started_once_listed_and_operated(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob"), approval("B", "dan"))
    with engine.db.read() as session:
        key = session.scalars(select(PackageVersion.key)).one()
    init, boss = caller("init"), caller("boss")
    refused = init.post(f"/process-definition/key/{key}/start", {"unitIds": ["1"]})
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["unit_ids"])
    started = init.post(f"/process-definition/key/{key}/start", {"title": "新的一件"}, key="once")
    assert started.status_code == 200, started.json
    assert init.post(f"/process-definition/key/{key}/start", {"title": "新的一件"}, key="once").json == started.json
    number = started.json["id"]
    assert {one["title"] for one in init.get("/process-instance").json} == {"采购申请", "新的一件"}
    assert init.get("/process-instance/count?status=running").json == {"count": 2}
    address = f"/process-instance/{number}"
    ask = {"suspended": True, "reason": "核查"}
    foreseen = boss.send("PUT", f"{address}/suspended", {**ask, "dryRun": True}).json
    assert foreseen == {"instances": 1, "tasks": 1, "timers": 0}
    assert boss.send("PUT", f"{address}/suspended", ask).json == foreseen
    assert init.get(address).json["suspended"]
    refused = boss.send("PUT", f"{address}/suspended", {"suspended": True, "reason": "再来"})
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert boss.send("PUT", f"{address}/suspended", {"suspended": False, "reason": "好了"}).status_code == 200
    tried = boss.post(
        f"{address}/modification",
        {"reason": "跳过", "cancelAt": ["A"], "start": [{"elementId": "B"}], "dryRun": True},
    )
    assert {"cancelled", "opened"} <= {one["kind"] for one in tried.json["changes"]}
    assert [one["elementId"] for one in boss.get(f"{address}/activity-instances").json] == ["A"]
    set_to = {"modifications": {"amount": {"value": 9}}, "reason": "更正"}
    assert boss.post(f"{address}/variables", set_to).status_code == 204
    assert boss.get(f"{address}/variables").json["variables"]["amount"] == {"value": 9, "type": "Long"}
    assert boss.send("DELETE", f"{address}?reason=作废").status_code == 200
    assert init.get(address).json["status"] == "terminated"
    lines = init.get(f"/history/user-operation?processInstanceId={number}").json
    assert [one["operation"] for one in lines if one["actor"]][-1] == "terminate"


def package(process_xml: str) -> BytesIO:
    archive = BytesIO()
    with ZipFile(archive, "w") as written:
        written.writestr("leave/leave.bpmn", diagram(process_xml))
    archive.seek(0)
    return archive


def test_a_package_is_published_evaluated_and_migrated(engine: Engine, app: Flask) -> None:
    client, headers = app.test_client(), {"Authorization": f"Bearer {token_for(engine, 'boss')}"}

    def deploy(xml: str) -> object:
        form = {"key": "leave", "note": "试行", "file": (package(xml), "leave.zip")}
        return client.post("/api/v1/deployment/create", data=form, headers=headers)

    first = deploy(process("main", line(approval("A", "bob"))))
    assert first.status_code == 200, first.json
    assert first.json["version"] == 1
    broken = deploy(process("main", '<startEvent id="s"/>'))
    assert (broken.status_code, broken.json["code"]) == (422, "invalid-input")
    assert broken.json["fields"]
    boss = Caller(app, token_for(engine, "boss"))
    started = boss.post("/process-definition/key/leave/start", {}).json["id"]
    second = deploy(process("main", line(approval("A", "bob"), approval("B", "dan"))))
    plan = {"sourceProcessDefinitionId": first.json["id"], "targetProcessDefinitionId": second.json["id"]}
    made = boss.post("/migration/generate", plan)
    assert made.json["processes"]["main"]["elements"]["A"] == "A", made.json
    chosen = {**plan, "processInstanceIds": [started], "reason": "新版"}
    (verdict,) = boss.post("/migration/execute", {**chosen, "dryRun": True}).json["verdicts"]
    assert not verdict["blocked"]
    batch = boss.post("/migration/execute", chosen).json["batchId"]
    assert boss.get(f"/batch/{batch}").json["total"] == 1
    assert [one["id"] for one in boss.get("/batch").json] == [batch]
    xml = boss.get(f"/process-definition/{second.json['id']}/xml").json
    assert "userTask" in xml["bpmn20Xml"]
    assert [one["version"] for one in boss.get("/process-definition?key=leave").json] == [2, 1]
    assert boss.get("/process-definition/count?key=leave&latestVersion=true").json == {"count": 1}
    assert boss.get("/process-definition/key/leave").json["id"] == second.json["id"]
    assert boss.post(f"/process-definition/{first.json['id']}/start", {}).status_code == 404
    with engine.db.read() as session:
        assert len(session.scalars(select(Instance.id)).all()) == 1


def test_too_many_calls_are_slowed_down_and_told_for_how_long(engine: Engine) -> None:
    app = api_app(engine, RATELIMIT_ENABLED=True, API_CALLS="5 per minute")
    limiter.reset()
    bob = Caller(app, token_for(engine, "bob"))
    answers = [bob.get("/task/count?maxResults=x") for _ in range(6)]
    assert {one.status_code for one in answers[:5]} == {422}
    assert (answers[-1].status_code, answers[-1].json["code"]) == (429, "too-many-requests")
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert Caller(app, token_for(engine, "cid")).get("/counters").status_code == 200
    limiter.reset()


def test_statements_of_a_list_do_not_grow_with_its_rows(engine: Engine, caller: Call) -> None:
    begin(engine, approval("A", "bob"))
    bob = caller("bob")
    bob.get("/task")
    counts = []
    for _ in range(2):
        statements: list[str] = []
        event.listen(engine.db.sql, "before_cursor_execute", lambda *more, s=statements: s.append(more[2]))
        assert bob.get("/task").status_code == 200
        counts.append(len(statements))
        for _ in range(5):
            begin(engine, approval("A", "bob"))
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize(
    ("given", "wrong"),
    [({"name": " "}, "name"), ({"scopes": ()}, "scopes"), ({"scopes": ("root",)}, "scopes"), ({"days": 0}, "days")],
)
def test_a_token_without_name_scope_or_end_is_refused(engine: Engine, given: dict[str, object], wrong: str) -> None:
    values = {"name": "p", "scopes": (Scope.TASKS_READ,), "days": 3, **given}
    with engine.db.write() as session, pytest.raises(InvalidInput) as refused:
        issue_token(session, person_id=number_of("bob"), at=engine.clock.now(), **values)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {wrong}


def test_nobody_has_tokens_without_number(engine: Engine) -> None:
    with engine.db.write() as session:
        more = partial(issue_token, session, person_id=3, name="p", scopes=[Scope.TASKS_READ], at=engine.clock.now())
        for _ in range(MOST_TOKENS):
            more()
        with pytest.raises(InvalidInput, match="50"):
            more()
