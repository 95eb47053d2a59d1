"""Documents of a campaign (通报, 汇总, 证书 …) as they were made and as PDF, and the whole campaign as one bundle."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy.orm import Session

from engine.errors import NotFound
from web.api.campaigns import READ, part_of, seen_campaign
from web.api.room import Room
from web.api.shared import PartSchema
from web.api.values import Identifier, Instant, Schema, Text, about
from web.assets import built_file
from web.context import person, running_engine
from web.downloads import attachment
from workflows.documents.archive import make_bundle
from workflows.documents.models import Document
from workflows.documents.service import document, documents
from workflows.documents.writing import Writing, as_pdf

papers = Room("campaign-document", "Documents of a campaign and its evidence bundle")


class DocumentQuerySchema(PartSchema):
    """Which documents."""

    kind = Text(most=40, load_default="", metadata=about("circular, bulletin, summary, certificate, …"))


class DocumentSchema(Schema):
    """A document."""

    id = Identifier(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    digest = fields.String(required=True, metadata=about("SHA-256 of the file"))
    made_at = Instant(required=True)
    pdf = fields.Boolean(required=True, metadata=about("Whether it is to be had as PDF too"))


class DocumentPageSchema(Schema):
    """Some of the documents."""

    rows = fields.List(fields.Nested(DocumentSchema), required=True)
    count = fields.Integer(required=True, metadata=about("Of all rows that fit"))


@papers.operation("GET", "/campaign/<id:campaign_id>/document", scope=READ, query=DocumentQuerySchema,
                  gives=DocumentPageSchema, operationId="getCampaignDocuments")  # fmt: skip
def list_them(query: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """List documents, the newest first."""
    with running_engine().db.read() as session:
        at = running_engine().clock.now()
        found = documents(session, campaign_id=campaign_id, viewer_id=person().id, at=at)
        rows = [_row(one) for one in found if query["kind"] in ("", one.kind)]
    return {"rows": part_of(rows, query), "count": len(rows)}


@papers.operation("GET", "/campaign/<id:campaign_id>/document/<id:document_id>/content", scope=READ,
                  file="application/octet-stream", operationId="getCampaignDocumentContent")  # fmt: skip
def content(campaign_id: int, document_id: int) -> Response:
    """Download a document as it was made; its digest is in the list."""
    with running_engine().db.read() as session:
        found = _document(session, campaign_id, document_id)
        return attachment(found.content, filename=found.filename, media_type="application/octet-stream")


@papers.operation("GET", "/campaign/<id:campaign_id>/document/<id:document_id>/pdf", scope=READ,
                  file="application/octet-stream", operationId="getCampaignDocumentPdf")  # fmt: skip
def pdf(campaign_id: int, document_id: int) -> Response:
    """Download a paper as PDF, with the digest of the file that it was made with."""
    with running_engine().db.read() as session:
        found = _document(session, campaign_id, document_id)
        if not found.writing:
            raise NotFound("没有这个文件 / There is no such file")
        number, digest, title, writing = str(found.id), found.digest, found.title, Writing.of(found.writing)
    made = as_pdf(writing, font=built_file("fonts/noto-sans-sc.ttf"), number=number, digest=digest)
    return attachment(made, filename=f"{title}.pdf", media_type="application/pdf")


@papers.operation("GET", "/campaign/<id:campaign_id>/archive", scope=READ, file="application/octet-stream",
                  operationId="getCampaignArchive")  # fmt: skip
def archive(campaign_id: int) -> Response:
    """Download the campaign as one evidence bundle (zip); for who sees the whole campaign."""
    with running_engine().db.read() as session:
        at = running_engine().clock.now()
        title = seen_campaign(session, campaign_id).campaign.title
        with make_bundle(session, campaign_id=campaign_id, viewer_id=person().id, at=at) as bundle:
            return attachment(bundle.read(), filename=f"{title}.zip", media_type="application/zip")


def _document(session: Session, campaign_id: int, document_id: int) -> Document:
    at = running_engine().clock.now()
    found = document(session, document_id=document_id, viewer_id=person().id, at=at)
    if found.campaign_id != campaign_id:
        raise NotFound("没有这个文件 / There is no such file")
    return found


def _row(one: Document) -> Mapping[str, Any]:
    columns = ("id", "kind", "title", "filename", "media_type", "digest", "made_at")
    return {column: getattr(one, column) for column in columns} | {"pdf": bool(one.writing)}
