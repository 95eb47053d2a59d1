"""The marks behind a score, what other marks would change, and public notices with objections."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed
from web.api.campaigns import READ, seen_campaign
from web.api.room import Room
from web.api.values import Exact, Flag, Identifier, Instant, Items, Schema, Text, about
from web.context import person, running_engine
from workflows.access.service import Scope
from workflows.awards.notices import notice_by_id, object_to
from workflows.campaigns.models import Campaign
from workflows.parts.amounts import exact
from workflows.scoring.models import ScoreEntry
from workflows.scoring.trial import entries_of, try_out

scoring = Room("campaign-scoring", "Marks, what-if, and objections to public notices")

MOST_CHANGES = 200


class ResultQuerySchema(Schema):
    """Which result."""

    scheme = Text(most=80, least=1, required=True)
    subject = Text(most=80, least=1, required=True, metadata=about("A unit's code, a login, a register's key"))
    period = Text(most=20, load_default="")


class EntrySchema(Schema):
    """A mark that a result is made of."""

    id = Identifier(required=True)
    scheme = fields.String(required=True)
    period = fields.String()
    round = fields.Integer()
    item = fields.String(required=True)
    subject = fields.String(required=True)
    amount = Exact(allow_none=True, metadata=about("Null for a veto"))
    reason = fields.String()
    evidence = fields.List(fields.String(), metadata=about("Identifiers of attachments"))
    entered_at = Instant(required=True)


class OtherMarkSchema(Schema):
    """Another amount for a mark, or none of it."""

    entry_id = Identifier(required=True)
    amount = Text(most=40, load_default="", metadata=about("A number as `55`, `0.5` or `1/4`"))
    without = Flag(load_default=False, metadata=about("As if the mark had not been given"))


class TrialBodySchema(Schema):
    """Which marks would be others."""

    scheme = Text(most=80, least=1, required=True)
    period = Text(most=20, load_default="")
    changes = Items(fields.Nested(OtherMarkSchema), least=1, most=MOST_CHANGES, required=True)


class TrialRowSchema(Schema):
    """Whose value or rank would change."""

    name = fields.String(required=True)
    value = Exact(allow_none=True)
    rank = fields.Integer(allow_none=True)
    other_value = Exact(allow_none=True)
    other_rank = fields.Integer(allow_none=True)


class ObjectionBodySchema(Schema):
    """An objection to a public notice."""

    text = Text(most=4000, least=1, required=True)
    subject = Text(most=80, load_default="", metadata=about("Whom it is about, by the code on the notice"))


class ObjectionSchema(Schema):
    """An objection that was raised."""

    id = Identifier(required=True)
    notice_id = Identifier(required=True)
    state = fields.String(required=True)
    raised_at = Instant(required=True)


@scoring.operation("GET", "/campaign/<id:campaign_id>/scores/entry", scope=READ, query=ResultQuerySchema,
                   gives=EntrySchema(many=True), operationId="getCampaignScoreEntries")  # fmt: skip
def get_entries(query: Mapping[str, Any], campaign_id: int) -> list[ScoreEntry]:
    """Get the marks that a result is made of; for who sees the whole campaign."""
    with running_engine().db.read() as session:
        return entries_of(session, campaign=_whole(session, campaign_id), **query)


@scoring.operation("POST", "/campaign/<id:campaign_id>/scores/trial", scope=READ, body=TrialBodySchema,
                   gives=TrialRowSchema(many=True), operationId="tryCampaignScores")  # fmt: skip
def try_scores(body: Mapping[str, Any], campaign_id: int) -> list[Any]:
    """Try other marks out: whose value and rank would change. Nothing is kept; for who sees the whole campaign."""
    amounts: dict[int, Fraction | None] = {
        one["entry_id"]: None if one["without"] else _amount(one["amount"]) for one in body["changes"]
    }
    with running_engine().db.read() as session:
        campaign = _whole(session, campaign_id)
        return try_out(session, campaign=campaign, scheme=body["scheme"], period=body["period"], amounts=amounts)


@scoring.operation("POST", "/campaign/<id:campaign_id>/notices/<id:notice_id>/objection",
                   scope=Scope.CAMPAIGNS_WRITE, body=ObjectionBodySchema, gives=ObjectionSchema,
                   operationId="objectToNotice")  # fmt: skip
def object_to_notice(body: Mapping[str, Any], campaign_id: int, notice_id: int) -> Any:
    """Raise an objection while the notice runs; who raised it is seen by those who decide, and by nobody else."""
    running = running_engine()
    with running.db.write() as session:
        seen_campaign(session, campaign_id)
        notice = notice_by_id(session, campaign_id, notice_id)
        return object_to(
            session, notice=notice, at=running.clock.now(), person_id=person().id, text=body["text"],
            subject=body["subject"],
        )  # fmt: skip


def _whole(session: Session, campaign_id: int) -> Campaign:
    seen = seen_campaign(session, campaign_id)
    if not seen.everything:
        raise NotAllowed(
            "只有行动的领导小组和办公室可以试算。 / Only the leading group and the office may try scores out."
        )
    return seen.campaign


def _amount(text: str) -> Fraction:
    if not text:
        raise InvalidInput("请写明分值 / An amount is needed", {"changes": "请写明分值 / An amount is needed"})
    return exact(text, "changes")
