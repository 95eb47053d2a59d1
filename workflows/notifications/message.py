"""A message as it leaves the house: title and link, more only where person and organisation allow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.notifications.events import Event


class Content(StrEnum):
    """How much a message tells: that there is something, its title, or its words too (reason, comment)."""

    MINIMAL = "minimal"
    TITLE = "title"
    DETAILS = "details"


LEVELS = tuple(Content)


def least(*levels: str) -> Content:
    """Return the most reserved of several levels."""
    return min((Content(level) for level in levels), key=LEVELS.index)


@dataclass(frozen=True, slots=True)
class Item:
    """One event: its title, the address it leads to, and its words where they may be told."""

    event: Event
    title: str
    link: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel carries. ``id`` is the same for every repetition: Message-ID, idempotency key."""

    id: str
    subject: str
    items: tuple[Item, ...]
    language: str
    at: str
    settings_link: str = ""
    unsubscribe_link: str = ""
    digest: bool = False

    @property
    def text(self) -> str:
        """The message as plain text, without its subject."""
        lines = []
        for item in self.items:
            if self.digest:
                lines.append(f"• {heading(item, self.language)}")
            lines += [part for part in (item.words, item.link) if part]
        return "\n".join(lines)


_NAMES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        Event.TASK: "新待办",
        Event.WARNED: "临近到期",
        Event.OVERDUE: "已逾期",
        Event.ESCALATED: "已升级到您",
        Event.URGED: "催办",
        Event.RETURNED: "被退回",
        Event.COPIED: "抄送给您",
        Event.MENTIONED: "提到您",
        Event.DECIDED: "有了办理意见",
        Event.FINISHED: "已办结",
        Event.OTHER: "通知",
        "house": "督办",
        "digest": "通知摘要（{count} 条）",
        "test": "测试消息：通道可用",
        "settings": "修改通知设置",
        "unsubscribe": "不再接收摘要",
    },
    "en": {
        Event.TASK: "New task",
        Event.WARNED: "Due soon",
        Event.OVERDUE: "Overdue",
        Event.ESCALATED: "Escalated to you",
        Event.URGED: "Urged",
        Event.RETURNED: "Returned",
        Event.COPIED: "Copied to you",
        Event.MENTIONED: "Mentioned you",
        Event.DECIDED: "Decided",
        Event.FINISHED: "Finished",
        Event.OTHER: "Notice",
        "house": "Duban",
        "digest": "Digest of {count} notifications",
        "test": "Test message: the channel works",
        "settings": "Notification settings",
        "unsubscribe": "Stop these digests",
    },
}


def say(name: str, language: str, **values: object) -> str:
    """Return the words of this room in a language; an unknown one is Chinese."""
    return _NAMES.get(language, _NAMES["zh"])[name].format(**values)


def heading(item: Item, language: str) -> str:
    """Return an event in one line."""
    name = say(item.event, language)
    if not item.title:
        return name
    return f"{name}: {item.title}" if language == "en" else f"{name}：{item.title}"


def subject(words: str, language: str) -> str:
    """Return a subject: who writes, and what."""
    return " ".join(f"[{say('house', language)}] {words}".split())
