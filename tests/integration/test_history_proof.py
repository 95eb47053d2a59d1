"""``duban verify`` on both databases: an honest history passes, every kind of tampering is named."""

from collections.abc import Callable
from hashlib import sha256

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import tasks
from engine.clock import FakeClock
from engine.history import HistoryLine, verify
from engine.history.record import _content
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database, migrate
from tests.support.turning import begin, line, make_engine, open_slots, user
from workflows.cli import duban

KEY = "the installation's own key, long enough"


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    """An engine with a key and one campaign with some history."""
    engine = make_engine(database, clock)
    engine.history_key = KEY.encode()
    begin(engine, line(user("A", "1"), user("B", "2")))
    tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1)
    return engine


@pytest.fixture
def prove(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Result]:
    """Runs ``duban verify`` on the database."""
    monkeypatch.setattr(migrate, "current_revision", lambda _db: migrate.head_revision())
    environment = {
        "DUBAN_DATABASE": database_url,
        "DUBAN_SECRET_KEY": "another key that is long enough",
        "DUBAN_HISTORY_KEY": KEY,
    }
    return lambda: CliRunner().invoke(duban, ["verify"], env=environment)


def test_an_honest_history_passes(prove: Callable[[], Result]) -> None:
    result = prove()
    assert result.exit_code == 0, result.output
    assert "the history is intact" in result.output


def _change(session: Session) -> None:
    session.execute(update(HistoryLine).where(HistoryLine.sequence == 2).values(opinion="改过"))


def _remove(session: Session) -> None:
    session.execute(delete(HistoryLine).where(HistoryLine.sequence == 2))


def _cut(session: Session) -> None:
    session.execute(delete(HistoryLine).where(HistoryLine.sequence >= 3))


def _recompute(session: Session) -> None:
    """Change a line and chain everything anew, as somebody would who has the database and not the key."""
    digest = ""
    for one in session.scalars(select(HistoryLine).order_by(HistoryLine.sequence)):
        if one.sequence == 2:
            one.actor_id = 99
        content = orjson.dumps(_content(one.instance_id, one.sequence, one), option=orjson.OPT_SORT_KEYS)
        digest = one.digest = sha256(digest.encode() + content).hexdigest()
    session.execute(update(Instance).values(history_digest=digest))


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (_change, "line 2: the line was changed"),
        (_remove, "line 3: lines 2 and later are missing"),
        (_cut, "the end of the record was cut off or changed"),
        (_recompute, "line 2: the line was changed"),
    ],
)
def test_tampering_is_named(
    engine: Engine, prove: Callable[[], Result], tamper: Callable[[Session], None], problem: str
) -> None:
    with engine.db.write() as session:
        tamper(session)
    result = prove()
    assert result.exit_code == 1
    assert problem in result.output


def test_without_a_key_the_recomputed_chain_would_pass(engine: Engine) -> None:
    with engine.db.write() as session:
        _recompute(session)
    with engine.db.read() as session:
        assert verify(session) == []
        assert verify(session, key=KEY.encode()) != []


def test_tables_of_another_version_are_a_sentence(database_url: str, engine: Engine) -> None:
    environment = {"DUBAN_DATABASE": database_url, "DUBAN_SECRET_KEY": "k" * 32, "DUBAN_HISTORY_KEY": KEY}
    result = CliRunner().invoke(duban, ["verify"], env=environment)
    assert result.exit_code == 1
    assert "duban migrate" in result.output
