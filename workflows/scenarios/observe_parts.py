"""What a scenario can look at in the parts of a campaign: points, ranks, grants, money, counters, registers."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.wording import say
from workflows.awards.models import Grant, MoneyLine, Objection, PublicNotice, RankingRow
from workflows.awards.pools import balance
from workflows.counters.models import CounterEntry, Measure
from workflows.parts.calendar import periods_of
from workflows.parts.sections import chosen
from workflows.parts.subjects import subjects_of
from workflows.registers.frequency import frequencies_of, short, standing, watched_subjects
from workflows.registers.models import Event, RegisterEntry
from workflows.scenarios.schemas import Strict, Texts, text
from workflows.scenarios.subject import Subject, last_campaign, narrowed, number_of, one_of
from workflows.scenarios.world import World, local
from workflows.scoring.models import Appeal, Score


class _Points(Strict):
    scheme = text(required=True)
    subject = text(required=True)
    period = text(load_default=None)
    what = one_of("value", "grade", "veto", "lines")


class _Rank(Strict):
    ranking = text(required=True)
    subject = text(load_default=None)
    period = text(load_default=None)


class _Grants(Strict):
    award = text(load_default=None)
    subject = text(load_default=None)
    period = text(load_default=None)
    state = Texts(load_default=list)
    what = one_of("count", "subjects")


class _Money(Strict):
    code = text(load_default=None)
    subject = text(load_default=None)
    beneficiary = text(load_default=None)
    period = text(load_default=None)
    pool = text(load_default=None)


class _Counter(Strict):
    counter = text(required=True)
    subject = text(load_default=None)
    since = text(load_default=None)
    until = text(load_default=None)


class _Measures(Strict):
    counter = text(load_default=None)
    subject = text(load_default=None)
    measure = text(load_default=None)
    what = one_of("count", "codes", "until")


class _Register(Strict):
    register = text(required=True)
    key = text(load_default=None)
    state = Texts(load_default=list)
    category = text(load_default=None)
    field = text(load_default=None)


class _Frequency(Strict):
    frequency = text(required=True)
    subject = text(load_default=None)
    period = text(load_default=None)
    what = one_of("done", "missed", "misses", "left", "short")


class _Notice(Strict):
    what = one_of("closes", "rows", "objections", "upheld")


class _Appeals(Strict):
    state = Texts(load_default=list)
    subject = text(load_default=None)
    what = one_of("count", "until")
    scheme = text(load_default=None)


def _points(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = narrowed(select(Score), Score, want, "scheme", "subject", "period").order_by(
        Score.computed_at.desc(), Score.id
    )
    row = session.scalars(query).first()
    if row is None:
        return None
    if want["what"] == "lines":
        return "\n".join(line["text"] for line in row.lines)
    if want["what"] == "value":
        return None if row.value is None else float(row.value)
    return row.grade if want["what"] == "grade" else row.veto


def _rank(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = narrowed(select(RankingRow), RankingRow, want, "ranking", "period", "subject")
    rows = session.scalars(query.order_by(RankingRow.made_at, RankingRow.position)).all()
    if want["subject"] is None:
        return [row.subject for row in rows]
    return rows[-1].rank if rows else None


def _grants(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = narrowed(select(Grant), Grant, want, "award", "subject", "period", "state")
    rows = [one for one in session.scalars(query) if want["state"] or one.state != "cancelled"]
    return sorted(one.subject for one in rows) if want["what"] == "subjects" else len(rows)


def _money(world: World, session: Session, want: Mapping[str, Any]) -> float:
    query = select(func.coalesce(func.sum(MoneyLine.amount), 0)).where(MoneyLine.subject != "")
    names = ("code", "subject", "beneficiary", "period", "pool")
    return float(session.scalar(narrowed(query, MoneyLine, want, *names)) or 0)


def _pool(world: World, session: Session, want: Mapping[str, Any]) -> float:
    return float(balance(session, last_campaign(session), want["pool"] or ""))


def _counter(world: World, session: Session, want: Mapping[str, Any]) -> float:
    query = select(func.coalesce(func.sum(CounterEntry.amount), 0)).where(CounterEntry.voided_at.is_(None))
    query = narrowed(query, CounterEntry, want, "counter", "subject")
    if want["since"]:
        query = query.where(CounterEntry.day >= fields.Date().deserialize(want["since"]))
    if want["until"]:
        query = query.where(CounterEntry.day <= fields.Date().deserialize(want["until"]))
    return float(session.scalar(query) or 0)


def _measures(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = narrowed(select(Measure), Measure, want, "counter", "subject").order_by(Measure.taken_at, Measure.id)
    rows = [one for one in session.scalars(query) if want["measure"] in (None, one.code)]
    if want["what"] == "codes":
        return [one.code for one in rows]
    if want["what"] == "until":
        return local(rows[-1].until) if rows else None
    return len(rows)


def _register(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    query = narrowed(select(RegisterEntry), RegisterEntry, want, "register", "key", "state", "category")
    rows = session.scalars(query.order_by(RegisterEntry.number)).all()
    if want["key"] is None:
        return len(rows)
    if want["field"] and rows:
        return rows[0].fields.get(want["field"])
    return rows[0].state if rows else None


def _frequency(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    campaign = last_campaign(session)
    rule = chosen(frequencies_of(campaign), want["frequency"], say("频次要求"))
    if want["what"] == "short":
        missing = short(session, campaign=campaign, frequency=want["frequency"], period=want["period"] or "")
        return sorted(one.subject.code for one in missing)
    if want["what"] in ("done", "missed"):
        query = select(func.coalesce(func.sum(Event.count), 0)).where(Event.done.is_(want["what"] == "done"))
        if want["period"]:
            query = query.where(Event.day.between(*periods_of(campaign).bounds(want["period"])))
        return int(session.scalar(narrowed(query, Event, want, "frequency", "subject")) or 0)
    who = watched_subjects(session, campaign, rule) | subjects_of(session, campaign, [want["subject"]])
    day = world.clock.now().astimezone(world.engine.calendars.of_unit(session, None).timezone).date()
    watch = standing(session, campaign=campaign, rule=rule, subject=who[want["subject"]], day=day)
    return watch.misses if want["what"] == "misses" else watch.left


def _notice(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    row = session.scalars(select(PublicNotice).order_by(PublicNotice.opens.desc(), PublicNotice.id.desc())).first()
    if row is None:
        return None
    if want["what"] in ("objections", "upheld"):
        query = select(Objection.id).where(Objection.notice_id == row.id)
        return number_of(session, query.where(Objection.state == "upheld") if want["what"] == "upheld" else query)
    return local(row.closes) if want["what"] == "closes" else len(row.rows)


def _appeals(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    rows = session.scalars(
        narrowed(select(Appeal), Appeal, want, "state", "subject", "scheme").order_by(Appeal.raised_at, Appeal.id)
    ).all()
    return len(rows) if want["what"] == "count" else local(rows[-1].until) if rows else None


SUBJECTS: Mapping[str, Subject] = {
    "points": Subject(_Points, _points),
    "rank": Subject(_Rank, _rank),
    "grants": Subject(_Grants, _grants),
    "money": Subject(_Money, _money),
    "pool": Subject(_Money, _pool),
    "counter": Subject(_Counter, _counter),
    "measures": Subject(_Measures, _measures),
    "register": Subject(_Register, _register),
    "frequency": Subject(_Frequency, _frequency),
    "notice": Subject(_Notice, _notice),
    "appeals": Subject(_Appeals, _appeals),
}
