"""Board, ledger, results and documents of a campaign; a stranger gets 404 from the domain."""

from io import BytesIO
from typing import Any

from docx import Document as WordDocument
from docx.table import Table
from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import NotFound
from web.assets import built_file
from web.campaigns.head import head_of
from web.campaigns.paging import UNITS_PAGE, kept_arguments, page_number, pages_of
from web.context import person, running_engine
from web.downloads import attachment
from web.presentation import unit_kind
from workflows.awards.service import award_names
from workflows.campaigns.board import Board, BoardFilters
from workflows.campaigns.board import board as build_board
from workflows.campaigns.steering import may_steer, urge_late
from workflows.campaigns.visibility import view, visible_campaigns
from workflows.documents.archive import make_bundle
from workflows.documents.service import document as one_document
from workflows.documents.service import documents as all_documents
from workflows.documents.writing import Writing, as_pdf
from workflows.evaluation.service import visible_standings
from workflows.sheets.trends import trends as read_trends

campaigns = Blueprint("campaigns", __name__)

MOST_PREVIEW_BLOCKS = 200


@campaigns.get("/campaigns")
def index() -> ResponseReturnValue:
    """List the campaigns that the person has to do with."""
    running = running_engine()
    with running.db.read() as session:
        found = visible_campaigns(session, viewer_id=person().id, at=running.clock.now())
        return render_template("campaigns/index.html", campaigns=found, section="campaigns")


@campaigns.get("/campaigns/<int:campaign_id>")
def board(campaign_id: int) -> ResponseReturnValue:
    """Show phase cards and a page of the matrix."""
    running = running_engine()
    late, kind, sought = request.args.get("late") == "1", request.args.get("kind", ""), request.args.get("q", "")
    page = page_number()
    with running.db.read() as session:
        asked = BoardFilters(late=late, kind=kind, search=sought, limit=UNITS_PAGE, offset=(page - 1) * UNITS_PAGE)
        found: Board = build_board(session, running, campaign_id, person().id, asked)
        return render_template(
            "campaigns/board.html",
            section="campaigns",
            tab="board",
            campaign=found.campaign,
            day=found.day,
            days=found.days if found.phases else 0,
            board=found,
            chosen=asked,
            kinds=[(code, unit_kind(code)) for code in found.kinds],
            filters=kept_arguments("late", "kind", "q"),
            **pages_of(found.total, page, UNITS_PAGE),
            late=sum(phase.late for phase in found.phases),
            steers=may_steer(running, session, found.campaign, person().id, running.clock.now()),
        )


@campaigns.post("/campaigns/<int:campaign_id>/urge")
def urge(campaign_id: int) -> ResponseReturnValue:
    """Urge everybody who is late."""
    urged = urge_late(running_engine(), campaign_id=campaign_id, actor_id=person().id)
    words = _("已催办 %(n)d 项逾期事项。", n=urged.tasks)
    flash(words + (_("另有 %(n)d 项刚催办过。", n=urged.waiting) if urged.waiting else ""))
    return redirect(url_for("campaigns.board", campaign_id=campaign_id))


@campaigns.get("/campaigns/<int:campaign_id>/results")
def results(campaign_id: int) -> ResponseReturnValue:
    """Show scores, grades and awards by rank."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        rows = visible_standings(session, campaign_id=campaign_id, viewer_id=person().id, at=head["now"])
        page = page_number()
        shown = rows[(page - 1) * UNITS_PAGE : page * UNITS_PAGE]
        paging = pages_of(len(rows), page, UNITS_PAGE)
        awards = award_names(session, campaign_id)
        return render_template("campaigns/results.html", tab="results", rows=shown, awards=awards, **paging, **head)


@campaigns.get("/campaigns/<int:campaign_id>/documents")
def documents(campaign_id: int) -> ResponseReturnValue:
    """List the produced files and preview the circular."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        found = all_documents(session, campaign_id=campaign_id, viewer_id=person().id, at=head["now"])
        circular = next((one for one in found if one.kind == "circular" and one.filename.endswith(".docx")), None)
        return render_template(
            "campaigns/documents.html",
            tab="documents",
            documents=found,
            circular=_preview(circular.content) if circular else None,
            **head,
        )


@campaigns.get("/campaigns/<int:campaign_id>/documents/<int:document_id>")
def document(campaign_id: int, document_id: int) -> Response:
    """Download one produced file."""
    running = running_engine()
    with running.db.read() as session:
        found = one_document(session, document_id=document_id, viewer_id=person().id, at=running.clock.now())
        if found.campaign_id != campaign_id:
            raise NotFound(_("没有这个文件。"))
        return attachment(found.content, filename=found.filename, media_type=found.media_type)


def _preview(content: bytes) -> list[dict[str, Any]]:
    """Return the paragraphs and tables of a Word file that we made ourselves."""
    blocks: list[dict[str, Any]] = []
    for part in WordDocument(BytesIO(content)).iter_inner_content():
        if len(blocks) >= MOST_PREVIEW_BLOCKS:
            break
        if isinstance(part, Table):
            blocks.append({"kind": "table", "rows": [[cell.text for cell in row.cells] for row in part.rows]})
        elif part.text.strip():
            styled = (part.style.name if part.style is not None else "") or ""
            first = not blocks
            blocks.append({"kind": "title" if first or styled == "Title" else "text", "text": part.text})
    return blocks


@campaigns.get("/campaigns/<int:campaign_id>/trends")
def trends(campaign_id: int) -> ResponseReturnValue:
    """Draw findings over time, what they are about, scores over periods and the phases' progress."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        found = read_trends(session, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now())
        course = [(day.isoformat(), opened, closed) for day, opened, closed in found.days]
        return render_template("campaigns/trends.html", tab="trends", trends=found, course=course, **head)


@campaigns.get("/campaigns/<int:campaign_id>/documents/<int:document_id>.pdf")
def paper(campaign_id: int, document_id: int) -> Response:
    """Download a paper as PDF, with the digest of the file that it was made with."""
    running = running_engine()
    with running.db.read() as session:
        found = one_document(session, document_id=document_id, viewer_id=person().id, at=running.clock.now())
        if found.campaign_id != campaign_id or not found.writing:
            raise NotFound(_("没有这个文件。"))
        number, digest, title = str(found.id), found.digest, found.title
        writing = Writing.of(found.writing)
    content = as_pdf(writing, font=built_file("fonts/noto-sans-sc.ttf"), number=number, digest=digest)
    return attachment(content, filename=f"{title}.pdf", media_type="application/pdf")


@campaigns.get("/campaigns/<int:campaign_id>/archive.zip")
def archive(campaign_id: int) -> Response:
    """Download the campaign as one evidence bundle."""
    running = running_engine()
    with running.db.read() as session:
        now = running.clock.now()
        bundle = make_bundle(session, campaign_id=campaign_id, viewer_id=person().id, at=now)
        title = view(session, campaign_id=campaign_id, viewer_id=person().id, at=now).campaign.title
    response = send_file(bundle, mimetype="application/zip", as_attachment=True, download_name=f"{title}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response
