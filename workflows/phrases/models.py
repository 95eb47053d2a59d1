"""The table of opinion phrases."""

from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, new_id


class Use(StrEnum):
    """What a phrase is offered for; ``any`` is offered everywhere."""

    ANY = "any"
    AGREE = "agree"
    REJECT = "reject"
    RETURN = "return"


class Phrase(Base):
    """A phrase (常用语) that one tap puts into an opinion: a person's own, or everybody's (``person_id`` null)."""

    __tablename__ = "phrase"
    __table_args__ = (Index("ix_phrase_person_id_position", "person_id", "position"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[int | None] = mapped_column(Id)
    use: Mapped[str] = mapped_column(String(8), default=Use.ANY)
    text: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)
