"""Human tasks: activations, slots, policies, operations, boxes, drafts, comments and attachments.

Names are looked up when they are first used, as in :mod:`engine.instances`: the turn opens tasks, and tasks turn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.tasks.boxes import Counters as Counters
    from engine.tasks.boxes import InboxPage as InboxPage
    from engine.tasks.boxes import InboxRow as InboxRow
    from engine.tasks.boxes import counters as counters
    from engine.tasks.boxes import inbox as inbox
    from engine.tasks.comments import add_comment as add_comment
    from engine.tasks.comments import comment_file as comment_file
    from engine.tasks.comments import delete_comment as delete_comment
    from engine.tasks.comments import edit_comment as edit_comment
    from engine.tasks.comments import may_copy as may_copy
    from engine.tasks.comments import participants as participants
    from engine.tasks.deadlines import lamp as lamp
    from engine.tasks.decisions import abstain as abstain
    from engine.tasks.decisions import agree as agree
    from engine.tasks.decisions import claim as claim
    from engine.tasks.decisions import complete as complete
    from engine.tasks.decisions import reject as reject
    from engine.tasks.decisions import unclaim as unclaim
    from engine.tasks.delegating import delegate as delegate
    from engine.tasks.delegating import give_opinion as give_opinion
    from engine.tasks.delegating import hand_back as hand_back
    from engine.tasks.desk import OperationEffects as OperationEffects
    from engine.tasks.desk import OperationResult as OperationResult
    from engine.tasks.desk import may_see as may_see
    from engine.tasks.detail import InstanceDetail as InstanceDetail
    from engine.tasks.detail import TaskDetail as TaskDetail
    from engine.tasks.detail import TimelineEntry as TimelineEntry
    from engine.tasks.detail import diagram_state as diagram_state
    from engine.tasks.detail import instance_detail as instance_detail
    from engine.tasks.detail import task_detail as task_detail
    from engine.tasks.extending import ask_extension as ask_extension
    from engine.tasks.files import attach as attach
    from engine.tasks.files import detach as detach
    from engine.tasks.files import download as download
    from engine.tasks.files import judge_file as judge_file
    from engine.tasks.files import takes as takes
    from engine.tasks.forecasting import Predicted as Predicted
    from engine.tasks.forecasting import forecast as forecast
    from engine.tasks.forecasting import forecast_start as forecast_start
    from engine.tasks.handing import HandOver as HandOver
    from engine.tasks.handing import hand_over as hand_over
    from engine.tasks.handing import hand_over_preview as hand_over_preview
    from engine.tasks.handing import transfer as transfer
    from engine.tasks.jumping import jump as jump
    from engine.tasks.legality import Action as Action
    from engine.tasks.legality import actions as actions
    from engine.tasks.listing import TaskFilter as TaskFilter
    from engine.tasks.listing import TaskRow as TaskRow
    from engine.tasks.listing import count_tasks as count_tasks
    from engine.tasks.listing import find_tasks as find_tasks
    from engine.tasks.remarks import mark_read as mark_read
    from engine.tasks.remarks import save_draft as save_draft
    from engine.tasks.remarks import urge as urge
    from engine.tasks.retrieving import retrieve as retrieve
    from engine.tasks.retrieving import withdraw as withdraw
    from engine.tasks.return_options import ReturnChoices as ReturnChoices
    from engine.tasks.return_options import return_choices as return_choices
    from engine.tasks.returning import ReturnTarget as ReturnTarget
    from engine.tasks.returning import return_targets as return_targets
    from engine.tasks.returning import return_task as return_task
    from engine.tasks.returning_beyond import CallerTarget as CallerTarget
    from engine.tasks.returning_beyond import UnitTarget as UnitTarget
    from engine.tasks.returning_beyond import caller_targets as caller_targets
    from engine.tasks.returning_beyond import return_to_caller as return_to_caller
    from engine.tasks.returning_beyond import return_units as return_units
    from engine.tasks.returning_beyond import unit_targets as unit_targets
    from engine.tasks.sharing import RowResult as RowResult
    from engine.tasks.sharing import batch_agree as batch_agree
    from engine.tasks.sharing import copy_to as copy_to
    from engine.tasks.signers import add_after as add_after
    from engine.tasks.signers import add_before as add_before
    from engine.tasks.signers import add_beside as add_beside
    from engine.tasks.signers import recall as recall
    from engine.tasks.signers import remove_signer as remove_signer
    from engine.tasks.starting import delete_start_draft as delete_start_draft
    from engine.tasks.starting import save_start_draft as save_start_draft
    from engine.tasks.starting import start_draft as start_draft
    from engine.tasks.starting import start_drafts as start_drafts
    from engine.tasks.visible import hidden_fields as hidden_fields
    from engine.tasks.waiting import next_due as next_due

_HOMES: dict[str, tuple[str, ...]] = {
    "engine.tasks.boxes": (
        "Counters",
        "InboxPage",
        "InboxRow",
        "counters",
        "inbox",
    ),
    "engine.tasks.comments": (
        "add_comment",
        "comment_file",
        "delete_comment",
        "edit_comment",
        "may_copy",
        "participants",
    ),
    "engine.tasks.deadlines": ("lamp",),
    "engine.tasks.decisions": (
        "abstain",
        "agree",
        "claim",
        "complete",
        "reject",
        "unclaim",
    ),
    "engine.tasks.delegating": (
        "delegate",
        "give_opinion",
        "hand_back",
    ),
    "engine.tasks.desk": (
        "OperationEffects",
        "OperationResult",
        "may_see",
    ),
    "engine.tasks.detail": (
        "InstanceDetail",
        "TaskDetail",
        "TimelineEntry",
        "diagram_state",
        "instance_detail",
        "task_detail",
    ),
    "engine.tasks.extending": ("ask_extension",),
    "engine.tasks.files": (
        "attach",
        "detach",
        "download",
        "judge_file",
        "takes",
    ),
    "engine.tasks.forecasting": ("Predicted", "forecast", "forecast_start"),
    "engine.tasks.handing": (
        "HandOver",
        "hand_over",
        "hand_over_preview",
        "transfer",
    ),
    "engine.tasks.jumping": ("jump",),
    "engine.tasks.legality": (
        "Action",
        "actions",
    ),
    "engine.tasks.listing": ("TaskFilter", "TaskRow", "count_tasks", "find_tasks"),
    "engine.tasks.remarks": (
        "mark_read",
        "save_draft",
        "urge",
    ),
    "engine.tasks.retrieving": (
        "retrieve",
        "withdraw",
    ),
    "engine.tasks.return_options": ("ReturnChoices", "return_choices"),
    "engine.tasks.returning": (
        "ReturnTarget",
        "return_targets",
        "return_task",
    ),
    "engine.tasks.returning_beyond": (
        "CallerTarget",
        "UnitTarget",
        "caller_targets",
        "return_to_caller",
        "return_units",
        "unit_targets",
    ),
    "engine.tasks.sharing": (
        "RowResult",
        "batch_agree",
        "copy_to",
    ),
    "engine.tasks.signers": (
        "add_after",
        "add_before",
        "add_beside",
        "recall",
        "remove_signer",
    ),
    "engine.tasks.starting": (
        "delete_start_draft",
        "save_start_draft",
        "start_draft",
        "start_drafts",
    ),
    "engine.tasks.waiting": ("next_due",),
    "engine.tasks.visible": ("hidden_fields",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
