"""What leaves the house: sealed at rest, signed on the way, no line of a header forged."""

import hashlib
import hmac
from base64 import b64decode, b64encode

import pytest

from engine.errors import InvalidInput
from workflows.notifications.config import Smtp, read_notification_settings
from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.events import Event
from workflows.notifications.mail import compose, send_mail
from workflows.notifications.message import Content, Item, Message, heading, least
from workflows.notifications.robots import robot_of
from workflows.notifications.sealing import Sealer
from workflows.notifications.webhook import SECRET_PREFIX, judge_status, sign

SMTP = Smtp("127.0.0.1", 9, "smtp", "督办 <duban@example.org>")


def test_what_is_sealed_looks_different_each_time_and_opens_with_its_key_alone() -> None:
    sealer, text = Sealer("a key of the server"), "https://robot.example/密钥" * 20
    first, second = sealer.seal(text), sealer.seal(text)
    assert first != second
    assert sealer.open(first) == sealer.open(second) == text
    for spoilt in (first[:-1], first[:20] + bytes([first[20] ^ 1]) + first[21:], b""):
        with pytest.raises(ValueError, match="another key"):
            sealer.open(spoilt)
    with pytest.raises(ValueError, match="another key"):
        Sealer("another").open(first)


def test_a_webhook_is_signed_as_standard_webhooks_says() -> None:
    secret = SECRET_PREFIX + b64encode(b"k" * 32).decode()
    expected = hmac.new(b64decode(secret.removeprefix(SECRET_PREFIX)), b"msg_1.1700000000.{}", hashlib.sha256).digest()
    assert sign(secret, "msg_1", "1700000000", b"{}") == b64encode(expected).decode()


@pytest.mark.parametrize(
    ("status", "error"), [(500, NotDelivered), (429, NotDelivered), (302, Refused), (404, Refused)]
)
def test_a_status_says_later_or_never(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        judge_status(status)
    assert type(caught.value) is error


def test_a_letter_has_one_message_id_both_forms_and_no_forged_header() -> None:
    item = Item(Event.TASK, "采购\r\nBcc: x@example.org <b>", "https://duban.example/tasks/1")
    message = Message(id="duban-7", subject="[督办] 新待办", items=(item,), language="zh", at="")
    letter = compose(SMTP, to="ann@example.org", message=message)
    assert letter["Message-ID"] == "<duban-7@example.org>"
    assert letter["Bcc"] is None
    assert letter["List-Unsubscribe"] is None
    html = letter.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;" in html.get_content()
    digest = Message(
        id="d", subject="s", items=(item,), language="zh", at="", unsubscribe_link="https://a/u", digest=True
    )
    letter = compose(SMTP, to="ann@example.org", message=digest)
    assert (letter["List-Unsubscribe"], letter["List-Unsubscribe-Post"]) == (
        "<https://a/u>",
        "List-Unsubscribe=One-Click",
    )


def test_nobody_at_the_mail_server_is_worth_another_try_and_no_address_is_not() -> None:
    message = Message(id="m", subject="s", items=(), language="zh", at="")
    with pytest.raises(NotDelivered) as caught:
        send_mail(SMTP, to="ann@example.org", message=message)
    assert not isinstance(caught.value, Refused)
    with pytest.raises(Refused):
        send_mail(SMTP, to="nobody", message=message)


def test_the_more_reserved_level_counts() -> None:
    assert least("details", "title") == Content.TITLE
    assert least("minimal", "details") == Content.MINIMAL
    assert heading(Item(Event.TASK, "", ""), "en") == "New task"


@pytest.mark.parametrize(
    ("kind", "address", "token"),
    [
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=abc123", "abc123"),
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-b-c", "a-b-c"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/x-y_z", "x-y_z"),
        ("dingtalk", "abc123", "abc123"),
    ],
)
def test_a_robot_is_known_by_its_address_or_token(kind: str, address: str, token: str) -> None:
    robot = robot_of(kind, address)
    assert token in (getattr(robot, "token", None), getattr(robot, "key", None))


@pytest.mark.parametrize("address", ["", "not a token!", "https://oapi.dingtalk.com/robot/send?access_token=a%20b"])
def test_anything_else_is_no_robot(address: str) -> None:
    with pytest.raises(Refused):
        robot_of("dingtalk", address)


@pytest.mark.parametrize(
    "given",
    [
        {"DUBAN_SMTP": "http://mail"}, {"DUBAN_SMTP": "smtp://mail"}, {"DUBAN_ADDRESS": "duban.example"},
        {"DUBAN_SMTP": "smtp://mail:99999", "DUBAN_MAIL_FROM": "a@b.c"}, {"DUBAN_WEBHOOK_ALLOW": "10.0.0.0/99"},
        {"DUBAN_SMTP": "smtp://m", "DUBAN_MAIL_FROM": "a@b.c", "DUBAN_SMTP_PASSWORD_FILE": "/nowhere"},
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"DUBAN_(SMTP|ADDRESS|WEBHOOK_ALLOW|MAIL_FROM)"):
        read_notification_settings(given, key="k")


def test_the_mail_server_is_read_and_its_password_never_shown() -> None:
    given = {
        "DUBAN_SMTP": "starttls://ann:se%20cret@mail.example",
        "DUBAN_MAIL_FROM": "a@b.c",
        "DUBAN_ADDRESS": "https://d/",
    }
    settings = read_notification_settings(given, key="server key")
    assert settings.smtp is not None
    assert (settings.smtp.port, settings.smtp.password, settings.address) == (587, "se cret", "https://d")
    assert "cret" not in repr(settings)
    assert "server key" not in repr(settings)
