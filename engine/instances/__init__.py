"""The turn, fan-out, variables, suspension and incidents.

Names are looked up when they are first used: the rooms of instances, tasks and work call each other, and the table
modules have to be importable without pulling all of them in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.instances.incidents import resolve_incident as resolve_incident
    from engine.instances.incidents import retry_incident as retry_incident
    from engine.instances.incidents import retry_incidents as retry_incidents
    from engine.instances.lifecycle import resume as resume
    from engine.instances.lifecycle import suspend as suspend
    from engine.instances.lifecycle import terminate as terminate
    from engine.instances.migrate import migrate_instance as migrate_instance
    from engine.instances.migrate import migrate_instances as migrate_instances
    from engine.instances.modify import modify_instance as modify_instance
    from engine.instances.start import Start as Start
    from engine.instances.start import start_in as start_in
    from engine.instances.start import start_instance as start_instance
    from engine.instances.turns import TurnReport as TurnReport
    from engine.instances.turns import turn as turn
    from engine.instances.work import finish_external as finish_external
    from engine.instances.work import perform_work as perform_work
    from engine.instances.work import prepare_external as prepare_external
    from engine.instances.work import record_failure as record_failure

_HOMES = {
    "engine.instances.incidents": ("resolve_incident", "retry_incident", "retry_incidents"),
    "engine.instances.lifecycle": ("resume", "suspend", "terminate"),
    "engine.instances.migrate": ("migrate_instance", "migrate_instances"),
    "engine.instances.modify": ("modify_instance",),
    "engine.instances.start": ("Start", "start_in", "start_instance"),
    "engine.instances.turns": ("TurnReport", "turn"),
    "engine.instances.work": ("finish_external", "perform_work", "prepare_external", "record_failure"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
