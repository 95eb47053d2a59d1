"""Lint of timers: exactly one time, in ISO 8601, working time or FEEL."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import isodate

from engine.definitions.cycles import parse_cycle
from engine.definitions.model import EventDefinition, Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

_ANY_DAY = datetime(2026, 1, 5, tzinfo=UTC)
_WORKING = re.compile(r"\d+ working (?:day|hour)s?", re.IGNORECASE)
_ISO_LIKE = re.compile(r"[-+]?P[\dT].*|\d{4}-\d{2}.*|R\d*/.*", re.IGNORECASE)
_CRON = re.compile(r"(?:[\d*?/,LW#A-Z-]+\s+){4,6}[\d*?/,LW#A-Z-]+", re.IGNORECASE)


def check_timer(lint: "Linter", node: Node, event: EventDefinition) -> None:
    """Check the time of a timer event."""
    kinds = [kind for kind in ("date", "duration", "cycle") if kind in event.details]
    if len(kinds) != 1:
        lint.refuse("timer", node, "定时应有一个时间 / A timer needs exactly one time", "填写 / Give one")
    elif kinds == ["cycle"]:
        _check_cycle(lint, node, event.details["cycle"].strip())
    else:
        _check_time(lint, node, kinds[0], event.details[kinds[0]].strip())


def _check_cycle(lint: "Linter", node: Node, text: str) -> None:
    if not _can_repeat(lint, node):
        lint.warn(
            "timer-cycle-once",
            node,
            "这里循环定时只发生一次：事件随后就结束 / Here the cycle happens only once: the event is over then",
            "用时长，或改为不中断 / Use a duration, or do not interrupt",
        )
    cycle = parse_cycle(text)
    if cycle is None and (_CRON.fullmatch(text) or _ISO_LIKE.fullmatch(text)):
        lint.refuse(
            "timer-cycle",
            node,
            f"“{text}”不是 ISO 8601 的循环时间，cron 不执行 / No repeating interval of ISO 8601; cron is not executed",
            "例如 R3/PT1H、R/2026-09-07T09:00:00+08:00/P1W / For example R3/PT1H",
        )
    if cycle is None:
        lint.expression(node, text, "定时")
        return
    for end in (cycle.start, cycle.end):
        if end is not None:
            _check_time(lint, node, "date", end)
    _check_time(lint, node, "duration", cycle.every)


def _can_repeat(lint: "Linter", node: Node) -> bool:
    if node.type == "boundaryEvent":
        return node.attributes.get("cancelActivity") == "false"
    if node.type == "startEvent":
        return node.parent == lint.process.id or node.attributes.get("isInterrupting") == "false"
    return False


def _check_time(lint: "Linter", node: Node, kind: str, text: str) -> None:
    """Check an ISO 8601 text, a working time, or a FEEL expression."""
    if text.startswith("="):
        lint.expression(node, text, "定时")
    elif _WORKING.fullmatch(text):
        if kind == "date":
            lint.refuse(
                "timer", node, f"“{text}”是时长，不是日期 / A duration, not a date", "用时长定时 / Use timeDuration"
            )
    elif _ISO_LIKE.fullmatch(text):
        if problem := _iso_problem(kind, text):
            lint.refuse("timer", node, f"“{text}”{problem}", "例如 PT1H、P3D、2026-09-12T17:00:00+08:00 / For example")
    else:
        lint.expression(node, text, "定时")


def _iso_problem(kind: str, text: str) -> str | None:
    if text.startswith("-"):
        return "是负的时长 / is negative"
    try:
        if kind == "duration":
            _ANY_DAY + isodate.parse_duration(text)
        elif "T" in text:
            isodate.parse_datetime(text).astimezone(UTC)
        else:
            isodate.parse_date(text)
    except (ValueError, OverflowError, isodate.ISO8601Error):
        return "不是有效的时间 / is not a valid time"
    return None
