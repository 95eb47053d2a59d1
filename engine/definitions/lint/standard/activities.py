"""Activities: quantities, loops, kinds of subprocesses, tasks of messages and services, performers (10.2 and 10.3)."""

import re
from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import child, flag, parts
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS

_WHOLE = re.compile(r"\s*[-+]?\d{1,9}\s*")


def check_activities(lint: Reporter) -> None:
    """Check every activity in every process."""
    for activity in lint.document.activities:
        _check_quantities(lint, activity)
        _check_loop(lint, activity)
    for scope in lint.document.of(*sorted(GROUPS["subProcess"])):
        if child(scope, "ioSpecification") is not None:
            lint.report("subprocess-data", scope)
    for role in lint.document.of(*sorted(GROUPS["resourceRole"])):
        _check_role(lint, role)
    _check_services(lint)


def _number(element: Any, name: str, default: int) -> int:
    value = element.get(name)
    return int(value) if value is not None and _WHOLE.fullmatch(value) else default


def _check_quantities(lint: Reporter, activity: Any) -> None:
    for name in ("startQuantity", "completionQuantity"):
        if _number(activity, name, 1) < 1:
            lint.report("quantity", activity, name=name, value=activity.get(name))


def _check_loop(lint: Reporter, activity: Any) -> None:
    many = child(activity, "multiInstanceLoopCharacteristics")
    if many is None:
        return
    behavior = many.get("behavior", "All")
    needed = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(behavior)
    if needed is not None and not many.get(needed):
        lint.report("behavior-event", many, behavior=behavior, needed=needed)
    if behavior == "Complex" and child(many, "complexBehaviorDefinition") is None:
        lint.report("behavior-event", many, behavior=behavior, needed="complexBehaviorDefinition")


def _check_role(lint: Reporter, role: Any) -> None:
    document = lint.document
    reference = child(role, "resourceRef")
    bindings = parts(role, "resourceParameterBinding")
    if child(role, "resourceAssignmentExpression") is not None and (reference is not None or bindings):
        lint.report("resource-choice", role)
    elif bindings and reference is None:
        lint.report("resource-parameter", role)
    if reference is None:
        return
    resource = document.resolve((reference.text or "").strip())
    for binding in bindings:
        parameter = document.resolve(binding.get("parameterRef") or "")
        if None not in (resource, parameter) and parameter.getparent() is not resource:
            lint.report("resource-parameter", role)
    bound = {document.resolve(binding.get("parameterRef") or "") for binding in bindings}
    needed = (
        [] if resource is None else [one for one in parts(resource, "resourceParameter") if flag(one, "isRequired")]
    )
    if any(parameter not in bound for parameter in needed):
        lint.report("resource-unbound", role)


def _check_services(lint: Reporter) -> None:
    """Tasks with an operation or a message take and give exactly its data (10.3.3)."""
    document = lint.document
    for task in document.of("serviceTask"):
        operation = document.resolve(task.get("operationRef") or "")
        if operation is not None and local_name(operation) == "operation":
            _check_service(lint, task, operation)
    for tag, side in (("sendTask", "Input"), ("receiveTask", "Output")):
        for task in document.of(tag):
            message = document.resolve(task.get("messageRef") or "")
            _check_data(lint, task, side, message, at_least=0)


def _check_service(lint: Reporter, task: Any, operation: Any) -> None:
    for tag, side in (("inMessageRef", "Input"), ("outMessageRef", "Output")):
        reference = child(operation, tag)
        message = None if reference is None else lint.document.resolve((reference.text or "").strip())
        if side == "Input" or reference is not None:
            _check_data(lint, task, side, message, at_least=1 if message is not None and message.get("itemRef") else 0)


def _check_data(lint: Reporter, task: Any, side: str, message: Any, *, at_least: int) -> None:
    specification = child(task, "ioSpecification")
    data = [] if specification is None else parts(specification, f"data{side}")
    sets = [] if specification is None else parts(specification, f"{side.lower()}Set")
    if len(sets) > 1 or not at_least <= len(data) <= 1:
        lint.report("task-data", task, side=side, least=at_least, number=len(data), sets=len(sets))
    elif data and message is not None and local_name(message) == "message":
        item = message.get("itemRef")
        if item is not None and not lint.document.same_item(data[0].get("itemSubjectRef"), item):
            lint.report("task-data-type", task, side=side, message=message.get("name") or message.get("id"))
