"""Lowers ``work`` and ``approve``: user tasks with forms, deadlines, and the ways behind a decision."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.plans.compiler.blocks import Back, Beside, Block, Branch, Node, Row, Split
from workflows.plans.compiler.scope import Scope, refuse
from workflows.plans.deadlines import border_day, is_day, spoken_length, timer_text
from workflows.plans.form_fields import FieldSchema, labels, scalar_keys

NO_DEADLINE = "none"
WARN = "1 working day"
_CHECKED = {"met": "落实 / Met", "problem": "有问题 / Problem", "none": "不涉及 / Not concerned"}
_RESULT = "完成情况 / Result"


def work(step: Mapping[str, Any], scope: Scope) -> tuple[list[Block], str]:
    """Return the blocks of ``work`` and the form that an approval behind it shows."""
    node = _human(step, scope, "work")
    form, keys = _form(step, scope)
    node.attributes["duban:form"] = form
    if keys:
        node.attributes["duban:variables"] = ", ".join(keys)
    if step["rights"]:
        node.attributes["duban:fieldPermissions"] = step["rights"]
    return [node], form


def approve(step: Mapping[str, Any], scope: Scope, last_form: str, earlier: Sequence[str]) -> list[Block]:
    """Return the blocks of ``approve``. ``earlier`` are the steps of the same list that it may go back to."""
    node = _human(step, scope, "approval")
    node.attributes |= _policy(step, scope)
    if step["form"] is not None:
        form, keys = _form(step, scope)
        node.attributes["duban:form"] = form
        if keys:
            node.attributes["duban:variables"] = ", ".join(keys)
        if step["rights"]:
            node.attributes["duban:fieldPermissions"] = step["rights"]
    elif last_form:
        node.attributes["duban:form"] = last_form
        node.attributes["duban:fieldPermissions"] = step["rights"] or "*:read"
    scope.output.known.add("outcome")
    on_reject = step["on_reject"] or ("back" if step["back_to"] or earlier else "end")
    if on_reject == "go-on":
        return [node]
    gateway = Node(scope.output.take_code(step, f"{node.id}_decided"), "exclusiveGateway", "同意？")
    if on_reject == "back":
        target = step["back_to"] or earlier[-1]
        if target not in earlier:
            raise refuse(step, f"同一列步骤里，前面没有“{target}” / there is no {target} before it in the same list")
        refused = Branch("不同意", "", Row([Back(target)]))
    else:
        ending = Node(scope.output.take_code(step, f"{node.id}_refused"), "endEvent", "未获同意")
        refused = Branch("不同意", "", Row([ending]))
    return [node, Split(gateway, [Branch("同意", 'outcome = "agreed"', Row()), refused], None)]


def _human(step: Mapping[str, Any], scope: Scope, kind: str) -> Node:
    code = scope.code(step, kind)
    attributes = {"duban:kind": kind, "camunda:assignee": scope.rule(step, step["who"])}
    if step["title"]:
        attributes["duban:title"] = step["title"] if step["title"].startswith("=") else f'="{step["title"]}"'
    due = due_of(step, scope, code)
    if due:
        attributes["duban:due"] = due
        attributes["duban:warn"] = step["warn"] or WARN
    if step["on_overdue"]:
        attributes["duban:onOverdue"] = step["on_overdue"]
    if step["escalate_to"]:
        attributes["duban:escalateTo"] = scope.rule(step, step["escalate_to"])
        attributes.setdefault("duban:onOverdue", "escalate")
    if step["empty"]:
        attributes["duban:emptyApprover"] = step["empty"]
    if step["copy_to"]:
        attributes["duban:copyTo"] = scope.rule(step, step["copy_to"])
    phase = step["phase"] or scope.phase
    if phase and step["counts"]:
        attributes["duban:phase"] = phase
    return Node(code, "userTask", step["of"], attributes, documentation=step["note"])


def due_of(step: Mapping[str, Any], scope: Scope, code: str) -> str:
    """Return the deadline attribute of a step: its own, else that of the round or phase around it."""
    text = step["due"]
    if text == NO_DEADLINE:
        return ""
    if not text:
        return scope.due
    return f"=date({code}_due)" if is_day(scope.plan, text) else str(text)


def _policy(step: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    attributes = {"duban:policy": step["policy"], "duban:returnMode": "direct, again", "duban:opinion": "onReject"}
    if step["policy"] == "vote":
        if step["count"] is not None:
            attributes["duban:voteCount"] = str(step["count"])
        else:
            attributes["duban:voteRatio"] = step["ratio"] or "1/2"
        if step["veto"]:
            attributes["duban:veto"] = scope.rule(step, step["veto"])
    if step["collect_all"]:
        attributes["duban:collectAll"] = "true"
    if step["signature"]:
        attributes["duban:signature"] = "required"
    if step["batch"]:
        attributes["duban:batch"] = "true"
    if step["if_initiator"]:
        attributes["duban:initiatorIsApprover"] = step["if_initiator"]
    return attributes


def _form(step: Mapping[str, Any], scope: Scope) -> tuple[str, list[str]]:
    """Return the name of a step's form and the keys that become variables; an inline form is kept for writing."""
    given = step["form"]
    if isinstance(given, str):
        found = next((one["content"] for one in scope.plan["forms"] if one["code"] == given), None)
        keys = scalar_keys(found) if found is not None else []
        name = file_name(given)
    else:
        content: list[Mapping[str, Any]] = [*(given or default_fields(step))]
        name = file_name(step["code"])
        scope.output.forms[name] = content
        keys = scalar_keys(content)
    keys = keys if step["keeps"] is None else list(step["keeps"])
    scope.output.known.update(keys)
    return name, keys


def default_fields(step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of work without a form of its own: its checklist, its result, its evidence."""
    made: list[dict[str, Any]] = []
    for number, item in enumerate(step["checklist"], start=1):
        numbered = {key: f"{number}. {label}" for key, label in labels(item).items() if label}
        made.append({"key": f"check_{number}", **numbered, "type": "choice", "options": _CHECKED})
    for number, text in enumerate(step["evidence"], start=1):
        one = {"key": f"evidence_{number}", "type": "files", "required": step["evidence_required"]}
        made.append({**one, **labels(text)})
    needed = not step["checklist"] and not step["evidence"]
    made.append({"key": "result", **labels(step["output"] or _RESULT), "type": "long", "required": needed})
    return [FieldSchema().load(one) for one in made]


def file_name(code: str) -> str:
    """Return the file name of a form, decision or process of this code, without its ending."""
    return code.replace("_", "-")


def beside(step: Mapping[str, Any], scope: Scope, node: Node, rows: Sequence[Row]) -> None:
    """Hang the timers of ``after`` on a node."""
    for number, (one, row) in enumerate(zip(step["after"], rows, strict=True), start=1):
        code = scope.output.take_code(step, f"{node.id}_after_{number}")
        if not row.ends:
            row.blocks.append(Node(scope.output.take_code(step, f"{code}_done"), "endEvent", ""))
        name = one["name"] or (f"超过{spoken_length(one['wait'])}" if one["wait"] else "到期")
        event = Node(code, "boundaryEvent", name, {}, event=_timer(step, scope, number, one))
        node.beside.append(Beside(event, row, one["stop"]))


def _timer(step: Mapping[str, Any], scope: Scope, number: int, one: Mapping[str, Any]) -> tuple[str, str]:
    """Return the timer of an entry of ``after``: a length of time, or a day of the plan or of FEEL."""
    if one["wait"]:
        if is_day(scope.plan, one["wait"]):
            raise refuse(step, "日期写在 until 里 / a date goes under until")
        return "timeDuration", timer_text(one["wait"])
    if not is_day(scope.plan, one["until"]):
        return "timeDate", str(one["until"])
    if not step["code"]:
        raise refuse(step, "到某日的 after 须有 code / an after until a date needs a code")
    return "timeDate", f"=date({border_day(step['code'], number)})"
