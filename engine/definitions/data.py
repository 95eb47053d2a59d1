"""Reads the data of a diagram: data objects, properties, inputs and outputs of activities, and their associations.

Data objects and properties are process variables under their name, or their id where the name is missing or no
identifier. A data input or output is known by its name inside the activity, else by its id. What an association
refers to and the drawing does not hold is taken for a variable of that name. An association that editors draw to
their ``__targetRef_placeholder``, or from an activity to a data object without a data output, only shows that the
activity uses the variable: it copies nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.definitions.elements import attributes_of, children, local_name, prefix_of, text_of
from engine.definitions.model import DataAssociation, DataStore, MultiInstance, Node

_PLACEHOLDER = "__targetRef_placeholder"
_NUMBERS = {"int": int, "integer": int, "long": int, "short": int, "double": float, "float": float, "decimal": float}


class DataNames:
    """Names of item-aware elements by id: of the whole document, and of an activity on top of them."""

    def __init__(self, root: Any) -> None:
        self._names: dict[str, str] = {}
        self.stores: dict[str, DataStore] = {}
        references = []
        for element in root.iter():
            tag, identifier = local_name(element), element.get("id")
            if not identifier:
                continue
            if tag in ("dataObject", "property", "dataInput", "dataOutput"):
                self._names[identifier] = _name_of(element)
            elif tag in ("inputDataItem", "outputDataItem"):
                self._names[identifier] = element.get("name") or identifier
            elif tag == "dataObjectReference":
                references.append(element)
        unnamed = {e.get("id") for e in root.iter() if local_name(e) == "dataObject" and not e.get("name")}
        for reference in references:
            target = reference.get("dataObjectRef") or ""
            own = _name_of(reference)
            if target not in self._names:
                self._names[reference.get("id")] = own
                continue
            if target in unnamed and own != reference.get("id"):
                self._names[target] = own
            self._names[reference.get("id")] = self._names[target]

        self._read_stores(root)

    def _read_stores(self, root: Any) -> None:
        """Note each data store and each reference to one; what editors draw to a reference means its variable."""
        elements = {e.get("id"): e for e in root.iter() if local_name(e) == "dataStore"}
        for element in elements.values():
            self.stores[element.get("id")] = _store(element, element)
            self._names[element.get("id")] = _name_of(element)
        for reference in (e for e in root.iter() if local_name(e) == "dataStoreReference"):
            store = elements.get((reference.get("dataStoreRef") or "").rpartition(":")[2])
            self.stores[reference.get("id")] = _store(reference if store is None else store, reference)
            own = _name_of(reference)
            named = own if own != reference.get("id") or store is None else _name_of(store)
            self._names[reference.get("id")] = named

    def __getitem__(self, reference: str) -> str:
        """Return the variable or data input that a reference means."""
        found = self._names.get(reference)
        return found if found is not None else self._names.get(reference.rpartition(":")[2], reference)


def _name_of(element: Any) -> str:
    name = (element.get("name") or "").strip()
    return name if name and name.replace(" ", "_").isidentifier() else element.get("id")


def _store(element: Any, reference: Any) -> DataStore:
    limited = element.get("isUnlimited") == "false"
    capacity = element.get("capacity") or ""
    return DataStore(
        name=element.get("name") or element.get("id") or reference.get("id"),
        capacity=int(capacity) if limited and capacity.isdigit() else None,
    )


def with_data(node: Node, element: Any, names: DataNames) -> Node:
    """Return the node with its data associations, and with the collections that its loop means."""
    incoming = list(_associations(element, "dataInputAssociation", names))
    outgoing = list(_associations(element, "dataOutputAssociation", names))
    if node.multi is not None:
        loop = children(element, "multiInstanceLoopCharacteristics")[0]
        multi, used = _collections(node.multi, loop, incoming, outgoing, names)
        incoming = [one for one in incoming if one not in used]
        outgoing = [one for one in outgoing if one not in used]
        node = replace(node, multi=multi)
    return replace(node, data_inputs=tuple(incoming), data_outputs=tuple(outgoing))


def _associations(element: Any, tag: str, names: DataNames) -> Iterator[DataAssociation]:
    for association in children(element, tag):
        references = [(source.text or "").strip() for source in children(association, "sourceRef")]
        reference = references[0] if references else None
        target = text_of(association, "targetRef") or ""
        store = next((names.stores[end] for end in (reference, target) if end in names.stores), None)
        if store is not None:
            yield _store_association(association, tag, store, reference, target, names)
            continue
        source = names[reference] if reference else None
        yielded = False
        for assignment in children(association, "assignment"):
            expression, to = text_of(assignment, "from"), text_of(assignment, "to")
            yielded = True
            yield DataAssociation(source, names[to or target], expression or "null")
        if yielded or names[target] == _PLACEHOLDER:
            continue
        transformation = text_of(association, "transformation")
        if transformation is not None or reference is not None:
            yield DataAssociation(source, names[target], transformation)


def _store_association(  # noqa: PLR0917
    association: Any, tag: str, store: DataStore, reference: str | None, target: str, names: DataNames
) -> DataAssociation:
    """Return an association with a data store; without another end it means the variable of the store's name."""
    own = attributes_of(association)
    reads = tag == "dataInputAssociation"
    other, end = (target, reference) if reads else (reference, target)
    variable = own.get("duban:variable")
    if variable is None and other and names[other] != _PLACEHOLDER:
        variable = names[other]
    variable = variable or names[end or ""]
    expression = text_of(association, "transformation")
    for assignment in children(association, "assignment"):
        expression = text_of(assignment, "from") or expression
    return DataAssociation(
        source=None if reads else variable,
        target=variable if reads else "",
        expression=expression,
        store=store,
        key=own.get("duban:key"),
        remove=own.get("duban:remove") == "true",
    )


def _collections(
    multi: MultiInstance,
    loop: Any,
    incoming: list[DataAssociation],
    outgoing: list[DataAssociation],
    names: DataNames,
) -> tuple[MultiInstance, list[DataAssociation]]:
    """Follow the loop's references to the variables at the other end of the activity's associations."""
    used = []
    source, target = text_of(loop, "loopDataInputRef"), text_of(loop, "loopDataOutputRef")
    if source is not None and multi.collection == source:
        collection = names[source]
        for association in incoming:
            if association.target == collection and (association.source or association.expression):
                used.append(association)
                multi = replace(multi, collection=association.expression or association.source)
                break
        else:
            multi = replace(multi, collection=collection)
    if target is not None and multi.output_collection == target:
        output = names[target]
        for association in outgoing:
            if association.source == output:
                used.append(association)
                multi = replace(multi, output_collection=association.target)
                break
        else:
            multi = replace(multi, output_collection=output)
    return multi, used


def initial_values(scopes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values that data objects begin with, by scope: the ``value`` extension with the item's XSD type."""
    found: dict[str, dict[str, Any]] = {}
    for scope_id, scope in scopes.items():
        for element in children(scope, "dataObject"):
            for extension in children(element, "extensionElements"):
                for value in extension:
                    if isinstance(value.tag, str) and local_name(value) == "value" and prefix_of(value) == "camunda":
                        text = "".join(value.itertext()).strip()
                        typed = _typed(text, (element.get("itemSubjectRef") or "").rpartition(":")[2])
                        found.setdefault(scope_id, {})[_name_of(element)] = typed
    return found


def _typed(text: str, kind: str) -> Any:
    if kind == "boolean":
        return text.lower() in ("true", "1")
    try:
        return _NUMBERS[kind](text) if kind in _NUMBERS else text
    except ValueError:
        return text
