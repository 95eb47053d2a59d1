"""Pools of money (奖励基金): what came in, what went out, and never more out than in."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.wording import say
from workflows.awards.models import MoneyLine
from workflows.campaigns.models import Campaign


def balance(session: Session, campaign: Campaign, pool: str) -> Decimal:
    """Return what is left: deposits are lines without a subject; payments out of the pool count against it.

    Money taken from a subject into the pool (a fine) is a negative line and adds to it.
    """
    own = (MoneyLine.campaign_id == campaign.id, MoneyLine.pool == pool)
    deposits = session.scalar(select(func.coalesce(func.sum(MoneyLine.amount), 0)).where(*own, MoneyLine.subject == ""))
    lines = session.scalar(select(func.coalesce(func.sum(MoneyLine.amount), 0)).where(*own, MoneyLine.subject != ""))
    return Decimal(str(deposits or 0)) - Decimal(str(lines or 0))


def deposit(
    session: Session, *, campaign: Campaign, pool: str, amount: Decimal, reason: str, instance_id: int, at: datetime
) -> Decimal:
    """Put money into a pool; returns the balance."""
    if amount <= 0:
        raise InvalidInput(say("存入金额须大于 0"), {"amount": say("须大于 0")})
    line = MoneyLine(
        campaign_id=campaign.id,
        subject="",
        code=pool,
        amount=amount,
        pool=pool,
        reason=reason,
        instance_id=instance_id,
        made_at=at,
    )
    session.add(line)
    session.flush()
    return balance(session, campaign, pool)


def payable(session: Session, *, campaign: Campaign, pool: str, amount: Decimal, up_to_balance: bool) -> Decimal:
    """Return how much of an amount the pool can pay.

    The campaign's row is locked until the turn ends, so that two payments at the same instant don't both see the
    same balance. Raises InvalidInput when it is too little and ``up_to_balance`` is not set.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    left = balance(session, campaign, pool)
    if amount <= left:
        return amount
    if not up_to_balance:
        raise InvalidInput(
            say("“{pool}”余额 {left} 元，不足以支付 {amount} 元", pool=pool, left=left, amount=amount),
            {"amount": say("余额不足")},
        )
    return max(left, Decimal(0))
