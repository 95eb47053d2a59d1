"""The table of data stores' rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime


class DataStoreRow(Base):
    """One row of a data store: a JSON object under its key. ``version`` counts the writes, the last by an instance."""

    __tablename__ = "data_store_row"

    store: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int]
    instance_id: Mapped[int | None] = mapped_column(Id)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
