"""A person's channels: added, tested, removed; their addresses and secrets stay sealed."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.notifications.errors import Refused
from workflows.notifications.models import Channel, ChannelKind, ChannelState
from workflows.notifications.outgoing import judge_url
from workflows.notifications.preferences import policy_of
from workflows.notifications.robots import robot_of
from workflows.notifications.sealing import Sealer
from workflows.notifications.webhook import SECRET_PREFIX
from workflows.organisation.models import Person

MOST_CHANNELS: Final = 10
MAX_ADDRESS: Final = 500
MAX_SECRET: Final = 200
MAX_LABEL: Final = 80


@dataclass(frozen=True, slots=True)
class Opened:
    """A channel's address and secret, for the moment of sending."""

    address: str
    secret: str


def channels_of(session: Session, people: Collection[int]) -> list[Channel]:
    """Return people's channels in the order in which they were made, in one statement."""
    query = select(Channel).where(Channel.person_id.in_(people)).order_by(Channel.created_at, Channel.id)
    return list(session.scalars(query))


def ensure_mail(session: Session, people: Mapping[int, str | None], known: Collection[Channel], at: datetime) -> None:
    """Give everybody who has an e-mail address the channel that leads there."""
    having = {one.person_id for one in known if one.kind == ChannelKind.EMAIL}
    for person_id, address in people.items():
        if address and person_id not in having:
            session.add(Channel(person_id=person_id, kind=ChannelKind.EMAIL, created_at=at))
    session.flush()


def add_channel(
    session: Session, *, person_id: int, kind: str, label: str, address: str, secret: str, sealer: Sealer,
    allowed: Collection[str], at: datetime,
) -> Channel:  # fmt: skip
    """Add a webhook or a robot; raises InvalidInput with the field that is wrong."""
    if kind not in policy_of(session).kinds or kind in ("", ChannelKind.EMAIL):
        raise InvalidInput(say("单位没有开放这种通道"), {"kind": say("请选择通道")})
    if len(channels_of(session, [person_id])) >= MOST_CHANNELS:
        raise InvalidInput(
            say("最多 {most} 个通道", most=MOST_CHANNELS), {"kind": say("最多 {most} 个", most=MOST_CHANNELS)}
        )
    if len(address) > MAX_ADDRESS or len(secret) > MAX_SECRET:
        raise InvalidInput(say("地址或密钥太长"), {"address": say("太长")})
    try:
        shown = _shown(kind, address.strip(), secret.strip(), allowed)
    except Refused as error:
        raise InvalidInput(str(error), {"address": str(error)}) from error
    sealed = sealer.seal(orjson.dumps([address.strip(), secret.strip()]).decode())
    channel = Channel(
        person_id=person_id, kind=kind, label=" ".join(label.split())[:MAX_LABEL], sealed=sealed, shown=shown,
        salt=secrets.token_hex(16), created_at=at,
    )  # fmt: skip
    session.add(channel)
    session.flush()
    return channel


def delete_channel(session: Session, *, person_id: int, channel_id: int) -> None:
    """Remove a channel and what waits for it; the e-mail channel belongs to the account and stays."""
    channel = own_channel(session, person_id=person_id, channel_id=channel_id)
    if channel.kind == ChannelKind.EMAIL:
        raise InvalidInput(say("邮箱通道随账号，不能删除；可以把各项都设为“不发”"))
    session.delete(channel)


def own_channel(session: Session, *, person_id: int, channel_id: int) -> Channel:
    """Return a person's channel; somebody else's raises NotFound."""
    channel = session.get(Channel, channel_id)
    if channel is None or channel.person_id != person_id:
        raise NotFound(say("没有这个通道"))
    return channel


def open_channel(session: Session, channel: Channel, sealer: Sealer) -> Opened:
    """Return where a channel leads; raises Refused when it cannot be opened or leads nowhere."""
    if channel.kind == ChannelKind.EMAIL:
        person = session.get_one(Person, channel.person_id)
        return Opened(person.email or "", "")
    try:
        address, secret = orjson.loads(sealer.open(channel.sealed or b""))
    except ValueError as error:
        raise Refused("服务器密钥已更换，请重新填写这个通道 / the server's key has changed") from error
    return Opened(address, webhook_secret(channel, sealer) if channel.kind == ChannelKind.WEBHOOK else secret)


def webhook_secret(channel: Channel, sealer: Sealer) -> str:
    """Return what a webhook is signed with; it is derived from the server's key and stored nowhere."""
    key = hmac.digest(sealer.signing_key, f"{channel.id}:{channel.salt}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(key).decode()


def note_result(channel: Channel, *, problem: str, at: datetime, dead: bool = False) -> None:
    """Take down how the last message of a channel went."""
    if not problem:
        channel.state, channel.failures, channel.problem, channel.last_sent_at = ChannelState.WORKING, 0, "", at
        return
    channel.failures, channel.problem = channel.failures + 1, problem
    channel.state = ChannelState.DEAD if dead else ChannelState.FAILING


def _shown(kind: str, address: str, secret: str, allowed: Collection[str]) -> str:
    """Judge an address and return what pages may show of it."""
    if kind == ChannelKind.WEBHOOK:
        return str(judge_url(address, allowed=allowed).hostname)
    robot_of(kind, address, secret)
    token = urlsplit(address).query or address
    return f"…{token[-4:]}"
