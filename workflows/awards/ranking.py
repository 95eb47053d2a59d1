"""Making a ranking of a period from results, with the rank of the period before."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.wording import say
from workflows.awards.models import RankingRow
from workflows.awards.ranks import Candidate, Place, Ties, ranked
from workflows.awards.rules import RankingSchema
from workflows.campaigns.models import Campaign
from workflows.parts.sections import chosen, loaded
from workflows.scoring.models import Score

_BULK = {"synchronize_session": False}


def rankings_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's rankings with its launch parameters filled in."""
    return loaded(RankingSchema, campaign.plan.get("rankings"), campaign.parameters)


def make_ranking(
    session: Session, *, campaign: Campaign, ranking: str, period: str, at: datetime
) -> tuple[list[RankingRow], list[str]]:
    """Rank the results of a period.

    Returns the rows, best first, and the subjects without a rank: no value, or below the ranking's floor.
    """
    rule = chosen(rankings_of(campaign), ranking, say("排名"))
    scores = _scores(session, campaign, rule["scheme"], period)
    further = [
        {one.subject: one.value for one in _scores(session, campaign, scheme, period)} for scheme in rule["tie_break"]
    ]
    candidates = [
        Candidate(
            one.subject,
            one.category,
            one.value if rule["floor"] is None or (one.value or Decimal(0)) >= rule["floor"] else None,
            tuple(values.get(one.subject) or Decimal(0) for values in further),
        )
        for one in scores
    ]
    places = ranked(candidates, per_category=rule["per_category"], ties=Ties(rule["ties"]))
    before = _ranks_before(session, campaign, ranking, period)
    units = {one.subject: one.unit_id for one in scores}
    session.execute(
        delete(RankingRow).where(
            RankingRow.campaign_id == campaign.id, RankingRow.ranking == ranking, RankingRow.period == period
        ),
        execution_options=_BULK,
    )
    rows = [
        RankingRow(
            campaign_id=campaign.id,
            subject=place.candidate.code,
            unit_id=units[place.candidate.code],
            ranking=ranking,
            period=period,
            category=place.candidate.category,
            value=place.candidate.value or Decimal(0),
            rank=place.rank,
            of=place.of,
            tied=place.tied,
            previous=before.get(place.candidate.code),
            position=position,
            made_at=at,
        )
        for position, place in enumerate(places)
    ]
    session.add_all(rows)
    session.flush()
    return rows, [one.code for one in candidates if one.value is None]


def places_of(session: Session, campaign: Campaign, ranking: str, period: str) -> list[Place]:
    """Return a ranking that was made, in its order; tie breaks have done their work in the order."""
    rule = chosen(rankings_of(campaign), ranking, say("排名"))
    rows = session.scalars(
        select(RankingRow)
        .where(RankingRow.campaign_id == campaign.id, RankingRow.ranking == ranking, RankingRow.period == period)
        .order_by(RankingRow.position)
    ).all()
    broken = bool(rule["tie_break"]) or rule["ties"] == Ties.ORDINAL
    return [
        Place(
            # A tie that was broken stays broken: the place in the order is then part of the standing.
            Candidate(one.subject, one.category, one.value, (Decimal(-one.rank),) if broken else ()),
            one.rank,
            one.of,
            one.tied,
        )
        for one in rows
    ]


def _scores(session: Session, campaign: Campaign, scheme: str, period: str) -> list[Score]:
    return list(
        session.scalars(
            select(Score)
            .where(Score.campaign_id == campaign.id, Score.scheme == scheme, Score.period == period)
            .order_by(Score.id)
        )
    )


def _ranks_before(session: Session, campaign: Campaign, ranking: str, period: str) -> dict[str, int]:
    earlier = session.scalar(
        select(RankingRow.period)
        .where(RankingRow.campaign_id == campaign.id, RankingRow.ranking == ranking, RankingRow.period < period)
        .order_by(RankingRow.period.desc())
        .limit(1)
    )
    if earlier is None:
        return {}
    rows = session.execute(
        select(RankingRow.subject, RankingRow.rank).where(
            RankingRow.campaign_id == campaign.id, RankingRow.ranking == ranking, RankingRow.period == earlier
        )
    )
    return {row.subject: row.rank for row in rows}
