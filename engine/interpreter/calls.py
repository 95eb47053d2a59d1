"""Call activities: another process runs as an instance of its own, or one for every item of a multi-instance.

Nothing goes into the called process and nothing comes back but what is mapped: parameters (``camunda:in`` and
``camunda:out``, whose ``variables="all"`` stands for everything) or data associations. A child of a multi-instance
call gets its item under the item's name besides. Of several children the outputs of the last one stay, unless the
designer refers to ``results``, the list of all children's variables in the order of the items, or collects an output.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.interpreter import data, multi
from engine.interpreter.activities import Activity
from engine.interpreter.contract import ChildrenRequested, WaitKind
from engine.interpreter.errors import ElementFailed
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import MultiInstance, Node
    from engine.interpreter.specs import ProcessSpec
    from engine.interpreter.tokens import Token

_RESULTS = re.compile(r"\bresults\b")


class CallActivity(Activity):
    """Calls another process."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.about_all = any(_RESULTS.search(text) for text in node.outputs.values())
        self._about_item = about_item(node)

    def multi_instance(self) -> "MultiInstance | None":
        return None

    def perform(self, token: "Token") -> bool | None:
        run, many = token.run_, self.node.multi
        called = self._called(token)
        inputs = data.inputs_of(token, self.node)
        if "passAll" in self.node.properties:
            inputs = {**run.view(token), **inputs}
        items, item_name = None, None
        if many is not None:
            items, item_name = self._items(token, many)
        if items == []:
            self.store(token, {"results": []})
            return True
        token.memory["wait"] = WaitKind.CALL.value
        run.emit(
            ChildrenRequested(
                token=token.id,
                element_id=self.node.id,
                called=called,
                items=items,
                item_name=item_name,
                inputs=inputs,
                completion_condition=many.completion_condition if many else None,
                sequential=many.sequential if many else False,
            )
        )
        return None

    def _called(self, token: "Token") -> str:
        text = self.node.attributes.get("calledElement", "")
        if not text.startswith("="):
            return text
        called = token.run_.evaluate(token, text)
        if isinstance(called, str) and called:
            return called
        message = f"“{text}”没有得出流程编号 / The called element is not the id of a process: {called!r:.60}"
        raise ElementFailed("called-element", message)

    def _items(self, token: "Token", many: "MultiInstance") -> tuple[list[Any], str | None]:
        """Return the items and the name that each has in its child, or for every child what it alone is given."""
        items = multi.items_of(token, many)
        copied = [one for one in self.node.data_inputs if one.source == many.item_name or one.expression is not None]
        if many.item_name and not self._about_item and not copied:
            return items, many.item_name
        given = []
        for number, item in enumerate(items, 1):
            seen = {"loopCounter": number, **({many.item_name: item} if many.item_name else {})}
            values = token.run_.evaluate_all(token, self._about_item, seen)
            for one in copied:
                values[one.target] = plain(token.run_.evaluate(token, one.expression or one.source or "", seen))
            given.append({**({many.item_name: item} if many.item_name else {}), **values})
        return given, None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        """Take over what the designer mapped of the children's variables; nothing else comes back."""
        run, many = token.run_, self.node.multi
        results: Sequence[Mapping[str, Any]] = result.get("results", []) if many is not None else [result]
        values: dict[str, Any] = {}
        if results and "returnAll" in self.node.properties:
            values.update(results[-1])
        if self.about_all:
            values.update(data.outputs_of(token, self.node, result))
        elif results:
            values.update(data.outputs_of(token, self.node, results[-1]))
        if many is not None and many.output_collection:
            item = many.output_item
            values[many.output_collection] = [run.evaluate(token, item, r) for r in results] if item else list(results)
        run.write(token, values)


def wants_results(node: "Node") -> bool:
    """Say whether a call activity takes anything over from its children."""
    collects = node.multi is not None and node.multi.output_collection is not None
    return collects or data.has_outputs(node) or "returnAll" in node.properties


def about_item(node: "Node") -> dict[str, str]:
    """Return the mapped inputs of a multi-instance call that speak of the item: each child gets its own."""
    named = [node.multi.item_name] if node.multi and node.multi.item_name else []
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, [*named, 'loopCounter']))})\b")
    return {name: text for name, text in node.inputs.items() if pattern.search(text)}
