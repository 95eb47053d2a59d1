"""What the environment says about notifications; passwords come from it or from a file, never from the database."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.errors import InvalidInput
from engine.wording import listed, say

SCHEMES = {"smtp": 25, "starttls": 587, "smtps": 465}
"""Plain (within one's own network), STARTTLS demanded, TLS from the beginning; each with its usual port."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server. ``security`` is one of :data:`SCHEMES`."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """Where to send and what links look like.

    Parameters
    ----------
    address
        The address at which people open the application (``DUBAN_ADDRESS``); without it messages carry no links.
    smtp
        The mail server (``DUBAN_SMTP``), None for no e-mail.
    allowed
        Hosts and networks inside the house that webhooks may call (``DUBAN_WEBHOOK_ALLOW``).
    key
        The server's key, from which the keys of this room are derived.

    """

    address: str = ""
    smtp: Smtp | None = None
    allowed: frozenset[str] = frozenset()
    key: str = field(default="", repr=False)


def read_notification_settings(given: Mapping[str, str], *, key: str) -> NotificationSettings:
    """Read the settings of notifications; raises InvalidInput with the variable that is wrong."""
    address = given.get("DUBAN_ADDRESS", "").rstrip("/")
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise InvalidInput(say("DUBAN_ADDRESS 须为 http(s) 网址，而不是“{address}”", address=address))
    return NotificationSettings(address=address, smtp=_smtp(given), allowed=_allowed(given), key=key)


def _smtp(given: Mapping[str, str]) -> Smtp | None:
    text = given.get("DUBAN_SMTP", "")
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise InvalidInput(say("DUBAN_SMTP 须以 {schemes}:// 开头并有主机名", schemes=listed(SCHEMES)))
    sender = given.get("DUBAN_MAIL_FROM", "")
    if "@" not in parseaddr(sender)[1]:
        raise InvalidInput(say("用 DUBAN_MAIL_FROM 给出发件人，例如 督办 <duban@example.org>"))
    password = unquote(parts.password or "")
    file = given.get("DUBAN_SMTP_PASSWORD_FILE", "")
    if file:
        try:
            password = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise InvalidInput(say("读不了 DUBAN_SMTP_PASSWORD_FILE：{strerror}", strerror=error.strerror)) from error
    try:
        port = parts.port or SCHEMES[parts.scheme]
    except ValueError as error:
        raise InvalidInput(say("DUBAN_SMTP 的端口不对")) from error
    return Smtp(parts.hostname, port, parts.scheme, sender, unquote(parts.username or ""), password)


def _allowed(given: Mapping[str, str]) -> frozenset[str]:
    names = frozenset(one.strip().lower() for one in given.get("DUBAN_WEBHOOK_ALLOW", "").split(",") if one.strip())
    for name in names:
        if "/" in name:
            try:
                ipaddress.ip_network(name)
            except ValueError as error:
                raise InvalidInput(say("DUBAN_WEBHOOK_ALLOW 里的网段“{name}”不对", name=name)) from error
    return names
