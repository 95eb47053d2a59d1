"""The scenarios of a package, played before it is published: what ran before still runs."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from engine.definitions.packages import Package
from engine.store.bulk import insert_once
from workflows.designer.models import ScenarioReplay
from workflows.scenarios import play
from workflows.scenarios.player import scenario_paths

if TYPE_CHECKING:
    from engine.runtime import Engine

REMEMBERED = timedelta(hours=1)
"""How long a result counts: the same files give the same, but the engine itself may be another one tomorrow."""


def replay(engine: "Engine", package: Package) -> list[dict[str, Any]]:
    """Play every scenario of a package, each for itself in memory; what was played lately is remembered.

    Each result has path, name, ok, error, steps, seconds and checks.
    """
    results = []
    for path in scenario_paths(package):
        found = _remembered(engine, package.digest, path)
        if found is None:
            found = _played(package, path)
            _remember(engine, package.digest, path, found)
        results.append(found)
    return results


def _played(package: Package, path: str) -> dict[str, Any]:
    result = play(package, path)
    # Figures may be of any kind; a browser gets what JSON has.
    checks = orjson.loads(orjson.dumps([asdict(one) for one in result.checks], default=str))
    return {
        "path": path,
        "name": result.name,
        "ok": result.ok,
        "error": result.error,
        "steps": result.steps,
        "seconds": result.seconds,
        "checks": checks,
    }


def _remembered(engine: "Engine", digest: str, path: str) -> dict[str, Any] | None:
    with engine.db.read() as session:
        row = session.get(ScenarioReplay, (digest, path))
        if row is None or engine.clock.now() - row.played_at > REMEMBERED:
            return None
        return row.result


def _remember(engine: "Engine", digest: str, path: str, result: dict[str, Any]) -> None:
    at = engine.clock.now()
    with engine.db.write() as session:
        values = {"digest": digest, "path": path, "result": result, "played_at": at}
        if not insert_once(session, ScenarioReplay, values):
            row = session.get_one(ScenarioReplay, (digest, path))
            row.result, row.played_at = result, at
