"""Public notices (公示): everybody who takes part reads and objects, the campaign's office decides the objections."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput, NotAllowed
from web.campaigns.head import head_of
from web.campaigns.sheets import campaign_sheets
from web.context import person, running_engine
from workflows.awards.notices import decide_objection, notice_by_id, notices_of, object_to, objections_of
from workflows.campaigns.steering import may_steer


@campaign_sheets.get("/campaigns/<int:campaign_id>/notices")
def notices(campaign_id: int) -> ResponseReturnValue:
    """Show the public notices with how long they still run, and the form for an objection."""
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        deciding = may_steer(running, session, head["campaign"], person().id, head["now"])
        objections = objections_of(session, campaign_id=campaign_id) if deciding else []
        return render_template(
            "campaigns/notices.html",
            tab="parts",
            notices=notices_of(session, campaign_id=campaign_id),
            objections=objections,
            **head,
        )


@campaign_sheets.post("/campaigns/<int:campaign_id>/notices/<int:notice_id>")
def object_to_notice(campaign_id: int, notice_id: int) -> ResponseReturnValue:
    """Raise an objection; who raised it is seen by those who decide, and by nobody else."""
    running = running_engine()
    with running.db.write() as session:
        head = head_of(session, campaign_id)
        object_to(
            session,
            notice=notice_by_id(session, campaign_id, notice_id),
            text=request.form.get("text", ""),
            at=head["now"],
            person_id=person().id,
            subject=request.form.get("subject", ""),
        )
    flash(_("异议已提交，将由行动办公室核实。"))
    return redirect(url_for("campaign_sheets.notices", campaign_id=campaign_id))


@campaign_sheets.post("/campaigns/<int:campaign_id>/objections/<int:objection_id>")
def decide(campaign_id: int, objection_id: int) -> ResponseReturnValue:
    """Decide an objection; an upheld one takes its subject off the list."""
    running = running_engine()
    answer = request.form.get("answer", "").strip()
    with running.db.write() as session:
        head = head_of(session, campaign_id)
        if not may_steer(running, session, head["campaign"], person().id, head["now"]):
            raise NotAllowed(_("只有行动办公室和领导小组可以处理异议。"))
        if not answer:
            raise InvalidInput(_("请写明核实情况和答复。"))
        decide_objection(
            session,
            campaign=head["campaign"],
            objection_id=objection_id,
            upheld=request.form.get("decision") == "uphold",
            answer=answer,
            at=head["now"],
        )
    flash(_("异议已处理。"))
    return redirect(url_for("campaign_sheets.notices", campaign_id=campaign_id))
