"""Service tasks of ranking, awards, money and public notices."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.awards.models import AwardState, Grant
from workflows.awards.money import cut_below
from workflows.awards.notices import close_notice, decide_objection, names_left, notice_by_id, object_to, open_notice
from workflows.awards.pools import balance, deposit, payable
from workflows.awards.ranking import make_ranking, rankings_of
from workflows.awards.service import awards_of, give, grant_to, history, money_lines, settle
from workflows.campaigns.models import Campaign
from workflows.inputs import called_campaign, called_form, given, identifier, listed, needed
from workflows.organisation.tree import LOCAL
from workflows.parts.amounts import exact, rounded
from workflows.parts.calendar import current_period
from workflows.parts.sections import chosen
from workflows.parts.subjects import called_subject, subjects_of
from workflows.scoring.service import schemes_of

Result = Mapping[str, Any]


def make_rank(call: ServiceCall) -> Result:
    """``rank.make``: a ranking of the plan for a period."""
    campaign, ranking = called_campaign(call), needed(call, "ranking")
    rows, unranked = make_ranking(
        call.session, campaign=campaign, ranking=ranking, period=_period(call, campaign, ranking), at=call.at
    )
    return {
        "ranked_count": len(rows),
        "ranked_subjects": [row.subject for row in rows],
        "unranked_subjects": unranked,
        "tied_count": sum(row.tied for row in rows),
    }


def give_awards(call: ServiceCall) -> Result:
    """``awards.give``: the awards of the plan to those whom their rules choose."""
    campaign = called_campaign(call)
    heads = given(call, "heads", {})
    if not isinstance(heads, Mapping):
        raise InvalidInput(say("heads 须写成 {{代码: 人数}}"), {"heads": say("应是键值对")})
    found: list[Grant] = []
    total = Decimal(0)
    by_award: dict[str, list[str]] = {}
    for award in listed(needed(call, "award")):
        rule = chosen(awards_of(campaign), award, say("奖项"))
        made = give(
            call.session,
            campaign=campaign,
            award=award,
            period=_period(call, campaign, rule["ranking"]),
            at=call.at,
            instance_id=call.instance.id,
            heads={str(code): identifier(call, "heads", number) for code, number in heads.items()},
        )
        found += made.grants
        total += made.total
        by_award[award] = [grant.subject for grant in made.grants]
    return {
        "award_subjects": [grant.subject for grant in found],
        "award_unit_ids": [grant.unit_id for grant in found if grant.unit_id is not None],
        "award_count": len(found),
        "award_money": float(total),
        "awarded": by_award,
    }


def grant_awards(call: ServiceCall) -> Result:
    """``awards.grant``: an award to subjects that people chose."""
    campaign, award = called_campaign(call), needed(call, "award")
    subjects = given(call, "subjects")
    who = subjects_of(call.session, campaign, listed(subjects)).values() if subjects else [called_subject(call)]
    grants = grant_to(
        call.session,
        campaign=campaign,
        award=award,
        name=str(given(call, "name", "")),
        subjects=list(who),
        at=call.at,
        period=str(given(call, "period", "")),
        kind=str(given(call, "kind", "honour")),
        reason=str(given(call, "reason", "")),
    )
    return {"award_count": len(grants), "award_subjects": [grant.subject for grant in grants]}


def settle_awards(call: ServiceCall) -> Result:
    """``awards.settle``: what the approving process decided, confirmed or cancelled."""
    campaign = called_campaign(call)
    state = AwardState.CANCELLED if given(call, "state") == AwardState.CANCELLED else AwardState.CONFIRMED
    period = given(call, "period")
    changed = sum(
        settle(
            call.session,
            campaign=campaign,
            award=award,
            state=state,
            at=call.at,
            period=None if period is None else str(period),
            subjects=listed(given(call, "subjects")),
        )
        for award in listed(needed(call, "award"))
    )
    return {"award_count": changed}


def read_history(call: ServiceCall) -> Result:
    """``awards.history``: a subject's honours and penalties of a year, for the yearly appraisal."""
    subject = called_subject(call)
    year = identifier(call, "year", given(call, "year", call.at.astimezone(LOCAL).year))
    rows = history(call.session, subject=subject.code, year=year)
    return {
        "honours": [row.name for row in rows if row.kind == "honour"],
        "penalties": [row.name for row in rows if row.kind == "penalty"],
        "honour_count": sum(row.kind == "honour" for row in rows),
        "penalty_count": sum(row.kind == "penalty" for row in rows),
    }


def pay(call: ServiceCall) -> Result:
    """``money.pay``: an amount to (or, negative, from) a subject, by head, factor, line and shares."""
    campaign, subject = called_campaign(call), called_subject(call)
    amount = rounded(
        exact(needed(call, "amount"), "amount")
        * identifier(call, "heads", given(call, "heads", 1))
        * exact(given(call, "factor", 1), "factor")
    )
    if given(call, "line") is not None:
        value, line = exact(needed(call, "value"), "value"), exact(needed(call, "line"), "line")
        amount = cut_below(amount, value, line=line, percent_per_point=exact(given(call, "per_point", 1), "per_point"))
    pool = str(given(call, "pool", ""))
    if pool and amount > 0:
        up_to_balance = given(call, "up_to_balance") is True
        amount = payable(call.session, campaign=campaign, pool=pool, amount=amount, up_to_balance=up_to_balance)
    lines = money_lines(
        campaign,
        subject,
        code=str(given(call, "code", pool or call.element_id)),
        amount=amount,
        at=call.at,
        instance_id=call.instance.id,
        split=_shares(given(call, "split")),
        beneficiary=str(given(call, "beneficiary", "")),
        period=str(given(call, "period", "")),
        pool=pool,
        reason=str(given(call, "reason", "")),
    )
    call.session.add_all(lines)
    call.session.flush()
    return {
        "money_amount": float(amount),
        "money_shares": {line.beneficiary: float(line.amount) for line in lines if line.beneficiary},
        "pool_balance": float(balance(call.session, campaign, pool)) if pool else None,
    }


def put(call: ServiceCall) -> Result:
    """``money.deposit``: money into a pool."""
    left = deposit(
        call.session,
        campaign=called_campaign(call),
        pool=needed(call, "pool"),
        amount=rounded(exact(needed(call, "amount"), "amount")),
        reason=str(given(call, "reason", "")),
        instance_id=call.instance.id,
        at=call.at,
    )
    return {"pool_balance": float(left)}


def publish_notice(call: ServiceCall) -> Result:
    """``notice.open``: a public notice of an award's proposed holders."""
    notice = open_notice(
        call.session,
        campaign=called_campaign(call),
        title=needed(call, "title"),
        lasts=str(given(call, "lasts", "5 working days")),
        at=call.at,
        calendar=call.engine.calendars.of_unit(call.session, None),
        award=str(given(call, "award", "")),
        period=str(given(call, "period", "")),
        rows=listed(given(call, "rows")),
    )
    return {"notice_id": str(notice.id), "notice_closes": notice.closes.isoformat(), "notice_rows": len(notice.rows)}


def raise_objection(call: ServiceCall) -> Result:
    """``notice.object``: an objection from a form or from the step's inputs."""
    campaign = called_campaign(call)
    form = called_form(call)
    said: Mapping[str, Any] = form.data if form else call.inputs
    objection = object_to(
        call.session,
        notice=notice_by_id(call.session, campaign.id, _id_of(call, "notice_id")),
        text=str(said.get("text") or ""),
        at=form.submitted_at if form else call.at,
        person_id=form.person_id if form else call.instance.initiator_id,
        subject=str(said.get("subject") or given(call, "subject", "")),
    )
    return {"objection_id": str(objection.id)}


def answer_objection(call: ServiceCall) -> Result:
    """``notice.decide``: an objection is upheld or rejected."""
    objection = decide_objection(
        call.session,
        campaign=called_campaign(call),
        objection_id=_id_of(call, "objection_id"),
        upheld=given(call, "upheld") is True,
        answer=str(given(call, "answer", "")),
        at=call.at,
    )
    return {"objection_state": objection.state}


def end_notice(call: ServiceCall) -> Result:
    """``notice.close``: the notice's time is over and every objection is decided; says whose names are left."""
    campaign = called_campaign(call)
    notice = notice_by_id(call.session, campaign.id, _id_of(call, "notice_id"))
    numbers = close_notice(call.session, notice=notice, at=call.at)
    return {
        "objection_count": sum(numbers.values()),
        "objections_upheld": numbers.get("upheld", 0),
        "notice_names": "、".join(names_left(call.session, campaign=campaign, notice=notice)),
    }


def _id_of(call: ServiceCall, name: str) -> int:
    return identifier(call, name, given(call, name, call.instance.variables.get(name, "")))


def _shares(value: Any) -> dict[str, Fraction] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidInput(say("split 须写成 {{得款人: 份额}}"), {"split": say("应是键值对")})
    return {str(name): exact(share, "split") for name, share in value.items()}


def _period(call: ServiceCall, campaign: Campaign, ranking: str) -> str:
    """Return the period asked for, else the current one of the ranking's scheme."""
    period = given(call, "period")
    if period is not None:
        return str(period)
    rule = chosen(rankings_of(campaign), ranking, say("排名"))
    return current_period(campaign, call.at, chosen(schemes_of(campaign), rule["scheme"], say("评分"))["every"])


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "rank.make": make_rank,
    "awards.give": give_awards,
    "awards.grant": grant_awards,
    "awards.settle": settle_awards,
    "awards.history": read_history,
    "money.pay": pay,
    "money.deposit": put,
    "notice.open": publish_notice,
    "notice.object": raise_objection,
    "notice.decide": answer_objection,
    "notice.close": end_notice,
}
