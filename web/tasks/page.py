"""What the task page and the instance page show, put together from the engine's answer."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.expressions import evaluator
from engine.runtime import Engine
from engine.tasks import hidden_fields, may_see
from engine.tasks.legality import URGE_HOURS
from engine.tasks.models import Attachment, Submission
from engine.tasks.offers import Offers, offers
from web.comments.discussion import Remark, remarks
from web.context import person
from web.designer.links import links_of
from web.language import pick
from web.tasks import fields as form_fields
from web.tasks.evidence import Evidence, evidence_of
from web.tasks.fields import Field, Values
from web.tasks.signers import Signers, signers_of
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Unit

MOST_KEY_FACTS = 6
DECIDING = frozenset({"agree", "reject", "abstain", "complete", "claim"})


MENU = (
    "give_opinion", "hand_back", "recall", "transfer", "delegate", "add_before", "add_after", "add_beside", "copy",
    "extend", "retrieve", "withdraw", "jump",
)  # fmt: skip
"""Operations that ask something first, as the menu of a task lists them (web/tasks/asking.py)."""


@dataclass(frozen=True, slots=True)
class Urging:
    """How often a slot was urged and when; ``again_at`` is when it may be urged again, None when now."""

    times: int
    last: datetime | None
    again_at: datetime | None


def urging_of(slot: Any, now: datetime, actions: Sequence[Any]) -> Urging | None:
    """Return the counter of 催办 of an open slot; None where urging is not this person's business."""
    concerns = any(one.name == "urge" for one in actions)
    if slot.closed_at is not None or not (concerns or slot.urges):
        return None
    again = slot.urged_at + timedelta(hours=URGE_HOURS) if slot.urged_at is not None else None
    return Urging(slot.urges, slot.urged_at, again if again is not None and again > now else None)


@dataclass(slots=True)
class TaskPage:
    """A task or an instance as the template shows it."""

    instance_id: int
    number: int
    version: int
    title: str
    status: str
    process_name: str
    initiator: str
    unit: str
    timeline: Sequence[Any]
    comments: list[Remark]
    slot_id: int | None = None
    step: str = ""
    due: datetime | None = None
    lamp: str | None = None
    outcome: str | None = None
    closed: bool = False
    campaign_id: int | None = None
    return_reason: str | None = None
    form_title: str = ""
    fields: list[Field] = field(default_factory=list)
    key_facts: list[Field] = field(default_factory=list)
    context_facts: list[Field] = field(default_factory=list)
    started_at: datetime | None = None
    links: Sequence[tuple[str, str]] = ()
    signers: Signers | None = None
    evidence: Evidence = field(default_factory=Evidence)
    urging: Urging | None = None
    offers: Offers | None = None
    allowed: frozenset[str] = frozenset()
    opinion_required: bool = False
    signature_required: bool = False
    draft_version: int = 0
    draft_words: str = ""
    may_comment: bool = False
    urge_address: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    schema: dict[str, Any] | None = None

    def may(self, action: str) -> bool:
        """Say whether the button of this action is shown."""
        return action in self.allowed

    @property
    def can_act(self) -> bool:
        """Whether there is anything to decide or to submit."""
        return bool(self.allowed & DECIDING)

    @property
    def bar(self) -> bool:
        """Whether the action bar is shown."""
        return bool(self.allowed & (DECIDING | {"return_task", "urge", "unclaim"})) or bool(self.asks)

    @property
    def asks_opinion(self) -> bool:
        """Whether an opinion can be given."""
        return bool(self.allowed & {"agree", "reject", "abstain", "complete"})

    @property
    def asks(self) -> list[str]:
        """The further operations that are possible now, in the menu's order."""
        return [name for name in MENU if name in self.allowed]

    @property
    def editable(self) -> bool:
        """Whether there is anything to fill in."""
        return self.can_act and any(not one.readonly for one in self.fields)


def task_page(
    engine: Engine,
    session: Session,
    detail: Any,
    *,
    data: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> TaskPage:
    """Build the page of one slot; ``data`` and ``errors`` come from a submission that was refused."""
    page = _common(engine, session, detail)
    activation, slot = detail.activation, detail.slot
    settings = activation.settings or {}
    page.slot_id = slot.id
    page.step = activation.name
    page.due = slot.due or activation.due
    page.lamp = detail.lamp
    page.closed = slot.closed_at is not None
    page.outcome = slot.state if page.closed else None
    page.return_reason = getattr(activation, "return_reason", None) if not page.closed else None
    page.allowed = frozenset(_action_name(action.name) for action in detail.actions if action.allowed)
    page.opinion_required = settings.get("opinion") == "required"
    page.signature_required = settings.get("signature") == "required" and page.asks_opinion
    page.draft_version = int(getattr(detail, "draft_version", 0) or 0)
    page.signers = signers_of(activation.policy, detail.electorate, detail.tally)
    page.urging = urging_of(slot, engine.clock.now(), detail.actions)
    loaded = engine.packages.get(session, detail.instance.package_version_id)
    files = _files(session, detail.instance.id)
    acting = bool(page.allowed & (DECIDING - {"claim"}))
    content = loaded.files.get(f"{activation.form}.form") if activation.form else None
    hidden = {key for key, right in detail.rights.items() if right == "hidden"}
    if content is not None:
        page.schema = form_fields.parse(content)
        page.form_title = str(page.schema.get("title") or "")
        page.fields = form_fields.present(
            page.schema,
            Values(
                data={**detail.data, **(data or {})},
                rights=detail.rights,
                errors=errors or {},
                files=files,
                evaluate=feel(engine),
                readonly=not acting,
            ),
        )
    own = {one.key for one in page.fields if not one.readonly or one.files or one.value not in (None, "", [])}
    context = [
        one for one in _submitted(engine, session, detail.instance.id, loaded, files) if one.key not in own | hidden
    ]
    read_only = [one for one in page.fields if one.readonly and one.kind not in ("heading", "note")]
    page.key_facts = [one for one in (*read_only, *context) if one.summary][:MOST_KEY_FACTS]
    page.context_facts = context
    page.evidence = evidence_of([*page.fields, *context])
    return page


def submitted_facts(engine: Engine, session: Session, instance: Any) -> list[Field]:
    """Return what was filled in of an instance, as far as the person who asks may see it."""
    loaded = engine.packages.get(session, instance.package_version_id)
    hidden = hidden_fields(engine, session, instance, person().id)
    facts = _submitted(engine, session, instance.id, loaded, _files(session, instance.id))
    return [one for one in facts if one.key not in hidden]


def instance_page(engine: Engine, session: Session, detail: Any) -> TaskPage:
    """Build the page of an instance; nothing can be filled in there."""
    page = _common(engine, session, detail)
    page.context_facts = submitted_facts(engine, session, detail.instance)
    page.key_facts = [one for one in page.context_facts if one.summary][:MOST_KEY_FACTS]
    page.evidence = evidence_of(page.context_facts)
    page.offers = offers(engine, session, instance=detail.instance, person_id=person().id)
    return page


def feel(engine: Engine) -> form_fields.Evaluate:
    """Return FEEL at the engine's instant."""
    at = engine.clock.now()
    return lambda expression, variables: evaluator().evaluate(expression, variables, at=at)


def _common(engine: Engine, session: Session, detail: Any) -> TaskPage:
    instance = detail.instance
    version = session.get(PackageVersion, instance.package_version_id)
    unit = session.get(Unit, instance.unit_id) if instance.unit_id else None
    initiator = instance.initiator_id
    names = engine.people.names(session, [initiator]) if initiator else {}
    return TaskPage(
        instance_id=instance.id,
        number=instance.id,
        version=detail.version,
        title=detail.title,
        status=instance.status,
        process_name=pick(version.name, version.name_en) if version else "",
        initiator=names.get(initiator or 0, ""),
        unit=pick(unit.name, unit.name_en) if unit else "",
        timeline=detail.timeline,
        started_at=instance.created_at,
        comments=remarks(engine, session, detail.comments),
        may_comment=may_see(engine, session, instance, person().id),
        campaign_id=session.scalar(select(Campaign.id).where(Campaign.instance_id == instance.root_id)),
        links=links_of(session, instance),
    )


def _submitted(
    engine: Engine, session: Session, instance_id: int, loaded: Any, files: Mapping[str, Any]
) -> list[Field]:
    """Return what was filled in so far, the latest submission of each form."""
    query = select(Submission).where(Submission.instance_id == instance_id).order_by(Submission.id.desc())
    found: list[Field] = []
    forms: set[str] = set()
    keys: set[str] = set()
    for one in session.scalars(query):
        content = loaded.files.get(f"{one.form}.form") if one.form else None
        if content is None or one.form in forms or one.form is None:
            continue
        forms.add(one.form)
        values = Values(data=one.data, files=files, evaluate=feel(engine), readonly=True)
        shown = [
            each
            for each in form_fields.present(form_fields.parse(content), values)
            if each.key not in keys and each.kind not in ("heading", "note") and each.value not in (None, "", [])
        ]
        keys |= {each.key for each in shown}
        found = shown + found
    return found


def _files(session: Session, instance_id: int) -> dict[str, Attachment]:
    query = select(Attachment).where(Attachment.instance_id == instance_id)
    return {str(one.id): one for one in session.scalars(query)}


def _action_name(name: str) -> str:
    return "return_task" if name == "return" else name
