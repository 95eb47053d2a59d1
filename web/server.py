"""The processes: everything in one (``duban serve``), or web and worker apart (gunicorn, ``duban worker``)."""

import gc
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final

from flask import Flask
from waitress import create_server

from engine.errors import DubanError
from engine.runtime import Engine
from engine.store import migrate
from engine.store.settings import database_id
from engine.work.bell import RedisBell, Wire, queue_name, wire_to, wire_within_process
from engine.work.listener import Listener
from engine.work.outside import next_due_outside, send_due
from engine.work.sweeper import Sweeper
from web.application import create_app
from workflows.application import Settings, build_engine, read_settings
from workflows.demo import PASSWORD

HOST: Final = "127.0.0.1"
PORT: Final = 8000
THREADS: Final = 16
COURIERS: Final = 2
MAX_REQUEST_BYTES: Final = 50 * 1024 * 1024

log = logging.getLogger(__name__)


class NotMigrated(DubanError):
    """The tables are of another version than the code."""

    code = "not-migrated"

    def __init__(self, found: str | None) -> None:
        super().__init__(
            f"数据库表结构版本为 {found or '空'}，程序需要 {migrate.head_revision()}：请先运行 duban migrate"
        )


@dataclass(slots=True)
class Workers:
    """What works in the background of a process: the sweeper, couriers for calls to the outside that no turn waits for,
    and the listener where there is a wire."""

    sweeper: Sweeper
    couriers: Sequence[Sweeper]
    listener: Listener | None

    def stop(self) -> None:
        """End both after the instance at hand."""
        self.sweeper.stop()
        for courier in self.couriers:
            courier.stop()
        if self.listener is not None:
            self.listener.stop()


def serve(settings: Settings, *, host: str = HOST, port: int = PORT, say: Callable[[str], None] = log.info) -> None:
    """Serve everything in this process until SIGTERM or SIGINT: pages, worker and sweeper.

    Raises OSError when the port is taken. Tables are brought up to date first; in demo mode the demonstration is
    loaded when it is not there yet.
    """
    engine = build_engine(settings)
    migrate.upgrade(engine.db)
    wire = wire_to(settings.redis) if settings.redis else wire_within_process()
    connect_bell(engine, wire)
    if settings.demo:
        from workflows.demo import load_demonstration

        load_demonstration(engine)
    app = create_app(engine, settings)
    freeze_memory()
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        max_request_body_size=MAX_REQUEST_BYTES,
    )
    workers = start_workers(engine, wire)
    _on_termination(_leave)
    say(where_to_look(f"http://{host}:{port}", demo=settings.demo))
    try:
        server.run()
    finally:
        server.close()
        workers.stop()
        engine.db.close()


def where_to_look(address: str, *, demo: bool) -> str:
    """Say in one line what to open, and in the demonstration as whom."""
    if not demo:
        return f"督办已启动：请打开 {address} / open {address}"
    return (
        f"督办演示已启动：请打开 {address}，选择演示账号登录（口令 {PASSWORD}）"
        f" / open {address}, choose a demonstration account (password {PASSWORD})"
    )


def application() -> Flask:
    """Make the application for gunicorn: ``gunicorn "web.server:application()"``. Workers are processes apart."""
    _log_to_stderr()
    settings = read_settings()
    engine = _ready_engine(settings)
    if settings.redis:
        connect_bell(engine, wire_to(settings.redis))
    app = create_app(engine, settings)
    freeze_memory()
    return app


def freeze_memory() -> None:
    """Take what a process holds for its whole life out of the garbage collector's rounds.

    A full round over the imported code stops a request for some 80 ms (docs/speed.md).
    """
    gc.collect()
    gc.freeze()


def worker(settings: Settings, *, say: Callable[[str], None] = log.info) -> None:
    """Work until SIGTERM or SIGINT: drain when the bell rings, sweep anyway."""
    engine = _ready_engine(settings)
    wire = wire_to(settings.redis) if settings.redis else None
    if wire is not None:
        connect_bell(engine, wire)
    over = threading.Event()
    _on_termination(over.set)
    freeze_memory()
    workers = start_workers(engine, wire)
    say("后台进程已启动 / worker started")
    while not over.wait(1.0):
        pass
    workers.stop()
    engine.db.close()


def connect_bell(engine: Engine, wire: Wire) -> None:
    """Give the engine a bell on the queue of its database."""
    engine.bell = RedisBell(wire.ringing, queue_name(database_id(engine.db)))


def start_workers(engine: Engine, wire: Wire | None) -> Workers:
    """Start the background threads of a process."""
    listener = None
    if wire is not None:
        listener = Listener(engine, queue_name(database_id(engine.db)), wire.listening)
        listener.start()
    sweeper = Sweeper(engine)
    couriers = [
        Sweeper(engine, name=f"courier-{number}", due=next_due_outside, work=send_due) for number in range(COURIERS)
    ]
    for thread in (sweeper, *couriers):
        thread.start()
    return Workers(sweeper, couriers, listener)


def _ready_engine(settings: Settings) -> Engine:
    engine = build_engine(settings)
    found = migrate.current_revision(engine.db)
    if found != migrate.head_revision():
        raise NotMigrated(found)
    if engine.db.hazard:
        log.warning(engine.db.hazard)
    return engine


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("spiff").setLevel(logging.WARNING)


def _on_termination(react: Callable[[], object]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        react()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _leave() -> None:
    raise SystemExit(0)
