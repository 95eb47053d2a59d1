"""The administrators' pages through a client without JavaScript: what they change, refuse, and to whom they exist."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.runtime import Engine
from engine.tasks.models import OPEN_STATES, Slot
from tests.support.website import csrf_token, demonstration, signed_in, website
from workflows.application import Settings
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.models import Absence, Group, Holding, OrganisationChange, Person, Unit
from workflows.organisation.passwords import authenticate

Post = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Settings]]:
    engine, settings = demonstration(tmp_path_factory.mktemp("admin"))
    yield engine, settings
    engine.db.close()


@pytest.fixture
def app(built: tuple[Engine, Settings]) -> Flask:
    return website(*built)


@pytest.fixture
def engine(built: tuple[Engine, Settings]) -> Engine:
    return built[0]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


@pytest.fixture
def post(client: FlaskClient) -> Post:
    """Post a form as the administrator."""

    def send(address: str, **form: Any) -> TestResponse:
        values = {name.rstrip("_"): value for name, value in form.items()}
        return client.post(address, data={**values, "csrf_token": csrf_token(client, "/inbox")})

    return send


def one(engine: Engine, query: Any) -> Any:
    with engine.db.read() as session:
        return session.scalars(query).one_or_none()


def person(engine: Engine, login: str) -> Any:
    return one(engine, select(Person).where(Person.login == login))


def mark(client: FlaskClient, address: str) -> str:
    """Return what the form of a row carries about the row as it was shown."""
    found = re.search(r'name="mark" value="(\w+)"', client.get(address).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "path",
    ["", "/people", "/posts", "/groups", "/absences", "/calendar", "/exchange", "/changes", "/export", "/rows/units",
     "/people/1", "/people/1/leave", "/suggest/units/unit"],
)  # fmt: skip
def test_the_room_is_there_for_administrators_and_for_nobody_else(app: Flask, client: FlaskClient, path: str) -> None:
    assert client.get(f"/admin{path}").status_code == 200
    assert signed_in(app, "head").get(f"/admin{path}").status_code == 404


def test_the_way_in_is_shown_to_administrators_only(app: Flask, client: FlaskClient) -> None:
    assert 'href="/admin"' in client.get("/inbox").text
    assert 'href="/admin"' not in signed_in(app, "head").get("/inbox").text


def test_a_unit_is_added_renamed_moved_and_closed(engine: Engine, client: FlaskClient, post: Post) -> None:
    form = {"code": "clinic", "name": "门诊部", "kind": "clinical", "parent": "hospital", "active": "1"}
    assert post("/admin/rows/units", **form).status_code == 302
    shown = mark(client, "/admin/rows/units?key=clinic")
    changed = {**form, "name": "门诊", "parent": "medical-affairs", "key": "clinic", "mark": shown}
    assert post("/admin/rows/units", **changed).status_code == 302
    unit = one(engine, select(Unit).where(Unit.code == "clinic"))
    assert (unit.name, unit.parent_id) == ("门诊", one(engine, select(Unit.id).where(Unit.code == "medical-affairs")))
    assert post("/admin/rows/units", **changed).status_code == 409
    closing = {name: value for name, value in changed.items() if name != "active"}
    closing["mark"] = mark(client, "/admin/rows/units?key=clinic")
    assert post("/admin/rows/units", **closing).status_code == 302
    assert not one(engine, select(Unit.active).where(Unit.code == "clinic"))
    page = client.get("/admin/changes?q=clinic").text
    assert page.count("<code>clinic</code>") == 3
    assert "记录完整" in client.get("/admin/changes?verify=1").text


@pytest.mark.parametrize(
    ("section", "form", "words"),
    [
        ("units", {"code": "a b", "name": "甲", "kind": "x"}, "不是代码"),
        ("units", {"code": "new", "name": "", "kind": "x"}, "请填写名称"),
        ("units", {"code": "new", "name": "甲", "kind": "x", "parent": "nowhere"}, "没有“nowhere”"),
        ("holdings", {"person": "head", "unit": "internal", "post": "staff", "from": "soon"}, "不是日期"),
        ("members", {"group": "leading", "person": "nobody"}, "没有“nobody”"),
        ("seasons", {"unit": "hospital", "from": "06-01", "to": "09-30", "hours": "noon"}, "看不懂作息时间"),
        ("people", {"login": "x", "name": "某", "email": "none"}, "不是电子邮箱"),
    ],
)
def test_a_wrong_field_gets_a_sentence_and_keeps_what_was_typed(
    post: Post, section: str, form: dict[str, str], words: str
) -> None:
    answer = post(f"/admin/rows/{section}", **{**form, "position": "0", "role": "", "kind": form.get("kind", "")})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{next(iter(form.values()))}"' in answer.text


def test_a_person_gets_a_post_that_is_moved_to_other_dates_and_ended(
    engine: Engine, client: FlaskClient, post: Post
) -> None:
    form = {"person": "office-two", "unit": "pharmacy", "post": "staff", "from_": "2026-09-01", "to": ""}
    assert post("/admin/rows/holdings", **form).status_code == 302
    key = ["office-two", "pharmacy", "staff", "2026-09-01"]
    address = "/admin/rows/holdings?" + "&".join(f"key={part}" for part in key)
    moved = {**form, "from_": "2026-10-01", "to": "2026-12-31", "key": key, "mark": mark(client, address)}
    assert post("/admin/rows/holdings", **moved).status_code == 302
    query = select(Holding).join(Person, Person.id == Holding.person_id).where(Person.login == "office-two")
    with engine.db.read() as session:
        rows = session.scalars(query.order_by(Holding.id)).all()
    assert [(row.valid_from, row.valid_to) for row in rows] == [(None, None), (date(2026, 10, 1), date(2026, 12, 31))]
    key[3] = "2026-10-01"
    assert post("/admin/rows/holdings/remove", key=key).status_code == 302
    with engine.db.read() as session:
        assert len(session.scalars(query).all()) == 1


def test_a_new_password_is_shown_once_and_signs_the_person_out(app: Flask, engine: Engine, post: Post) -> None:
    theirs = signed_in(app, "ward-one-nurse")
    number = person(engine, "ward-one-nurse").id
    page = post(f"/admin/people/{number}/password").text
    found = re.search(r'id="new-password">\s*(\w+)', page)
    assert found is not None
    with engine.db.read() as session:
        assert authenticate(session, login="ward-one-nurse", password=found[1]) is not None
    assert theirs.get("/inbox").status_code == 302
    line = one(engine, select(OrganisationChange).where(OrganisationChange.operation == "password"))
    assert (line.key, line.detail) == ("ward-one-nurse", {})


def test_the_last_administrator_stays(client: FlaskClient, post: Post) -> None:
    shown = mark(client, "/admin/rows/people?key=admin")
    answer = post("/admin/rows/people", key="admin", mark=shown, login="admin", name="陶管理", active="1")
    assert answer.status_code == 422
    assert "至少要留一位管理员" in answer.text


def test_a_group_has_members_and_units_and_goes_with_them(engine: Engine, client: FlaskClient, post: Post) -> None:
    assert post("/admin/rows/groups", code="patrol", name="巡查组", kind="inspection").status_code == 302
    assert post("/admin/rows/members", group="patrol", person="head", role="head", position="0").status_code == 302
    answer = post("/admin/rows/groupUnits", group="patrol", unit="internal", role="inspected", position="0")
    assert answer.status_code == 302
    number = one(engine, select(Group.id).where(Group.code == "patrol"))
    page = client.get(f"/admin/groups/{number}").text
    assert all(words in page for words in ("巡查组", "周统筹", "内科", "受检"))
    assert post("/admin/rows/groups/remove", key="patrol").status_code == 302
    assert client.get(f"/admin/groups/{number}").status_code == 404


def test_a_day_is_turned_for_the_units_below_and_back(engine: Engine, client: FlaskClient, post: Post) -> None:
    saturday = date(2026, 9, 12)

    def works() -> bool:
        with engine.db.read() as session:
            internal = session.scalars(select(Unit.id).where(Unit.code == "internal")).one()
            return UnitCalendars().of_unit(session, internal).is_working_day(saturday)

    for expected in (True, False):
        answer = post("/admin/calendar", unit="hospital", day="2026-09-12")
        assert answer.status_code == 302
        assert works() is expected
        assert "2026-09-12 已改" in client.get(answer.headers["Location"]).text
    assert one(engine, select(Unit).where(Unit.code == "hospital")).calendar is None
    assert post("/admin/calendar", unit="hospital", day="2026-02-30").status_code == 422
    assert client.get("/admin/calendar?year=1800").status_code == 422
    assert "还没有公布" in client.get("/admin/calendar?year=2045").text


def test_a_leaver_hands_everything_over_and_the_account_is_closed(app: Flask, engine: Engine, post: Post) -> None:
    client = signed_in(app, "admin")
    with engine.db.read() as session:
        query = select(Slot.owner_id).where(Slot.state.in_(OPEN_STATES), Slot.owner_id.is_not(None))
        leaver = session.get_one(Person, session.scalars(query.limit(1)).one())
        before = len(session.scalars(query.where(Slot.owner_id == leaver.id)).all())
    address = f"/admin/people/{leaver.id}/leave"
    assert client.get(f"{address}?target=nobody").status_code == 422
    assert client.get(f"{address}?target=office-two").text.count("王记录") >= before
    answer = post(address, target="office-two", reason="调离", close="1")
    assert f"已移交 {before} 项" in answer.text
    with engine.db.read() as session:
        assert session.scalars(query.where(Slot.owner_id == leaver.id)).all() == []
        assert not session.get_one(Person, leaver.id).active
        held = session.scalars(select(Holding).where(Holding.person_id == leaver.id)).all()
    assert all(row.valid_to is not None for row in held)


def test_a_workbook_is_checked_shown_and_imported(engine: Engine, client: FlaskClient, post: Post) -> None:
    content = client.get("/admin/export").data
    book = load_workbook(BytesIO(content))
    book["人员"].append(["newcomer", "新来的", "", "", "否", "是"])
    answer = post("/admin/imports", file=(_saved(book), "组织.xlsx"))
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).text
    assert "共 1 条改动" in page
    expected = re.search(r'name="expected" value="(\w+)"', page)
    assert expected is not None
    assert post(answer.headers["Location"], expected=expected[1]).status_code == 302
    assert person(engine, "newcomer").name == "新来的"
    assert post(answer.headers["Location"], expected=expected[1]).status_code == 409


def test_faults_are_listed_and_come_back_in_the_workbook(engine: Engine, client: FlaskClient, post: Post) -> None:
    book = load_workbook(BytesIO(client.get("/admin/export").data))
    book["任职"].append(["nobody", "hospital", "staff"])
    book["人员"].append(["half", "半途"])
    address = post("/admin/imports", file=(_saved(book), "组织.xlsx")).headers["Location"]
    page = client.get(address).text
    assert "有 1 处错误" in page
    report = load_workbook(BytesIO(client.get(f"{address}/report").data))["任职"]
    assert [row[0].value for row in report.iter_rows(min_row=2) if row[0].value] == ["账号：人员里没有“nobody”"]
    assert post(address, expected="x").status_code == 422
    assert person(engine, "half") is None


def test_a_wrong_upload_gets_a_sentence(post: Post) -> None:
    answer = post("/admin/imports", file=(BytesIO(b"MZ"), "x.xlsx"))
    assert answer.status_code == 422
    assert "不是能读的 Excel" in answer.text
    assert post("/admin/imports").status_code == 422


def test_each_person_enters_and_takes_back_their_own_absence(app: Flask, engine: Engine) -> None:
    client = signed_in(app, "deputy-medical")
    token = csrf_token(client, "/me")
    away = {"deputy": "head", "process": "", "from": "2026-09-16", "to": "2026-09-20", "csrf_token": token}
    wrong = client.post("/me/absences", data={**away, "deputy": "deputy-medical"})
    assert wrong.status_code == 422
    assert "不能由本人代理本人" in wrong.text
    assert client.post("/me/absences", data={**away, "person": "head"}).status_code == 302
    row = one(engine, select(Absence).where(Absence.valid_from == date(2026, 9, 16)))
    assert row.person_id == person(engine, "deputy-medical").id
    assert "周统筹" in client.get("/me").text
    assert client.post("/me/absences/remove", data=away).status_code == 302
    assert one(engine, select(Absence).where(Absence.valid_from == date(2026, 9, 16))) is None


def test_a_password_is_changed_by_whoever_knows_it(app: Flask, engine: Engine) -> None:
    client = signed_in(app, "imaging-director")
    token = csrf_token(client, "/me")
    for old, new in (("wrong", "long enough now"), ("duban-demo", "short")):
        data = {"old": old, "new": new, "csrf_token": token}
        assert client.post("/me/password", data=data).status_code == 422
    data = {"old": "duban-demo", "new": "long enough now", "csrf_token": token}
    assert client.post("/me/password", data=data).status_code == 302
    with engine.db.read() as session:
        assert authenticate(session, login="imaging-director", password="long enough now") is not None
    assert client.get("/inbox").status_code == 302


def _saved(book: Any) -> BytesIO:
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream
