"""Group robots of DingTalk, WeCom and Feishu, on Apprise's plugins.

Apprise knows the addresses, tokens, limits and DingTalk's signature. The request itself is ours, because its plugins
look at the HTTP status alone while these robots answer 200 with an error code (a robot that lost its group, a missing
keyword, a wrong signature would count as sent), and write tokens into the debug log.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import orjson
from apprise.exception import AppriseException
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.message import Message
from workflows.notifications.models import ChannelKind
from workflows.notifications.outgoing import post
from workflows.notifications.webhook import judge_status

Robot = NotifyDingTalk | NotifyWeComBot | NotifyFeishu

BUSY: Final = frozenset({130101, 45009, 9499, 11232})
"""Codes of the three that say "too often, later"."""


def robot_of(kind: str, address: str, secret: str = "") -> Robot:
    """Return Apprise's plugin for what was pasted: the robot's whole address, or its token.

    Raises
    ------
    Refused
        It is neither.

    """
    token = _token(address)
    try:
        if kind == ChannelKind.DINGTALK:
            return NotifyDingTalk(token=token, secret=secret or None)  # type: ignore[no-untyped-call]
        if kind == ChannelKind.WECOM:
            return NotifyWeComBot(key=token)  # type: ignore[no-untyped-call]
        return NotifyFeishu(token=token)  # type: ignore[no-untyped-call]
    except (TypeError, AppriseException) as error:
        raise Refused("机器人地址不对，请粘贴它的 Webhook 地址 / this is not the address of such a robot") from error


def send_to_robot(
    kind: str, address: str, *, secret: str, message: Message, at: datetime, allowed: Collection[str]
) -> None:
    """Let a robot say a message in its group; raises Refused or NotDelivered with what the robot answered."""
    robot = robot_of(kind, address, secret)
    words = f"{message.subject}\n{message.text}".strip().encode()[: robot.body_maxlen].decode("utf-8", "ignore")
    url, body = _request(robot, words, secret, at)
    answer = post(url, body=orjson.dumps(body), headers={"Content-Type": "application/json"}, allowed=allowed)
    judge_status(answer.status)
    _judge_answer(answer.body)


def _request(robot: Robot, words: str, secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    if isinstance(robot, NotifyDingTalk):
        url = robot.notify_url.format(token=robot.token)
        if robot.secret:
            stamp, signature = robot.get_signature()  # type: ignore[no-untyped-call]
            url += f"&timestamp={stamp}&sign={signature}"
        return url, {"msgtype": "text", "text": {"content": words}}
    if isinstance(robot, NotifyWeComBot):
        return robot.api_url, {"msgtype": "text", "text": {"content": words}}
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": words}}
    if secret:
        stamp = str(int(at.timestamp()))
        signed = hmac.digest(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)
        body |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
    return robot.notify_url.format(token=robot.token).rstrip("/"), body


def _judge_answer(body: bytes) -> None:
    """Read the code inside the answer: ``errcode`` of DingTalk and WeCom, ``code`` or ``StatusCode`` of Feishu."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotDelivered("机器人的答复看不懂 / the robot's answer is not readable") from error
    if not isinstance(said, dict):
        raise NotDelivered("机器人的答复看不懂 / the robot's answer is not readable")
    code = said.get("errcode", said.get("code", said.get("StatusCode", 0)))
    if code == 0:
        return
    words = str(said.get("errmsg") or said.get("msg") or "")[:200]
    kind = NotDelivered if code in BUSY else Refused
    raise kind(f"机器人答复 {code} {words} / the robot answered {code}")


def _token(address: str) -> str:
    """Return the token in a robot's address, or what was pasted when it is no address."""
    text = address.strip()
    if "://" not in text:
        return text
    parts = urlsplit(text)
    query = parse_qs(parts.query)
    for name in ("access_token", "key"):
        if name in query:
            return query[name][0]
    return quote(parts.path.rstrip("/").rpartition("/")[2])
