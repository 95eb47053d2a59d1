"""Service tasks: inside a turn's transaction, or between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.errors import DubanError
from engine.instances.effects import plain
from engine.instances.models import Instance, InstanceStatus
from engine.instances.run import Run, load_run
from engine.instances.turns import advance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import WaitFinished
from engine.ports import ServiceCall, ServiceKind
from engine.wording import say
from engine.work.models import Work

if TYPE_CHECKING:
    from engine.runtime import Engine


class UnknownService(DubanError):
    """The diagram names a kind of service that this installation does not have."""

    code = "unknown-service"


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call to the outside with its inputs and key; it holds no transaction while it lasts."""

    engine: "Engine"
    instance: Instance
    kind: ServiceKind
    element_id: str
    token: str
    inputs: Mapping[str, Any]
    at: datetime
    idempotency_key: str

    @property
    def at_most_once(self) -> bool:
        """Whether a lost answer is an incident instead of a repetition."""
        return self.kind.at_most_once

    def run(self) -> Mapping[str, Any]:
        """Make the call. The session given to it only reads: it never holds the writer's lock."""
        with self.engine.db.read() as session:
            return self.kind.run(
                ServiceCall(
                    engine=self.engine,
                    session=session,
                    instance=self.instance,
                    element_id=self.element_id,
                    token=self.token,
                    inputs=self.inputs,
                    at=self.at,
                    idempotency_key=self.idempotency_key,
                )
            )


def runs_inside(engine: "Engine", session: Session, instance: Instance, work: Work) -> bool:
    """Say whether the service of a work row runs inside the turn's transaction; an unknown one fails there."""
    process = engine.packages.get(session, instance.package_version_id).process(instance.process_id)[1]
    name = process.nodes[str(work.payload["element_id"])].attributes.get("duban:service", "")
    kind = engine.services.get(name)
    return kind is None or not kind.external


def prepare_external(engine: "Engine", session: Session, instance: Instance, work: Work) -> PreparedCall | None:
    """Return the call to make outside the transaction, None when the service runs inside."""
    if runs_inside(engine, session, instance, work):
        return None
    run = load_run(TurnWriter(engine, session, engine.clock.now()), instance)
    kind = _kind(run, work.payload["element_id"])
    element_id = str(work.payload["element_id"])
    inputs = inputs_of(run, element_id, work.payload.get("scope") or {})
    return PreparedCall(engine, instance, kind, element_id, str(work.token), inputs, run.at, key_of(work))


def finish_external(
    engine: "Engine", session: Session, instance: Instance, work: Work, result: Mapping[str, Any] | Exception
) -> None:
    """Take the call's result into the instance; a failure becomes an incident that can be retried.

    The result for an instance that was suspended meanwhile waits with it.
    """
    from engine.instances.work import note_failure

    writer = TurnWriter(engine, session, engine.clock.now())
    with session.no_autoflush:
        if isinstance(result, Exception):
            note_failure(writer, instance, work, result)
        elif instance.status == InstanceStatus.SUSPENDED:
            payload = {"element_id": work.payload["element_id"], "result": plain(dict(result))}
            writer.work(instance, "answer", writer.at, payload, work.token)
        else:
            finish(load_run(writer, instance), work, result)
        writer.write()


def run_internal(run: Run, work: Work) -> None:
    """Run a service inside the turn's transaction, exactly once, and go on with its result."""
    element_id = str(work.payload["element_id"])
    kind = _kind(run, element_id)
    result = kind.run(
        ServiceCall(
            engine=run.engine,
            session=run.session,
            instance=run.instance,
            element_id=element_id,
            token=str(work.token),
            inputs=inputs_of(run, element_id, work.payload.get("scope") or {}),
            at=run.at,
            idempotency_key=key_of(work),
        )
    )
    finish(run, work, result)


def finish(run: Run, work: Work, result: Mapping[str, Any]) -> None:
    """Go on with a service's result."""
    values = plain(dict(result))
    run.writer.line(
        run.instance, "service", element_id=str(work.payload["element_id"]), rule="system:service",
        detail={"result": values},
    )  # fmt: skip
    advance(run, [WaitFinished(at=run.at, token=str(work.token), result=values)])


def key_of(work: Work) -> str:
    """Return the call's idempotency key: the same for every repetition, also after an incident."""
    return str(work.payload.get("key") or work.id)


def _kind(run: Run, element_id: str) -> ServiceKind:
    name = run.node(element_id).attributes.get("duban:service", "")
    kind = run.engine.services.get(name)
    if kind is None:
        raise UnknownService(say("“{element_id}”要的服务“{name}”没有安装", element_id=element_id, name=name))
    return kind


def inputs_of(run: Run, element_id: str, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evaluated inputs of a service task."""
    variables = {**run.variables, **scope}
    mapping = run.node(element_id).inputs
    return {name: run.environment.evaluate(text, variables) for name, text in mapping.items()}
