"""The operators' command line on a real database file."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.history import verify
from engine.instances import start_instance
from engine.instances.models import Incident
from engine.runtime import Engine
from engine.store import migrate
from engine.work.drain import drain
from tests.support.turning import diagram, line, process, user
from web.cli import duban
from workflows.application import build_engine, read_settings
from workflows.organisation.models import Person

SCRIPT = (
    '<scriptTask id="S" name="算分" scriptFormat="javascript">'
    '<script>if (!n) throw new Error("n is missing"); m = n;</script></scriptTask>'
)
FIRST = line(user("A", "person(li)"), user("B", "person(li)"))
SECOND = line(user("A", "person(li)"), user("C", "person(li)"))
BROKEN = line(SCRIPT, user("B", "person(li)"))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("DUBAN_DATABASE", f"sqlite:///{tmp_path / 'duban.db'}")
    engine = build_engine(read_settings())
    migrate.upgrade(engine.db)
    with engine.db.write() as session:
        session.add(Person(id=1, login="admin", name="管理员", is_administrator=True))
        session.add(Person(id=2, login="li", name="李"))
    return engine


def _publish(engine: Engine, body: str) -> int:
    return publish(engine, Package("work", {"work.bpmn": diagram(process("main", body))})).id


def _start(engine: Engine, **variables: object) -> int:
    return start_instance(engine, package_key="work", variables=variables, title="一件事", initiator_id=2)


def _run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(duban, [str(one) for one in arguments])
    assert result.exit_code == status, result.output
    return result


def _json(*arguments: object) -> Any:
    return json.loads(_run(*arguments, "--json").output)


def test_instances_are_listed_and_shown(engine: Engine) -> None:
    _publish(engine, FIRST)
    number = _start(engine, level="一般")
    assert f"{number}  running    work@1 main  一件事" in _run("instances", "list", "--version", "work@1").output
    shown = _run("instances", "show", number).output
    assert "A waiting user" in shown
    assert 'level = "一般"' in shown
    assert _json("instances", "show", number)["tokens"][0]["element_id"] == "A"
    assert "没有版本" in _run("instances", "list", "--version", "work@9", status=1).output
    assert "没有这个流程实例" in _run("instances", "show", 5, status=1).output


def test_a_modification_is_tried_out_then_done(engine: Engine) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    change = ("instances", "modify", number, "--cancel", "A", "--before", "B", "--set", "n=5", "--by", "admin",
              "--reason", "改派")  # fmt: skip
    tried = _run(*change, "--dry-run").output
    assert "取消“A”" in tried
    assert "试运行" in tried
    assert _json("instances", "show", number)["variables"] == {}
    assert "已修改" in _run(*change).output
    view = _json("instances", "show", number)
    assert (view["variables"], view["tokens"][0]["element_id"]) == ({"n": 5}, "B")
    assert "li is no administrator" in _run(*change[:-4], "--by", "li", "--reason", "x", status=1).output


def test_instances_are_migrated_one_by_one_and_all(engine: Engine) -> None:
    _publish(engine, FIRST)
    numbers = [_start(engine) for _ in range(3)]
    _publish(engine, SECOND)
    move = ("instances", "migrate", "--from", "work@1", "--to", "work", "--by", "admin", "--reason", "新版")
    report = _json(*move, "--all", "--dry-run")
    assert [one["blocked"] for one in report["instances"]] == [False] * 3
    assert "1 个实例：0 个不能迁移" in _run(*move, numbers[0]).output
    done = _run(*move, "--all", "--wait").output
    assert "2 done, 0 refused, 0 waiting" in done
    assert "100%" in _run("batches", "list").output
    assert _json("instances", "list", "--version", "work@2")["rows"][0]["version"] == 2
    assert "Error" in _run(*move, status=2).output
    with engine.db.read() as session:
        assert verify(session, key=engine.history_key) == []


def test_a_plan_can_be_written_down_and_used(engine: Engine, tmp_path: Path) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    _publish(engine, line(user("A9", "person(li)"), user("C", "person(li)")))
    move = ("instances", "migrate", number, "--from", "work@1", "--to", "work@2", "--by", "admin", "--reason", "新版")
    blocked = _run(*move, "--dry-run").output
    assert "✗ “A”正在进行" in blocked
    assert "“A”正在进行" in _run(*move, status=1).output
    plan = _json(*move, "--map", "A=A9", "--dry-run")["plan"]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    _run(*move, "--plan", file)
    assert _json("instances", "show", number)["tokens"][0]["element_id"] == "A9"
    file.write_text("{")
    assert "不是 JSON" in _run(*move, "--plan", file, status=1).output
    assert "新图没有" in _run(*move, "--map", "A=Z", status=1).output


def test_incidents_are_grouped_retried_and_resolved(engine: Engine) -> None:
    _publish(engine, BROKEN)
    numbers = [_start(engine, n=0) for _ in range(3)]
    assert (
        "3  main@1 算分" in " ".join(_run("incidents", "groups").output.split())
        or "3 " in _run("incidents", "groups").output
    )
    with engine.db.read() as session:
        ids = {one.instance_id: one.id for one in session.scalars(select(Incident))}
    who = ("--by", "admin")
    _run("incidents", "retry", ids[numbers[0]], "--set", "n=5", *who)
    drain(engine)
    _run("incidents", "resolve", ids[numbers[1]], "--set", "m=7", "--reason", "手工核对", *who)
    assert _json("instances", "show", numbers[0])["variables"] == {"n": 5, "m": 5}
    assert _json("instances", "show", numbers[1])["variables"] == {"n": 0, "m": 7}
    assert "1 done" in _run("incidents", "retry", "--all", "--code", "expression-failed", "--wait", *who).output
    assert len(_json("incidents", "list")["rows"]) == 1
    assert "处理过" in _run("incidents", "retry", ids[numbers[0]], *who, status=1).output
    assert "--set" in _run("incidents", "retry", "--all", "--set", "n=1", *who, status=2).output


def test_an_instance_is_suspended_resumed_and_terminated(engine: Engine) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    who = ("--by", "admin", "--reason", "等通知")
    assert "已挂起" in _run("instances", "suspend", number, *who).output
    assert "挂起" in _run("instances", "modify", number, "--set", "a=1", *who, status=1).output
    assert "已恢复" in _run("instances", "resume", number, *who).output
    assert "已终止" in _run("instances", "terminate", number, *who).output
    assert "结束" in _run("instances", "terminate", number, *who, status=1).output


def test_the_heat_map_is_told(engine: Engine) -> None:
    _publish(engine, FIRST)
    _start(engine)
    assert "A" in _run("heat", "work").output
    elements = _json("heat", "work@1")["elements"]
    assert (elements["A"]["here"], elements["begin"]["done"]) == (1, 1)
