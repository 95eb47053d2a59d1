"""What an operator sees and does about messages on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.clock import SystemClock
from engine.instances import start_instance
from engine.messages.models import EarlyMessage
from engine.runtime import Engine
from engine.store import Database, migrate
from engine.work.drain import drain
from engine.work.models import Errand
from tests.support.conversing import catch, deploy, rows, states
from tests.support.turning import line, make_engine, process, run
from web.cli import duban


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    monkeypatch.setenv("DUBAN_DATABASE", url)
    database = Database(url)
    migrate.upgrade(database)
    yield make_engine(database, SystemClock())
    database.close()


def _say(*arguments: str) -> Result:
    return CliRunner().invoke(duban, list(arguments))


def test_a_message_is_sent_kept_and_seen(engine: Engine) -> None:
    kept = _say("messages", "send", "paid", "-c", "n=7", "-p", "note=ok", "--ttl", "PT1H")
    assert (kept.exit_code, "kept" in kept.output) == (0, True), kept.output
    assert "paid × 1" in _say("messages", "list").output
    assert json.loads(_say("messages", "list", "--json").output)["waiting"] == {"paid": 1}
    assert [row.payload for row in rows(engine, EarlyMessage)] == [{"note": "ok"}]
    version = deploy(engine, process("main", line(catch("C", "paid", key="=n"))))
    number = start_instance(engine, version_id=version, variables={"n": 8}, title="x", initiator_id=7)
    sent = _say("messages", "send", "paid", "-c", "n=8")
    assert str(number) in sent.output
    assert states(engine, number) == ["completed"]


def test_several_receivers_are_said_to_be_too_many(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "paid"))))
    for _ in range(2):
        start_instance(engine, version_id=version, variables={}, title="x", initiator_id=7)
    answer = _say("messages", "send", "paid")
    assert answer.exit_code == 1
    assert "Several instances wait" in answer.output


def test_a_signal_is_sent_by_hand(engine: Engine) -> None:
    version = deploy(engine, process("main", line(catch("C", "alarm", kind="signal"))))
    number = start_instance(engine, version_id=version, variables={}, title="x", initiator_id=7)
    assert _say("messages", "signal", "alarm").exit_code == 0
    run(engine)
    assert states(engine, number) == ["completed"]


def test_an_errand_that_failed_is_shown_and_done_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    version = deploy(engine, process("main", line(catch("C", "alarm", kind="signal"))))
    number = start_instance(engine, version_id=version, variables={}, title="x", initiator_id=7)
    with monkeypatch.context() as broken:
        broken.setattr("engine.messages.broadcast.lock_instance", lambda *_: 1 / 0)
        assert _say("messages", "signal", "alarm").exit_code == 0
        drain(engine, budget_seconds=30)
    (errand,) = rows(engine, Errand)
    assert (errand.due, "ZeroDivisionError" in errand.problem) == (None, True)
    assert "1 项投递失败" in _say("messages", "list").output
    assert _say("messages", "retry", str(errand.id)).exit_code == 0
    run(engine)
    assert states(engine, number) == ["completed"]
    assert _say("messages", "retry", str(errand.id)).exit_code == 1


@pytest.mark.parametrize("arguments", [["-c", "n"], ["--ttl", "soon"], ["--ttl", "P1M"]])
def test_what_is_written_wrongly_is_explained(engine: Engine, arguments: list[str]) -> None:
    answer = _say("messages", "send", "paid", *arguments)
    assert answer.exit_code == 1
    assert rows(engine, EarlyMessage) == []


def test_the_time_to_live_is_a_setting(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_MESSAGE_TTL", "PT2H")
    _say("messages", "send", "paid")
    (row,) = rows(engine, EarlyMessage)
    assert (row.expires_at - row.created_at).total_seconds() == 7200
    monkeypatch.setenv("DUBAN_MESSAGE_TTL", "P1M")
    answer = _say("messages", "send", "paid")
    assert "DUBAN_MESSAGE_TTL" in str(answer.exception)
