"""A message as it leaves the house: title and link, more only where person and organisation allow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.wording import Sentence, listed, say
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


_NAMES: Mapping[str, Sentence] = {
    Event.TASK: say("新待办"),
    Event.WARNED: say("临近到期"),
    Event.OVERDUE: say("已逾期"),
    Event.ESCALATED: say("已升级到您"),
    Event.URGED: say("催办"),
    Event.RETURNED: say("被退回"),
    Event.COPIED: say("抄送给您"),
    Event.MENTIONED: say("提到您"),
    Event.DECIDED: say("有了办理意见"),
    Event.FINISHED: say("已办结"),
    Event.OTHER: say("通知"),
    "house": say("督办"),
    "test": say("测试消息：通道可用"),
    "settings": say("修改通知设置"),
    "unsubscribe": say("不再接收摘要"),
}


def named(name: str, language: str) -> str:
    """Return the words of this room in a language."""
    return _NAMES[name].spoken(language)


def heading(item: Item, language: str) -> str:
    """Return an event in one line."""
    name = named(item.event, language)
    if not item.title:
        return name
    return listed((name, item.title), "：").spoken(language)


def subject(words: str, language: str) -> str:
    """Return a subject: who writes, and what."""
    return " ".join(f"[{named('house', language)}] {words}".split())
