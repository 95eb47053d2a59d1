"""Data: sets of inputs and outputs, associations, collections, what events carry (BPMN 2.0.2, 10.4)."""

from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import child, flag, parts, texts
from engine.definitions.lint.standard.events import kind_of
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS

_COLLECTIONS = frozenset({"dataInput", "dataOutput"})
_CARRIED = {"message": "itemRef", "error": "structureRef", "escalation": "structureRef", "signal": "structureRef"}


def check_data(lint: Reporter) -> None:
    """Check the data of every process, activity and event."""
    for element in lint.document.of("dataInput", "dataOutput", "dataObject"):
        _check_collection(lint, element)
    for specification in lint.document.of("ioSpecification"):
        for side in ("Input", "Output"):
            _check_sets(lint, specification, side)
    for association in lint.document.of("dataInputAssociation", "dataOutputAssociation"):
        _check_association(lint, association)
    for data_object in lint.document.of("dataObject"):
        if child(data_object, "dataState") is not None:
            lint.report("object-state", data_object)
    for reference in lint.document.of("dataObjectReference"):
        _check_state(lint, reference)
    for event in lint.document.events:
        _check_event(lint, event)
    for many in lint.document.of("multiInstanceLoopCharacteristics"):
        _check_items(lint, many)
    _check_callable(lint)


def _item_definition(lint: Reporter, element: Any) -> Any:
    found = lint.document.resolve(element.get("itemSubjectRef") or "")
    return found if found is not None and local_name(found) == "itemDefinition" else None


def _check_collection(lint: Reporter, element: Any) -> None:
    definition = _item_definition(lint, element)
    if definition is not None and flag(definition, "isCollection") != flag(element, "isCollection"):
        lint.report("collection", element, item=definition.get("id"))


def _check_sets(lint: Reporter, specification: Any, side: str) -> None:
    """Every input is in a set; optional ones, and those taken later, are among those of their set."""
    listed: set[str] = set()
    own = {data.get("id") for data in parts(specification, f"data{side}")}
    for one in parts(specification, f"{side.lower()}Set"):
        members = {text for _, text in texts(one, f"data{side}Refs")}
        listed |= members
        for element, text in texts(one, f"data{side}Refs"):
            if text not in own and lint.document.resolve(text) is not None:
                lint.report("foreign-member", element, reference=text)
        for element, text in texts(one, f"optional{side}Refs", f"whileExecuting{side}Refs"):
            if text not in members:
                lint.report("set-member", element, name=local_name(element), reference=text, side=side)
    for data in parts(specification, f"data{side}"):
        if data.get("id") not in listed:
            lint.report("not-in-a-set", data, side=side, name=data.get("name") or data.get("id") or "")


def _check_association(lint: Reporter, association: Any) -> None:
    document = lint.document
    _check_own_end(lint, association)
    sources = [document.resolve(text) for _, text in texts(association, "sourceRef") if text]
    target = next((document.resolve(text) for _, text in texts(association, "targetRef") if text), None)
    transformed = child(association, "transformation") is not None
    if len(sources) > 1 and not transformed:
        lint.report("several-sources", association)
    if target is not None and _is_of_process(target, "dataInput"):
        lint.report("process-data", association, side="dataInput")
    if any(source is not None and _is_of_process(source, "dataOutput") for source in sources):
        lint.report("process-data", association, side="dataOutput")
    if transformed or child(association, "assignment") is not None or len(sources) != 1:
        return
    items = [_item_of(lint, end) for end in (sources[0], target)]
    if all(item is not None for item in items) and not document.same_item(*items):
        lint.report("association-types", association)


def _check_own_end(lint: Reporter, association: Any) -> None:
    """An input association ends, and an output association begins, at data of the element that holds it."""
    inward = local_name(association) == "dataInputAssociation"
    for _, text in texts(association, "targetRef" if inward else "sourceRef"):
        end = lint.document.resolve(text) if text else None
        if end is None:
            continue
        holder = end.getparent()
        if local_name(holder) == "ioSpecification":
            holder = holder.getparent()
        if holder is not association.getparent():
            side, word = ("终点", "target") if inward else ("起点", "source")
            lint.report("association-end", association, side=side, end=word)


def _item_of(lint: Reporter, element: Any) -> str | None:
    """Return the item definition of an element, for a reference to a data object that of the object."""
    if element is not None and local_name(element) == "dataObjectReference":
        element = lint.document.resolve(element.get("dataObjectRef") or "")
    if element is None or _item_definition(lint, element) is None:
        return None
    return str(element.get("itemSubjectRef"))


def _is_of_process(element: Any, tag: str) -> bool:
    specification = element.getparent()
    holder = specification.getparent()
    return (
        local_name(element) == tag
        and local_name(specification) == "ioSpecification"
        and local_name(holder) in GROUPS["globalTask"] | {"process"}
    )


def _check_state(lint: Reporter, reference: Any) -> None:
    """A reference to a data object in a state is called ``<data object> [<state>]`` (10.4.1)."""
    if reference.get("itemSubjectRef"):
        lint.report("reference-item", reference)
    if not reference.get("dataObjectRef"):
        lint.report("no-data-object", reference)
    state = child(reference, "dataState")
    target = lint.document.resolve(reference.get("dataObjectRef") or "")
    if state is None or target is None or not all(one.get("name") for one in (state, target, reference)):
        return
    expected = f"{target.get('name')} [{state.get('name')}]"
    if " ".join(reference.get("name").split()) != " ".join(expected.split()):
        lint.report("state-name", reference, name=reference.get("name"), expected=expected)


def _check_event(lint: Reporter, event: Any) -> None:
    """Data of an event fit what its definitions carry, one by one in their order (10.4.2)."""
    document = lint.document
    definitions = document.definitions_of(event)
    carried = [_carried(lint, definition) for definition in definitions]
    if not any(carried):
        return
    data = parts(event, "dataInput", "dataOutput")
    if len(definitions) > 1 and len(data) != len(definitions):
        lint.report("event-data", event, number=len(data), definitions=len(definitions))
        return
    for one, item in zip(data, carried, strict=False):
        if item is not None and not document.same_item(one.get("itemSubjectRef"), item):
            lint.report("event-data-type", event, name=one.get("name") or one.get("id"))


def _carried(lint: Reporter, definition: Any) -> str | None:
    """Return the item definition of the message, error, escalation or signal of an event definition."""
    kind = kind_of(definition)
    if kind not in _CARRIED:
        return None
    target = lint.document.resolve(definition.get(f"{kind}Ref") or "")
    return None if target is None else target.get(_CARRIED[kind])


def _check_items(lint: Reporter, many: Any) -> None:
    """An item of a multi-instance activity is of the type of the collection's members (10.3.8)."""
    document = lint.document
    for side in ("Input", "Output"):
        item = child(many, f"{side.lower()}DataItem")
        reference = child(many, f"loopData{side}Ref")
        collection = None if reference is None else document.resolve((reference.text or "").strip())
        if collection is not None and local_name(collection) in _COLLECTIONS:
            _check_is_collection(lint, many, collection)
        if item is None or collection is None:
            continue
        single, several = _item_definition(lint, item), _item_definition(lint, collection)
        if single is None or several is None:
            continue
        if single is not several and (flag(single, "isCollection") or _differ(single, several)):
            lint.report("item-type", many, item=single.get("id"), collection=several.get("id"))


def _check_is_collection(lint: Reporter, many: Any, collection: Any) -> None:
    definition = _item_definition(lint, collection)
    if not flag(collection, "isCollection") and (definition is None or not flag(definition, "isCollection")):
        lint.report("not-a-collection", many, name=collection.get("name") or collection.get("id"))


def _differ(single: Any, several: Any) -> bool:
    structures = single.get("structureRef"), several.get("structureRef")
    return None not in structures and structures[0] != structures[1]


def _check_callable(lint: Reporter) -> None:
    """What is exposed by an interface binds its data, and a call has the data of what it calls (10.3.6, 10.4.1)."""
    document = lint.document
    for callee in document.of("process", *sorted(GROUPS["globalTask"])):
        if parts(callee, "supportedInterfaceRef") and not parts(callee, "ioBinding"):
            lint.report("no-binding", callee)
    for call in document.of("callActivity"):
        called = document.resolve(call.get("calledElement") or "")
        if called is None:
            continue
        for side in ("dataInput", "dataOutput"):
            own, other = (_data_of(one, side) for one in (call, called))
            if not _matches(lint, own, other):
                lint.report("call-data", call, side=side)


def _data_of(element: Any, side: str) -> list[Any]:
    specification = child(element, "ioSpecification")
    return [] if specification is None else parts(specification, side)


def _matches(lint: Reporter, own: list[Any], other: list[Any]) -> bool:
    return len(own) == len(other) and all(
        lint.document.same_item(one.get("itemSubjectRef"), two.get("itemSubjectRef"))
        for one, two in zip(own, other, strict=True)
    )
