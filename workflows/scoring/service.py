"""Entering marks, computing schemes for many subjects at once, and asking what another mark would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.parts.amounts import rounded
from workflows.parts.calendar import periods_of
from workflows.parts.sections import chosen
from workflows.parts.subjects import Subject
from workflows.scoring.compute import Mark, Result, of_parts, of_periods, of_sheet
from workflows.scoring.models import Score, ScoreEntry
from workflows.scoring.schemes import read_schemes, weight_sets

_BULK = {"synchronize_session": False}
MOST_MARKS = 500
"""Marks of one submission."""


def schemes_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the campaign's schemes with its launch parameters filled in."""
    return read_schemes(campaign.plan.get("scoring"), campaign.parameters)


@dataclass(frozen=True, slots=True)
class Given:
    """A mark to enter; ``amount`` none for a veto."""

    item: str
    amount: Fraction | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where marks come from: the instance and task, and who gave them."""

    instance_id: int
    element_id: str
    person_id: int | None
    at: datetime


def enter(
    session: Session,
    *,
    campaign: Campaign,
    scheme: str,
    subject: Subject,
    marks: Sequence[Given],
    origin: Origin,
    period: str = "",
    round_: int = 1,
    replace: bool = True,
) -> list[ScoreEntry]:
    """Enter marks on a sheet.

    With ``replace`` the same task of the same instance handed in again replaces what it gave before.
    Raises InvalidInput for an item that the sheet does not have, or too many marks.
    """
    sheet = chosen(schemes_of(campaign), scheme, say("评分"))
    _check_marks(sheet, scheme, marks)
    if replace:
        session.execute(
            delete(ScoreEntry).where(
                ScoreEntry.campaign_id == campaign.id,
                ScoreEntry.scheme == scheme,
                ScoreEntry.subject == subject.code,
                ScoreEntry.period == period,
                ScoreEntry.round == round_,
                ScoreEntry.instance_id == origin.instance_id,
                ScoreEntry.element_id == origin.element_id,
            ),
            execution_options=_BULK,
        )
    entries = [
        ScoreEntry(
            campaign_id=campaign.id,
            subject=subject.code,
            unit_id=subject.unit_id,
            scheme=scheme,
            period=period,
            round=round_,
            item=mark.item,
            amount=None if mark.amount is None else rounded(mark.amount, 4),
            reason=mark.reason[:4000],
            evidence=list(mark.evidence),
            instance_id=origin.instance_id,
            element_id=origin.element_id,
            entered_by=origin.person_id,
            entered_at=origin.at,
        )
        for mark in marks
    ]
    session.add_all(entries)
    session.flush()
    return entries


def _check_marks(sheet: Mapping[str, Any], scheme: str, marks: Sequence[Given]) -> None:
    if not sheet["items"]:
        raise InvalidInput(say("“{scheme}”由其他评分合成，不能直接打分", scheme=scheme), {"scheme": say("不是评分表")})
    known = {one["code"] for one in [*sheet["items"], *sheet["vetoes"]]}
    for mark in marks:
        if mark.item not in known:
            raise InvalidInput(
                say("评分“{scheme}”没有“{item}”这一项", scheme=scheme, item=mark.item), {"item": say("方案里没有")}
            )
    if len(marks) > MOST_MARKS:
        raise InvalidInput(say("一次最多 {most} 条评分记录", most=MOST_MARKS))


Weights = Mapping[str, Fraction]


def compute(
    session: Session,
    *,
    campaign: Campaign,
    scheme: str,
    subjects: Mapping[str, Subject],
    at: datetime,
    period: str = "",
    weights: Weights | None = None,
) -> dict[str, Result]:
    """Compute a scheme for subjects and keep the results; three statements whatever their number.

    Schemes that it is made of are computed anew from their entries. A scheme with ``result: true`` also becomes the
    units' score on the board.
    """
    results = results_of(session, campaign=campaign, scheme=scheme, subjects=subjects, period=period, weights=weights)
    session.execute(
        delete(Score).where(
            Score.campaign_id == campaign.id,
            Score.scheme == scheme,
            Score.period == period,
            Score.subject.in_(list(results)),
        ),
        execution_options=_BULK,
    )
    session.add_all(
        Score(
            campaign_id=campaign.id,
            subject=code,
            unit_id=subjects[code].unit_id,
            scheme=scheme,
            period=period,
            category=subjects[code].category,
            value=result.value,
            full=rounded(result.full, 4),
            grade=result.grade,
            veto=result.veto,
            lines=[line.as_json() for line in result.lines],
            computed_at=at,
        )
        for code, result in results.items()
    )
    if chosen(schemes_of(campaign), scheme, say("评分"))["result"]:
        _show_on_board(session, campaign, subjects, results)
    session.flush()
    return results


def results_of(
    session: Session,
    *,
    campaign: Campaign,
    scheme: str,
    subjects: Mapping[str, Subject],
    period: str = "",
    weights: Weights | None = None,
    instead: Mapping[int, Fraction | None] | None = None,
) -> dict[str, Result]:
    """Compute a scheme without keeping anything.

    Parameters
    ----------
    weights
        Weights in percent for the scheme itself, instead of the plan's (a unit whose weights are set each month).
    instead
        What-if: other amounts by entry id; none leaves the entry out.

    """
    schemes = {one["code"]: one for one in schemes_of(campaign)}
    chosen(list(schemes.values()), scheme, say("评分"))
    marks = _marks(session, campaign, _needed(schemes, scheme), subjects, instead or {})
    return {
        code: _Computing(schemes, periods_of(campaign), marks.get(code, {})).result(scheme, one, period, weights)
        for code, one in subjects.items()
    }


def needed_schemes(campaign: Campaign, scheme: str) -> set[str]:
    """Return a scheme of the campaign and all that it is made of; raises InvalidInput for one that it does not have."""
    schemes = {one["code"]: one for one in schemes_of(campaign)}
    chosen(list(schemes.values()), scheme, say("评分"))
    return _needed(schemes, scheme)


def what_if(
    session: Session,
    *,
    campaign: Campaign,
    scheme: str,
    subjects: Mapping[str, Subject],
    period: str = "",
    amounts: Mapping[int, Fraction | None] | None = None,
    weights: Weights | None = None,
) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return for every subject the value now and with other amounts or weights; nothing is kept."""
    shared: dict[str, Any] = {"campaign": campaign, "scheme": scheme, "subjects": subjects, "period": period}
    now = results_of(session, **shared)
    then = results_of(session, **shared, weights=weights, instead=amounts)
    return {code: (now[code].value, then[code].value) for code in subjects}


def entry_by_id(session: Session, campaign: Campaign, entry_id: int) -> ScoreEntry:
    """Return an entry of this campaign; raises NotFound for others."""
    entry = session.get(ScoreEntry, entry_id)
    if entry is None or entry.campaign_id != campaign.id:
        raise NotFound(say("没有这条评分记录"))
    return entry


Marks = Mapping[tuple[str, str], Sequence[Mark]]
"""Marks of one subject by scheme and period."""


class _Computing:
    """Computes schemes for one subject, each (scheme, period) once."""

    def __init__(self, schemes: Mapping[str, Mapping[str, Any]], periods: Any, marks: Marks) -> None:
        self._schemes, self._periods, self._marks = schemes, periods, marks
        self._known: dict[tuple[str, str], Result] = {}

    def result(self, code: str, subject: Subject, period: str, weights: Weights | None = None) -> Result:
        if weights is None and (known := self._known.get((code, period))) is not None:
            return known
        scheme = self._schemes[code]
        if scheme["items"]:
            found = of_sheet(scheme, self._of_period(code, period))
        elif scheme["over"]:
            found = of_periods(scheme, self._over(scheme, subject, period))
        else:
            shares = weights if weights is not None else self._weights(scheme, subject)
            found = of_parts(scheme, shares, {one: self.result(one, subject, period) for one in shares})
        self._known[code, period] = found
        return found

    def _of_period(self, code: str, period: str) -> list[Mark]:
        return [
            mark
            for (scheme, own), marks in self._marks.items()
            if scheme == code and (own == period or self._periods.within(own, period))
            for mark in marks
        ]

    def _over(self, scheme: Mapping[str, Any], subject: Subject, period: str) -> list[tuple[str, Result]]:
        source = scheme["over"]["from_"]
        sheets = _needed(self._schemes, source)
        own = sorted({one for code, one in self._marks if code in sheets and self._periods.within(one, period) and one})
        return [(one, self.result(source, subject, one)) for one in own]

    @staticmethod
    def _weights(scheme: Mapping[str, Any], subject: Subject) -> dict[str, Fraction]:
        sets = weight_sets(scheme)
        weights = sets.get(subject.category, sets.get(""))
        if weights is None:
            raise InvalidInput(
                say("评分“{code}”没有规定类别“{category}”的权重", code=scheme["code"], category=subject.category),
                {"by_category": say("缺少此类别")},
            )
        unset = [source for source, weight in weights.items() if weight is None]
        if unset:
            raise InvalidInput(
                say("评分“{code}”的权重须在计算时给出", code=scheme["code"]), {"weights": say("缺少此项")}
            )
        return {source: weight for source, weight in weights.items() if weight is not None}


def _needed(schemes: Mapping[str, Mapping[str, Any]], code: str) -> set[str]:
    """Return a scheme and all that it is made of."""
    found = {code}
    for sources in weight_sets(schemes[code]).values():
        for source in sources:
            found |= _needed(schemes, source)
    return found


def _marks(
    session: Session,
    campaign: Campaign,
    codes: set[str],
    subjects: Mapping[str, Subject],
    instead: Mapping[int, Fraction | None],
) -> dict[str, dict[tuple[str, str], list[Mark]]]:
    statement = (
        select(ScoreEntry)
        .where(ScoreEntry.campaign_id == campaign.id, ScoreEntry.scheme.in_(codes), ScoreEntry.voided_at.is_(None))
        .order_by(ScoreEntry.entered_at, ScoreEntry.id)
    )
    found: dict[str, dict[tuple[str, str], list[Mark]]] = {}
    for entry in session.scalars(statement):
        if entry.subject not in subjects or (entry.id in instead and instead[entry.id] is None):
            continue
        amount = instead[entry.id] if entry.id in instead else Fraction(entry.amount or 0)
        mark = Mark(entry.id, entry.round, entry.item, amount or Fraction(0), entry.reason)
        found.setdefault(entry.subject, {}).setdefault((entry.scheme, entry.period), []).append(mark)
    return found


def _show_on_board(
    session: Session, campaign: Campaign, subjects: Mapping[str, Subject], results: Mapping[str, Result]
) -> None:
    by_unit = {subjects[code].unit_id: result for code, result in results.items()}
    for row in session.scalars(select(CampaignUnit).where(CampaignUnit.campaign_id == campaign.id)):
        result = by_unit.get(row.unit_id)
        if result is not None:
            row.score = None if result.value is None else rounded(result.value)
            row.rating = result.grade or None
            row.reasons = [line.as_json() for line in result.lines]
