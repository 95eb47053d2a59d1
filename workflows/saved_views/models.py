"""The table of saved views."""

from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, new_id


class SavedView(Base):
    """A person's view of the inbox (视图): the filters of its address by name; at most one opens by itself."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("person_id", "name"),
        Index(
            "uq_saved_view_default",
            "person_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(40))
    filters: Mapped[dict[str, Any]] = mapped_column(Json)
    is_default: Mapped[bool] = mapped_column(default=False, server_default=false())
