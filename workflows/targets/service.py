"""Reporting and verifying indicators, and assessing them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.parts.amounts import rounded
from workflows.parts.sections import loaded
from workflows.parts.subjects import Subject
from workflows.targets.assess import Assessed, Figures, assess, quantity
from workflows.targets.models import TargetValue
from workflows.targets.section import TargetSchema


def targets_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's indicators with its launch parameters filled in."""
    return loaded(TargetSchema, campaign.plan.get("targets"), campaign.parameters)


def put(
    session: Session,
    *,
    campaign: Campaign,
    subject: Subject,
    values: Mapping[str, Mapping[str, Any]],
    at: datetime,
    person_id: int | None,
    period: str = "",
    verified: bool = False,
) -> list[TargetValue]:
    """Keep figures of a subject: ``actual`` as it reports them, or with ``verified`` as others found them.

    ``values`` holds by indicator ``value``, and where they differ from the plan ``baseline`` and ``goal``; ``note`` and
    ``evidence`` too. A blank value stays blank. Raises InvalidInput for an indicator that the plan does not have.
    """
    known = {target["code"]: target for target in targets_of(campaign)}
    unknown = [code for code in values if code not in known]
    if unknown:
        raise InvalidInput(say("方案里没有指标“{unknown}”", unknown=unknown[0]), {unknown[0]: say("方案里没有")})
    rows = {row.target: row for row in _rows(session, campaign, subject.code, period)}
    for code, given in values.items():
        row = rows.get(code)
        if row is None:
            row = rows[code] = TargetValue(
                campaign_id=campaign.id,
                subject=subject.code,
                unit_id=subject.unit_id,
                target=code,
                period=period,
                baseline=_column(known[code]["baseline"]),
                goal=_column(known[code]["target"]),
                evidence=[],
            )
            session.add(row)
        _fill(row, given, known[code]["unit"], verified=verified, at=at, person_id=person_id)
    session.flush()
    return list(rows.values())


def _fill(
    row: TargetValue, given: Mapping[str, Any], unit: str, *, verified: bool, at: datetime, person_id: int | None
) -> None:
    value = given.get("value")
    number = None if value is None or value == "" else rounded(quantity(value, unit), 4)
    if verified:
        row.verified, row.verified_at, row.verified_by = number, at, person_id
    else:
        row.actual, row.reported_at, row.reported_by = number, at, person_id
    for name in ("baseline", "goal"):
        if given.get(name) not in (None, ""):
            setattr(row, name, rounded(quantity(given[name]), 4))
    row.note = str(given.get("note") or row.note or "")[:4000]
    evidence = given.get("evidence")
    row.evidence = [str(one) for one in evidence] if isinstance(evidence, list) else row.evidence


def assessed(session: Session, *, campaign: Campaign, subject: str, period: str = "") -> list[Assessed]:
    """Assess a subject's indicators; one that nobody reported has no figures."""
    figures = {
        row.target: Figures(*(_figure(value) for value in (row.baseline, row.goal, row.actual, row.verified)))
        for row in _rows(session, campaign, subject, period)
    }
    targets = targets_of(campaign)
    for target in targets:
        figures.setdefault(target["code"], Figures(target["baseline"], target["target"]))
    return assess(targets, figures)


def _rows(session: Session, campaign: Campaign, subject: str, period: str) -> list[TargetValue]:
    return list(
        session.scalars(
            select(TargetValue).where(
                TargetValue.campaign_id == campaign.id, TargetValue.subject == subject, TargetValue.period == period
            )
        )
    )


def _column(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value, 4)


def _figure(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)
