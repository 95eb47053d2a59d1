"""Sheets of draws and inspections. An unannounced inspection, and the draw behind it, exist from its start on."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.wording import listed
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Unit
from workflows.organisation.names import name_of
from workflows.sampling.inspections import draws_seen, inspections_seen
from workflows.sampling.models import Draw, Inspection
from workflows.sheets.entries import SUBJECT, entries_of, people_of
from workflows.sheets.sheet import Column, Row, SheetKind


def _inspections(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    found = entries_of(session, campaign, Inspection, Inspection.starts)
    people = people_of(session, [one for row in found for one in row.team])
    units = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_({row.unit_id for row in found})))
    codes = {row.id: row.code for row in units}
    return [
        Row(
            (
                row.name,
                codes[row.unit_id],
                listed(people[one] for one in row.team),
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


def _seen_inspections(session: Session, **who: Any) -> Mapping[int, int]:
    return dict.fromkeys(inspections_seen(session, **who), 1)


INSPECTIONS = SheetKind(
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
    None,
    rights=_seen_inspections,
)


def _draws(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rows, draws = [], entries_of(session, campaign, Draw, Draw.drawn_at)
    units = session.execute(select(Unit.code, name_of(Unit)).where(Unit.code.in_(_codes(draws))))
    names = {row.code: row.name for row in units}
    for draw in draws:
        for one in draw.strata:
            cells = (
                draw.name,
                one["stratum"],
                len(one["candidates"]),
                len(one["excluded"]),
                one["wanted"],
                listed(names.get(code, code) for code in one["drawn"]),
                draw.seed,
                draw.drawn_at,
            )
            left_out = (listed((names.get(code, code), why), "：") for code, why in one["excluded"].items())
            rows.append(Row(cells, details=tuple(left_out), id=draw.id))
    return rows


def _codes(draws: Iterable[Draw]) -> set[str]:
    """Return the codes of the units that draws chose or left out."""
    return {code for draw in draws for one in draw.strata for code in (*one["drawn"], *one["excluded"])}


def _seen_draws(session: Session, **who: Any) -> Mapping[int, int]:
    return {one.id: len(one.strata) for one in draws_seen(session, **who)}


DRAWS = SheetKind(
    "draws",
    (
        Column("round"),
        Column("stratum", "word"),
        Column("candidates", "number"),
        Column("excluded", "number"),
        Column("wanted", "number"),
        Column("drawn"),
        Column("seed"),
        Column("drawn_at", "instant"),
    ),
    _draws,
    None,
    rights=_seen_draws,
)


VISITS: tuple[SheetKind, ...] = (INSPECTIONS, DRAWS)
