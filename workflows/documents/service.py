"""Making documents: the circular (通报) as Word, the results for the yearly appraisal as Excel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.instances.models import Instance
from engine.wording import say
from workflows.campaigns.launch import phases_of, span_of
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view
from workflows.documents.models import Document
from workflows.documents.template import circular_template
from workflows.evaluation.models import GRADE_NAMES, Award, Grade
from workflows.evaluation.service import Standing, standings
from workflows.organisation.tree import LOCAL
from workflows.spreadsheet import XLSX, workbook

PUBLIC = ("circular", "bulletin", "certificate")
"""Kinds of document that everybody who takes part may read."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NOT_IN_FILENAMES = dict.fromkeys(map(ord, '\\/:*?"<>|\r\n\t'))
AWARD_NAMES = {Award.COMMENDED: "表彰", Award.POOR: "通报批评、限期整改"}


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that decided, as texts, and until when poor units rectify."""

    commend: str
    poor: str
    rectification_due: date | None


def make_circular(
    session: Session,
    *,
    campaign: Campaign,
    instance: Instance,
    lines: Lines,
    at: datetime,
    summary: str = "",
    title: str = "",
    template: bytes | None = None,
) -> Document:
    """Write the circular from the scores and the ledger as they are now."""
    ranked = standings(session, campaign_id=campaign.id)
    phases = phases_of(session, campaign.id)
    found, closed = sum(one.findings for one in ranked), sum(one.closed_findings for one in ranked)
    heading = title or f"关于{campaign.title}情况的通报"
    context: dict[str, Any] = {
        "title": heading,
        "campaign": campaign.title,
        "period": "至".join(map(_day, span_of(phases, at.astimezone(LOCAL).date()))) if phases else "",
        "unit_count": len(ranked),
        "finding_count": found,
        "closed_count": closed,
        "closed_rate": f"{closed * 100 / found:.1f}%" if found else "—",
        "summary": summary,
        "commend_line": lines.commend,
        "poor_line": lines.poor,
        "rectification_due": _day(lines.rectification_due) if lines.rectification_due else "规定期限",
        "commended": [_unit(one) for one in ranked if one.award == Award.COMMENDED],
        "poor": [_unit(one) for one in ranked if one.award == Award.POOR],
        "units": [_unit(one) for one in ranked],
        "issuer": "活动领导小组",
        "date": _day(at.astimezone(LOCAL).date()),
    }
    document = DocxTemplate(BytesIO(template or circular_template()))
    document.render(context, jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    stream = BytesIO()
    document.save(stream)
    rows = [
        {"figure": "参加单位", "value": len(ranked), "from": "campaign_unit"},
        {"figure": "发现问题", "value": found, "from": "finding"},
        {"figure": "已销号", "value": closed, "from": "finding.state=closed"},
        *(_trace(one) for one in ranked),
    ]
    file = File("circular", heading, ".docx", DOCX, stream.getvalue())
    return store(session, campaign, instance, file=file, rows=rows, at=at)


def make_results(session: Session, *, campaign: Campaign, instance: Instance, at: datetime) -> Document:
    """Write the results for the yearly appraisal: a sheet of results and one of reasons."""
    ranked = standings(session, campaign_id=campaign.id)
    results = [
        (
            one.rank,
            one.unit_name,
            one.score,
            _rating_name(one.rating),
            AWARD_NAMES[Award(one.award)] if one.award else "",
            one.findings,
            one.closed_findings,
        )
        for one in ranked
    ]
    reasons = [
        (one.unit_name, str(reason.get("group") or ""), str(reason.get("text") or ""), str(reason.get("points") or ""))
        for one in ranked
        for reason in one.reasons
    ]
    content = workbook(
        [
            (
                "结果",
                (("名次", 8), ("科室", 20), ("得分", 10), ("等次", 8), ("结果", 22), ("问题数", 10), ("已销号", 10)),
                results,
            ),
            ("依据", (("科室", 20), ("考核小组", 16), ("依据", 60), ("分值", 10)), reasons),
        ]
    )
    rows = [_trace(one) for one in ranked]
    title = f"{campaign.title}结果"
    file = File("results", title, ".xlsx", XLSX, content)
    return store(session, campaign, instance, file=file, rows=rows, at=at)


def documents(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> list[Document]:
    """Return a campaign's documents without their bytes, newest first.

    A circular is for everybody who takes part; results are for those who see all units.
    """
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    statement = (
        select(Document).where(Document.campaign_id == campaign_id).order_by(Document.made_at.desc(), Document.id)
    )
    return [one for one in session.scalars(statement) if seen.everything or one.kind in PUBLIC]


def document(session: Session, *, document_id: int, viewer_id: int, at: datetime) -> Document:
    """Return a document with its bytes; raises NotFound for strangers."""
    found = session.get(Document, document_id)
    if found is None:
        raise NotFound(say("没有这份文件"))
    seen = view(session, campaign_id=found.campaign_id, viewer_id=viewer_id, at=at)
    if not seen.everything and found.kind not in PUBLIC:
        raise NotFound(say("没有这份文件"))
    return found


@dataclass(frozen=True, slots=True)
class File:
    """A file to keep as a document."""

    kind: str
    title: str
    ending: str
    media_type: str
    content: bytes


def store(
    session: Session,
    campaign: Campaign,
    instance: Instance,
    *,
    file: File,
    rows: Sequence[Mapping[str, Any]],
    at: datetime,
    writing: Mapping[str, Any] | None = None,
) -> Document:
    """Keep a file with its digest, the rows behind its figures, and what it says."""
    stored = Document(
        campaign_id=campaign.id,
        instance_id=instance.id,
        kind=file.kind,
        title=file.title[:300],
        filename=file.title[:200].translate(_NOT_IN_FILENAMES) + file.ending,
        media_type=file.media_type,
        content=file.content,
        digest=sha256(file.content).hexdigest(),
        made_at=at,
        rows=list(rows),
        writing=dict(writing) if writing else None,
    )
    session.add(stored)
    session.flush()
    return stored


def _unit(one: Standing) -> dict[str, Any]:
    ratings = [str(reason["text"]) for reason in one.reasons if reason.get("rule") in ("rating", "open-findings")]
    return {
        "rank": one.rank or "—",
        "name": one.unit_name,
        "score": "—" if one.score is None else one.score,
        "rating": _rating_name(one.rating) or "未评定",
        "reason": "；".join(ratings) or "未评定",
        "findings": one.findings,
        "closed": one.closed_findings,
    }


def _trace(one: Standing) -> dict[str, Any]:
    return {
        "figure": f"{one.unit_name}得分",
        "value": None if one.score is None else str(one.score),
        "from": "campaign_unit",
        "unit_id": one.unit_id,
        "reasons": list(one.reasons),
    }


def _rating_name(rating: str | None) -> str:
    return GRADE_NAMES[Grade(rating)] if rating else ""


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
