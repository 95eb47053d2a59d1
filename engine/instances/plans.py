"""Migration plans: from which published version to which, and for every process which element stands for which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.definitions.packages import LoadedPackage
from engine.errors import InvalidInput, NotFound
from engine.interpreter.migration import Crossing, Finding, check_mapping, generate_mapping

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """Where the instances of one process go: the target's process, and its elements by the source's."""

    target: str
    elements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """A plan for the instances of one version. ``processes`` are by the source's process; others cannot go over."""

    source_version_id: int
    target_version_id: int
    processes: Mapping[str, ProcessPlan] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; identifiers are texts."""
        return {
            "source_version_id": str(self.source_version_id),
            "target_version_id": str(self.target_version_id),
            "processes": {
                source: {"target": one.target, "elements": dict(one.elements)} for source, one in self.processes.items()
            },
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "MigrationPlan":
        """Read what :meth:`as_json` wrote. Raises InvalidInput for anything else."""
        try:
            processes = {
                str(source): ProcessPlan(str(one["target"]), {str(a): str(b) for a, b in one["elements"].items()})
                for source, one in stored["processes"].items()
            }
            return cls(int(stored["source_version_id"]), int(stored["target_version_id"]), processes)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput("迁移方案的格式不对 / This is no migration plan") from error


def generate_plan(
    engine: "Engine",
    session: Session,
    *,
    source_version_id: int,
    target_version_id: int,
    elements: Mapping[str, Mapping[str, str | None]] | None = None,
    processes: Mapping[str, str] | None = None,
) -> MigrationPlan:
    """Make a plan: every process goes to the one with its id, every element to the one that can be told by itself.

    Parameters
    ----------
    elements
        Changes of the generated mapping, by source process: target element by source element, None takes it out.
    processes
        Target processes by source process, where the ids differ.

    Raises
    ------
    InvalidInput
        The versions are the same, or what is changed does not exist.
    NotFound
        There is no such version.

    """
    if source_version_id == target_version_id:
        raise InvalidInput("新旧版本相同 / Source and target are the same version")
    source, target = (engine.packages.get(session, one) for one in (source_version_id, target_version_id))
    chosen = {process_id: process_id for process_id in source.processes if process_id in target.processes}
    chosen |= processes or {}
    changes = elements or {}
    unknown = [one for one in changes if one not in chosen]
    if unknown:
        raise InvalidInput(f"没有流程“{unknown[0]}”可迁移 / There is no process {unknown[0]} to migrate")
    plans = {}
    for source_id, target_id in chosen.items():
        there = _process(source, source_id), _process(target, target_id)
        mapping: dict[str, str | None] = {**generate_mapping(*there), **changes.get(source_id, {})}
        plans[source_id] = ProcessPlan(target_id, {one: other for one, other in mapping.items() if other})
    plan = MigrationPlan(source_version_id, target_version_id, plans)
    require_plan(engine, session, plan)
    return plan


def check_plan(engine: "Engine", session: Session, plan: MigrationPlan) -> list[Finding]:
    """Return what is wrong with a plan whatever the instance."""
    return [
        finding
        for process_id in plan.processes
        for crossing in [crossing_of(engine, session, plan, process_id)]
        for finding in check_mapping(crossing.source, crossing.target, crossing.elements)
    ]


def require_plan(engine: "Engine", session: Session, plan: MigrationPlan) -> None:
    """Raise InvalidInput, with a sentence for every element, when something is wrong with a plan."""
    found = check_plan(engine, session, plan)
    if found:
        raise InvalidInput(found[0].sentence, {str(one.element_id): one.sentence for one in found})


def crossing_of(engine: "Engine", session: Session, plan: MigrationPlan, process_id: str) -> Crossing:
    """Return the two drawings of a process of a plan. Raises InvalidInput when the plan leaves it out."""
    one = plan.processes.get(process_id)
    if one is None:
        raise InvalidInput(f"方案里没有流程“{process_id}” / The plan leaves out the process {process_id}")
    source, target = (
        engine.packages.get(session, version) for version in (plan.source_version_id, plan.target_version_id)
    )
    return Crossing(_process(source, process_id), _process(target, one.target), one.elements)


def _process(package: LoadedPackage, process_id: str) -> Any:
    try:
        return package.process(process_id)[1]
    except NotFound as error:
        raise InvalidInput(str(error)) from error
