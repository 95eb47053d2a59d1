"""What a scenario can look at in a campaign: findings, ratings, the board, phases, draws, documents."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from docx import Document as WordFile
from marshmallow import validate
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.wording import say
from workflows.campaigns.board import board
from workflows.campaigns.models import Campaign, CampaignUnit, Phase
from workflows.documents.models import Document
from workflows.findings.models import Finding
from workflows.sampling.models import Draw
from workflows.scenarios.schemas import Strict, Texts, Units, text
from workflows.scenarios.subject import NoArguments, Subject, in_units, narrowed, number_of, one_of
from workflows.scenarios.world import World


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


class _Drawn(Strict):
    kind = text(load_default=None)
    what = one_of("count", "units", "seed", "short")


class _Award(Strict):
    award = text(required=True)


class _File(Strict):
    kind = text(required=True)
    cell = text(load_default=None)
    sheet = text(load_default=None)
    row = text(load_default=None)
    column = text(load_default=None)


def _select_findings(world: World, session: Session, want: Mapping[str, Any]) -> list[Finding]:
    query = narrowed(select(Finding).order_by(Finding.number), Finding, want, "source", "level", "item", "state")
    return list(session.scalars(in_units(query, world, want, Finding.unit_id)))


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
    return number_of(session, select(CampaignUnit.unit_id).where(CampaignUnit.award == want["award"]))


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


SUBJECTS: Mapping[str, Subject] = {
    "findings": Subject(_Findings, _findings),
    "sent_back": Subject(_Findings, _sent_back),
    "evidence": Subject(_Findings, _evidence),
    "score": Subject(_Unit, _score),
    "rating": Subject(_Unit, _rating),
    "award": Subject(_Unit, _award),
    "awarded": Subject(_Award, _awarded),
    "cell": Subject(_Cell, _cell),
    "phase": Subject(_Phase, _phase),
    "campaign": Subject(NoArguments, _campaign),
    "drawn": Subject(_Drawn, _drawn),
    "document": Subject(_File, _document),
}
