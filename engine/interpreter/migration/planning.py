"""What becomes of every token of a stored instance that goes over to another drawing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from engine.definitions.model import Node, Process
from engine.interpreter.migration.mapping import Finding, difference, target_flow, within
from engine.interpreter.tokens import ROOT, numbered
from engine.wording import both, say

REMOVABLE = frozenset({"subProcess", "transaction"})
"""Scopes that may be left out in the target while what is inside goes on."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """From which process to which, and which element stands for which."""

    source: Process
    target: Process
    elements: Mapping[str, str]


@dataclass(slots=True)
class Entry:
    """A stored token, and where it goes: ``target`` is the element, ``into`` the token of its scope."""

    token: str
    node: Node
    scope: str
    state: int
    memory: dict[str, Any]
    target: Node | None = None
    into: str = ROOT


@dataclass(slots=True)
class Plan:
    """What becomes of every token of one instance."""

    crossing: Crossing
    stored: dict[str, Any]
    entries: dict[str, Entry]
    findings: list[Finding] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    dropped: list[Entry] = field(default_factory=list)
    created: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    flows: dict[str, str] = field(default_factory=dict)

    def say(self, severity: str, rule: str, entry: Entry, sentence: str, target: str | None = None) -> None:
        finding = Finding(severity, rule, entry.node.id, target, sentence)
        if finding not in self.findings:
            self.findings.append(finding)


def plan_of(crossing: Crossing, snapshot: bytes) -> Plan:
    """Return where each live token of a snapshot goes in the target, and what is lost on the way."""
    stored = orjson.loads(snapshot)
    entries = {
        token: Entry(token, crossing.source.nodes[node], scope, state, memory)
        for token, node, scope, state, memory in stored["tokens"]
    }
    plan = Plan(crossing, stored, entries)
    for entry in entries.values():
        _place(plan, entry)
    _lose_records(plan, None, stored.get("root", {}))
    return plan


def _place(plan: Plan, entry: Entry) -> None:
    """Decide what becomes of one token; its scope has been decided before."""
    around = plan.entries.get(entry.scope)
    if around is not None and around in plan.dropped and around.target is None and _belongs(entry, around):
        plan.dropped.append(entry)
        return
    target = plan.crossing.target.nodes.get(plan.crossing.elements.get(entry.node.id, ""))
    reason = None if target is None else difference(entry.node, target)
    if target is None or reason is not None:
        _without_target(plan, entry, reason)
        return
    if not _fits(plan, entry, target):
        return
    entry.target = target
    if not _take_flows(plan, entry):
        return
    plan.kept.append(entry)
    _lose_records(plan, entry, entry.memory)


def _belongs(entry: Entry, around: Entry) -> bool:
    """Say whether a token is a part of the one around it: a subscription of its event."""
    return "event" in entry.memory and entry.node.id == around.node.id


def _without_target(plan: Plan, entry: Entry, reason: str | None) -> None:
    """A token whose element the target does not have, or only as something else."""
    name = named(entry.node)
    if not {"host", "listener"}.isdisjoint(entry.memory) or _has_siblings(plan, entry):
        plan.dropped.append(entry)
        kinds = "、".join(event.kind for event in entry.node.events)
        sentence = f"“{name}”（{kinds}）不再等待 / {entry.node.id} listens no more"
        plan.say("lost", "listener-dropped", entry, sentence)
    elif reason is not None:
        sentence = say("“{name}”{reason}（{element}）", name=name, reason=both(reason), element=entry.node.id)
        plan.say("blocked", "other-kind", entry, sentence, plan.crossing.elements[entry.node.id])
    elif entry.node.type in REMOVABLE and {"total", "item", "incident"}.isdisjoint(entry.memory):
        plan.dropped.append(entry)
        sentence = f"子流程“{name}”取消，其中的环节移到外面 / Subprocess {entry.node.id} goes, what is inside moves out"
        plan.say("lost", "scope-removed", entry, sentence)
        if entry.memory.get("own"):
            names = "、".join(entry.memory["own"])
            plan.say("lost", "scope-variables", entry, f"“{name}”自己的变量丢失：{names} / Its own variables are lost")
        _lose_records(plan, entry, entry.memory)
    else:
        sentence = f"“{name}”正在进行，但新图没有对应的环节 / {entry.node.id} is going on and has no target"
        plan.say("blocked", "no-target", entry, sentence)


def _has_siblings(plan: Plan, entry: Entry) -> bool:
    """Say whether an event behind an event-based gateway can go, because another one behind it stays."""
    gate = entry.memory.get("gate")
    nodes = plan.crossing.target.nodes
    return gate is not None and any(
        other.memory.get("gate") == gate
        and other is not entry
        and (there := nodes.get(plan.crossing.elements.get(other.node.id, ""))) is not None
        and difference(other.node, there) is None
        for other in plan.entries.values()
    )


def _fits(plan: Plan, entry: Entry, target: Node) -> bool:
    """Find the scope that a token goes into, with the new scopes on the way to it; False when there is none."""
    around = plan.entries.get(entry.scope)
    if around is not None and around.target is not None and _is_part(entry, around):
        entry.into = around.token
        return True
    host = plan.entries.get(entry.memory.get("host", ""))
    if host is not None:
        return _fits_host(plan, entry, target, host)
    while around is not None and around.target is None:
        around = plan.entries.get(around.scope)
    outer = plan.crossing.target.id if around is None or around.target is None else around.target.id
    wanted = target.parent
    if "listener" in entry.memory:
        wanted = plan.crossing.target.nodes[wanted].parent
    missing = within(plan.crossing.target, wanted, outer)
    if missing is None:
        sentence = f"“{named(target)}”不在“{_scope_name(plan, outer)}”之内 / {target.id} does not lie inside {outer}"
        plan.say("blocked", "other-scope", entry, sentence, target.id)
        return False
    entry.into = ROOT if around is None else around.token
    for scope_id in missing:
        if not _can_be_opened(plan.crossing.target.nodes[scope_id]):
            sentence = f"不能为“{named(target)}”新开“{scope_id}” / {scope_id} cannot be opened for {target.id}"
            plan.say("blocked", "scope-not-plain", entry, sentence, target.id)
            return False
        if (entry.into, scope_id) not in plan.created:
            plan.say(
                "note",
                "scope-added",
                entry,
                f"进入新的子流程“{scope_id}” / Goes into the new scope {scope_id}",
                scope_id,
            )
            plan.stored["counter"] = numbered(int(plan.stored["counter"]) + 1)
            row = [plan.stored["counter"], scope_id, entry.into, TaskState.STARTED, {"stage": "in"}]
            plan.created[entry.into, scope_id] = row
        entry.into = plan.created[entry.into, scope_id][0]
    return True


def _fits_host(plan: Plan, entry: Entry, target: Node, host: Entry) -> bool:
    """A boundary event goes where its activity goes; on another activity it is another event."""
    if host.target is None or target.attributes.get("attachedToRef") != host.target.id:
        plan.dropped.append(entry)
        sentence = f"边界事件“{named(entry.node)}”不再等待 / Boundary event {entry.node.id} listens no more"
        plan.say("lost", "listener-dropped", entry, sentence)
        return False
    entry.into = host.into
    return True


def _is_part(entry: Entry, around: Entry) -> bool:
    """Say whether the scope is no scope of the drawing: a body around its items, an event, a compensating event."""
    return entry.node.id == around.node.id or around.node.type.endswith("Event")


def _can_be_opened(node: Node) -> bool:
    plain = node.multi is None and "standardLoop" not in node.properties
    return plain and node.type in REMOVABLE and node.attributes.get("triggeredByEvent") != "true"


def _take_flows(plan: Plan, entry: Entry) -> bool:
    """Translate the flows that a token remembers; False when an arrival at a join has no counterpart."""
    memory, at_join = entry.memory, "stage" not in entry.memory and entry.node.type.endswith("Gateway")
    flow = memory.get("flow")
    if flow:
        found = _flow(plan, flow) if at_join else plan.flows.get(flow, flow)
        if found is None:
            name = named(entry.node)
            sentence = (
                f"“{name}”等待汇聚的分支在新图里找不到 / The branch arrived at {entry.node.id} is not in the target"
            )
            plan.say("blocked", "no-flow", entry, sentence)
            return False
        memory["flow"] = found
    if "received" in memory:
        memory["received"] = [found for one in memory["received"] if (found := _flow(plan, one)) is not None]
    return True


def _flow(plan: Plan, flow: str) -> str | None:
    if flow not in plan.flows:
        join = plan.crossing.source.flows[flow].target
        taken = {one: there for one, there in plan.flows.items() if plan.crossing.source.flows[one].target == join}
        found = target_flow(plan.crossing.source, plan.crossing.target, plan.crossing.elements, flow, taken)
        if found is None:
            return None
        plan.flows[flow] = found
    return plan.flows[flow]


def _lose_records(plan: Plan, scope: Entry | None, memory: Mapping[str, Any]) -> None:
    """Say which completed activities could no longer be compensated; without a scope those of the process itself."""
    elements = plan.crossing.elements if scope is None or scope.target is not None else {}
    for node_id in sorted({record["node"] for record in memory.get("undo", []) if record["node"] not in elements}):
        sentence = f"“{node_id}”不能再补偿 / {node_id} can no longer be compensated"
        plan.findings.append(Finding("lost", "compensation-lost", node_id, None, sentence))


def named(node: Node) -> str:
    """Return what people know an element by: its name, else its identifier."""
    return node.name or node.id


def _scope_name(plan: Plan, scope_id: str) -> str:
    node = plan.crossing.target.nodes.get(scope_id)
    return named(node) if node else (plan.crossing.target.name or scope_id)
