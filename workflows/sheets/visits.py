"""Sheets of draws and inspections. An unannounced inspection, and the draw behind it, exist from its start on."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.campaigns.models import Campaign
from workflows.organisation.models import Unit
from workflows.sampling.inspections import visible_draws, visible_inspections
from workflows.sampling.models import Draw, Inspection
from workflows.sheets.results import SUBJECT, rows_of
from workflows.sheets.rounds import people_of
from workflows.sheets.sheet import Column, Row, SheetKind


def _inspections(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    found = rows_of(session, campaign, Inspection, Inspection.starts)
    people = people_of(session, [one for row in found for one in row.team])
    units = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_({row.unit_id for row in found})))
    codes = {row.id: row.code for row in units}
    return [
        Row(
            (
                row.name,
                codes[row.unit_id],
                "、".join(people[one] for one in row.team),
                row.announced,
                row.short,
                row.starts,
                row.ends,
                row.done_at,
                row.result,
            ),
            row.unit_id,
            id=row.id,
        )
        for row in found
    ]


def _seen_inspections(session: Session, **who: Any) -> Collection[int]:
    return {one.id for one in visible_inspections(session, **who)}


def _draws(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rows = []
    for draw in rows_of(session, campaign, Draw, Draw.drawn_at):
        for one in draw.strata:
            cells = (
                draw.name,
                one["stratum"],
                len(one["candidates"]),
                len(one["excluded"]),
                one["wanted"],
                "、".join(one["drawn"]),
                draw.seed,
                draw.drawn_at,
            )
            rows.append(
                Row(cells, details=tuple(f"{code}：{why}" for code, why in one["excluded"].items()), id=draw.id)
            )
    return rows


def _seen_draws(session: Session, **who: Any) -> Collection[int]:
    return {one.id for one in visible_draws(session, **who)}


VISITS: tuple[SheetKind, ...] = (
    SheetKind(
        "inspections",
        (
            Column("round"),
            SUBJECT,
            Column("team"),
            Column("announced", "yes"),
            Column("short", "yes"),
            Column("starts", "instant"),
            Column("ends", "instant"),
            Column("done_at", "instant"),
            Column("result"),
        ),
        _inspections,
        rights=_seen_inspections,
    ),
    SheetKind(
        "draws",
        (
            Column("round"),
            Column("stratum"),
            Column("candidates", "number"),
            Column("excluded", "number"),
            Column("wanted", "number"),
            Column("drawn"),
            Column("seed"),
            Column("drawn_at", "instant"),
        ),
        _draws,
        rights=_seen_draws,
    ),
)
