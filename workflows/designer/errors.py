"""Errors of the designer; each tells a person what to do next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.definitions.model import LintFinding
from engine.errors import DubanError, Stale


class DraftConflict(Stale):
    """Somebody saved the draft since it was opened: nothing of this save was kept."""

    code = "draft-conflict"

    def __init__(self, version: int, saved_by: int | None, saved_at: datetime | None) -> None:
        super().__init__("草稿已在别处更新，这次没有保存 / The draft was changed elsewhere; nothing of this was saved")
        self.version = version
        self.saved_by = saved_by
        self.saved_at = saved_at


class NotReady(DubanError):
    """Errors of the lint, or scenarios that no longer hold, stand against publishing."""

    status = 422

    def __init__(
        self, code: str, message: str, *, findings: Sequence[LintFinding] = (), replays: Sequence[Any] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.findings = list(findings)
        self.replays = list(replays)


class ReviewNeeded(DubanError):
    """This designer publishes through a review."""

    code = "review-needed"
    status = 403

    def __init__(self) -> None:
        super().__init__("请送审后发布 / Ask for a review to publish it")
