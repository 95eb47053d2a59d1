"""Private PostgreSQL and Redis servers for tests, benchmarks and ``make serve-postgres``.

Every server listens on 127.0.0.1, is started as a child of this process and ends with it; nothing of the
system's own servers is touched.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START_SECONDS = 30.0
STOP_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


class MissingProgram(RuntimeError):
    """A program that is needed is not installed; the sentence says which Debian package has it."""


class ServerFailed(RuntimeError):
    """A server did not come up; the sentence ends with what it wrote."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, package: str, folders: str = "") -> Path:
    """Return a program's path, from PATH or from the newest of the folders that match a glob."""
    found = sorted(Path("/").glob(folders), key=_version) if folders else []
    for folder in reversed(found):
        if (folder / name).exists():
            return folder / name
    here = shutil.which(name)
    if here is None:
        raise MissingProgram(f"{name} is missing: apt-get install {package}")
    return Path(here)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def end_with_parent() -> None:
    """Ask the kernel, in a child before exec, to interrupt it when the thread that started it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class Server:
    """A child process that serves a port; subclasses say how to start it and when it is ready."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def identity(self) -> Mapping[str, Any]:
        """Arguments of Popen that choose the user."""
        return {}

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Start and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - one prctl call, safe after fork
                **self.identity(),
            )
        until = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                tail = self.log.read_text(errors="replace")[-1500:]
                raise ServerFailed(f"{self.command()[0]} did not start:\n{tail}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End it in order."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class RedisServer(Server):
    """A Redis without persistence: by design Duban may lose it at any time."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = find_program("redis-server", "redis-server")
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        return [str(program), *options, "--dir", str(self.folder)]

    def ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class PostgresServer(Server):
    """A PostgreSQL cluster of its own in a folder.

    PostgreSQL refuses to run as root, so a root process runs it as the user that Debian's package made.

    Parameters
    ----------
    folder
        Holds the data, the socket and the log.
    lasting
        Whether the data must survive a power failure; tests don't need it and are faster without.

    """

    superuser = "duban"

    def __init__(self, folder: Path, port: int | None = None, *, lasting: bool = False) -> None:
        super().__init__(folder, port)
        self.lasting = lasting
        self.data = folder / "data"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.superuser}@127.0.0.1:{self.port}/{database}"

    def identity(self) -> Mapping[str, Any]:
        if os.geteuid() != 0:
            return {}
        user = _unprivileged()
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def command(self) -> list[str]:
        settings = {"unix_socket_directories": str(self.folder), "listen_addresses": "127.0.0.1"}
        if not self.lasting:
            settings |= {"fsync": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "64MB"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(_postgres("postgres")), "-D", str(self.data), "-p", str(self.port), *options]

    def ready(self) -> bool:
        check = [str(_postgres("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.superuser]
        return subprocess.run(check, check=False).returncode == 0

    def start(self) -> None:
        """Make the cluster when it is new, start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user = _unprivileged()
            for path in (self.folder, *self.folder.glob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        super().start()

    def _initialise(self) -> None:
        command = [str(_postgres("initdb")), "-D", str(self.data), "-U", self.superuser]
        command += ["--auth=trust", "--encoding=UTF8", "--no-locale", *([] if self.lasting else ["--no-sync"])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder, **self.identity())
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def _postgres(name: str) -> Path:
    return find_program(name, "postgresql", "usr/lib/postgresql/*/bin")


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise MissingProgram("PostgreSQL cannot run as root and there is no user postgres: apt-get install postgresql")
