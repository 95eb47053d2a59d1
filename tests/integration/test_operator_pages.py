"""The operators' pages through a client without JavaScript: what they show, do, refuse, and to whom."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.history import HistoryLine, verify
from engine.instances import start_instance
from engine.instances.models import Incident, Instance
from engine.runtime import Engine
from engine.store import migrate
from engine.work.drain import drain
from tests.support.turning import diagram, line, process, user
from tests.support.website import SECRET, csrf_token, signed_in, website
from workflows.application import Settings, build_engine
from workflows.organisation.models import Person

SCRIPT = (
    '<scriptTask id="S" name="算分" scriptFormat="javascript">'
    '<script>if (!n) throw new Error("n is missing"); m = n;</script></scriptTask>'
)
FIRST = line(user("A", "person(li)"), user("B", "person(li)"))
SECOND = line(user("A", "person(li)"), user("C", "person(li)"))
BROKEN = line(SCRIPT, user("B", "person(li)"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = build_engine(_settings(tmp_path))
    migrate.upgrade(engine.db)
    with engine.db.write() as session:
        session.add(Person(id=1, login="admin", name="管理员", name_en="Admin", is_administrator=True))
        session.add(Person(id=2, login="li", name="李"))
    yield engine
    engine.db.close()


@pytest.fixture
def admin(engine: Engine, tmp_path: Path) -> FlaskClient:
    return signed_in(website(engine, _settings(tmp_path)), "admin")


def _settings(folder: Path) -> Settings:
    return Settings(database=f"sqlite:///{folder / 'duban.db'}", demo=True, secret_key=SECRET)


def _publish(engine: Engine, body: str) -> int:
    return publish(engine, Package("work", {"work.bpmn": diagram(process("main", body))})).id


def _start(engine: Engine, title: str = "一件事", **variables: object) -> int:
    return start_instance(engine, package_key="work", variables=variables, title=title, initiator_id=2)


def _row(engine: Engine, number: int) -> Instance:
    with engine.db.read() as session:
        return session.get_one(Instance, number)


def _incidents(engine: Engine) -> list[Incident]:
    with engine.db.read() as session:
        return list(session.scalars(select(Incident).where(Incident.status == "open").order_by(Incident.id)))


def _post(client: FlaskClient, address: str, status: int = 302, **data: object) -> str:
    """Post a form with the page's token; returns where it leads, or the page that says why not."""
    answer = client.post(address, data={**data, "csrf_token": csrf_token(client, "/inbox")})
    assert answer.status_code == status, answer.text
    return answer.headers["Location"] if status == 302 else answer.text


def _said(page: str) -> list[str]:
    """Return the effects that a preview lists."""
    return re.findall(r'<li class="[a-z-]+">(?:<span class="num">\d+×</span> )?([^<]+)</li>', page)


def test_the_room_does_not_exist_for_anybody_but_administrators(engine: Engine, tmp_path: Path) -> None:
    version = _publish(engine, BROKEN)
    number = _start(engine, n=0)
    li = signed_in(website(engine, _settings(tmp_path)), "li")
    incident = _incidents(engine)[0].id
    pages = ("", "/incidents", "/incidents/retry", "/batches", "/heat", "/migrate", f"/instances/{number}",
             f"/instances/{number}/modify", f"/instances/{number}/state?operation=suspend", f"/incidents/{incident}",
             f"/versions/{version}/heat", f"/versions/{version}/heat.json",
             f"/instances/{number}/diagram.json")  # fmt: skip
    for page in pages:
        assert li.get(f"/operations{page}").status_code == 404, page
    for page in ("/incidents/retry", "/migrate", f"/instances/{number}/state", f"/incidents/{incident}/retry"):
        _post(li, f"/operations{page}", status=404, operation="terminate", reason="x")
    assert "/operations" not in li.get("/inbox").text
    assert _row(engine, number).status == "running"


def test_a_post_without_the_token_is_refused(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    answer = admin.post(f"/operations/instances/{number}/state", data={"operation": "terminate", "reason": "x"})
    assert answer.status_code == 400
    assert _row(engine, number).status == "running"


def test_instances_are_found_by_filter(engine: Engine, admin: FlaskClient) -> None:
    version = _publish(engine, FIRST)
    _start(engine, "甲事")
    _publish(engine, BROKEN)
    _start(engine, "乙事", n=0)
    assert 'href="/operations"' in admin.get("/inbox").text
    both = admin.get("/operations").text
    assert "甲事" in both
    assert "乙事" in both
    assert "乙事" not in admin.get(f"/operations?version={version}").text
    assert "甲事" not in admin.get("/operations?incident=1").text
    assert "甲事" not in admin.get("/operations?q=乙").text
    assert "没有这样的实例" in admin.get("/operations?status=completed").text
    assert admin.get("/operations?status=x").status_code == 422
    assert admin.get("/operations?version=x").status_code == 422
    assert admin.get("/operations?page=0").status_code == 422


def test_an_instance_is_suspended_resumed_and_terminated_with_a_reason(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    address = f"/operations/instances/{number}/state"
    assert "挂起“一件事”" in admin.get(f"{address}?operation=suspend").text
    assert "请写明原因" in _post(admin, address, status=422, operation="suspend", reason=" ")
    _post(admin, address, operation="suspend", reason="等通知")
    assert "恢复" in admin.get(f"/operations/instances/{number}").text
    assert _row(engine, number).status == "suspended"
    assert "只有运行中" in _post(admin, address, status=409, operation="suspend", reason="再来")
    _post(admin, address, operation="resume", reason="继续")
    _post(admin, address, operation="terminate", reason="作废")
    assert _row(engine, number).status == "terminated"
    page = admin.get(f"/operations/instances/{number}").text
    assert "作废" in page
    assert "/modify" not in page
    assert admin.get(f"{address}?operation=explode").status_code == 422


def test_a_modification_is_previewed_then_carried_out(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, FIRST)
    number = _start(engine, n=1)
    address = f"/operations/instances/{number}/modify"
    page = admin.get(address).text
    token = re.findall(r'name="cancel"\s+value="(\d+)"', page)[0]
    form = {"turn": re.findall(r'name="turn" value="(\d+)"', page)[0], "cancel": token, "start0": "B",
            "place0": "before", "variables": '{"n": 2}', "reason": "改派"}  # fmt: skip
    preview = _post(admin, address, status=200, operation="preview", **form)
    assert _said(preview) == ["取消“A”", "打开“B”，由 李 办理", "变量 n：1 → 2"]
    assert "照此执行" in preview
    assert _row(engine, number).variables == {"n": 1}
    _post(admin, address, operation="apply", **form)
    assert _row(engine, number).variables == {"n": 2}
    shown = admin.get(f"/operations/instances/{number}").text
    assert "<b>B</b>" in shown
    assert "改派" in shown
    assert "前进" in _post(admin, address, status=409, operation="apply", **form)
    with engine.db.read() as session:
        assert verify(session, key=engine.history_key) == []


def test_a_modification_that_is_wrong_is_told_and_keeps_what_was_typed(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, FIRST)
    number = _start(engine)
    address = f"/operations/instances/{number}/modify"
    turn = _row(engine, number).version
    wrong = {
        '{"n": ': "不是有效的 JSON",
        "[1]": "的形式",
        "{}": "没有指明要做什么",
    }
    for text, sentence in wrong.items():
        page = _post(admin, address, status=422, operation="preview", turn=turn, variables=text, reason="试试")
        assert sentence in page
        assert "试试" in page
    assert "没有元素" in _post(admin, address, status=422, turn=turn, start0="Z", variables="", reason="x")
    assert "不是编号" in _post(admin, address, status=422, turn="x", variables="", reason="x")


def test_incidents_are_grouped_and_retried_together(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, BROKEN)
    numbers = [_start(engine, n=0) for _ in range(3)]
    page = admin.get("/operations/incidents").text
    assert "算分" in page
    assert 'class="chip red num">3<' in page
    (ask,) = re.findall(r'data-dialog\s+href="([^"]+)"', page)
    asked = admin.get(ask.replace("&amp;", "&")).text
    assert "重试 3 个异常？" in asked
    fields = dict(re.findall(r'<input type="hidden" name="(version|process|element|code)" value="([^"]*)"', asked))
    progress = _post(admin, "/operations/incidents/retry", **fields)
    drain(engine)
    assert "完成 3，拒绝 0，等待 0，共 3" in admin.get(progress).text
    assert len(_incidents(engine)) == 3
    assert progress in admin.get("/operations/batches").text
    listed = admin.get(f"/operations/incidents?instance={numbers[0]}").text
    assert listed.count("n is missing") == 1
    assert admin.get("/operations/incidents?status=x").status_code == 422
    assert "没有选中" in _post(admin, "/operations/incidents/retry", status=422, code="none")


def test_an_incident_is_edited_and_retried(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, BROKEN)
    number = _start(engine, n=0)
    incident = _incidents(engine)[0].id
    assert "n is missing" in admin.get(f"/operations/incidents/{incident}").text
    address = f"/operations/incidents/{incident}/retry"
    assert "不是有效的 JSON" in _post(admin, address, status=422, variables="{n}")
    assert _post(admin, address, variables='{"n": 5}', reason="补等级") == f"/operations/instances/{number}"
    drain(engine)
    assert _row(engine, number).variables == {"n": 5, "m": 5}
    assert "处理过" in _post(admin, address, status=409, variables="{}")
    assert "已经处理过了" in admin.get(f"/operations/incidents/{incident}").text
    with engine.db.read() as session:
        (told,) = session.scalars(select(HistoryLine).where(HistoryLine.operation == "retry"))
    assert (told.opinion, told.actor_id) == ("补等级", 1)


def test_an_incident_is_resolved_by_hand(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, BROKEN)
    number = _start(engine, n=0)
    address = f"/operations/incidents/{_incidents(engine)[0].id}/resolve"
    assert "请写明原因" in _post(admin, address, status=422, skip="yes", result="{}", reason="")
    _post(admin, address, skip="yes", result='{"m": 7}', reason="线下核对")
    assert _row(engine, number).variables == {"n": 0, "m": 7}
    assert _row(engine, number).open_incidents == 0
    assert admin.get("/operations/incidents/5").status_code == 404


def test_the_wizard_maps_tries_out_and_migrates(engine: Engine, admin: FlaskClient) -> None:
    first = _publish(engine, FIRST)
    numbers = [_start(engine, f"第{index}件") for index in range(3)]
    second = _publish(engine, line(user("A9", "person(li)"), user("C", "person(li)")))
    versions = {"source": first, "target": second}
    assert "选择版本" in admin.get("/operations/migrate").text
    page = admin.get(f"/operations/migrate?source={first}&target={second}").text
    assert "2 个没有对应" in page
    preview = _post(admin, "/operations/migrate", status=200, operation="preview", reason="新版", **versions)
    assert "不能迁移 3" in preview
    assert _said(preview)[0] == "“A”正在进行，但新图没有对应的环节"
    mapped = {**versions, "map:main:A": "A9", "reason": "新版"}
    preview = _post(admin, "/operations/migrate", status=200, operation="preview", **mapped)
    assert "可迁移 3" in preview
    assert {_row(engine, one).package_version_id for one in numbers} == {first}
    assert "请写明原因" in _post(
        admin, "/operations/migrate", status=422, operation="apply", **{**mapped, "reason": ""}
    )
    progress = _post(admin, "/operations/migrate", operation="apply", **mapped)
    drain(engine)
    assert "完成 3，拒绝 0" in admin.get(progress).text
    assert {_row(engine, one).package_version_id for one in numbers} == {second}


def test_one_instance_is_migrated_from_its_page(engine: Engine, admin: FlaskClient) -> None:
    first = _publish(engine, FIRST)
    number, other = _start(engine), _start(engine)
    second = _publish(engine, SECOND)
    assert f"source={first}&amp;instance={number}" in admin.get(f"/operations/instances/{number}").text
    form = {"source": first, "target": second, "instance": number, "reason": "新版"}
    assert "1 个实例" in _post(admin, "/operations/migrate", status=200, operation="preview", **form)
    _post(admin, "/operations/migrate", operation="apply", **form)
    drain(engine)
    assert _row(engine, number).package_version_id == second
    assert _row(engine, other).package_version_id == first


def test_a_wrong_migration_is_told(engine: Engine, admin: FlaskClient) -> None:
    first = _publish(engine, FIRST)
    _start(engine)
    second = _publish(engine, SECOND)
    same = admin.get(f"/operations/migrate?source={first}&target={first}")
    assert "新旧版本相同" in same.text
    bad = {"source": first, "target": second, "map:main:A": "nobody", "reason": "x"}
    assert "新图没有" in _post(admin, "/operations/migrate", status=422, operation="apply", **bad)
    assert admin.get("/operations/migrate?source=5&target=6").status_code == 404
    empty = {"source": second, "target": first, "reason": "x"}
    assert "没有进行中的实例" in _post(admin, "/operations/migrate", status=422, operation="apply", **empty)


def test_the_heat_map_shows_numbers_as_a_drawing_and_as_a_table(engine: Engine, admin: FlaskClient) -> None:
    version = _publish(engine, FIRST)
    for _ in range(3):
        _start(engine)
    assert "3 个实例" in admin.get("/operations/heat").text
    page = admin.get(f"/operations/versions/{version}/heat?by=here").text
    assert re.search(r"<td>A</td>\s*<td class=\"tight num\">3</td>\s*<td class=\"tight num\">3</td>", page)
    state = admin.get(f"/operations/versions/{version}/heat.json?by=entered").json
    assert state is not None
    assert state["heat"] == {"begin": 5, "A": 5}
    assert state["badges"]["A"]["text"] == "3 次"
    assert admin.get(f"/operations/versions/{version}/diagram.bpmn").mimetype == "application/xml"
    assert admin.get(f"/operations/versions/{version}/heat?by=x").status_code == 404
    assert admin.get(f"/operations/versions/{version}/heat?process=x").status_code == 404
    assert admin.get("/operations/versions/5/heat").status_code == 404


def test_the_diagram_of_an_instance_shows_where_it_stands(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, BROKEN)
    number = _start(engine, n=0)
    state = admin.get(f"/operations/instances/{number}/diagram.json").json
    assert state == {"badges": {}, "current": [], "done": ["begin"], "incidents": ["S"]}


def test_a_refusal_speaks_the_language_of_the_page(engine: Engine, admin: FlaskClient) -> None:
    _publish(engine, FIRST)
    address = f"/operations/instances/{_start(engine)}/state"
    chinese = _post(admin, address, status=409, operation="resume", reason="继续")
    assert "流程没有挂起" in chinese
    assert "not suspended" not in chinese
    admin.set_cookie("lang", "en")
    english = _post(admin, address, status=409, operation="resume", reason="go on")
    assert "The instance is not suspended" in english
    assert "流程没有挂起" not in english


def test_every_page_speaks_english_too(engine: Engine, admin: FlaskClient) -> None:
    version = _publish(engine, BROKEN)
    number = _start(engine, "One matter", n=0)
    incident = _incidents(engine)[0].id
    admin.set_cookie("lang", "en")
    pages = ("", "/incidents", "/incidents/retry", "/batches", "/heat", f"/migrate?source={version}",
             f"/instances/{number}", f"/instances/{number}/modify", f"/instances/{number}/state?operation=suspend",
             f"/incidents/{incident}", f"/versions/{version}/heat")  # fmt: skip
    for page in pages:
        text = admin.get(f"/operations{page}").text
        main = re.sub(r"<[^>]+>", " ", text[text.index('<main id="main"') : text.index("</main>")])
        left = set(re.findall(r"[\u4e00-\u9fff]+", main)) - {"算分", "李", "脚本出错"}
        assert left == set(), (page, left)
