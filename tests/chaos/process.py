"""A process of a storm, to be killed at any moment: ``python -m tests.chaos.process ROLE FOLDER URL REDIS``.

Roles: ``worker`` (bell and sweeper), ``people`` (start campaigns and complete tasks), ``calm-people`` (complete only),
``everything`` and ``calm-everything`` (both in one process, as ``duban serve`` does).
"""

import logging
import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import DubanError
from engine.instances import start_instance
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.tasks.decisions import complete
from engine.tasks.models import Slot, SlotState
from engine.work import external
from engine.work.bell import wire_to, wire_within_process
from tests.chaos.storm import KEY, PERSON, append_line, build
from web.server import connect_bell, start_workers

STARTS_PER_SECOND = 2.0
AT_ONCE = 20
SHORT_LEASE = timedelta(seconds=3)
"""So that a call whose worker was killed is made again within the test's time."""


def act_as_people(engine: Engine, folder: Path, *, starting: bool) -> None:
    """Start campaigns and complete tasks for ever; what was acknowledged is written to a file."""
    acknowledged = folder / "acknowledged"
    number = len(acknowledged.read_text().splitlines()) if acknowledged.exists() else 0
    next_start = time.monotonic()
    while True:
        try:
            if starting and time.monotonic() >= next_start:
                key = f"storm-{number}"
                start_instance(
                    engine, package_key=KEY, variables={"n": number}, title=key, initiator_id=PERSON, key=key
                )
                append_line(acknowledged, key)
                number += 1
                next_start = time.monotonic() + 1 / STARTS_PER_SECOND
            complete_some(engine)
        except (DubanError, SQLAlchemyError) as error:
            logging.warning("people: %s", str(error)[:200])
        time.sleep(0.05)


def complete_some(engine: Engine) -> None:
    """Complete tasks that are open; each with a key, as a browser would."""
    with engine.db.read() as session:
        query = select(Slot.id, Instance.version).join(Instance, Instance.id == Slot.instance_id)
        rows = session.execute(query.where(Slot.state == SlotState.READY).limit(AT_ONCE)).all()
    for slot_id, version in rows:
        complete(engine, slot_id=slot_id, actor_id=PERSON, version=version, key=f"slot-{slot_id}", data={})


def main(role: str, folder: str, url: str, redis_url: str) -> None:
    """Play a role until killed."""
    logging.basicConfig(level=logging.WARNING)
    external.LEASE = SHORT_LEASE  # type: ignore[misc]
    engine = build(url, Path(folder) / "calls")
    everything = role.endswith("everything")
    wire = wire_within_process() if everything else wire_to(redis_url)
    connect_bell(engine, wire)
    if everything or role == "worker":
        start_workers(engine, wire)
    (Path(folder) / f"ready-{os.getpid()}").touch()
    if role == "worker":
        threading.Event().wait()
    act_as_people(engine, Path(folder), starting=not role.startswith("calm"))


if __name__ == "__main__":
    main(*sys.argv[1:])
