"""Notifications put together: the settings, the keys, and the kinds of errands that the engine runs for them."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.ports import News, OutsideKind
from engine.runtime import Engine
from engine.store.bulk import fill_defaults
from engine.work.models import Errand
from workflows.notifications.config import NotificationSettings
from workflows.notifications.models import Channel
from workflows.notifications.sealing import Sealer

if TYPE_CHECKING:
    from datetime import datetime

ROUTE: Final = "notify.route"
SEND: Final = "notify.send"
DIGEST: Final = "notify.digest"
LOOK_AGAIN_SECONDS: Final = 10.0


class Notifications:
    """Tells people what happened (:class:`engine.ports.Herald`), where there is any channel to tell them by."""

    def __init__(self, settings: NotificationSettings) -> None:
        self.settings = settings
        self.sealer = Sealer(settings.key)
        self._any_channel = False
        self._looked_at = -LOOK_AGAIN_SECONDS

    def errand_about(self, session: Session, news: News) -> Errand | None:
        """Return the errand that routes the news; without mail server and channels nothing is written."""
        if self.settings.smtp is None and not self._has_channel(session):
            return None
        payload = {"notices": news.notices, "opened": news.opened, "closed": news.closed, "ended": news.ended}
        errand = Errand(kind=ROUTE, payload=payload, due=news.at, created_at=news.at)
        fill_defaults(errand)
        return errand

    def look_again(self) -> None:
        """Forget whether there are channels: one was added."""
        self._looked_at = -LOOK_AGAIN_SECONDS

    def link(self, path: str) -> str:
        """Return an address of the application, empty when nobody said where it is."""
        return f"{self.settings.address}{path}" if self.settings.address else ""

    def _has_channel(self, session: Session) -> bool:
        """Say whether anybody has a channel; asked of the database every few seconds at most."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_AGAIN_SECONDS:
            self._any_channel = session.execute(select(Channel.id).limit(1)).first() is not None
            self._looked_at = now
        return self._any_channel


def errand_kinds() -> Mapping[str, Callable[[Engine, Session, Errand], None]]:
    """Return the errands inside: routing, and putting digests together."""
    from workflows.notifications.digests import bundle
    from workflows.notifications.routing import route

    return {ROUTE: route, DIGEST: bundle}


def outside_kinds() -> Mapping[str, OutsideKind]:
    """Return the errand that sends."""
    from workflows.notifications.sending import finish, prepare

    return {SEND: OutsideKind(prepare=prepare, finish=finish)}


def notifications_of(engine: Engine) -> Notifications:
    """Return the notifications of an engine that :mod:`workflows.application` put together."""
    if not isinstance(engine.herald, Notifications):
        raise TypeError("this engine has no notifications")
    return engine.herald


def send_errand(session: Session, *, delivery_id: int, due: "datetime", at: "datetime") -> None:
    """Write the errand that sends a delivery."""
    from engine.work.errands import add_errand

    add_errand(
        session, kind=SEND, due=due, at=at, payload={"delivery_id": delivery_id}, outside=True,
        subject=f"delivery:{delivery_id}",
    )  # fmt: skip
