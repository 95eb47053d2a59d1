"""The shelf of empty databases, which the garbage collector brings back at any moment."""

from threading import Thread

import pytest

from engine.store import Database
from engine.testing import databases
from engine.testing.databases import KEPT, Shelf


def test_a_database_that_comes_back_while_another_one_is_made_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf("engine")
    first = shelf.lend()

    def collecting(url: str) -> Database:
        shelf.take_back(first)
        return Database(url)

    monkeypatch.setattr(databases, "Database", collecting)
    lent: list[Database] = []
    borrower = Thread(target=lambda: lent.append(shelf.lend()), daemon=True)
    borrower.start()
    borrower.join(timeout=30)
    assert lent, "the borrower waits for a lock that it holds itself"
    assert lent[0] is not first
    monkeypatch.undo()
    assert shelf.lend() is first


def test_what_comes_back_is_lent_again_and_what_is_too_much_is_closed() -> None:
    shelf = Shelf("engine")
    lent = [shelf.lend() for _ in range(KEPT + 1)]
    for database in lent:
        shelf.take_back(database)
    again = [shelf.lend() for _ in range(KEPT + 1)]
    assert [one for one in again if one in lent] == again[:KEPT]
