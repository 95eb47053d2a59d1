"""``make serve-postgres``: the server deployment's processes on a private PostgreSQL and Redis.

Data stays in ``var/postgres``. Everything that this script starts, and nothing else, ends with it.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.servers import (
    MissingProgram,
    PostgresServer,
    RedisServer,
    Server,
    ServerFailed,
    end_with_parent,
)
from web.server import where_to_look
from workflows.application import read_settings

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 15.0
DATABASE = "duban"


class Deployment:
    """Servers and processes, started in order and stopped in the reverse order."""

    def __init__(self) -> None:
        self.servers: list[Server] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def start_server(self, server: Server) -> None:
        self.servers.append(server)
        server.start()

    def start_process(self, command: list[str], environment: Mapping[str, str]) -> None:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, preexec_fn=end_with_parent)  # noqa: PLW1509
        self.processes.append(process)

    def wait_until_answering(self, url: str) -> None:
        """Return when the pages answer; a process that ends before is an error."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and all(process.poll() is None for process in self.processes):
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise ServerFailed(f"{url} does not answer")

    def wait(self) -> None:
        """Return when one of the processes ends."""
        while all(process.poll() is None for process in self.processes):
            time.sleep(0.5)

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for server in reversed(self.servers):
            server.stop()


def kept_key(path: Path) -> str:
    """Return the path of a file with a key; it is made once."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), "utf-8")
    return str(path)


def create_database(server: PostgresServer) -> None:
    """Create the database of a new cluster."""
    import psycopg

    with psycopg.connect(f"host=127.0.0.1 port={server.port} user={server.superuser} dbname=postgres") as connection:
        connection.autocommit = True
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def run(arguments: argparse.Namespace) -> None:
    """Start everything, say where to look, and stay until told to stop."""
    folder = Path(arguments.folder)
    (folder / "redis").mkdir(parents=True, exist_ok=True)
    deployment = Deployment()
    try:
        postgres = PostgresServer(folder / "postgres", arguments.postgres_port, lasting=True)
        deployment.start_server(postgres)
        create_database(postgres)
        redis = RedisServer(folder / "redis", arguments.redis_port)
        deployment.start_server(redis)
        environment = {
            **os.environ,
            "DUBAN_DATABASE": postgres.url(DATABASE),
            "DUBAN_REDIS": redis.url,
            "DUBAN_SECRET_KEY_FILE": kept_key(folder / "postgres-secret-key"),
            "DUBAN_HISTORY_KEY_FILE": kept_key(folder / "postgres-history-key"),
        }
        commands = Path(sys.executable).parent
        subprocess.run([str(commands / "duban"), "migrate"], env=environment, cwd=ROOT, check=True)
        demo = read_settings(environment).demo
        if demo:
            subprocess.run([str(commands / "duban"), "demo"], env=environment, cwd=ROOT, check=True)
        address = f"127.0.0.1:{arguments.port}"
        gunicorn = [str(commands / "gunicorn"), "--config", "python:web.gunicorn", "--bind", address]
        deployment.start_process(gunicorn, environment)
        for _ in range(arguments.workers):
            deployment.start_process([str(commands / "duban"), "worker"], environment)
        deployment.wait_until_answering(f"http://{address}/health")
        print(where_to_look(f"http://{address}", demo=demo), flush=True)
        deployment.wait()
    finally:
        deployment.stop()


def main() -> None:
    """Read the arguments; a missing program is a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port of the pages (default: 8000)")
    parser.add_argument("--postgres-port", type=int, help="port of PostgreSQL (default: any that is free)")
    parser.add_argument("--redis-port", type=int, help="port of Redis (default: any that is free)")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (default: 1)")
    parser.add_argument("--folder", default=str(ROOT / "var"), help="where the data lies (default: var)")

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    try:
        run(parser.parse_args())
    except KeyboardInterrupt:
        pass
    except (MissingProgram, ServerFailed) as error:
        raise SystemExit(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{' '.join(error.cmd)} failed") from error


if __name__ == "__main__":
    main()
