"""A campaign as one evidence bundle: a zip that can be checked without this system.

``SHA256SUMS`` holds a digest of every file (``sha256sum -c SHA256SUMS``), ``manifest.json`` what each file is.
``history.jsonl`` are the lines of the append-only record with their chained digests.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotAllowed
from engine.history.models import HistoryLine
from engine.instances.models import Instance
from engine.tasks.models import Attachment, AttachmentContent, Submission
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view
from workflows.documents.marks import marks_of
from workflows.documents.models import Document
from workflows.documents.papers import printed_table
from workflows.documents.writing import Writing, as_excel
from workflows.findings.ledger import ledger_workbook
from workflows.organisation.models import Person
from workflows.sheets.catalogue import SHEETS

IN_MEMORY = 8 * 1024 * 1024
"""Bytes of a bundle that are kept in memory; a larger one lies in a temporary file."""
_NOT_IN_NAMES = dict.fromkeys(map(ord, '\\/:*?"<>|\r\n\t'), "_")
_WRITTEN = (2026, 1, 1, 0, 0, 0)
"""A fixed time in the zip, so that the same contents are the same bundle."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    content: bytes
    about: dict[str, Any]


def make_bundle(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> IO[bytes]:
    """Write the bundle; the caller closes it.

    It holds the plan, every sheet that has rows, the ledger, the documents with their signatures, what people handed
    in with their attachments, and the record. Raises NotFound for strangers, NotAllowed for those who see a part only.
    """
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    if not seen.everything:
        raise NotAllowed(say("只有行动的领导小组和办公室可以导出归档包"))
    bundle: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    files: list[dict[str, Any]] = []
    with ZipFile(bundle, "w", ZIP_DEFLATED) as archive:
        for file in _files(session, seen.campaign, viewer_id, at):
            digest = sha256(file.content).hexdigest()
            files.append({"name": file.name, "sha256": digest, "bytes": len(file.content), **file.about})
            _put(archive, file.name, file.content)
        manifest = {
            "campaign": seen.campaign.title,
            "package": seen.campaign.package_key,
            "year": seen.campaign.year,
            "status": seen.campaign.status,
            "made_at": at.isoformat(),
            "files": files,
        }
        content = json.dumps(manifest, ensure_ascii=False, indent=1, default=str).encode()
        _put(archive, "manifest.json", content)
        sums = [f"{one['sha256']}  {one['name']}" for one in files] + [f"{sha256(content).hexdigest()}  manifest.json"]
        _put(archive, "SHA256SUMS", "\n".join([*sums, ""]).encode())
    bundle.seek(0)
    return bundle


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    info = ZipInfo(name, _WRITTEN)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, content)


def _files(session: Session, campaign: Campaign, viewer_id: int, at: datetime) -> Iterator[_File]:
    yield _File("plan.json", _json(campaign.plan), {"what": "plan", "parameters": campaign.parameters})
    yield _File("ledger.xlsx", ledger_workbook(session, campaign.id, viewer_id, at=at), {"what": "ledger"})
    for kind in SHEETS:
        table, rows = printed_table(session, campaign, kind.code, "", at)
        if table.rows:
            content = as_excel(Writing(table.title, (), (table,), "", at.date()))
            yield _File(f"sheets/{kind.code}.xlsx", content, {"what": "sheet", "rows": len(rows)})
    yield from _documents(session, campaign)
    yield from _handed_in(session, campaign)
    yield _File("history.jsonl", _history(session, campaign), {"what": "record"})


def _documents(session: Session, campaign: Campaign) -> Iterator[_File]:
    query = select(Document).where(Document.campaign_id == campaign.id).order_by(Document.made_at, Document.id)
    for document in session.scalars(query):
        marks = [
            {"kind": one.kind, "person": _name(session, one.person_id), "at": one.marked_at, "digest": one.digest}
            for one in marks_of(session, document.id)
        ]
        about = {
            "what": "document",
            "kind": document.kind,
            "title": document.title,
            "marks": marks,
            "rows": document.rows,
        }
        yield _File(f"documents/{document.id}-{_safe(document.filename)}", document.content, about)


def _handed_in(session: Session, campaign: Campaign) -> Iterator[_File]:
    own = select(Instance.id).where(Instance.root_id == campaign.instance_id)
    query = select(Submission).where(Submission.instance_id.in_(own)).order_by(Submission.submitted_at, Submission.id)
    lines = [
        _json(
            {
                "id": str(one.id),
                "instance": str(one.instance_id),
                "step": one.element_id,
                "person": _name(session, one.person_id),
                "at": one.submitted_at,
                "data": one.data,
            }
        )
        for one in session.scalars(query)
    ]
    yield _File("submissions.jsonl", b"\n".join(lines) + b"\n", {"what": "submissions", "rows": len(lines)})
    files = (
        select(Attachment, AttachmentContent.content)
        .join(AttachmentContent, AttachmentContent.digest == Attachment.digest)
        .where(Attachment.instance_id.in_(own), Attachment.submission_id.is_not(None))
    )
    for one, content in session.execute(files.order_by(Attachment.id)):
        about = {"what": "attachment", "field": one.field, "submission": str(one.submission_id)}
        yield _File(f"attachments/{one.id}-{_safe(one.filename)}", content, about)


def _history(session: Session, campaign: Campaign) -> bytes:
    own = select(Instance.id).where(Instance.root_id == campaign.instance_id)
    query = select(HistoryLine).where(HistoryLine.instance_id.in_(own))
    columns = HistoryLine.__table__.columns.keys()
    rows = session.scalars(query.order_by(HistoryLine.instance_id, HistoryLine.sequence))
    return b"".join(_json({name: getattr(row, name) for name in columns}) + b"\n" for row in rows)


def _name(session: Session, person_id: int) -> str:
    person = session.get(Person, person_id)
    return say("{name}（{login}）", name=person.name, login=person.login) if person else str(person_id)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def _safe(name: str) -> str:
    return name.translate(_NOT_IN_NAMES)[-120:]
