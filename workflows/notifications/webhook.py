"""Webhooks, signed as Standard Webhooks has it: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.

The receiver recognises a repetition by ``webhook-id``, checks that the timestamp is recent and that the signature is
``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body`` with the channel's secret.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

import orjson

from workflows.notifications.errors import NotDelivered, Refused
from workflows.notifications.message import Message
from workflows.notifications.outgoing import post

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every such secret begins with, not a secret
PASSING = frozenset({408, 425, 429})
"""Refusals of the moment."""


def send_webhook(url: str, *, secret: str, message: Message, at: datetime, allowed: Collection[str]) -> None:
    """Post a message; raises Refused for an address or an answer that will not change, else NotDelivered."""
    body = orjson.dumps(
        {
            "id": message.id,
            "at": message.at,
            "subject": message.subject,
            "digest": message.digest,
            "items": [
                {"event": item.event, "title": item.title, "link": item.link, "words": item.words}
                for item in message.items
            ],
        }
    )
    stamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{sign(secret, message.id, stamp, body)}",
    }
    judge_status(post(url, body=body, headers=headers, allowed=allowed).status)


def sign(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Return the signature of a message in base64."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return base64.b64encode(signed).decode()


def judge_status(status: int) -> None:
    """Say what an HTTP status means for a message: nothing, later, or never."""
    if 200 <= status < 300:
        return
    words = f"对方答复 HTTP {status} / the receiver answered HTTP {status}"
    raise NotDelivered(words) if status >= 500 or status in PASSING else Refused(words)
