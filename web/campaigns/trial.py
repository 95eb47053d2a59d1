"""What another mark would change: for those who see the whole campaign, and without keeping anything."""

from fractions import Fraction

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import NotAllowed
from web.campaigns.head import head_of
from web.campaigns.sheets import campaign_sheets
from web.context import running_engine
from workflows.parts.amounts import exact
from workflows.scoring.trial import entries_of, try_out


@campaign_sheets.get("/campaigns/<int:campaign_id>/parts/scores/trial")
def trial(campaign_id: int) -> ResponseReturnValue:
    """Show a result's marks with a field each, and whose value and rank other amounts would change."""
    scheme, period, subject = (request.args.get(name, "") for name in ("scheme", "period", "subject"))
    running = running_engine()
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        if not head["everything"]:
            raise NotAllowed(_("只有行动的领导小组和办公室可以试算。"))
        campaign = head["campaign"]
        entries = entries_of(session, campaign=campaign, scheme=scheme, subject=subject, period=period)
        amounts: dict[int, Fraction | None] = {}
        for entry in entries:
            given = request.args.get(f"amount_{entry.id}", "").strip()
            if given and exact(given, entry.item) != Fraction(entry.amount or 0):
                amounts[entry.id] = exact(given, entry.item)
            if request.args.get(f"without_{entry.id}") == "1":
                amounts[entry.id] = None
        found = try_out(session, campaign=campaign, scheme=scheme, period=period, amounts=amounts) if amounts else []
        return render_template(
            "campaigns/trial.html",
            tab="parts",
            scheme=scheme,
            period=period,
            subject=subject,
            entries=entries,
            amounts=amounts,
            trials=found,
            **head,
        )
