"""Every operation of approvals (docs/approvals.md), through the service layer that the pages use."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma

from engine import tasks as human_tasks
from engine.errors import InvalidInput
from web.api import operation_schemas as schemas
from web.api.room import Room
from web.api.shared import KeySchema, ResultSchema, SeenSchema, result_of
from web.context import person, running_engine
from workflows.access.service import Scope

tasks_operations = Room("task-operations", "What people do to a task; each says its effects beforehand with dryRun")

WRITE = Scope.TASKS_WRITE


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation: its verb in the address, its function in :mod:`engine.tasks`, and what it takes.

    ``names`` are parameters of the function that go by another name in the body.
    """

    verb: str
    summary: str
    function: str
    takes: type[ma.Schema] = SeenSchema
    names: Mapping[str, str] = field(default_factory=dict)


VERBS = (
    Verb("claim", "Take a pooled task (领取)", "claim"),
    Verb("unclaim", "Put a claimed task back into its pool (放回)", "unclaim"),
    Verb("agree", "Agree (同意)", "agree", schemas.DecisionSchema, {"variables": "data"}),
    Verb("reject", "Reject (不同意): the process goes its own way", "reject", schemas.DecisionSchema,
         {"variables": "data"}),
    Verb("abstain", "Abstain in a vote (弃权)", "abstain", schemas.AbstainSchema),
    Verb("complete", "Complete a work task with its form (提交)", "complete", schemas.DecisionSchema,
         {"variables": "data"}),
    Verb("transfer", "Hand the task on (转办)", "transfer", schemas.TransferSchema, {"user_id": "target_id"}),
    Verb("assignee", "Hand the task on: Camunda's word for transfer", "transfer", schemas.TransferSchema,
         {"user_id": "target_id"}),
    Verb("delegate", "Ask somebody for an opinion (委派); the owner decides", "delegate", schemas.TransferSchema,
         {"user_id": "target_id"}),
    Verb("resolve", "Answer a delegation with an opinion (提出意见)", "give_opinion", schemas.OpinionSchema),
    Verb("hand-back", "Hand a delegation back without an opinion (交回)", "hand_back", schemas.ReasonSchema),
    Verb("recall", "Take a task back from those who were asked (收回)", "recall"),
    Verb("add-before", "Let others act first (前加签)", "add_before", schemas.AskFirstSchema),
    Verb("add-after", "Agree, and let others act before the node is left (后加签)", "add_after",
         schemas.AskAfterSchema),
    Verb("add-beside", "Let others join the electorate (并加签)", "add_beside", schemas.AskBesideSchema),
    Verb("remove-signer", "Remove this signer (减签)", "remove_signer", schemas.ReasonSchema),
    Verb("return", "Return to an earlier node (退回)", "return_task", schemas.ReturnSchema),
    Verb("return-to-caller", "Return out of a called process (退回上级流程)", "return_to_caller",
         schemas.ReturnToCallerSchema),
    Verb("return-units", "Let units of a fan-out begin again (退回单位)", "return_units", schemas.ReturnUnitsSchema),
    Verb("retrieve", "Take back one's own decision (取回)", "retrieve", schemas.ReasonSchema),
    Verb("withdraw", "Withdraw the whole instance (撤销)", "withdraw", schemas.NeededReasonSchema),
    Verb("urge", "Remind whoever holds the task (催办)", "urge"),
    Verb("copy", "Send read-only copies (抄送)", "copy_to", schemas.CopySchema),
    Verb("extend", "Ask for a later due date (申请延期)", "ask_extension", schemas.ExtendSchema),
    Verb("jump", "Go on at another node (跳转); administrators", "jump", schemas.JumpSchema),
    Verb("hand-over", "Hand a leaver's task over (移交); administrators", "hand_over", schemas.HandOverSchema,
         {"user_id": "target_id"}),
)  # fmt: skip


def _add(verb: Verb) -> None:
    operation: Callable[..., human_tasks.OperationResult] = getattr(human_tasks, verb.function)

    def act(headers: Mapping[str, Any], body: dict[str, Any], task_id: int) -> Mapping[str, Any]:
        given = {verb.names.get(name, name): value for name, value in body.items()}
        if "signature" in given:
            given["signature"] = _picture(given["signature"])
        done = operation(running_engine(), slot_id=task_id, actor_id=person().id, key=headers["key"], **given)
        return result_of(done, dry_run=body["dry_run"])

    name = verb.verb.replace("-", "_")
    act.__name__, act.__doc__ = f"{name}_task", verb.summary
    identifier = name.split("_")[0] + "".join(word.title() for word in name.split("_")[1:]) + "Task"
    tasks_operations.operation(
        "POST", f"/task/<id:task_id>/{verb.verb}", scope=WRITE, headers=KeySchema, body=verb.takes,
        gives=ResultSchema, operationId=identifier,
    )(act)  # fmt: skip


for one in VERBS:
    _add(one)


@tasks_operations.operation(
    "POST", "/task/batch-agree", scope=WRITE, headers=KeySchema, body=schemas.BatchAgreeSchema,
    gives=schemas.RowResultSchema(many=True), operationId="batchAgree",
)  # fmt: skip
def batch_agree(headers: Mapping[str, Any], body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Agree to many tasks of one process (批量同意); each row says what became of it."""
    found = human_tasks.batch_agree(
        running_engine(), slot_ids=body["tasks"], actor_id=person().id, opinion=body["opinion"], key=headers["key"],
        dry_run=body["dry_run"],
    )  # fmt: skip
    return [{"task_id": one.slot_id, "title": one.title, "done": one.done, "sentence": one.sentence} for one in found]


def _picture(text: str | None) -> bytes | None:
    """Read a signature's picture. Raises InvalidInput for what is no Base64."""
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        sentence = "不是 Base64 / Not Base64"
        raise InvalidInput("签名无法读取 / The signature cannot be read", {"signature": sentence}) from error
