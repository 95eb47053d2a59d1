"""Events: start, end, intermediate, boundary."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import DubanError
from engine.interpreter import compensation
from engine.interpreter.contract import Entered, Thrown, WaitKind
from engine.interpreter.errors import ElementFailed, ErrorThrown
from engine.interpreter.specs import NodeSpec

if TYPE_CHECKING:
    from engine.definitions.model import Node
    from engine.interpreter.run import Run, Token
    from engine.interpreter.specs import ProcessSpec

CYCLE = re.compile(r"R(?P<count>\d*)/(?:(?P<start>\d[^/]*)/)?(?P<every>[^/]+)")
WAIT_KINDS = {"message": WaitKind.MESSAGE, "signal": WaitKind.SIGNAL}


class StartEvent(NodeSpec):
    """Where a scope begins; what triggers it has happened by then."""


class EventSpec(NodeSpec):
    """An event with one definition."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        definition = self.event()
        self.kind = definition.kind if definition else "none"
        self.details: Mapping[str, str] = definition.details if definition else {}

    def listen(self, token: "Token") -> None:
        """Start to wait for the event."""
        if self.kind == "timer":
            self._start_timer(token)
        else:
            token.run_.wait(token, WAIT_KINDS[self.kind], self.details.get("name"))

    def _start_timer(self, token: "Token") -> None:
        run = token.run_
        if "cycle" not in self.details:
            kind = "date" if "date" in self.details else "duration"
            run.set_timer(token, run.environment.due(kind, self.details[kind], run.view(token), run.at))
            return
        cycle = self._cycle(token)
        token.memory["left"] = int(cycle["count"]) if cycle["count"] else -1
        if cycle["start"]:
            due = run.environment.due("date", cycle["start"], run.view(token), run.at)
        else:
            due = run.environment.due("duration", cycle["every"] or "", run.view(token), run.at)
        self._set_round(token, due)

    def _cycle(self, token: "Token") -> dict[str, str | None]:
        text = self.details["cycle"]
        value = token.run_.evaluate(token, text) if text.startswith("=") else text
        match = CYCLE.fullmatch(str(value).strip())
        if match is None:
            raise ElementFailed("timer-cycle", f"不是有效的循环时间：{value} / Not a repeating interval")
        return match.groupdict()

    @staticmethod
    def _set_round(token: "Token", due: datetime) -> None:
        token.memory["due"] = due.isoformat()
        token.run_.set_timer(token, due)

    def next_round(self, token: "Token") -> bool:
        """Set a repeating timer for its next round, counted from the last due instant; False when it is spent.

        Rounds that were slept through (the clock jumped, the system was down) are not made up for one by one.
        """
        if "cycle" not in self.details or token.memory["left"] in (0, 1):
            return False
        run = token.run_
        every = self._cycle(token)["every"] or ""
        due = run.environment.due("duration", every, run.view(token), datetime.fromisoformat(token.memory["due"]))
        if due <= run.at:
            due = run.environment.due("duration", every, run.view(token), run.at)
        if token.memory["left"] > 0:
            token.memory["left"] -= 1
        self._set_round(token, due)
        return True

    def throw(self, token: "Token") -> None:
        """Send the message or signal of a throwing event; mapped inputs are its payload."""
        run = token.run_
        payload = run.evaluate_all(token, self.node.inputs)
        name = self.details.get("name", "")
        run.emit(Thrown(kind=self.kind, name=name, payload=payload))
        if self.kind == "signal":
            deliver_signal(run, name, payload)


class ThrowingSpec(EventSpec):
    """An event that throws; one that compensates is the scope of the handlers that it waits for."""

    def compensate(self, token: "Token") -> bool | None:
        """Undo what the event means, inside its token, or inside another one that nobody waits for."""
        memory = token.memory
        if "detached" in memory:
            return None if compensation.begin(token, self.details.get("activityRef")) else True
        if self.details.get("waitForCompletion") == "false":
            token.run_.place(self.node.id, token.scope, stage="in", detached=True)
            return True
        return None if compensation.begin(token, self.details.get("activityRef")) else True

    def emptied(self, scope: "Token") -> None:
        if not compensation.go_on(scope):
            super().emptied(scope)

    def leave(self, token: "Token") -> None:
        if "detached" in token.memory:
            token.run_.remove(token)
        else:
            super().leave(token)


class CatchEvent(EventSpec):
    """An intermediate event that waits. Behind an event-based gateway it is entered when it happens."""

    def perform(self, token: "Token") -> bool | None:
        if self.kind in ("none", "link"):
            return True
        self.listen(token)
        return None

    def after_store(self, token: "Token") -> bool | None:
        return True


class ThrowEvent(ThrowingSpec):
    """An intermediate event that throws, or nothing but a mark on the way."""

    def perform(self, token: "Token") -> bool | None:
        if self.kind in ("message", "signal"):
            self.throw(token)
        elif self.kind == "compensate":
            return self.compensate(token)
        return True

    def leave(self, token: "Token") -> None:
        if self.kind != "link":
            super().leave(token)
            return
        run = token.run_
        run.leave(token)
        run.place(self.process_spec.reach.links[self.node.id], token.scope)
        run.remove(token)


class EndEvent(ThrowingSpec):
    """Ends its token; terminate ends the scope, an error is thrown out of it."""

    def perform(self, token: "Token") -> bool | None:
        if self.kind in ("message", "signal"):
            self.throw(token)
        elif self.kind == "compensate":
            return self.compensate(token)
        elif self.kind == "cancel":
            return self._give_up(token)
        elif self.kind == "error":
            code = self.details.get("code", "")
            raise ErrorThrown(code, self.details.get("name") or code)
        return True

    def _give_up(self, token: "Token") -> bool | None:
        """Cancel the transaction: what is still open ends, what was completed is compensated."""
        scope = token.scope
        for other in scope.inner:
            if other.id != token.id and other.id in token.run_.tasks:
                compensation.take_inner(scope, other)
                token.run_.withdraw(other, "cancelled")
        return None if compensation.begin(token, None) else True

    def leave(self, token: "Token") -> None:
        if self.kind == "cancel":
            boundary = next(b for b in self.process_spec.boundaries(token.scope.spec.node.id) if b.kind == "cancel")
            token.run_.leave(token)
            boundary.follow(token.scope, "cancelled", {})
            return
        if self.kind != "terminate":
            super().leave(token)
            return
        run, scope = token.run_, token.scope
        run.leave(token)
        if scope.is_root:
            run.end("terminated")
            return
        for other in scope.inner:
            if other.id != token.id and other.id in run.tasks:
                run.withdraw(other, "terminated")
        run.remove(token)


class BoundaryEvent(EventSpec):
    """An event on the edge of an activity. Error events hold no token: they are looked up when an error comes."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.interrupting = node.attributes.get("cancelActivity") != "false"

    def arm(self, host: "Token") -> None:
        """Wait while the activity is open."""
        run = host.run_
        token = run.place(self.node.id, host.scope)
        token.set_waiting()
        run.attach(token, host.id)
        self.listen(token)

    def fire(self, token: "Token", payload: Mapping[str, Any]) -> None:
        """The event happened: interrupt the activity, or start a branch beside it."""
        run = token.run_
        host = run.find(token.memory["host"])
        if self.interrupting:
            del token.memory["host"]
            run.attached[host.id].remove(token.id)
            run.withdraw(host, f"interrupted:{self.node.id}")
            run.finish(token, payload)
        else:
            branch = run.place(self.node.id, token.scope)
            branch.memory.update(stage="store", result=dict(payload))
            if self.kind == "timer" and not self.next_round(token):
                run.attached[host.id].remove(token.id)
                run.remove(token)

    def _run_hook(self, token: "Token") -> bool | None:
        if token.memory.get("stage") == "store":
            token.run_.emit(Entered(token=token.id, element_id=self.node.id))
        return super()._run_hook(token)

    def catch(self, host: "Token", error: DubanError) -> None:
        """Take an error of the activity: it ends, and the process goes on here."""
        values = {
            self.details[key]: value
            for key, value in (("errorCodeVariable", error.code), ("errorMessageVariable", str(error)))
            if key in self.details
        }
        self.follow(host, f"error:{error.code}", values)

    def follow(self, host: "Token", reason: str, values: Mapping[str, Any]) -> None:
        """End the activity, and go on here."""
        while "item" in host.memory:
            host = host.scope
        token = host.run_.place(self.node.id, host.scope)
        host.run_.withdraw(host, reason)
        token.memory.update(stage="store", result=dict(values))


def deliver_signal(run: "Run", name: str, payload: Mapping[str, Any]) -> None:
    """Wake everything in this instance that waits for the signal now."""
    waiting = [token.id for token in run.tokens() if token.memory.get("wait") == "signal"]
    for token_id in waiting:
        token = run.tasks.get(token_id)
        if token is not None and token.memory.get("wait") == "signal" and token.spec.details.get("name") == name:
            happened(run, token, payload)


def happened(run: "Run", token: "Token", payload: Mapping[str, Any]) -> None:
    """An event that a token waits for happened."""
    spec = token.spec
    if isinstance(spec, BoundaryEvent) and "host" in token.memory:
        run.attempt(token, lambda: spec.fire(token, payload))
        return
    close_gate(run, token)
    run.finish(token, payload)


def close_gate(run: "Run", token: "Token") -> None:
    """The first event behind an event-based gateway happened: the others are dropped."""
    gate = token.memory.pop("gate", None)
    if gate is None:
        return
    run.emit(Entered(token=token.id, element_id=token.spec.node.id))
    for other in token.scope.inner:
        if other.memory.get("gate") == gate and other.id in run.tasks:
            run.withdraw(other, "gateway")
