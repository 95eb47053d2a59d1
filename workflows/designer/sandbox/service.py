"""Beginning, going on with, taking back and ending a dry run; its record in the database is what counts."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.definitions.packages import Package
from engine.errors import DubanError, InvalidInput, NotAllowed, NotFound, Stale
from engine.store import new_id
from workflows.designer.archives import write_archive
from workflows.designer.checking import check_package
from workflows.designer.errors import NotReady
from workflows.designer.models import SandboxRecord
from workflows.designer.sandbox.cast import STARTER, UNIT, invented_cast
from workflows.designer.sandbox.live import Live, alive
from workflows.designer.sandbox.state import seen_tasks, state_of
from workflows.designer.sandbox.steps import step_of
from workflows.organisation.tree import LOCAL
from workflows.plans.schema import read_plan
from workflows.scenarios.player import SCENARIO
from workflows.scenarios.reading import Scenario, read_scenario

if TYPE_CHECKING:
    from engine.runtime import Engine

EXPIRES_AFTER = timedelta(minutes=30)
MOST_STEPS = 300
MOST_OF_PERSON = 3
_NOT_COUNTED = frozenset({"scenario"})
"""Findings that do not keep a draft from being tried out."""


def begin(
    engine: "Engine",
    package: Package,
    *,
    person_id: int,
    process: str | None = None,
    variables: Mapping[str, Any] | None = None,
    who: str | None = None,
    starts_at: str | None = None,
    answered: Collection[str] = (),
    people: str | None = None,
) -> dict[str, Any]:
    """Begin a dry run: invent the people, publish the package in memory, start or launch it. Returns the state.

    Parameters
    ----------
    process
        Which process to start; without it the package is launched, where its plan has phases, or its main process
        started.
    who
        Login of who starts it.
    answered
        Kinds of services that the designer answers, beside those that call other systems.
    people
        ``scenario`` for those of the package's scenario, ``invented`` for some of our own; None takes the first where
        there is one.

    Raises
    ------
    NotReady
        The package would not run as drawn; with the findings.

    """
    with engine.db.read() as session:
        _require_runnable(engine, session, package)
        cast = _cast(session, package, people)
    setup = {
        "people": cast["people"],
        "starts_at": starts_at or cast["starts_at"] or _this_morning(engine),
        "answered": sorted({*answered, *cast["answered"]}),
    }
    at = engine.clock.now()
    record = SandboxRecord(
        id=new_id(),
        key=package.key,
        person_id=person_id,
        archive=write_archive(package.key, package.files),
        setup=setup,
        steps=[],
        version=0,
        created_at=at,
        touched_at=at,
    )
    with engine.db.write() as session:
        _make_room(session, engine, person_id)
        session.add(record)
    first = _start(package, process, who or cast["who"], variables or {})
    try:
        return _take_step(engine, record, first)
    except DubanError:
        end(engine, sandbox_id=record.id, key=package.key, person_id=person_id)
        raise


def look(engine: "Engine", *, sandbox_id: int, key: str, person_id: int) -> dict[str, Any]:
    """Return the state of one's own dry run. Raises NotFound when it is over, or somebody else's."""
    record = _record(engine, sandbox_id, key, person_id)
    with alive.entered(record) as live:
        return _told(engine, record, live)


def step(engine: "Engine", *, sandbox_id: int, key: str, person_id: int, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what was asked (docs/designer-api.md, "Sandbox") and return the state; a refusal changes nothing."""
    record = _record(engine, sandbox_id, key, person_id)
    if len(record.steps) >= MOST_STEPS:
        raise NotAllowed(f"试运行最多 {MOST_STEPS} 步 / A dry run has {MOST_STEPS} steps at most")
    return _take_step(engine, record, asked)


def undo(engine: "Engine", *, sandbox_id: int, key: str, person_id: int) -> dict[str, Any]:
    """Take the last step back. The first one, the start, stays."""
    record = _record(engine, sandbox_id, key, person_id)
    if len(record.steps) < 2:
        raise NotAllowed("没有可以撤回的步骤 / There is nothing to take back")
    with alive.entered(record) as live:
        taken = live.take_back(len(record.steps))
        _keep(engine, record, record.steps[:-1])
        if taken:
            live.version = record.version
            return _told(engine, record, live)
    with alive.entered(record) as live:
        return _told(engine, record, live)


def end(engine: "Engine", *, sandbox_id: int, key: str, person_id: int) -> None:
    """End a dry run; nothing of it is left."""
    with engine.db.write() as session:
        mine = (SandboxRecord.id == sandbox_id, SandboxRecord.key == key, SandboxRecord.person_id == person_id)
        session.execute(delete(SandboxRecord).where(*mine))
    alive.forget(sandbox_id)


def record_of(engine: "Engine", *, sandbox_id: int, key: str, person_id: int) -> SandboxRecord:
    """Return the record of one's own dry run. Raises NotFound."""
    return _record(engine, sandbox_id, key, person_id)


def _take_step(engine: "Engine", record: SandboxRecord, asked: Mapping[str, Any]) -> dict[str, Any]:
    with alive.entered(record) as live:
        done = step_of(live, asked)
        live.perform(len(record.steps) + 1, done)
        try:
            _keep(engine, record, [*record.steps, {"step": done, **seen_tasks(live.world)}])
        except Stale:
            live.take_back(len(record.steps) + 1)
            raise
        live.version = record.version
        return _told(engine, record, live)


def _keep(engine: "Engine", record: SandboxRecord, steps: list[dict[str, Any]]) -> None:
    """Write the steps, unless another tab was faster."""
    with engine.db.write() as session:
        row = session.get(SandboxRecord, record.id, with_for_update=True)
        if row is None:
            raise NotFound("试运行已经结束 / The dry run is over")
        if row.version != record.version:
            raise Stale("试运行在另一个页面里走了一步，请刷新 / Another tab went on with the dry run: reload")
        row.steps, row.version, row.touched_at = steps, row.version + 1, engine.clock.now()
        record.steps, record.version, record.touched_at = steps, row.version, row.touched_at


def _told(engine: "Engine", record: SandboxRecord, live: Live) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "expires_at": (record.touched_at + EXPIRES_AFTER).isoformat(),
        "may_undo": len(record.steps) > 1,
        **state_of(live, [one["step"] for one in record.steps]),
    }


def _record(engine: "Engine", sandbox_id: int, key: str, person_id: int) -> SandboxRecord:
    with engine.db.read() as session:
        found = session.get(SandboxRecord, sandbox_id)
    over = found is None or engine.clock.now() - found.touched_at > EXPIRES_AFTER
    if found is None or over or (found.key, found.person_id) != (key, person_id):
        raise NotFound("试运行已经结束，请重新开始 / The dry run is over: begin again")
    return found


def _make_room(session: Session, engine: "Engine", person_id: int) -> None:
    """Take away what has expired, and the person's oldest ones beyond the bound."""
    session.execute(delete(SandboxRecord).where(SandboxRecord.touched_at < engine.clock.now() - EXPIRES_AFTER))
    mine = select(SandboxRecord.id).where(SandboxRecord.person_id == person_id)
    surplus = (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) - MOST_OF_PERSON + 1
    if surplus > 0:
        oldest = session.scalars(mine.order_by(SandboxRecord.touched_at, SandboxRecord.id).limit(surplus)).all()
        session.execute(delete(SandboxRecord).where(SandboxRecord.id.in_(oldest)))


def _require_runnable(engine: "Engine", session: Session, package: Package) -> None:
    findings = [one for one in check_package(engine, session, package) if one.rule not in _NOT_COUNTED]
    errors = [one for one in findings if one.severity == "error" and one.rule != "unknown-people"]
    if errors:
        raise NotReady(
            "refused-diagram",
            f"有 {len(errors)} 处错误，还不能试运行 / {len(errors)} errors: it cannot be tried out yet",
            findings=findings,
        )


def _cast(session: Session, package: Package, people: str | None) -> dict[str, Any]:
    """Return the people, who starts, and when: the scenario's, or invented ones."""
    if people not in (None, "scenario", "invented"):
        raise InvalidInput("people 须为 scenario 或 invented / Unknown people", {"people": "不认识 / unknown"})
    content = package.files.get(SCENARIO)
    if people != "invented" and content is not None:
        scenario = read_scenario(content)
        return {
            "people": scenario.people,
            "who": _first_actor(scenario) or next(iter(scenario.people["others"]), None),
            "starts_at": scenario.starts_at,
            "answered": scenario.answered,
        }
    if people == "scenario":
        raise InvalidInput("流程包里没有 scenario.yaml / The package has no scenario.yaml", {"people": "没有 / none"})
    return {"people": invented_cast(session, package), "who": STARTER, "starts_at": None, "answered": ()}


def _first_actor(scenario: Scenario) -> str | None:
    """Return who launches or starts in a scenario without being refused."""
    for one in scenario.steps:
        if one.verb in ("launch", "start") and not one.arguments.get("refused"):
            return str(one.arguments["who"])
    return None


def _start(package: Package, process: str | None, who: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    if not process and read_plan(package.plan)["phases"]:
        return {"do": "launch", "who": who, "parameters": dict(variables)}
    unit = UNIT if who == STARTER else None
    return {"do": "start", "who": who, "process": process, "variables": dict(variables), "unit": unit}


def _this_morning(engine: "Engine") -> str:
    return f"{engine.clock.now().astimezone(LOCAL):%Y-%m-%d} 09:00"
