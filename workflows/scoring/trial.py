"""What another mark would change: a subject's value and everybody's rank, now and then; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.awards.ranks import Candidate, ranked
from workflows.campaigns.models import Campaign
from workflows.parts.calendar import periods_of
from workflows.parts.subjects import names_of, subjects_of
from workflows.scoring.models import Score, ScoreEntry
from workflows.scoring.service import needed_schemes, what_if


@dataclass(frozen=True, slots=True)
class Trial:
    """A subject whose value or rank would change."""

    name: str
    value: Decimal | None
    rank: int | None
    other_value: Decimal | None
    other_rank: int | None


def entries_of(session: Session, *, campaign: Campaign, scheme: str, subject: str, period: str) -> list[ScoreEntry]:
    """Return the marks that a result is made of."""
    periods = periods_of(campaign)
    query = select(ScoreEntry).where(
        ScoreEntry.campaign_id == campaign.id,
        ScoreEntry.subject == subject,
        ScoreEntry.scheme.in_(needed_schemes(campaign, scheme)),
        ScoreEntry.voided_at.is_(None),
    )
    rows = session.scalars(query.order_by(ScoreEntry.period, ScoreEntry.scheme, ScoreEntry.id))
    return [row for row in rows if row.period == period or periods.within(row.period, period)]


def try_out(
    session: Session, *, campaign: Campaign, scheme: str, period: str, amounts: Mapping[int, Fraction | None]
) -> list[Trial]:
    """Return whose value or rank would change with other amounts, among the subjects that have a result now."""
    codes = session.scalars(
        select(Score.subject).where(Score.campaign_id == campaign.id, Score.scheme == scheme, Score.period == period)
    ).all()
    subjects, names = subjects_of(session, campaign, codes), names_of(session, campaign, codes)
    asked = what_if(session, campaign=campaign, scheme=scheme, subjects=subjects, period=period, amounts=amounts)
    now = _ranks({code: pair[0] for code, pair in asked.items()})
    then = _ranks({code: pair[1] for code, pair in asked.items()})
    trials = [Trial(names[code], pair[0], now.get(code), pair[1], then.get(code)) for code, pair in asked.items()]
    return [one for one in trials if (one.value, one.rank) != (one.other_value, one.other_rank)]


def _ranks(values: Mapping[str, Decimal | None]) -> dict[str, int]:
    places = ranked([Candidate(code, "", value) for code, value in values.items()], per_category=False)
    return {place.candidate.code: place.rank for place in places}
