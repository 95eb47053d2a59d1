"""What a suite may put in the place of scripts and services."""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.calendars import WorkingCalendar
from engine.definitions.foreign.scripts import is_native, language_of, translate_script
from engine.definitions.packages import FindCalendar, Package, PackageCache
from engine.errors import DubanError
from engine.interpreter.contract import Decision, Environment
from engine.interpreter.errors import LeftToOthers

Hook = Callable[..., Mapping[str, Any] | None]
"""Called with element id, format (of a service: its name), text and variables; returns variables, or None."""


class HookFailed(DubanError):
    """A hook raised an error: the element fails as if its own script had."""

    code = "script-failed"


def call_hook(
    hook: Hook, element_id: str, language: str, text: str, variables: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Call a hook with as many arguments as it takes; what it raises becomes an error of the element."""
    try:
        answer = hook(*_fitting(hook, (element_id, language, text, dict(variables))))
    except DubanError:
        raise
    except Exception as error:
        raise HookFailed(f"{type(error).__name__}: {error}") from error
    return dict(answer) if isinstance(answer, Mapping) else None


def _fitting(hook: Hook, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out the text, then the format, for hooks that take three arguments or two."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):
        return arguments
    if any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return arguments
    places = sum(one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters)
    element_id, language, _, variables = arguments
    shorter: dict[int, tuple[Any, ...]] = {
        0: (),
        1: (element_id,),
        2: (element_id, variables),
        3: (element_id, language, variables),
    }
    return shorter.get(places, arguments)


class BenchEnvironment:
    """A package's environment whose scripts may be replaced and whose missing decisions are made by hand."""

    def __init__(self, package: Package, inner: Environment, on_script: Hook | None) -> None:
        self._package = package
        self._on_script = on_script
        self.evaluate = inner.evaluate
        self.run_script = inner.run_script
        self.due = inner.due
        self.stored = inner.stored
        self._decide = inner.decide

    def replace_script(
        self, element_id: str, language: str, text: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Ask the hook; None runs the script itself, in a language that is not ours translated."""
        answer = None if self._on_script is None else call_hook(self._on_script, element_id, language, text, variables)
        spoken = language_of(language)
        if answer is not None or not spoken or is_native(spoken):
            return answer
        return self.run_script("javascript", translate_script(spoken, text), variables)

    def decide(self, decision: str, variables: Mapping[str, Any]) -> Decision:
        """Evaluate a decision; one that is not deployed is left open, like a service."""
        if decision not in self._package.decisions:
            raise LeftToOthers
        return self._decide(decision, variables)


class BenchPackages(PackageCache):
    """Packages whose instances ask a :class:`BenchEnvironment`."""

    def __init__(self, on_script: Hook | None) -> None:
        super().__init__()
        self._on_script = on_script

    def environment(
        self, loaded: Package, calendar: FindCalendar = WorkingCalendar, *, at: datetime | None = None
    ) -> Environment:
        """Return the package's environment with the suite's hook in front."""
        return BenchEnvironment(loaded, super().environment(loaded, calendar, at=at), self._on_script)
