"""Services for tests: they fail as often as they are told, and remember how they were called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.ports import ServiceCall, ServiceKind


class Broken(RuntimeError):
    """What a service raises that fails."""


@dataclass
class Flaky:
    """Fails ``failures`` times, then answers; ``keys`` are the idempotency keys of all calls, in order."""

    failures: int
    keys: list[str] = field(default_factory=list)
    seen: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, call: ServiceCall) -> Mapping[str, Any]:
        self.keys.append(call.idempotency_key)
        self.seen.append(dict(call.inputs))
        if len(self.keys) <= self.failures:
            raise Broken("no answer")
        return {"answer": len(self.keys)}


def services(
    run: Flaky, *, external: bool = False, at_most_once: bool = False, retry: str = ""
) -> dict[str, ServiceKind]:
    """Return one kind of service, ``test.flaky``."""
    name = "test.flaky"
    return {name: ServiceKind(name, run, external=external, at_most_once=at_most_once, retry=retry)}


def service(key: str, inner: str = "", **attributes: str) -> str:
    """Return a service task that calls it; ``retry`` becomes ``duban:retry``."""
    extra = "".join(f' duban:{name}="{text}"' for name, text in attributes.items())
    return f'<serviceTask id="{key}" name="{key}" duban:service="test.flaky"{extra}>{inner}</serviceTask>'
