"""The engine's questions and operations on human tasks under one name, as the pages call them."""

from engine.tasks.boxes import counters, inbox
from engine.tasks.decisions import agree, claim, complete, reject, unclaim
from engine.tasks.detail import diagram_state, instance_detail, task_detail
from engine.tasks.files import attach, detach
from engine.tasks.remarks import add_comment, mark_read, save_draft, transfer, urge
from engine.tasks.returning import return_task

__all__ = [
    "add_comment",
    "agree",
    "attach",
    "claim",
    "complete",
    "counters",
    "detach",
    "diagram_state",
    "inbox",
    "instance_detail",
    "mark_read",
    "reject",
    "return_task",
    "save_draft",
    "task_detail",
    "transfer",
    "unclaim",
    "urge",
]
