"""Sheets of results: scores with their lines, ranks, awards, money, appeals, notices, counters, measures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import null
from sqlalchemy.orm import Session

from engine.wording import listed
from workflows.awards.models import Grant, MoneyLine, Objection, PublicNotice, RankingRow
from workflows.awards.ranking import rankings_of
from workflows.awards.service import awards_of
from workflows.campaigns.models import Campaign
from workflows.counters.models import CounterEntry, Measure
from workflows.counters.service import counters_of
from workflows.parts.amounts import plain
from workflows.scoring.models import Appeal, Score
from workflows.scoring.service import schemes_of
from workflows.sheets.entries import PERIOD, REASON, SUBJECT, entries_of, row_of, titles
from workflows.sheets.sheet import Column, Row, SheetKind, each_of


def _scores(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(schemes_of(campaign))
    return [
        row_of(
            row,
            row.period,
            names[row.scheme],
            row.subject,
            row.value,
            row.full,
            row.grade,
            row.veto,
            details=[_line(one) for one in row.lines],
            trial=(("scheme", row.scheme), ("period", row.period), ("subject", row.subject)),
        )
        for row in entries_of(session, campaign, Score, Score.period.desc(), Score.scheme, Score.value.desc())
    ]


def _line(line: Mapping[str, Any]) -> str:
    return str(line["text"]) if line["points"] is None else listed((line["text"], line["points"]), "：")


SCORES = SheetKind(
    "scores",
    (
        PERIOD,
        Column("scheme"),
        SUBJECT,
        Column("score", "number"),
        Column("full", "number"),
        Column("grade", "word"),
        Column("veto"),
    ),
    _scores,
    each_of(Score),
    ("scoring",),
)


_BY_PLACE = (RankingRow.period.desc(), RankingRow.ranking, RankingRow.position)


def _ranks(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(rankings_of(campaign))
    return [
        row_of(
            row,
            row.period,
            names[row.ranking],
            row.category,
            row.rank,
            row.subject,
            row.value,
            None if row.previous is None else row.previous - row.rank,
            row.tied,
        )
        for row in entries_of(session, campaign, RankingRow, *_BY_PLACE)
    ]


RANKS = SheetKind(
    "ranks",
    (
        PERIOD,
        Column("ranking"),
        Column("category", "word"),
        Column("rank", "number"),
        SUBJECT,
        Column("score", "number"),
        Column("change", "change"),
        Column("tied", "yes"),
    ),
    _ranks,
    each_of(RankingRow),
    ("rankings",),
)


def _awards(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    return [
        row_of(row, row.period, row.name, row.kind, row.subject, row.rank, row.state, row.reason)
        for row in entries_of(session, campaign, Grant, Grant.period.desc(), Grant.award, Grant.rank)
    ]


AWARDS = SheetKind(
    "awards",
    (
        PERIOD,
        Column("award"),
        Column("kind", "word"),
        SUBJECT,
        Column("rank", "number"),
        Column("state", "word"),
        REASON,
    ),
    _awards,
    each_of(Grant),
    ("awards",),
)


def _money(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(awards_of(campaign))
    return [
        row_of(
            row,
            row.period,
            names[row.code],
            row.subject,
            row.beneficiary,
            row.amount,
            row.pool,
            row.reason,
            row.made_at,
        )
        for row in entries_of(session, campaign, MoneyLine, MoneyLine.made_at)
    ]


MONEY = SheetKind(
    "money",
    (
        PERIOD,
        Column("item"),
        SUBJECT,
        Column("beneficiary"),
        Column("amount", "money"),
        Column("pool"),
        REASON,
        Column("made_at", "instant"),
    ),
    _money,
    each_of(MoneyLine),
)


def _appeals(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(schemes_of(campaign))
    return [
        row_of(
            row, row.period, names[row.scheme], row.subject, row.reason, row.state, row.answer, row.raised_at, row.until
        )
        for row in entries_of(session, campaign, Appeal, Appeal.raised_at)
    ]


APPEALS = SheetKind(
    "appeals",
    (
        PERIOD,
        Column("scheme"),
        SUBJECT,
        REASON,
        Column("state", "word"),
        Column("answer"),
        Column("raised_at", "instant"),
        Column("until", "instant"),
    ),
    _appeals,
    each_of(Appeal),
)


def _notices(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    objections = entries_of(session, campaign, Objection)
    return [
        Row(
            (
                row.title,
                row.opens,
                row.closes,
                len(row.rows),
                sum(one.notice_id == row.id for one in objections),
                row.closed_at is None and at <= row.closes,
            ),
            period=row.period,
            details=tuple(str(one.get("text", "")) for one in row.rows),
            id=row.id,
        )
        for row in entries_of(session, campaign, PublicNotice, PublicNotice.opens.desc())
    ]


NOTICES = SheetKind(
    "notices",
    (
        Column("title"),
        Column("opens", "instant"),
        Column("closes", "instant"),
        Column("entries", "number"),
        Column("objections", "number"),
        Column("running", "yes"),
    ),
    _notices,
    each_of(PublicNotice, unit=null()),
    open=True,
)


def _counters(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(counters_of(campaign))
    return [
        row_of(row, names[row.counter], row.subject, row.day, row.amount, row.reason, row.found_by)
        for row in entries_of(session, campaign, CounterEntry, CounterEntry.day)
        if row.voided_at is None
    ]


COUNTERS = SheetKind(
    "counters",
    (
        Column("counter"),
        SUBJECT,
        Column("day", "day"),
        Column("amount", "number"),
        REASON,
        Column("found_by"),
    ),
    _counters,
    each_of(CounterEntry, CounterEntry.voided_at.is_(None)),
    ("counters",),
)


def _measures(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(counters_of(campaign))
    return [
        row_of(
            row,
            row.period,
            names[row.counter],
            row.subject,
            row.name or row.code,
            plain(row.total),
            row.taken_at,
            row.until,
        )
        for row in entries_of(session, campaign, Measure, Measure.taken_at)
    ]


MEASURES = SheetKind(
    "measures",
    (
        PERIOD,
        Column("counter"),
        SUBJECT,
        Column("measure"),
        Column("total", "number"),
        Column("taken_at", "instant"),
        Column("until", "instant"),
    ),
    _measures,
    each_of(Measure),
    ("counters",),
)


RESULTS: tuple[SheetKind, ...] = (SCORES, RANKS, AWARDS, MONEY, NOTICES, APPEALS, COUNTERS, MEASURES)
