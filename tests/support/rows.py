"""Everything a database holds, as plain values: two states can be compared."""

from typing import Any

from sqlalchemy import select

from engine.store import Base, Database


def everything(database: Database, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table by its name, sorted; tables named in ``without`` are left out."""
    with database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
            for table in Base.metadata.sorted_tables
            if table.name not in without
        }
