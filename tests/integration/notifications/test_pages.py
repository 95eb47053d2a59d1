"""The pages of notifications: settings, channels with their tests, the list, unsubscription, the operators' view."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from engine import tasks
from engine.runtime import Engine
from engine.tasks.models import Notice
from tests.integration.notifications.conftest import Office
from tests.support.receivers import MailServer, WebServer
from tests.support.turning import make_engine, user
from tests.support.web import signed_in_client
from workflows.notifications.herald import notifications_of
from workflows.notifications.models import Preference
from workflows.notifications.unsubscribing import unsubscribe_path
from workflows.organisation.models import Person

Client = Callable[[int], FlaskClient]
SETTINGS = {
    "language": "en", "quiet": "1", "quiet_from": "21:30", "quiet_to": "06:45", "digest_at": "09:15", "digest_day": "4",
    "content": "minimal",
}  # fmt: skip


@pytest.fixture
def client(engine: Engine) -> Client:
    return lambda number: signed_in_client(engine, person_id=number)


def test_what_is_chosen_is_kept_and_shown(office: Office, engine: Engine, client: Client) -> None:
    ann = client(2)
    assert "ann@example.org" in ann.get("/me/notifications").text
    (email,) = office.channels()
    stranger = office.channel(3, "wecom", "key-of-bob")
    given = {**SETTINGS, f"{email.id}:task": "digest", f"{stranger.id}:task": "off"}
    assert ann.post("/me/notifications", data=given).status_code == 302
    with engine.db.read() as session:
        kept = session.get_one(Preference, 2)
    assert (kept.language, kept.quiet_from, kept.quiet_to, kept.digest_at, kept.digest_day) == ("en", 1290, 405, 555, 4)
    assert (kept.urgent_passes, kept.content, kept.choices) == (False, "minimal", {str(email.id): {"task": "digest"}})
    assert 'value="21:30"' in ann.get("/me/notifications").text
    ann.post("/me/notifications", data={name: value for name, value in SETTINGS.items() if name != "quiet"})
    with engine.db.read() as session:
        assert session.get_one(Preference, 2).quiet_from is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "25:00"}, {"quiet_to": "ab:cd"}, {"digest_at": ""}, {"language": "xx"}, {"content": "all"},
    ],
)  # fmt: skip
def test_what_is_impossible_is_refused_and_changes_nothing(
    office: Office, engine: Engine, client: Client, wrong: dict[str, str]
) -> None:
    answer = client(2).post("/me/notifications", data={**SETTINGS, **wrong})
    assert answer.status_code == 422
    with engine.db.read() as session:
        assert session.get_one(Preference, 2).language == "zh"


def test_a_webhook_shows_its_secret_once_is_tested_and_deleted(
    office: Office, client: Client, hooks: WebServer
) -> None:
    ann = client(2)
    given = {"kind": "webhook", "label": "我的", "address": f"{hooks.url}/in"}
    assert "whsec_" in ann.post("/me/notifications/channels", data=given, follow_redirects=True).text
    page = ann.get("/me/notifications").text
    assert "whsec_" not in page
    assert f"{hooks.url}/in" not in page
    (channel,) = [one for one in office.channels() if one.kind == "webhook"]
    address = f"/me/notifications/channels/{channel.id}"
    ann.post(address, data={"operation": "test"})
    assert "正在发送测试消息" in ann.get(address).text
    office.work()
    assert "正常" in ann.get(address).text
    hooks.answer = (410, {}, b"")
    ann.post(address, data={"operation": "test"})
    office.work()
    assert "HTTP 410" in ann.get(address).text
    for operation in ("test", "delete"):
        assert client(3).post(address, data={"operation": operation}).status_code == 404
    assert ann.post(address, data={"operation": "nonsense"}).status_code == 422
    assert ann.post(address, data={"operation": "delete"}).status_code == 302
    assert ann.get(address).status_code == 404


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", "https://user:word@example.org/"), ("webhook", "http://example.org/"), ("dingtalk", "not a token!"),
        ("email", "x@example.org"), ("pigeon", "https://example.org"),
    ],
)  # fmt: skip
def test_a_bad_address_comes_back_with_a_sentence(office: Office, client: Client, kind: str, address: str) -> None:
    answer = client(2).post("/me/notifications/channels", data={"kind": kind, "address": address})
    assert answer.status_code == 422
    assert address.split("@", maxsplit=1)[0] in answer.text
    assert all(one.kind == "email" for one in office.channels())


def test_one_click_without_a_session_ends_digests_and_a_forged_link_does_not(
    office: Office, engine: Engine, client: Client
) -> None:
    client(2).get("/me/notifications")
    (email,) = office.channels()
    path = unsubscribe_path(notifications_of(engine), email)
    visitor = client(2)
    visitor.delete_cookie("duban_session")
    assert visitor.get(path).status_code == 200
    with engine.db.read() as session:
        assert session.get_one(Preference, 2).choices == {}
    assert "已退订" in visitor.post(path, data={"List-Unsubscribe": "One-Click"}).text
    with engine.db.read() as session:
        assert session.get_one(Preference, 2).choices == {str(email.id): {"copied": "off", "other": "off"}}
    for forged in (f"{path[:-1]}0" if path[-1] != "0" else f"{path[:-1]}1", "/unsubscribe/1-", "/unsubscribe/x-é"):
        assert visitor.post(forged).status_code == 404


def test_notices_are_filtered_grouped_and_read(office: Office, engine: Engine, client: Client) -> None:
    instance = office.begin(user("A", "person(ann)"))
    tasks.urge(engine, slot_id=office.slot(2).id, actor_id=1)
    tasks.add_comment(engine, instance_id=instance, actor_id=1, text="@ann", mentions=[2])
    with engine.db.write() as session:
        session.add(Notice(person_id=2, kind="notice", title="开会", created_at=engine.clock.now()))
    ann = client(2)

    def titles(address: str) -> int:
        return len(re.findall(r'class="item', ann.get(address).text))

    assert [titles(f"/notices{query}") for query in ("", "?event=urged", "?event=other", "?unread=1")] == [3, 1, 1, 3]
    ann.post("/notices/read", data={"event": "urged"})
    assert titles("/notices?unread=1") == 2
    mention = re.findall(r'href="(/notices/\d+)"', ann.get("/notices?event=mentioned").text)[0]
    assert ann.get(mention).location == f"/instances/{instance}#comments"
    assert client(3).get(mention).status_code == 404
    ann.post("/notices/read")
    assert "没有未读的通知" in ann.get("/notices?unread=1").text
    assert [ann.get(f"/notices{query}").status_code for query in ("?event=x", "?before=x")] == [422, 422]


def test_operators_see_what_is_ill_and_set_limits(
    office: Office, engine: Engine, client: Client, mail: MailServer
) -> None:
    mail.verdict = lambda: "550 no such mailbox"
    office.begin(user("A", "person(ann)"))
    office.work()
    with engine.db.write() as session:
        session.get_one(Person, 4).is_administrator = True
    assert client(2).get("/operations/notifications").status_code == 404
    admin = client(4)
    page = admin.get("/operations/notifications").text
    assert "550 no such mailbox" in page
    assert "duban@example.org" in page
    assert admin.post("/operations/notifications", data={"content": "minimal", "kind": ["email"]}).status_code == 302
    assert "添加通道" not in client(2).get("/me/notifications").text
    assert admin.post("/operations/notifications", data={"content": "minimal"}).status_code == 422
    assert admin.post("/operations/notifications", data={"content": "x", "kind": ["email"]}).status_code == 422


def test_an_application_without_notifications_has_no_such_page(engine: Engine) -> None:
    bare = make_engine(engine.db, engine.clock)
    assert signed_in_client(bare, person_id=2).get("/me/notifications").status_code == 404
