"""Where a process begins (BPMN 2.0.2, 10.5.2 and 13.2).

By itself a process begins as :func:`engine.definitions.scopes.openings` says. A trigger begins it at the start event
that it belongs to, or at an event or receive task that starts it: one behind an instantiating event-based gateway, or
an instantiating receive task.
"""

from typing import TYPE_CHECKING

from engine.interpreter import handlers
from engine.interpreter.correlation import learn
from engine.interpreter.errors import InterpreterError

if TYPE_CHECKING:
    from engine.definitions.model import Node, Process
    from engine.interpreter.run import Run


def begin(run: "Run", start_event: str | None, definition: int | None) -> None:
    """Put the first tokens of a new instance.

    ``definition`` is the index of the event definition that happened, for a parallel multiple start event: the
    instance then waits for the others. Raises :class:`InterpreterError` for an event that starts nothing.
    """
    spec = run.process_spec
    handlers.open_scope(run.root)
    if start_event is None:
        for node_id in spec.openings(spec.process.id):
            run.place(node_id, run.root)
        return
    node = spec.spec(start_event).node
    for event in node.events:
        if event.kind == "message":
            learn(run.root, event.details.get("name", ""), run.variables)
    gateway = instantiating_gateway(spec.process, node)
    if node.type == "startEvent" and node.parent == spec.process.id:
        parallel = node.attributes.get("parallelMultiple") == "true" and definition is not None
        run.place(node.id, run.root, **({"begun": [definition]} if parallel else {}))
    elif gateway is not None:
        run.place(gateway.id, run.root, begun=node.id)
    elif node.type == "receiveTask" and node.attributes.get("instantiate") == "true":
        run.occur(node.id, run.root, {})
    else:
        raise InterpreterError(f"“{node.name or node.id}”不能启动流程 / {node.id} does not start the process")


def instantiating_gateway(process: "Process", node: "Node") -> "Node | None":
    """Return the event-based gateway before an element if it starts the process."""
    for flow in node.incoming:
        source = process.nodes.get(process.flows[flow].source)
        if source is not None and source.type == "eventBasedGateway" and source.attributes.get("instantiate") == "true":
            return source
    return None
