"""Sheets of what goes on: registers, targets, duties, checklists, polls, pledges, meetings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, case, literal, null, select
from sqlalchemy.orm import Session

from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.opinions.models import Attendance, Ballot, Pledge
from workflows.opinions.service import count, polls_of
from workflows.parts.amounts import rounded
from workflows.parts.calendar import current_period
from workflows.parts.subjects import subjects_of
from workflows.registers.frequency import frequencies_of, watches
from workflows.registers.models import RegisterEntry
from workflows.registers.service import registers_of
from workflows.rosters.checklists import checklists_of
from workflows.rosters.models import CheckResult, Duty
from workflows.rosters.service import rosters_of
from workflows.sheets.entries import PERIOD, SUBJECT, entries_of, people_of, row_of, titles
from workflows.sheets.sheet import Column, Row, SheetKind, each_of
from workflows.targets.models import TargetValue
from workflows.targets.service import assessed, targets_of


def _registers(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rules = registers_of(campaign)
    names, private = titles(rules), {rule["code"] for rule in rules if rule["private"]}
    states = {rule["code"]: rule["state_names"] for rule in rules}
    return [
        Row(
            (
                names[row.register],
                row.number,
                row.key,
                row.name,
                row.category,
                states.get(row.register, {}).get(row.state, row.state),
                row.entered_at,
                row.changed_at,
            ),
            None if row.register in private else row.unit_id,
            id=row.id,
        )
        for row in entries_of(session, campaign, RegisterEntry, RegisterEntry.register, RegisterEntry.number)
    ]


def _tally_registers(campaign: Campaign) -> Sequence[Select[Any, Any]]:
    private = [rule["code"] for rule in registers_of(campaign) if rule["private"]]
    unit = case((RegisterEntry.register.in_(private), null()), else_=RegisterEntry.unit_id)
    return each_of(RegisterEntry, unit=unit)(campaign)


REGISTERS = SheetKind(
    "registers",
    (
        Column("register"),
        Column("number", "number"),
        Column("key"),
        Column("name"),
        Column("category", "word"),
        Column("state", "word"),
        Column("entered_at", "instant"),
        Column("changed_at", "instant"),
    ),
    _registers,
    _tally_registers,
    ("registers",),
)


def _frequencies(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rows = []
    for rule in frequencies_of(campaign):
        period = current_period(campaign, at, rule["every"])
        name = rule["name"] or rule["code"]
        for one in watches(session, campaign=campaign, rule=rule, period=period):
            cells = (period, name, one.subject.code, one.least, one.done, one.left, one.misses)
            rows.append(Row(cells, one.subject.unit_id, period))
    return rows


def _tally_frequencies(campaign: Campaign) -> Sequence[Select[Any, Any]]:
    """Return a statement for each rule: the units that take part, or the open entries of its register."""
    return [
        statement
        for rule in frequencies_of(campaign)
        for statement in (
            each_of(CampaignUnit)
            if rule["of"] == "units"
            else each_of(RegisterEntry, RegisterEntry.register == rule["of"], RegisterEntry.closed_at.is_(None))
        )(campaign)
    ]


FREQUENCIES = SheetKind(
    "frequencies",
    (
        PERIOD,
        Column("frequency"),
        SUBJECT,
        Column("least", "number"),
        Column("done", "number"),
        Column("left", "number"),
        Column("misses", "number"),
    ),
    _frequencies,
    _tally_frequencies,
    ("frequencies",),
)


def _targets(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rules = {rule["code"]: rule for rule in targets_of(campaign)}
    rows = []
    for pair in session.execute(_assessed_pairs(campaign).order_by(TargetValue.period, TargetValue.subject)):
        for one in assessed(session, campaign=campaign, subject=pair.subject, period=pair.period):
            rule, figures = rules[one.code], one.figures
            cells = (
                pair.period,
                pair.subject,
                rule["name"] or one.code,
                rule["unit"],
                _figure(figures.baseline),
                _figure(figures.goal),
                _figure(figures.actual),
                _figure(figures.verified),
                _figure(one.rate),
                one.met,
                one.contradiction,
            )
            rows.append(Row(cells, pair.unit_id, pair.period))
    return rows


def _assessed_pairs(campaign: Campaign) -> Select[str, str, int | None]:
    """Select the subjects with figures, in each period."""
    pairs = select(TargetValue.subject, TargetValue.period, TargetValue.unit_id)
    return pairs.where(TargetValue.campaign_id == campaign.id).distinct()


def _tally_targets(campaign: Campaign) -> Sequence[Select[Any, Any]]:
    """Each subject with figures has a row for each of the plan's indicators."""
    return [select(_assessed_pairs(campaign).subquery().c.unit_id, literal(len(targets_of(campaign))))]


def _figure(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value, 2)


TARGETS = SheetKind(
    "targets",
    (
        PERIOD,
        SUBJECT,
        Column("target"),
        Column("unit"),
        Column("baseline", "number"),
        Column("goal", "number"),
        Column("actual", "number"),
        Column("verified", "number"),
        Column("rate", "number"),
        Column("met", "yes"),
        Column("contradiction"),
    ),
    _targets,
    _tally_targets,
    ("targets",),
)


def _duties(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    names = titles(rosters_of(campaign))
    found = entries_of(session, campaign, Duty, Duty.starts, Duty.position)
    people = people_of(session, [row.person_id for row in found])
    return [
        Row(
            (
                names[row.roster],
                row.day,
                row.shift,
                people[row.person_id],
                row.starts,
                row.ends,
                row.done_at,
                row.note,
            ),
            id=row.id,
        )
        for row in found
    ]


DUTIES = SheetKind(
    "duties",
    (
        Column("roster"),
        Column("day", "day"),
        Column("shift"),
        Column("person"),
        Column("starts", "instant"),
        Column("ends", "instant"),
        Column("handed_over", "instant"),
        Column("note"),
    ),
    _duties,
    each_of(Duty, unit=null()),
    ("rosters",),
    open=True,
)


def _checklists(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rules = checklists_of(campaign)
    names = titles(rules)
    items = {(rule["code"], item["code"]): item["name"] for rule in rules for item in rule["items"]}
    return [
        row_of(
            row,
            names[row.checklist],
            row.day,
            row.subject,
            items.get((row.checklist, row.item)) or row.item,
            row.result,
            row.note,
        )
        for row in entries_of(session, campaign, CheckResult, CheckResult.day.desc(), CheckResult.checklist)
    ]


CHECKLISTS = SheetKind(
    "checklists",
    (
        Column("checklist"),
        Column("day", "day"),
        SUBJECT,
        Column("item"),
        Column("result", "word"),
        Column("note"),
    ),
    _checklists,
    each_of(CheckResult),
    ("checklists",),
)


def _polls(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    rows = []
    pairs = session.execute(_answered_polls(campaign)).all()
    about = subjects_of(session, campaign, {pair.subject for pair in pairs if pair.subject})
    names, rules = titles(polls_of(campaign)), {rule["code"]: rule for rule in polls_of(campaign)}
    for pair in pairs:
        found = count(session, campaign=campaign, poll=pair.poll, about=about.get(pair.subject))
        enough = found.people >= rules[pair.poll]["least"] if pair.poll in rules else True
        shares = [
            f"{question} {answer}：{number}（{rounded(found.shares[question][answer], 1)}%）"
            for question, numbers in found.answers.items()
            for answer, number in numbers.items()
        ]
        score = None if found.score is None or not enough else rounded(found.score)
        cells = (names[pair.poll], pair.subject, found.people, score, found.passed)
        rows.append(Row(cells, pair.unit_id, details=tuple(shares) if enough else ()))
    return rows


def _answered_polls(campaign: Campaign) -> Select[str, str, int | None]:
    """Select the polls that somebody answered, with whom they are about."""
    return select(Ballot.poll, Ballot.subject, Ballot.unit_id).where(Ballot.campaign_id == campaign.id).distinct()


def _tally_polls(campaign: Campaign) -> Sequence[Select[Any, Any]]:
    return [select(_answered_polls(campaign).subquery().c.unit_id, literal(1))]


POLLS = SheetKind(
    "polls",
    (Column("poll"), SUBJECT, Column("people", "number"), Column("score", "number"), Column("passed", "yes")),
    _polls,
    _tally_polls,
    ("polls",),
)


def _pledges(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    return [
        row_of(row, row.subject, row.text, row.state, row.note, row.made_at, row.reviewed_at)
        for row in entries_of(session, campaign, Pledge, Pledge.subject)
    ]


PLEDGES = SheetKind(
    "pledges",
    (
        SUBJECT,
        Column("pledge"),
        Column("state", "word"),
        Column("note"),
        Column("made_at", "instant"),
        Column("reviewed_at", "instant"),
    ),
    _pledges,
    each_of(Pledge),
    open=True,
)


def _attendance(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    return [
        row_of(row, row.meeting, row.subject, row.present, row.note, row.recorded_at)
        for row in entries_of(session, campaign, Attendance, Attendance.recorded_at, Attendance.meeting)
    ]


ATTENDANCE = SheetKind(
    "attendance",
    (Column("meeting"), SUBJECT, Column("present", "yes"), Column("note"), Column("recorded_at", "instant")),
    _attendance,
    each_of(Attendance),
)


ROUNDS: tuple[SheetKind, ...] = (REGISTERS, FREQUENCIES, TARGETS, DUTIES, CHECKLISTS, POLLS, PLEDGES, ATTENDANCE)
