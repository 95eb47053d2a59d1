"""Lowers a plan as a whole: the campaign's own process with its phases, and the processes beside it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.plans.compiler.blocks import Block, Branch, Frame, Node, Process, Row, Split
from workflows.plans.compiler.lower import closed, row_of
from workflows.plans.compiler.names import pass_on
from workflows.plans.compiler.scope import Output, Scope
from workflows.plans.dates import OPEN
from workflows.plans.deadlines import step_days

_DAY = re.compile(r"^(?:(\d{4})|-)-(\d\d)(?:-(\d\d))?(?: (early|mid|late))?( next year)?$")
_THIRDS = {"early": "上旬", "mid": "中旬", "late": "下旬"}


def main_code(plan: Mapping[str, Any], key: str) -> str:
    """Return the id of the campaign's process: the plan's, else made from the package's key."""
    return str(plan["main_process"] or re.sub(r"\W", "_", key))


def lower_plan(plan: Mapping[str, Any], key: str) -> Output:
    """Lower everything that a plan describes; the campaign's process comes first. A shared part has none."""
    output = Output(known=_launched(plan))
    if not plan["shared_part"]:
        code = main_code(plan, key)
        scope = Scope(plan, output, code)
        main = Process(code, plan["name"] or key, Row(), plan["summary"])
        output.processes[code] = main
        main.row = closed(_campaign(plan, scope), code, scope, "发起")
    for process in plan["processes"]:
        inner = Scope(plan, output, process["code"])
        row = closed(row_of(process["steps"], inner), process["code"], inner, process["name"])
        if process["starts"] == "message" and isinstance(row.blocks[0], Node):
            row.blocks[0].event = ("message", process["message"] or process["name"])
        output.processes[process["code"]] = Process(process["code"], process["name"], row, process["note"])
    pass_on(list(output.processes.values()), _launched(plan) - {"unit_ids"})
    return output


def _launched(plan: Mapping[str, Any]) -> set[str]:
    """Return the variables that a launch sets."""
    names = {one["name"] for one in plan["launch"]["parameters"]}
    edges = {f"{phase['code']}_{edge}" for phase in plan["phases"] for edge in ("starts", "ends")}
    days = {one["code"] for one in plan["dates"]} | step_days(plan).keys()
    return names | edges | days | {"year", "campaign_title", "campaign_id", "unit_ids"}


def _campaign(plan: Mapping[str, Any], scope: Scope) -> Row:
    row = row_of(plan["opening"], scope)
    prepare = {"duban:service": "campaign.prepare"}
    row.blocks.append(Node(scope.code(None, "prepare"), "serviceTask", "建立单位和阶段", prepare))
    scope = scope.inside(has_units=True)
    branches = [*_phases(plan, scope), *_streams(plan, scope)]
    if len(branches) == 1:
        row.blocks += branches[0].row.blocks
    elif branches:
        gateway = Node(scope.code(None, "phases"), "parallelGateway")
        join = Node(scope.code(None, "together"), "parallelGateway")
        row.blocks.append(Split(gateway, branches, join))
    row.blocks += row_of(plan["closing"], scope).blocks
    return row


def _streams(plan: Mapping[str, Any], scope: Scope) -> list[Branch]:
    return [Branch("", "", row_of([step], scope)) for step in plan["streams"]]


def _phases(plan: Mapping[str, Any], scope: Scope) -> list[Branch]:
    """Return the phases of the first level: dated ones beside each other, undated ones behind the one before."""
    return _chains([phase for phase in plan["phases"] if not phase["within"]], plan, scope)


def _chains(phases: Sequence[Mapping[str, Any]], plan: Mapping[str, Any], scope: Scope) -> list[Branch]:
    chains: list[list[str]] = []
    rows: dict[str, Row] = {}
    previous = ""
    for phase in phases:
        before = phase["after"] or ("" if phase["starts"] else previous)
        chain = next((one for one in chains if before and one[-1] == before), None)
        if chain is None:
            chains.append([phase["code"]])
        else:
            chain.append(phase["code"])
        rows[phase["code"]] = _phase(phase, plan, scope)
        previous = phase["code"]
    return [Branch("", "", Row([block for code in chain for block in rows[code].blocks])) for chain in chains]


def _phase(phase: Mapping[str, Any], plan: Mapping[str, Any], scope: Scope) -> Row:
    code = phase["code"]
    blocks: list[Block] = []
    if phase["starts"]:
        begins = scope.output.take_code({**phase, "verb": "phase"}, f"{code}_begins")
        event = ("timeDate", f"=date({code}_starts)")
        blocks.append(Node(begins, "intermediateCatchEvent", f"{phase['name']}开始", event=event))
    due = f"=date({code}_ends)" if _has_end(phase) else ""
    inner = scope.inside(process=code, phase=code, due=due, until=f"{code}.ends" if due else "", numbers={})
    row = Row()
    row.blocks.append(_mark(f"{code}_opened", "阶段开始", "phase.begin", code, scope))
    row.blocks += _inside(phase, plan, inner)
    row.blocks.append(_mark(f"{code}_closed", "阶段结束", "phase.end", code, scope))
    frame = Node(scope.output.take_code({**phase, "verb": "phase"}, f"phase_{code}"), "subProcess", title(phase))
    frame.documentation = phase["purpose"]
    blocks.append(Frame(frame, closed(row, f"phase_{code}", scope)))
    return Row(blocks)


def _inside(phase: Mapping[str, Any], plan: Mapping[str, Any], scope: Scope) -> list[Block]:
    """Return what a phase does: its steps, its parts beside them, or waiting for its end when it has neither."""
    code = phase["code"]
    blocks = row_of(phase["steps"], scope).blocks
    parts = _chains([one for one in plan["phases"] if one["within"] == code], plan, scope)
    if parts:
        branches = [*([Branch("", "", Row(blocks))] if blocks else []), *parts]
        if len(branches) == 1:
            return branches[0].row.blocks
        gateway = Node(scope.code(None, "parts"), "parallelGateway")
        return [Split(gateway, branches, Node(scope.code(None, "parts_join"), "parallelGateway"))]
    if not blocks and _has_end(phase):
        event = ("timeDate", f'=date({code}_ends) + duration("P1D")')
        blocks = [Node(scope.code(None, "lasts"), "intermediateCatchEvent", "阶段期满", event=event)]
    return blocks


def _has_end(phase: Mapping[str, Any]) -> bool:
    return bool((phase["ends"] and phase["ends"] != OPEN) or phase["lasts"])


def _mark(identifier: str, name: str, service: str, code: str, scope: Scope) -> Node:
    scope.output.take_code({"verb": "phase"}, identifier)
    return Node(identifier, "serviceTask", name, {"duban:service": service}, {"phase": f'="{code}"'})


def title(phase: Mapping[str, Any]) -> str:
    """Return a phase's name with its days where the plan writes plain ones: 学习自查（9月5日至9月12日）."""
    days = [_spoken(phase[edge]) for edge in ("starts", "ends")]
    if not days[0]:
        return str(phase["name"])
    until = days[1] if days[1] and days[1] != days[0] else ""
    return f"{phase['name']}（{days[0]}{'至' + until if until else '起' if not days[1] else ''}）"


def _spoken(text: str | None) -> str:
    match = _DAY.match(text or "")
    if match is None:
        return ""
    year, month, day, third, following = match.groups()
    spoken = f"{int(year)}年" if year else "次年" if following else ""
    return spoken + f"{int(month)}月" + (f"{int(day)}日" if day else _THIRDS.get(third, ""))
