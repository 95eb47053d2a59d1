"""Once, again after a failure that may pass, never after one that will not; a dead channel is seen."""

import threading
from datetime import timedelta

import orjson
import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from sqlalchemy import update

from engine.clock import FakeClock
from engine.errors import InvalidInput
from engine.runtime import Engine
from engine.work.drain import drain
from engine.work.external import LEASE
from engine.work.models import Errand
from engine.work.outside import send_due
from tests.integration.notifications.conftest import Office
from tests.support.receivers import MailServer, WebServer
from tests.support.turning import user
from workflows.notifications.channels import own_channel, webhook_secret
from workflows.notifications.herald import notifications_of
from workflows.notifications.models import Channel
from workflows.notifications.preferences import Policy, put_policy
from workflows.notifications.sending import BACKOFF, Sending
from workflows.notifications.testing import send_test
from workflows.notifications.webhook import sign

ANN = "person(ann)"


class Killed(BaseException):
    """What kill -9 is to a test: nothing after it runs."""


@pytest.fixture
def answers(mail: MailServer) -> list[str]:
    """Return the mail server's next answers, the first first; then it accepts."""
    planned: list[str] = []
    mail.verdict = lambda: planned.pop(0) if planned else "250 ok"
    return planned


def test_two_couriers_send_each_message_once(office: Office, engine: Engine, mail: MailServer) -> None:
    for number in range(6):
        office.begin(user("A", ANN), title=f"事项 {number}")
    drain(engine)
    couriers = [threading.Thread(target=send_due, args=(engine,)) for _ in range(3)]
    for courier in couriers:
        courier.start()
    for courier in couriers:
        courier.join()
    assert len({str(one["Message-ID"]) for one in mail.letters}) == len(mail.letters) == 6
    assert office.deliveries("state") == [("sent",)] * 6


def test_killed_before_the_call_it_is_sent_once_when_the_lease_has_run_out(
    office: Office, engine: Engine, mail: MailServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.begin(user("A", ANN))
    drain(engine)

    def killed(_: Sending) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Sending, "run", killed)
        with pytest.raises(Killed):
            send_due(engine)
    assert send_due(engine) == 0
    clock.advance(LEASE)
    office.work()
    office.work()
    assert len(mail.letters) == 1


def test_killed_after_the_answer_the_repetition_carries_the_same_message_id(
    office: Office, engine: Engine, mail: MailServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.begin(user("A", ANN))
    drain(engine)
    real = Sending.run

    def killed(sending: Sending) -> None:
        real(sending)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Sending, "run", killed)
        with pytest.raises(Killed):
            send_due(engine)
    clock.advance(LEASE)
    office.work()
    assert [len(mail.letters), len({str(one["Message-ID"]) for one in mail.letters})] == [2, 1]


def test_a_result_under_an_old_lease_is_dropped(
    office: Office, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.begin(user("A", ANN))
    drain(engine)
    real = Sending.run

    def overtaken(sending: Sending) -> object:
        with engine.db.write() as session:
            session.execute(update(Errand).values(attempt=Errand.attempt + 1))
        return real(sending)

    monkeypatch.setattr(Sending, "run", overtaken)
    send_due(engine)
    assert office.deliveries("state", "attempts") == [("waiting", 0)]


def test_what_may_pass_is_tried_again_with_growing_pauses(
    office: Office, mail: MailServer, clock: FakeClock, answers: list[str]
) -> None:
    answers += ["451 later"] * 2
    office.begin(user("A", ANN))
    office.work()
    assert office.deliveries("state", "attempts") == [("waiting", 1)]
    assert office.channels()[0].state == "failing"
    clock.advance(BACKOFF[0] - timedelta(seconds=1))
    office.work()
    assert mail.letters == []
    clock.advance(timedelta(seconds=1))
    office.work()
    clock.advance(BACKOFF[1])
    office.work()
    assert office.deliveries("state", "attempts", "problem") == [("sent", 3, "")]
    assert (office.channels()[0].state, len(mail.letters)) == ("working", 1)


def test_tries_come_to_an_end(office: Office, clock: FakeClock, answers: list[str]) -> None:
    answers += ["451 later"] * 20
    office.begin(user("A", ANN))
    office.work()
    for pause in BACKOFF:
        clock.advance(pause)
        office.work()
    assert office.deliveries("state", "attempts") == [("failed", len(BACKOFF) + 1)]


def test_a_dead_channel_is_seen_gets_nothing_and_lives_again_after_a_test(
    office: Office, engine: Engine, mail: MailServer, answers: list[str]
) -> None:
    answers += ["550 no such mailbox"] * 3
    for number in range(5):
        office.begin(user("A", ANN), title=f"事项 {number}")
        office.work()
    assert [state for (state,) in office.deliveries("state")] == ["failed"] * 5
    (channel,) = office.channels()
    assert (channel.state, "550" in channel.problem) == ("dead", True)
    with engine.db.write() as session:
        send_test(engine, session, person_id=2, channel_id=channel.id)
    office.work()
    assert (office.channels()[0].state, str(mail.letters[0]["Subject"])) == ("working", "[督办] 测试消息：通道可用")


def test_a_webhook_gets_what_it_can_check(office: Office, engine: Engine, hooks: WebServer) -> None:
    channel = office.channel(2, "webhook", f"{hooks.url}/in")
    office.begin(user("A", ANN))
    office.work()
    (request,) = hooks.requests
    secret = webhook_secret(channel, notifications_of(engine).sealer)
    signature = sign(secret, request.headers["webhook-id"], request.headers["webhook-timestamp"], request.body)
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    body = orjson.loads(request.body)
    assert (body["id"], body["items"][0]["title"]) == (request.headers["webhook-id"], "采购申请 · A")
    assert b"127.0.0.1" not in (channel.sealed or b"")


def test_a_name_that_moves_inside_the_house_is_refused_when_it_is_called(
    office: Office, hooks: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.channel(2, "webhook", "https://moved.example/in")
    moved = [(2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("workflows.notifications.outgoing.socket.getaddrinfo", lambda *_, **__: moved)
    office.begin(user("A", ANN))
    drain(office.engine)
    monkeypatch.setattr("workflows.notifications.mail._connect", pytest.fail)
    send_due(office.engine)
    assert any("内部网络" in problem for (problem,) in office.deliveries("problem"))


@pytest.fixture
def robots(hooks: WebServer, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    """Let Apprise's robots speak to the receiver of this machine."""
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{hooks.url}/ding?access_token={{token}}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"{hooks.url}/wecom?key={{key}}")
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"{hooks.url}/feishu/{{token}}/")
    return hooks


def test_the_three_robots_get_their_own_forms(office: Office, robots: WebServer) -> None:
    robots.answer = (200, {}, b'{"errcode": 0, "code": 0}')
    office.channel(2, "dingtalk", "tokenA", "SECabc")
    office.channel(2, "wecom", "key-B")
    office.channel(2, "feishu", "hook-C", "sign")
    office.begin(user("A", ANN))
    office.work()
    ding, wecom, feishu = sorted(robots.requests, key=lambda one: ("ding" not in one.path, "wecom" not in one.path))
    assert "access_token=tokenA&timestamp=" in ding.path
    assert "%25" not in ding.path
    assert "新待办：采购申请 · A" in orjson.loads(ding.body)["text"]["content"]
    assert (wecom.path, orjson.loads(wecom.body)["msgtype"]) == ("/wecom?key=key-B", "text")
    assert feishu.path == "/feishu/hook-C"
    assert {"timestamp", "sign"} < orjson.loads(feishu.body).keys()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b'{"errcode": 310000, "errmsg": "keywords not in content"}', "failed"),
        (b'{"code": 19021, "msg": "sign match fail"}', "failed"),
        (b'{"errcode": 45009, "errmsg": "too often"}', "waiting"),
        (b"<html>", "waiting"),
        (b"[1]", "waiting"),
    ],
)
def test_a_robot_that_refuses_within_status_200_has_refused(
    office: Office, robots: WebServer, answer: bytes, state: str
) -> None:
    robots.answer = (200, {}, answer)
    channel = office.channel(2, "dingtalk", "tokenA")
    with office.engine.db.write() as session:
        send_test(office.engine, session, person_id=2, channel_id=channel.id)
    office.begin(user("A", ANN))
    office.work()
    told = [row for row in office.deliveries("channel_id", "source", "state") if row[0] == channel.id]
    assert [row[2] for row in told if row[1].startswith("task")] == [state]


def test_channels_that_the_organisation_closed_are_neither_made_nor_used(
    office: Office, engine: Engine, hooks: WebServer, mail: MailServer
) -> None:
    office.channel(2, "webhook", hooks.url)
    with engine.db.write() as session:
        put_policy(session, Policy(kinds=("email",)))
    with pytest.raises(InvalidInput, match="没有开放"):
        office.channel(2, "webhook", hooks.url)
    office.begin(user("A", ANN))
    office.work()
    assert (len(hooks.requests), len(mail.letters)) == (0, 1)


def test_an_exchanged_server_key_is_said_and_harms_nothing(office: Office, engine: Engine, mail: MailServer) -> None:
    channel = office.channel(2, "dingtalk", "tokenA")
    with engine.db.write() as session:
        session.execute(update(Channel).where(Channel.id == channel.id).values(sealed=b"x" * 60))
    office.begin(user("A", ANN))
    office.work()
    with engine.db.read() as session:
        assert "密钥已更换" in own_channel(session, person_id=2, channel_id=channel.id).problem
    assert len(mail.letters) == 1
