"""Values on their way into an activity or event and out of it: mapped parameters and data associations.

Inputs are local to the element. Outputs are written where the element lies. A data association without an
expression copies what is there and nothing else: a source without a value leaves its target as it is.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter import stores
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import DataAssociation, Node
    from engine.interpreter.tokens import Token


def inputs_of(token: "Token", node: "Node") -> dict[str, Any]:
    """Return what goes into an element: its mapped inputs and its data inputs, by their names."""
    values = token.run_.evaluate_all(token, node.inputs)
    values.update(_moved(token, node.data_inputs, {}))
    return values


def has_outputs(node: "Node") -> bool:
    """Say whether something comes out of an element into variables; what it gives to data stores is not meant."""
    return bool(node.outputs) or any(association.store is None for association in node.data_outputs)


def outputs_of(token: "Token", node: "Node", result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what comes out of an element through its mapped outputs and its data outputs, by variable."""
    values = token.run_.evaluate_all(token, node.outputs, result)
    values.update(_moved(token, node.data_outputs, result))
    return values


def _moved(token: "Token", associations: "tuple[DataAssociation, ...]", result: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if not associations:
        return values
    run = token.run_
    seen = {**run.view(token), **result}
    for association in associations:
        if association.store is not None:
            if association.source is None:
                values[association.target] = stores.read(token, association, association.store)
        elif association.expression is not None:
            values[association.target] = plain(run.evaluate(token, association.expression, result))
        elif association.source in seen:
            values[association.target] = seen[association.source]
    return values
