"""Form data of a task: who may edit what, what the server knows, and taking a submission."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.definitions.forms import Form
from engine.errors import InvalidInput
from engine.expressions import evaluator
from engine.instances.models import Instance
from engine.store import new_id
from engine.tasks.desk import Desk
from engine.tasks.models import Activation, Attachment, Submission
from engine.wording import say

RIGHTS = ("edit", "read", "hidden")
MOST_ROWS = 100
"""Rows (or choices) of a field that become a process variable; variables stay small."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What of a submission counts: the variables it sets, and whether it changed any form data."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    changed: bool = False


def rights_of(settings: Mapping[str, Any], form: Form | None) -> dict[str, str]:
    """Return each field's right at this node; ``*`` stands for the fields not named, which are ``edit`` otherwise."""
    named: dict[str, str] = {}
    for part in str(settings.get("fieldPermissions", "")).split(","):
        name, _, right = part.partition(":")
        if name.strip() and right.strip() in RIGHTS:
            named[name.strip()] = right.strip()
    default = named.pop("*", "edit")
    keys = [item.key for item in form.fields] if form is not None else []
    return {**dict.fromkeys(keys, default), **named}


def stored_data(session: Session, instance: Instance, form: Form | None) -> dict[str, Any]:
    """Return what is known of a form's fields: process variables of that name, then earlier submissions in order."""
    if form is None:
        return {}
    keys = {item.key.split(".")[0] for item in form.fields}
    data = {key: value for key, value in instance.variables.items() if key in keys}
    query = select(Submission.data).where(Submission.instance_id == instance.id).order_by(Submission.id)
    for submitted in session.scalars(query):
        data |= {key: value for key, value in submitted.items() if key in keys}
    return data


def form_of(desk: Desk) -> Form | None:
    """Return the form of the task's node."""
    name = desk.activation.form
    return desk.run.package.forms.get(name) if name else None


def take_form(desk: Desk, data: Mapping[str, Any] | None, *, checked: bool = True) -> Submitted:
    """Check a submission and keep what of it counts; a task without a form takes none.

    A rejection without data need not fill the form: its demands are for those who go on.
    """
    form = form_of(desk)
    if form is None:
        if data:
            raise InvalidInput(say("这个待办没有表单"), dict.fromkeys(map(str, data), say("没有这个字段")))
        return Submitted()
    if not data and not checked:
        return Submitted()
    rights = rights_of(desk.activation.settings, form)
    stored = stored_data(desk.session, desk.instance, form)
    cleaned = form.check(data or {}, rights=rights, stored=stored, evaluator=evaluator(), at=desk.at)
    own = {key: value for key, value in cleaned.items() if rights.get(key, "edit") == "edit"}
    changed = any(stored.get(key) != value for key, value in own.items())
    if own:
        submission = Submission(
            id=new_id(),
            instance_id=desk.instance.id,
            activation_id=desk.activation.id,
            slot_id=desk.slot.id,
            element_id=desk.activation.element_id,
            form=desk.activation.form,
            data=own,
            submitted_at=desk.at,
            person_id=desk.actor_id,
        )
        desk.writer.add(submission)
        _credit_attachments(desk, form, own, stored, submission.id)
    return Submitted(_variables(desk.activation, own), changed)


def _variables(activation: Activation, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the node declares as process variables: scalars, and short lists of rows or choices.

    Raises InvalidInput for a list of more than ``MOST_ROWS``.
    """
    names = [name.strip() for name in str(activation.settings.get("variables", "")).split(",") if name.strip()]
    long = [name for name in names if isinstance(data.get(name), list) and len(data[name]) > MOST_ROWS]
    if long:
        raise InvalidInput(say("行数太多"), dict.fromkeys(long, f"最多 {MOST_ROWS} 行 / At most {MOST_ROWS} rows"))
    return {
        name: data[name]
        for name in names
        if name in data and isinstance(data[name], str | int | float | bool | list | None)
    }


def _credit_attachments(
    desk: Desk, form: Form, data: Mapping[str, Any], stored: Mapping[str, Any], submission_id: int
) -> None:
    """Mark the files that a submission names as its evidence; foreign or missing files are refused."""
    named = {item.key: _ids(data.get(item.key), item.key) for item in form.attachment_fields if data.get(item.key)}
    before = {item.key: set(_ids(stored.get(item.key), item.key)) for item in form.attachment_fields}
    fresh = {key: [one for one in ids if one not in before.get(key, set())] for key, ids in named.items()}
    wanted = [one for ids in fresh.values() for one in ids]
    if not wanted:
        return
    condition = (Attachment.id.in_(wanted), Attachment.activation_id == desk.activation.id)
    rows = desk.session.execute(select(Attachment.id, Attachment.field).where(*condition))
    found = {attachment: name for attachment, name in rows}  # noqa: C416
    wrong = {
        key: say("附件不存在，请重新上传") for key, ids in fresh.items() if any(found.get(one) != key for one in ids)
    }
    if wrong:
        raise InvalidInput(say("有附件不属于这个待办"), wrong)
    desk.session.execute(
        update(Attachment).where(*condition).values(submission_id=submission_id),
        execution_options={"synchronize_session": False},
    )


def _ids(value: Any, key: str) -> list[int]:
    values: Iterable[Any] = value if isinstance(value, list) else [] if value is None else [value]
    try:
        return [int(one) for one in values]
    except (TypeError, ValueError) as error:
        raise InvalidInput(say("附件编号不对"), {key: say("附件编号不对")}) from error
