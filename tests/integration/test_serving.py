"""The two commands that serve: they come up, say what to open and as whom, answer, and leave nothing behind."""

import sys
import urllib.request
from pathlib import Path

from scripts.servers import free_port
from tests.support.processes import ROOT, alive, descendants, inbox_of, start, terminate, wait_until_said
from workflows.demo import PASSWORD

COMMANDS = Path(sys.executable).parent


def _answers(address: str) -> None:
    with urllib.request.urlopen(f"{address}/health", timeout=20) as answer:
        assert answer.status == 200
    assert 'href="/tasks/' in inbox_of(address, "internal-director", PASSWORD)


def test_duban_serve_is_one_process_that_ends_cleanly(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    log = tmp_path / "log"
    database = {"DUBAN_DATABASE": f"sqlite:///{tmp_path}/data/duban.db"}
    process = start([str(COMMANDS / "duban"), "serve", "--demo", "--port", str(port)], log, database)
    try:
        said = wait_until_said(process, log, "open http")
        assert address in said
        assert PASSWORD in said
        _answers(address)
        assert descendants(process.pid) == set()
        assert terminate(process) == 0, log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text("utf-8")
    left = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert left == ["duban.db", "history-key", "secret-key"]


def test_serve_postgres_comes_up_and_stops_everything(servers_folder: Path) -> None:
    folder = servers_folder / "serve-postgres"
    folder.mkdir()
    address = f"http://127.0.0.1:{(port := free_port())}"
    log = folder / "log"
    script = [sys.executable, str(ROOT / "scripts" / "serve_postgres.py")]
    process = start([*script, "--port", str(port), "--folder", str(folder / "var")], log, {"DUBAN_DEMO": "1"})
    children: set[int] = set()
    try:
        said = wait_until_said(process, log, "open http")
        assert address in said
        assert PASSWORD in said
        children = descendants(process.pid)
        assert len(children) >= 5, "PostgreSQL, Redis, gunicorn and its two workers, the background worker"
        _answers(address)
        assert terminate(process) == 0, log.read_text("utf-8")
        assert alive(children) == set()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text("utf-8")
