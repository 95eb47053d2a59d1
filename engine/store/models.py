"""The table of settings that belong to the database itself: its id, the demonstration's clock, keys."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Setting(Base):
    """A named value that every process on this database shares."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
