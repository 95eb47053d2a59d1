"""Service tasks of papers: ``documents.paper``, ``documents.certificates``, ``documents.sign``, ``documents.seal``."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.ports import ServiceCall
from workflows.documents.marks import SEAL, SIGN, mark
from workflows.documents.papers import ISSUER, PAPER_KINDS, write_certificates, write_paper
from workflows.inputs import called_campaign, called_form, given, identifier, listed, needed
from workflows.submissions import doer_of

Result = Mapping[str, Any]


def paper(call: ServiceCall) -> Result:
    """``documents.paper``: a bulletin, summary, report, score sheet or ledger from the campaign's sheets."""
    campaign, form = called_campaign(call), called_form(call)
    kind = str(given(call, "kind", "report"))
    said: Any = form.data.get(str(given(call, "field", "summary"))) if form else given(call, "text", "")
    made = write_paper(
        call.session,
        campaign=campaign,
        instance=call.instance,
        kind=kind,
        title=str(given(call, "title", f"{campaign.title}{PAPER_KINDS.get(kind, '')}")),
        paragraphs=str(said or "").split("\n"),
        sheets=listed(given(call, "sheets")),
        at=call.at,
        period=str(given(call, "period", "")),
        issuer=str(given(call, "issuer", ISSUER)),
        excel=given(call, "format") == "xlsx",
        template=_template(call, kind),
    )
    return {"document_id": str(made.id), "document_filename": made.filename, "document_digest": made.digest}


def certificates(call: ServiceCall) -> Result:
    """``documents.certificates``: a certificate for each confirmed holder of an award."""
    period = given(call, "period")
    made = write_certificates(
        call.session,
        campaign=called_campaign(call),
        instance=call.instance,
        award=needed(call, "award"),
        at=call.at,
        period=None if period is None else str(period),
        issuer=str(given(call, "issuer", ISSUER)),
        template=_template(call, "certificate"),
    )
    return {"document_ids": [str(one.id) for one in made], "document_count": len(made)}


def sign(call: ServiceCall) -> Result:
    """``documents.sign``: whoever did the task that ``element`` names has signed the document."""
    return _mark(call, SIGN)


def seal(call: ServiceCall) -> Result:
    """``documents.seal``: whoever did the task that ``element`` names has sealed the document."""
    return _mark(call, SEAL)


def _mark(call: ServiceCall, kind: str) -> Result:
    element = given(call, "element")
    document_id = given(call, "document_id", call.instance.variables.get("document_id", ""))
    marks = mark(
        call.session,
        campaign=called_campaign(call),
        document_id=identifier(call, "document_id", document_id),
        kind=kind,
        person_id=doer_of(call.session, instance_id=call.instance.id, element_id=str(element))
        if element is not None
        else call.instance.initiator_id,
        at=call.at,
        note=str(given(call, "note", "")),
    )
    return {
        "document_signatures": sum(one.kind == SIGN for one in marks),
        "document_sealed": any(one.kind == SEAL for one in marks),
    }


def _template(call: ServiceCall, kind: str) -> bytes | None:
    """Return the package's own template of this kind of paper."""
    return call.engine.packages.get(call.session, call.instance.package_version_id).files.get(f"templates/{kind}.docx")


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "documents.paper": paper,
    "documents.certificates": certificates,
    "documents.sign": sign,
    "documents.seal": seal,
}
