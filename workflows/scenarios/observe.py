"""What a scenario can look at: each subject is a shape of arguments and a function that gives a plain value."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from docx import Document as WordFile
from marshmallow import fields, validate
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import tasks
from engine.history.models import HistoryLine
from engine.instances.models import Incident, Instance
from engine.tasks.models import Activation, Attachment, Notice, Slot, SlotCandidate
from engine.wording import say
from workflows.campaigns.board import board
from workflows.campaigns.models import Campaign, CampaignUnit, Phase
from workflows.documents.models import Document
from workflows.findings.models import Finding
from workflows.sampling.models import Draw
from workflows.scenarios.observe_parts import SUBJECTS as PART_SUBJECTS
from workflows.scenarios.observe_plans import SUBJECTS as PLAN_SUBJECTS
from workflows.scenarios.observe_rounds import SUBJECTS as ROUND_SUBJECTS
from workflows.scenarios.schemas import Strict, TaskSchema, Texts, Units, text
from workflows.scenarios.subject import Subject
from workflows.scenarios.world import World, instant_of, local


class _NoArguments(Strict):
    pass


class _AnyTask(TaskSchema):
    """A task by element; closed ones count too."""

    round = fields.Integer(load_default=None)


class _Notices(Strict):
    who = text(load_default=None)
    kind = text(load_default=None)
    contains = text(load_default=None)
    since = text(load_default=None)
    unit = Units(load_default=dict)


class _Findings(Strict):
    state = Texts(load_default=list)
    source = text(load_default=None)
    level = text(load_default=None)
    item = text(load_default=None)
    unit = Units(load_default=dict)


class _Unit(Strict):
    unit = text(required=True)


class _Cell(_Unit):
    phase = text(required=True)


class _Phase(Strict):
    phase = text(required=True)
    edge = text(required=True, validate=validate.OneOf(("starts", "ends"), error=say("edge 须为 starts 或 ends")))


class _Instances(Strict):
    process = text(required=True)
    status = text(load_default=None)
    unit = Units(load_default=dict)


class _Variable(Strict):
    process = text(required=True)
    name = text(required=True)
    unit = Units(load_default=dict)


class _Drawn(Strict):
    kind = text(load_default=None)
    what = text(load_default="count", validate=validate.OneOf(("count", "units", "seed", "short")))


class _Award(Strict):
    award = text(required=True)


class _File(Strict):
    kind = text(required=True)
    cell = text(load_default=None)
    sheet = text(load_default=None)
    row = text(load_default=None)
    column = text(load_default=None)


class _History(Strict):
    operation = text(required=True)
    task = text(load_default=None)
    unit = Units(load_default=dict)
    rule = text(load_default=None)
    who = text(load_default=None)


class _Box(Strict):
    who = text(required=True)
    box = text(load_default="todo", validate=validate.OneOf(("todo", "done", "mine", "copies")))
    overdue = fields.Boolean(load_default=False)


class _Attachments(Strict):
    field = text(load_default=None)
    task = text(load_default=None)
    unit = Units(load_default=dict)


def _open(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(world.tickets(session, task=want["task"], units=want["unit"], who=want["who"], where=want["where"]))


def _activations(world: World, session: Session, want: Mapping[str, Any]) -> list[tuple[Activation, Instance]]:
    query = (
        select(Activation, Instance)
        .join(Instance, Instance.id == Activation.instance_id)
        .where(Activation.element_id == want["task"])
        .order_by(Instance.unit_id, Activation.opened_at, Activation.id)
    )
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.where(Instance.unit_id.in_(units))
    if want.get("round") is not None:
        query = query.where(Activation.round == want["round"])
    found = [(activation, instance) for activation, instance in session.execute(query)]
    return [
        (activation, instance)
        for activation, instance in found
        if all(str(instance.variables.get(name)) == str(value) for name, value in want["where"].items())
    ]


def _one_or_list(values: list[Any]) -> Any:
    """Return the common value where all are the same, else the different ones in order."""
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else different


def _due(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.due) for activation, _ in _activations(world, session, want)])


def _warned(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.warn_at) for activation, _ in _activations(world, session, want)])


def _opened(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.opened_at) for activation, _ in _activations(world, session, want)])


def _rounds(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(_activations(world, session, want))


def _lamp(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    rows = [activation for activation, _ in _activations(world, session, want) if activation.closed_at is None]
    return _one_or_list([tasks.lamp(activation, world.clock.now()) for activation in rows])


def _routed(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    """Return the logins of those who have the task: owners, or candidates of a pooled one."""
    ids = [activation.id for activation, _ in _activations(world, session, want)]
    slots = session.scalars(select(Slot).where(Slot.activation_id.in_(ids))).all()
    people = {slot.owner_id for slot in slots if slot.owner_id is not None}
    pooled = [slot.id for slot in slots if slot.owner_id is None]
    people |= set(session.scalars(select(SlotCandidate.person_id).where(SlotCandidate.slot_id.in_(pooled))))
    return _one_or_list(sorted(str(world.login(person)) for person in people))


def _notices(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = select(func.count()).select_from(Notice)
    if want["who"]:
        query = query.where(Notice.person_id == world.person(want["who"]))
    if want["kind"]:
        query = query.where(Notice.kind == want["kind"])
    if want["contains"]:
        query = query.where(Notice.title.contains(want["contains"]))
    if want["since"]:
        query = query.where(Notice.created_at >= instant_of(want["since"]))
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.join(Instance, Instance.id == Notice.instance_id).where(Instance.unit_id.in_(units))
    return session.scalar(query) or 0


def _select_findings(world: World, session: Session, want: Mapping[str, Any]) -> list[Finding]:
    query = select(Finding).order_by(Finding.number)
    for name in ("source", "level", "item"):
        if want[name]:
            query = query.where(getattr(Finding, name) == want[name])
    if want["state"]:
        query = query.where(Finding.state.in_(want["state"]))
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.where(Finding.unit_id.in_(units))
    return list(session.scalars(query))


def _findings(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(_select_findings(world, session, want))


def _sent_back(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return sum(finding.returned_count for finding in _select_findings(world, session, want))


def _evidence(world: World, session: Session, want: Mapping[str, Any]) -> int:
    rows = _select_findings(world, session, want)
    return sum(1 for finding in rows if finding.evidence_before and finding.evidence_after)


def _unit_row(world: World, session: Session, want: Mapping[str, Any]) -> CampaignUnit | None:
    unit_id = world.unit_ids({"code": [want["unit"]]})
    return session.scalars(select(CampaignUnit).where(CampaignUnit.unit_id.in_(unit_id or []))).first()


def _score(world: World, session: Session, want: Mapping[str, Any]) -> float | None:
    row = _unit_row(world, session, want)
    return None if row is None or row.score is None else float(row.score)


def _rating(world: World, session: Session, want: Mapping[str, Any]) -> str | None:
    row = _unit_row(world, session, want)
    return row.rating if row else None


def _award(world: World, session: Session, want: Mapping[str, Any]) -> str | None:
    row = _unit_row(world, session, want)
    return row.award if row else None


def _awarded(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return (
        session.scalar(select(func.count()).select_from(CampaignUnit).where(CampaignUnit.award == want["award"])) or 0
    )


def _cell(world: World, session: Session, want: Mapping[str, Any]) -> str:
    campaign = session.scalars(select(Campaign).order_by(Campaign.id)).first()
    if campaign is None or campaign.initiator_id is None:
        return say("没有行动")
    for row in board(session, world.engine, campaign.id, campaign.initiator_id).rows:
        if world.unit_code(row.unit_id) == want["unit"] and want["phase"] in row.cells:
            return str(row.cells[want["phase"]].state)
    return say("没有这一格")


def _phase(world: World, session: Session, want: Mapping[str, Any]) -> str | None:
    row = session.scalars(select(Phase).where(Phase.code == want["phase"])).first()
    day = getattr(row, want["edge"]) if row else None
    return day.isoformat() if day else None


def _campaign(world: World, session: Session, want: Mapping[str, Any]) -> str | None:
    return session.scalars(select(Campaign.status).order_by(Campaign.id)).first()


def _select_instances(world: World, session: Session, want: Mapping[str, Any]) -> list[Instance]:
    world.package.process(want["process"])
    query = select(Instance).where(Instance.process_id == want["process"]).order_by(Instance.unit_id, Instance.id)
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.where(Instance.unit_id.in_(units))
    if want.get("status"):
        query = query.where(Instance.status == want["status"])
    return list(session.scalars(query))


def _instances(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(_select_instances(world, session, want))


def _variable(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    values = [instance.variables.get(want["name"]) for instance in _select_instances(world, session, want)]
    return values[0] if values and all(value == values[0] for value in values) else values


def _drawn(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    draw = session.scalars(select(Draw).order_by(Draw.drawn_at.desc(), Draw.id.desc())).first()
    if draw is None:
        return None
    strata = [stratum for stratum in draw.strata if want["kind"] in (None, stratum["stratum"])]
    units = [code for stratum in strata for code in stratum["drawn"]]
    if want["what"] == "seed":
        return draw.seed
    if want["what"] == "short":
        return sum(1 for stratum in strata if len(stratum["drawn"]) < stratum["wanted"])
    return sorted(units) if want["what"] == "units" else len(units)


def _document(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    row = session.scalars(
        select(Document).where(Document.kind == want["kind"]).order_by(Document.made_at.desc())
    ).first()
    if row is None:
        return None
    return _sheet(row.content, want) if row.filename.endswith(".xlsx") else _paragraphs(row.content)


def _paragraphs(content: bytes) -> str:
    word = WordFile(BytesIO(content))
    cells = [cell.text for table in word.tables for line in table.rows for cell in line.cells]
    return "\n".join([paragraph.text for paragraph in word.paragraphs] + cells)


def _sheet(content: bytes, want: Mapping[str, Any]) -> Any:
    """Return a cell by address or by the names of its row and column; else all texts of the sheet."""
    book = load_workbook(BytesIO(content))
    sheet = book[want["sheet"]] if want["sheet"] else book.worksheets[0]
    if want["cell"]:
        return sheet[want["cell"]].value
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    if want["row"] and want["column"]:
        header = next((line for line in lines if want["column"] in line), [])
        line = next((line for line in lines if want["row"] in line), [])
        return line[header.index(want["column"])] if header and line else None
    return "\n".join("\t".join("" if value is None else str(value) for value in line) for line in lines)


def _history(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = select(func.count()).select_from(HistoryLine).where(HistoryLine.operation == want["operation"])
    if want["task"]:
        query = query.where(HistoryLine.element_id == want["task"])
    if want["rule"]:
        query = query.where(HistoryLine.rule == want["rule"])
    if want["who"]:
        query = query.where(HistoryLine.actor_id == world.person(want["who"]))
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.join(Instance, Instance.id == HistoryLine.instance_id).where(Instance.unit_id.in_(units))
    return session.scalar(query) or 0


def _inbox(world: World, session: Session, want: Mapping[str, Any]) -> int:
    page = tasks.inbox(
        world.engine,
        session,
        person_id=world.person(want["who"]),
        box=want["box"],
        overdue=want["overdue"],
        limit=200,
    )
    return len(page.rows)


def _attachments(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = (
        select(func.count())
        .select_from(Attachment)
        .join(Activation, Activation.id == Attachment.activation_id)
        .join(Instance, Instance.id == Attachment.instance_id)
        .where(Attachment.submission_id.is_not(None))
    )
    if want["field"]:
        query = query.where(Attachment.field == want["field"])
    if want["task"]:
        query = query.where(Activation.element_id == want["task"])
    units = world.unit_ids(want["unit"])
    if units is not None:
        query = query.where(Instance.unit_id.in_(units))
    return session.scalar(query) or 0


def _incidents(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return session.scalar(select(func.count()).select_from(Incident).where(Incident.status == "open")) or 0


SUBJECTS: Mapping[str, Subject] = {
    **PART_SUBJECTS,
    **PLAN_SUBJECTS,
    **ROUND_SUBJECTS,
    "open": Subject(TaskSchema, _open),
    "due": Subject(_AnyTask, _due),
    "warned": Subject(_AnyTask, _warned),
    "opened": Subject(_AnyTask, _opened),
    "rounds": Subject(_AnyTask, _rounds),
    "lamp": Subject(_AnyTask, _lamp),
    "routed": Subject(_AnyTask, _routed),
    "notices": Subject(_Notices, _notices),
    "findings": Subject(_Findings, _findings),
    "sent_back": Subject(_Findings, _sent_back),
    "evidence": Subject(_Findings, _evidence),
    "score": Subject(_Unit, _score),
    "rating": Subject(_Unit, _rating),
    "award": Subject(_Unit, _award),
    "awarded": Subject(_Award, _awarded),
    "cell": Subject(_Cell, _cell),
    "phase": Subject(_Phase, _phase),
    "campaign": Subject(_NoArguments, _campaign),
    "instances": Subject(_Instances, _instances),
    "variable": Subject(_Variable, _variable),
    "drawn": Subject(_Drawn, _drawn),
    "document": Subject(_File, _document),
    "history": Subject(_History, _history),
    "inbox": Subject(_Box, _inbox),
    "attachments": Subject(_Attachments, _attachments),
    "incidents": Subject(_NoArguments, _incidents),
}
