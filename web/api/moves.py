"""The schedule of a campaign (甘特图) and the moving of its phases: proposed by a request, decided by the heads."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from engine.errors import NotFound
from web.api.campaigns import READ, PhaseSchema, seen_campaign
from web.api.room import Room
from web.api.values import Day, Identifier, Instant, Schema, Text, about
from web.context import person, running_engine
from workflows.access.service import Scope
from workflows.campaigns.board import BoardFilters, board
from workflows.campaigns.launch import span_of
from workflows.campaigns.models import PhaseMove
from workflows.campaigns.moving import (
    LONGEST_REASON,
    decide_move,
    may_decide,
    may_propose,
    moves_of,
    propose_move,
)

schedule = Room("campaign-schedule", "The phases of a campaign on their days, and requests to move them")

WRITE = Scope.CAMPAIGNS_WRITE


class MoveSchema(Schema):
    """A proposal to move a phase; ``starts`` and ``ends`` are the new days, null where an edge stays."""

    id = Identifier(required=True)
    phase = fields.String(attribute="phase_code", required=True)
    starts = Day(allow_none=True)
    ends = Day(allow_none=True)
    old_starts = Day(allow_none=True)
    old_ends = Day(allow_none=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, metadata=about("proposed, agreed, rejected"))
    proposed_by = Identifier(required=True)
    proposed_by_name = fields.String()
    proposed_at = Instant(required=True)
    decided_by = Identifier(allow_none=True)
    decided_by_name = fields.String(allow_none=True)
    decided_at = Instant(allow_none=True)
    opinion = fields.String()


class ScheduleSchema(Schema):
    """The phases on their days, and what is proposed to be moved."""

    today = Day(required=True)
    first = Day(required=True, metadata=about("The first day of any phase"))
    last = Day(required=True, metadata=about("The last day of any phase"))
    phases = fields.List(fields.Nested(PhaseSchema), required=True)
    moves = fields.List(fields.Nested(MoveSchema), required=True)
    may_propose = fields.Boolean(required=True)
    may_decide = fields.Boolean(required=True)


class ProposalSchema(Schema):
    """New days for a phase, and why."""

    phase = Text(most=40, least=1, required=True)
    starts = Day(load_default=None, allow_none=True)
    ends = Day(load_default=None, allow_none=True)
    reason = Text(most=LONGEST_REASON, least=1, required=True)


class MoveOpinionSchema(Schema):
    """An opinion; a rejection needs one."""

    opinion = Text(most=LONGEST_REASON, load_default="")


@schedule.operation("GET", "/campaign/<id:campaign_id>/schedule", scope=READ, gives=ScheduleSchema,
                    operationId="getCampaignSchedule")  # fmt: skip
def get_schedule(campaign_id: int) -> Mapping[str, Any]:
    """Get the phases on their days with the proposals to move them, the newest first; the matrix has the units."""
    running = running_engine()
    with running.db.read() as session:
        found = board(session, running, campaign_id, person().id, BoardFilters(limit=0))
        now = running.clock.now()
        first, last = span_of(found.phases, found.today)
        return {
            "today": found.today,
            "first": first,
            "last": last,
            "phases": found.phases,
            "moves": [_row(session, one) for one in moves_of(session, campaign_id)],
            "may_propose": may_propose(running, session, found.campaign, person().id, now),
            "may_decide": may_decide(running, session, found.campaign, person().id, now),
        }


@schedule.operation("POST", "/campaign/<id:campaign_id>/move", scope=WRITE, body=ProposalSchema, gives=MoveSchema,
                    operationId="proposeMove")  # fmt: skip
def propose(body: Mapping[str, Any], campaign_id: int) -> Mapping[str, Any]:
    """Ask for new days of a phase; the heads of the leading group decide."""
    running = running_engine()
    move = propose_move(running, campaign_id=campaign_id, actor_id=person().id, **body)
    with running.db.read() as session:
        return _row(session, move)


@schedule.operation("POST", "/campaign/<id:campaign_id>/move/<id:move_id>/<any(agree, reject):decision>",
                    scope=WRITE, body=MoveOpinionSchema, gives=MoveSchema, operationId="decideMove")  # fmt: skip
def decide(body: Mapping[str, Any], campaign_id: int, move_id: int, decision: str) -> Mapping[str, Any]:
    """Agree to new days, so that timers and deadlines follow, or reject them with a reason."""
    running = running_engine()
    with running.db.read() as session:
        seen_campaign(session, campaign_id)
        if move_id not in {one.id for one in moves_of(session, campaign_id)}:
            raise NotFound("没有这项调整 / There is no such proposal")
    agree = decision == "agree"
    move = decide_move(running, move_id=move_id, agree=agree, opinion=body["opinion"], actor_id=person().id)
    with running.db.read() as session:
        return _row(session, move)


def _row(session: Session, move: PhaseMove) -> Mapping[str, Any]:
    columns = (
        "id", "phase_code", "starts", "ends", "old_starts", "old_ends", "reason", "state", "proposed_by",
        "proposed_at", "decided_by", "decided_at", "opinion",
    )  # fmt: skip
    who = [one for one in (move.proposed_by, move.decided_by) if one]
    names = running_engine().people.names(session, who)
    return {name: getattr(move, name) for name in columns} | {
        "proposed_by_name": names.get(move.proposed_by, ""),
        "decided_by_name": names.get(move.decided_by) if move.decided_by else None,
    }
