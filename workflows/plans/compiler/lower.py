"""Lowers steps to blocks: one function a verb."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.plans.compiler import human
from workflows.plans.compiler.blocks import Back, Block, Branch, Frame, Node, Process, Row, Split, entry
from workflows.plans.compiler.dmn import table_texts
from workflows.plans.compiler.names import wanted
from workflows.plans.compiler.scope import Scope, feel, literal, refuse
from workflows.plans.deadlines import is_day, timer_text
from workflows.plans.shapes import is_parameter, is_rule

Step = Mapping[str, Any]
_UNIT = ("unit_id", "unit_code", "unit_name", "unit_kind", "group_code")
_PERSON = ("person", "person_name", "unit_id")
_CHOOSES = {
    "people.list": "确定人员",
    "campaign.units": "确定单位",
    "units.below": "确定下级单位",
    "schedule.rounds": "排定周期",
}
_ROUND = ("round_number", "round_name", "round_opens", "round_due", "round_period")
_TITLES = {_PERSON: '="{name}：" + person_name', _ROUND: '="{name}（" + round_name + "）"'}
"""Titles of instances about a person or a round."""


def row_of(steps: Sequence[Step], scope: Scope) -> Row:
    """Lower a list of steps to a row."""
    row, last_form, earlier = Row(), "", []
    for step in steps:
        if row.ends:
            raise refuse(step, "前一步已经结束，到不了这一步 / cannot be reached: the step before it ends")
        if step["verb"] == "work":
            blocks, last_form = human.work(step, scope)
            earlier.append(entry(blocks[0]))
        elif step["verb"] == "approve":
            blocks = human.approve(step, scope, last_form, earlier)
            earlier.append(entry(blocks[0]))
        else:
            blocks = _LOWER[step["verb"]](step, scope)
            earlier += [entry(block) for block in blocks if _may_go_back_to(block, step)]
        _hang(step, scope, blocks)
        row.blocks += blocks
    return row


def _may_go_back_to(block: Block, step: Step) -> bool:
    """Say whether an approval further on may go back to a block: the step itself, or a task that it repeats."""
    return entry(block) == step.get("code") or (isinstance(block, Node) and block.tag == "userTask")


def _hang(step: Step, scope: Scope, blocks: Sequence[Block]) -> None:
    if step.get("after"):
        block = blocks[0]
        node = block.node if isinstance(block, Frame) else block
        if isinstance(node, Node):
            human.beside(step, scope, node, [row_of(one["steps"], scope) for one in step["after"]])


def _service(step: Step, scope: Scope) -> list[Block]:
    inputs = {name: literal(value) for name, value in step["with_"].items()}
    outputs = {name: literal(value) for name, value in step["gives"].items()}
    scope.output.known.update(outputs)
    attributes = {"duban:service": str(step["of"])}
    return [Node(scope.code(step, "service"), "serviceTask", step["name"] or step["of"], attributes, inputs, outputs)]


def _set(step: Step, scope: Scope) -> list[Block]:
    lines = [
        f"  {name}: {feel(value) if isinstance(value, str) else literal(value)[1:]}"
        for name, value in step["of"].items()
    ]
    scope.output.known.update(step["of"])
    script = "{\n" + ",\n".join(lines) + "\n}"
    return [
        Node(scope.code(step, "set"), "scriptTask", step["name"] or "计算", {"scriptFormat": "feel"}, script=script)
    ]


def _decide(step: Step, scope: Scope) -> list[Block]:
    decision = next((one for one in scope.plan["decisions"] if one["code"] == step["of"]), None)
    attributes = {"camunda:decisionRef": str(step["of"])}
    if decision is not None and decision["hit"] in ("COLLECT", "RULE ORDER"):
        attributes["camunda:resultVariable"] = str(step["of"])
        single = len(decision["outputs"]) == 1
        attributes["camunda:mapDecisionResult"] = "collectEntries" if single else "resultList"
        scope.output.known.add(str(step["of"]))
    else:
        attributes["camunda:mapDecisionResult"] = "singleResult"
        scope.output.known.update(one["key"] for one in (decision or {}).get("outputs", ()))
    inputs = {name: literal(value) for name, value in step["with_"].items()}
    name = step["name"] or (decision["name"] if decision else step["of"])
    reads = list(table_texts(decision)) if decision is not None else []
    return [Node(scope.code(step, "decide"), "businessRuleTask", name, attributes, inputs, reads=reads)]


def _choose(step: Step, scope: Scope) -> list[Block]:
    tag = "inclusiveGateway" if step["several"] else "exclusiveGateway"
    code = scope.code(step, "choose")
    branches = [
        Branch(one["name"], feel(one["when"]), row_of(one["steps"], scope)) for one in step["branches"]
    ]  # fmt: skip
    if all(branch.condition for branch in branches):
        branches.append(Branch("其余", "", Row()))
    return [_split(Node(code, tag, step["of"]), branches, scope, step)]


def _parallel(step: Step, scope: Scope) -> list[Block]:
    code = scope.code(step, "parallel")
    branches = [Branch(one["name"], "", row_of(one["steps"], scope)) for one in step["branches"]]
    return [_split(Node(code, "parallelGateway"), branches, scope, step)]


def _split(gateway: Node, branches: list[Branch], scope: Scope, step: Step) -> Split:
    """Return a split whose ways meet again where more than one goes on; those that end are drawn last."""
    going_on = [branch for branch in branches if not branch.row.ends]
    join = None
    if len(going_on) > 1:
        join = Node(scope.output.take_code(step, f"{gateway.id}_join"), gateway.tag)
    return Split(gateway, [*going_on, *(branch for branch in branches if branch.row.ends)], join)


def _repeat(step: Step, scope: Scope) -> list[Block]:
    row = row_of(step["steps"], scope)
    if not row.blocks or row.ends:
        raise refuse(step, "重复的步骤不能是空的，也不能结束 / the repeated steps may neither be empty nor end")
    gateway = Node(scope.code(step, "repeat"), "exclusiveGateway", step["of"])
    ways = [Branch("是", feel(step["until"]), Row()), Branch("否", "", Row([Back(entry(row.blocks[0]))]))]
    return [*row.blocks, Split(gateway, ways, None)]


def _stage(step: Step, scope: Scope) -> list[Block]:
    code = scope.code(step, "stage")
    return [Frame(Node(code, "subProcess", step["of"]), closed(row_of(step["steps"], scope), code, scope))]


def closed(row: Row, code: str, scope: Scope, name: str = "") -> Row:
    """Return a row with a start event before it and an end event behind it."""
    start = Node(scope.output.take_code({"verb": "stage"}, f"{code}_start"), "startEvent", name)
    blocks: list[Block] = [start, *row.blocks]
    if not row.ends:
        blocks.append(Node(scope.output.take_code({"verb": "stage"}, f"{code}_end"), "endEvent", ""))
    return Row(blocks)


def _wait(step: Step, scope: Scope) -> list[Block]:
    code = scope.code(step, "wait")
    if step["message"]:
        return [Node(code, "intermediateCatchEvent", step["of"], event=("message", step["message"]))]
    if step["for_"]:
        return [Node(code, "intermediateCatchEvent", step["of"], event=("timeDuration", timer_text(step["for_"])))]
    until = step["until"]
    if is_day(scope.plan, until):
        if not step["code"]:
            raise refuse(step, "等到某日的 wait 须有 code / a wait until a date needs a code")
        until = f"=date({code}_until)"
    return [Node(code, "intermediateCatchEvent", step["of"], event=("timeDate", until))]


def _each(step: Step, scope: Scope) -> list[Block]:
    code, over = str(step["code"]), str(step["over"])
    item = step["as_"] or {"units": "unit_id", "subunits": "unit_id"}.get(over, "item")
    people = is_rule(over) and not over.startswith("=")
    units = over in ("units", "subunits")
    before: list[Block] = []
    if people:
        collection = f"{code}_people"
        inputs = {"rule": literal(over), "kinds": literal(step["kinds"])} if step["kinds"] else {"rule": literal(over)}
        before.append(_chooses(code, "people.list", inputs, (collection, "people"), scope))
    elif over == "subunits" or (units and (step["kinds"] or not scope.has_units)):
        collection = f"{code}_units"
        inputs = {"kinds": literal(step["kinds"])} if step["kinds"] else {}
        service = "units.below" if over == "subunits" else "campaign.units"
        before.append(_chooses(code, service, inputs, (collection, "unit_ids"), scope))
    else:
        collection = "unit_ids" if units else over
    about = scope.about_person or people
    inner = scope.inside(process=code, numbers={}, about_person=about)
    own = _PERSON if people else _UNIT if units else (item,)
    first: list[Block] = []
    if units:
        first.append(_describe_unit(code, inner))
    process = _child(step, inner, first, own)
    call = _call_many(step, scope, process, (collection, item, step["one_by_one"], feel(step["enough"])), own)
    if people:
        call.inputs |= {name: f"={item}.{name}" for name in _PERSON}
    return [*before, call]


def _chooses(code: str, service: str, inputs: dict[str, str], given: tuple[str, str], scope: Scope) -> Node:
    """Return the service that lists what a fan-out is over; ``given`` are its variable and the service's result."""
    identifier = scope.output.take_code({"verb": "each"}, f"{code}_chosen")
    collection, result = given
    return Node(
        identifier, "serviceTask", _CHOOSES[service], {"duban:service": service}, inputs, {collection: f"={result}"}
    )


def _describe_unit(code: str, scope: Scope) -> Node:
    identifier = scope.output.take_code({"verb": "each"}, f"{code}_unit")
    return Node(identifier, "serviceTask", "读取单位情况", {"duban:service": "campaign.unit"}, {"unit_id": "=unit_id"})


def _child(step: Step, scope: Scope, first: Sequence[Block], own: tuple[str, ...], start: str = "") -> Process:
    code = str(step["code"])
    row = row_of(step["steps"], scope)
    row = closed(Row([*first, *row.blocks]), code, scope, start)
    title = step.get("title") or _TITLES.get(own, "").format(name=step["of"].replace('"', "”"))
    attributes = {"duban:title": title} if title else {}
    process = Process(f"{code}_process", step["of"], row, step["note"], attributes)
    scope.output.processes[process.id] = process
    return process


def _call_many(
    step: Step, scope: Scope, process: Process, many: tuple[str, str, bool, str], own: Sequence[str]
) -> Node:
    inputs = {name: f"={name}" for name in wanted(process, own=(*own, many[1]), known=scope.output.known)}
    outputs = {name: _gathered(str(value)) for name, value in step["gather"].items()}
    scope.output.known.update(outputs)
    code = scope.output.take_code(step, str(step["code"]))
    return Node(code, "callActivity", step["of"], {"calledElement": process.id}, inputs, outputs, many=many)


def _gathered(value: str) -> str:
    text = feel(value)
    return f"=for r in results return r.{text}" if text.isidentifier() else f"={text}"


def _rounds(step: Step, scope: Scope) -> list[Block]:
    code = str(step["code"])
    collection = f"{code}_rounds"
    rhythm = {name: value for name, value in step["every"].items() if value not in (None, [], "")}
    inputs = {name: literal(_rhythm(step, value, scope)) for name, value in rhythm.items()}
    begins = step["begins"] or (f"{scope.phase}.starts" if scope.phase else "")
    until = step["until"] or scope.until or (f"{scope.phase}.ends" if scope.phase else "")
    inputs |= {key: _bound(step, text) for key, text in (("begins", begins), ("until", until)) if text}
    chooses = _chooses(code, "schedule.rounds", inputs, (collection, "rounds"), scope)
    inner = scope.inside(process=code, numbers={}, due="=date(round_due)")
    opens = Node(
        scope.output.take_code(step, f"{code}_opens"), "intermediateCatchEvent", "到期开始",
        event=("timeDate", "=date(round_opens)"),
    )  # fmt: skip
    process = _child(step, inner, [opens], _ROUND)
    call = _call_many(step, scope, process, (collection, "occasion", step["one_by_one"], ""), _ROUND)
    call.inputs |= {name: f"=occasion.{name.removeprefix('round_')}" for name in _ROUND}
    return [chooses, call]


def _rhythm(step: Step, value: Any, scope: Scope) -> Any:
    """Return a rhythm's value; a launch parameter in it becomes FEEL."""
    if isinstance(value, list):
        return [_rhythm(step, one, scope) for one in value]
    if not is_parameter(value):
        return value
    name = value.strip("{}")
    if all(one["name"] != name for one in scope.plan["launch"]["parameters"]):
        raise refuse(step, f"没有启动参数“{name}” / there is no launch parameter {name}")
    return f"={name}"


def _bound(step: Step, text: str) -> str:
    """Return the FEEL of a bound of rounds: a phase's edge, a named date, a parameter, or an expression."""
    if text.startswith("="):
        return text
    reference = text.strip("{}").replace(".", "_")
    if not reference.isidentifier():
        raise refuse(
            step,
            "应写成阶段.starts、阶段.ends、日期代码或 {参数} / expected PHASE.starts, a date's code or {parameter}",
        )
    return f"={reference}"


def _call(step: Step, scope: Scope) -> list[Block]:
    inputs = {name: literal(value) for name, value in step["with_"].items()}
    outputs = {name: literal(value) for name, value in step["gives"].items()}
    scope.output.known.update(outputs)
    code = scope.code(step, "call")
    name = step["name"] or _process_name(step, scope)
    return [Node(code, "callActivity", name, {"calledElement": str(step["of"])}, inputs, outputs)]


def _start(step: Step, scope: Scope) -> list[Block]:
    inputs = {name: literal(value) for name, value in step["with_"].items()}
    inputs["process"] = literal(str(step["of"]))
    attributes = {"duban:service": "process.start"}
    name = step["name"] or f"启动：{_process_name(step, scope)}"
    return [Node(scope.code(step, "start"), "serviceTask", name, attributes, inputs)]


def _process_name(step: Step, scope: Scope) -> str:
    return next((str(one["name"]) for one in scope.plan["processes"] if one["code"] == step["of"]), str(step["of"]))


def _notify(step: Step, scope: Scope) -> list[Block]:
    title = step["of"] if step["of"].startswith("=") else literal(step["of"])
    inputs = {"people": literal(scope.rule(step, step["who"])), "title": title}
    if step["units"]:
        every = step["units"] == "all" and scope.has_units
        inputs["unit_ids"] = "=unit_ids" if every else literal(step["units"])
    attributes = {"duban:service": "notify"}
    return [Node(scope.code(step, "notify"), "serviceTask", step["name"] or "通知", attributes, inputs)]


def _end(step: Step, scope: Scope) -> list[Block]:
    return [Node(scope.code(step, "end"), "endEvent", step["of"])]


_LOWER: Mapping[str, Callable[[Step, Scope], list[Block]]] = {
    "service": _service,
    "set": _set,
    "decide": _decide,
    "choose": _choose,
    "parallel": _parallel,
    "each": _each,
    "rounds": _rounds,
    "repeat": _repeat,
    "stage": _stage,
    "wait": _wait,
    "call": _call,
    "start": _start,
    "notify": _notify,
    "end": _end,
}
