"""Settings from the environment, and the engine put together with the organisation and the campaign's services."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import isodate
from sqlalchemy import make_url

from engine.clock import Clock
from engine.clock.shared import DatabaseClock, DemonstrationClock
from engine.errors import InvalidInput
from engine.runtime import Engine
from engine.store import Database
from engine.wording import say
from engine.work.bell import Bell, SilentBell
from workflows.campaigns.cases import CampaignHomes
from workflows.campaigns.listener import CampaignListener
from workflows.findings.starting import ERRAND, start_some
from workflows.notifications.config import NotificationSettings, read_notification_settings
from workflows.notifications.herald import Notifications, errand_kinds, outside_kinds
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.people import Organisation
from workflows.services import service_kinds

DEFAULT_DATABASE = "sqlite:///var/duban.db"
DEFAULT_MESSAGE_TTL = timedelta(days=1)
SHORTEST_SECRET = 16
"""Characters of a key."""

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides.

    Parameters
    ----------
    database
        URL of SQLite or PostgreSQL (``DUBAN_DATABASE``); its password may lie in a file
        (``DUBAN_DATABASE_PASSWORD_FILE``).
    redis
        URL of Redis, or empty for the embedded doorbell (``DUBAN_REDIS``).
    demo
        Demonstration: invented people, an account chooser, a clock that can be moved (``DUBAN_DEMO``).
    secret_key
        Signs sessions and tokens (``DUBAN_SECRET_KEY`` or the file ``DUBAN_SECRET_KEY_FILE``).
    history_key
        Chains the history (``DUBAN_HISTORY_KEY`` or the file ``DUBAN_HISTORY_KEY_FILE``); it must never change.
    secure_cookies
        Send cookies over HTTPS only (``DUBAN_SECURE_COOKIES``).
    message_ttl
        How long a message waits for its receiver (``DUBAN_MESSAGE_TTL``, an ISO 8601 duration such as ``P1D``).
    notifications
        Mail server, the application's address, hosts that webhooks may call (docs/notifications.md).

    """

    database: str = field(default=DEFAULT_DATABASE, repr=False)
    redis: str = ""
    demo: bool = True
    secret_key: str = field(default="", repr=False)
    history_key: str = field(default="", repr=False)
    secure_cookies: bool = False
    message_ttl: timedelta = DEFAULT_MESSAGE_TTL
    notifications: NotificationSettings = field(default_factory=NotificationSettings)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises InvalidInput with the variable that is wrong.

    With SQLite, keys that are not given are made and kept beside the database file, so that a newcomer need not
    configure anything and sessions survive a restart.
    """
    given = os.environ if environment is None else environment
    database = _with_password(given, given.get("DUBAN_DATABASE") or DEFAULT_DATABASE)
    redis = given.get("DUBAN_REDIS", "")
    secret_key = _key(given, "DUBAN_SECRET_KEY", database, "secret-key")
    return Settings(
        database=database,
        redis="" if redis == "embedded" else redis,
        demo=_flag(given, "DUBAN_DEMO", default=False),
        secret_key=secret_key,
        history_key=_key(given, "DUBAN_HISTORY_KEY", database, "history-key"),
        secure_cookies=_flag(given, "DUBAN_SECURE_COOKIES", default=False),
        message_ttl=_duration(given, "DUBAN_MESSAGE_TTL", DEFAULT_MESSAGE_TTL),
        notifications=read_notification_settings(given, key=secret_key),
    )


def build_engine(settings: Settings, *, bell: Bell | None = None, clock: Clock | None = None) -> Engine:
    """Put the engine together; the tables must exist (``duban migrate``).

    Parameters
    ----------
    bell
        Rings for work after a commit; silent when not given (who serves gives the real one).
    clock
        Replaces the clock that the settings choose (tests, scenarios).

    """
    path = make_url(settings.database).database
    if settings.database.startswith("sqlite") and path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    return assemble(
        db,
        clock=clock or (DemonstrationClock(db) if settings.demo else DatabaseClock(db)),
        bell=bell,
        history_key=settings.history_key.encode() or None,
        message_ttl=settings.message_ttl,
        notifications=settings.notifications,
    )


def assemble(
    db: Database,
    *,
    clock: Clock,
    bell: Bell | None = None,
    history_key: bytes | None = None,
    message_ttl: timedelta = DEFAULT_MESSAGE_TTL,
    notifications: NotificationSettings | None = None,
) -> Engine:
    """Put an engine on a database that is open already; without ``notifications`` people are told inside alone."""
    return Engine(
        db=db,
        clock=clock,
        people=Organisation(),
        calendars=UnitCalendars(),
        services=service_kinds(),
        bell=bell or SilentBell(),
        listeners=(CampaignListener(),),
        errands={**errand_kinds(), ERRAND: start_some},
        outside=outside_kinds(),
        herald=Notifications(notifications) if notifications is not None else None,
        homes=CampaignHomes(),
        history_key=history_key,
        message_ttl=message_ttl,
    )


def _flag(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = given.get(name)
    if value is None:
        return default
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise InvalidInput(say("{name} 须为 1 或 0，而不是“{value}”", name=name, value=value))


def _duration(given: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    text = given.get(name)
    if not text:
        return default
    try:
        value = isodate.parse_duration(text)
    except (ValueError, isodate.ISO8601Error) as error:
        raise InvalidInput(say("{name} 须为 ISO 8601 时长，例如 P1D，而不是“{text}”", name=name, text=text)) from error
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise InvalidInput(say("{name} 须为不含年月的正时长，例如 P1D，而不是“{text}”", name=name, text=text))
    return value


def _with_password(given: Mapping[str, str], database: str) -> str:
    file = given.get("DUBAN_DATABASE_PASSWORD_FILE", "")
    if not file:
        return database
    try:
        password = Path(file).read_text("utf-8").strip()
    except OSError as error:
        raise InvalidInput(say("读不了 DUBAN_DATABASE_PASSWORD_FILE：{strerror}", strerror=error.strerror)) from error
    return make_url(database).set(password=password).render_as_string(hide_password=False)


def _key(given: Mapping[str, str], name: str, database: str, kept: str) -> str:
    key = given.get(name, "")
    file = given.get(f"{name}_FILE", "")
    if not key and file:
        try:
            key = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise InvalidInput(say("读不了 {name}_FILE：{strerror}", name=name, strerror=error.strerror)) from error
    if key:
        if len(key) < SHORTEST_SECRET:
            raise InvalidInput(say("{name} 至少要 {least} 个字符", name=name, least=SHORTEST_SECRET))
        return key
    if not database.startswith("sqlite"):
        raise InvalidInput(say("请用 {name} 或 {name}_FILE 给出密钥", name=name))
    path = make_url(database).database
    if not path or path == ":memory:":
        return secrets.token_hex(32)
    return _kept_key(Path(path).parent / kept)


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text("utf-8").strip()
