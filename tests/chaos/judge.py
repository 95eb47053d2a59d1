"""The judge of a storm: reads the database afterwards and says what was lost or repeated."""

import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from engine.history.models import HistoryLine
from engine.instances.models import IdempotencyKey, Incident, Instance, InstanceStatus
from engine.store import Database
from engine.tasks.models import Notice, Slot
from engine.work.models import Work
from tests.chaos.storm import CHILDREN, COUNTED, TIMER_SECONDS

CALM_SECONDS = 45.0


def wait_until_done(database: Database, log: Path, seconds: float = CALM_SECONDS) -> None:
    """Wait until no instance is open; what hangs is shown with the processes' last words."""
    until = time.monotonic() + seconds
    left = -1
    while time.monotonic() < until:
        with database.read() as session:
            left = session.scalar(
                select(func.count()).select_from(Instance).where(Instance.status != InstanceStatus.COMPLETED)
            ) or 0  # fmt: skip
        if left == 0:
            return
        time.sleep(0.3)
    tail = log.read_text(errors="replace")[-3000:] if log.exists() else ""
    raise AssertionError(f"{left} instances never finished\n{tail}")


def check(database: Database, folder: Path) -> None:
    """Judge the database after the storm."""
    with database.read() as session:
        instances = {row.id: row for row in session.scalars(select(Instance))}
        keys = set(session.scalars(select(IdempotencyKey.key).where(IdempotencyKey.key.like("storm-%"))))
        lines = defaultdict(list)
        for line in session.scalars(select(HistoryLine).order_by(HistoryLine.instance_id, HistoryLine.sequence)):
            lines[line.instance_id].append(line)
        counted = Counter(session.scalars(select(Notice.instance_id).where(Notice.kind == COUNTED)))
        slots = Counter(session.scalars(select(Slot.instance_id)))
        assert session.scalars(select(Incident.message)).all() == []
        assert session.scalar(select(func.count()).select_from(Work)) == 0
    roots = [one for one in instances.values() if one.parent_id is None]
    children = [one for one in instances.values() if one.parent_id is not None]
    acknowledged = (folder / "acknowledged").read_text().splitlines()
    assert len(acknowledged) > 0, "the storm let nothing happen"
    assert set(acknowledged) <= keys, "an acknowledged start was lost"
    assert len(roots) == len(keys), "a start was repeated"
    assert len(children) == CHILDREN * len(roots), "children were lost or repeated"
    assert counted == Counter(dict.fromkeys(instances, 1)), "an internal service ran not exactly once"
    assert slots == Counter({child.id: 1 for child in children}), "a task was lost or repeated"
    called = Counter((folder / "calls").read_text().split())
    assert len(called) == len(children), "an external call was lost, or repeated with another key"
    check_histories([lines[one.id] for one in roots])
    check_histories([lines[one.id] for one in children])
    for child in children:
        check_timer(lines[child.id])


def check_histories(histories: list[list[HistoryLine]]) -> None:
    """Every instance of one process has the same lines, numbered without a gap, each element entered once."""
    shapes = Counter(
        tuple(sorted((line.operation, line.element_id or "") for line in history)) for history in histories
    )
    assert len(shapes) == 1, f"histories differ: {shapes}"
    for history in histories:
        assert [line.sequence for line in history] == list(range(1, len(history) + 1))
        for operation in ("enter", "leave"):
            seen = Counter(line.element_id for line in history if line.operation == operation)
            assert set(seen.values()) == {1}, f"{operation} repeated: {seen}"


def check_timer(history: list[HistoryLine]) -> None:
    """The timer never fired early."""
    entered = next(line.at for line in history if (line.operation, line.element_id) == ("enter", "pause"))
    fired = next(line.at for line in history if line.operation == "timer")
    assert fired - entered >= timedelta(seconds=TIMER_SECONDS)
