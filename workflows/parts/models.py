"""Columns that the rows of every part have."""

from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Id, new_id

EXACT = Numeric(14, 4)
"""Points and money: ten digits before the point, four after it; exact in SQLite's doubles too."""


class OfCampaign:
    """A row of a campaign."""

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))


class OfSubject(OfCampaign):
    """A row about a subject: a unit by its code, a person by login, an entry of a register by its key.

    ``unit_id`` is the unit whose people may see the row; none for those that only the office sees.
    """

    subject: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int | None] = mapped_column(Id)
