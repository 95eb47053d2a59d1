"""How PostgreSQL would run what is asked of it."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from engine.store import Database


def plans_of(database: Database, act: Callable[[], object]) -> list[str]:
    """Return the plan of each query that an action runs."""
    seen: list[tuple[str, object]] = []

    def remember(_connection: DBAPIConnection, _cursor: object, statement: str, values: object, *_: object) -> None:
        seen.append((statement, values))

    event.listen(database.sql, "before_cursor_execute", remember)
    act()
    event.remove(database.sql, "before_cursor_execute", remember)
    with database.sql.connect() as connection:
        return [
            "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values))
            for statement, values in seen
            if statement.lstrip().startswith("SELECT")
        ]
