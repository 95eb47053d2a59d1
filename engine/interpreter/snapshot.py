"""The stored form of an instance: live tokens only, as JSON; the drawing itself is in the definition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from engine.interpreter.contract import Environment, WaitKind
from engine.interpreter.errors import InterpreterError
from engine.interpreter.gateways import JoiningGateway
from engine.interpreter.run import Run
from engine.interpreter.specs import ProcessSpec
from engine.interpreter.tokens import ROOT, Token, numbered

FORMAT = 1


def dump(run: Run) -> bytes:
    """Return the snapshot of a run at rest."""
    tokens = [[t.id, t.spec.node.id, t.scope.id, t.state, t.memory] for t in run.tokens()]
    return orjson.dumps(
        {
            "format": FORMAT,
            "definition": run.process_spec.digest,
            "process": run.process_spec.process.id,
            "counter": numbered(run.counter),
            "ended": run.ended,
            "tokens": tokens,
            **({"root": run.root.memory} if run.root.memory else {}),
        }
    )


def load(
    spec: ProcessSpec, snapshot: bytes, variables: Mapping[str, Any], environment: Environment, at: datetime
) -> Run:
    """Bring a snapshot back to life. Raises :class:`InterpreterError` when it belongs to another definition."""
    stored = orjson.loads(snapshot)
    if stored["format"] != FORMAT or stored["definition"] != spec.digest or stored["process"] != spec.process.id:
        raise InterpreterError("快照与流程定义不符 / The snapshot belongs to another definition")
    run = Run(spec, variables, environment, at)
    run.counter, run.ended = int(stored["counter"]), stored["ended"]
    run.root.memory.update(stored.get("root", {}))
    for token_id, node_id, scope_id, state, memory in stored["tokens"]:
        scope = run.root if scope_id == ROOT else run.find(scope_id)
        token = Token(run, spec.spec(node_id), scope, state, token_id)
        token.memory.update(memory)
        if memory.get("wait") == WaitKind.CONDITIONAL:
            run.watching[token_id] = None
        if "host" in memory:
            run.attached.setdefault(memory["host"], []).append(token_id)
        if state == TaskState.READY:
            run.ready.append(token_id)
        elif "stage" not in memory and "flow" in memory and isinstance(token.spec, JoiningGateway):
            run.arrive(token)
    return run
