"""Which element of one drawing stands for which of another, for the migration of instances."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.definitions.model import Node, Process
from engine.interpreter.reach import Reach


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a migration would do to an instance, or why it cannot be done.

    ``severity`` is ``blocked``, ``lost`` or ``note``; ``rule`` a stable code; ``element_id`` the source's element and
    ``target_id`` the target's, where there are any. ``sentence`` is Chinese " / " English.
    """

    severity: str
    rule: str
    element_id: str | None
    target_id: str | None
    sentence: str


def generate_mapping(source: Process, target: Process) -> dict[str, str]:
    """Return what can be told by itself: the same id and type, else the same type and name where only one has them."""
    found = {node.id: node.id for node in source.nodes.values() if _same_type(node, target.nodes.get(node.id))}
    left = [node for node in source.nodes.values() if node.id not in found and node.name]
    free = [node for node in target.nodes.values() if node.id not in found.values() and node.name]
    ours, theirs = Counter(map(_title, left)), Counter(map(_title, free))
    by_title = {_title(node): node.id for node in free}
    for node in left:
        title = _title(node)
        if ours[title] == 1 and theirs[title] == 1:
            found[node.id] = by_title[title]
    return found


def check_mapping(source: Process, target: Process, elements: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with a mapping whatever the instance: unknown ids, other types, two gateways to one."""
    findings = []
    used = Counter(elements.values())
    for one, other in elements.items():
        here, there = source.nodes.get(one), target.nodes.get(other)
        if here is None:
            findings.append(_blocked("unknown-source", one, other, f"原图没有“{one}” / {one} is not in the source"))
        elif there is None:
            findings.append(_blocked("unknown-target", one, other, f"新图没有“{other}” / {other} is not in the target"))
        elif here.type != there.type:
            sentence = f"“{one}”与“{other}”类型不同 / {one} and {other} are of different types"
            findings.append(_blocked("other-type", one, other, sentence))
        elif used[other] > 1 and here.type.endswith("Gateway"):
            sentence = f"多个网关对应到“{other}” / Several gateways map to {other}"
            findings.append(_blocked("gateway-twice", one, other, sentence))
    return findings


def difference(source: Node, target: Node) -> str | None:
    """Return how the behaviour of two elements differs so that no token can go over, None when it does not."""
    if source.type != target.type:
        return f"类型不同（{source.type} → {target.type}） / another type"
    if [event.kind for event in source.events] != [event.kind for event in target.events]:
        return "等待的事件种类不同 / another kind of event"
    if repetition(source) != repetition(target):
        return "重复方式不同（单次、多实例、循环） / another kind of repetition"
    marks = (("triggeredByEvent", "事件子流程"), ("isForCompensation", "补偿"), ("parallelMultiple", "并行多重事件"))
    for mark, words in marks:
        if (source.attributes.get(mark) == "true") != (target.attributes.get(mark) == "true"):
            return f"只有一个是{words} / only one has {mark}"
    return None


def repetition(node: Node) -> str:
    """Return how an activity is repeated: empty, ``parallel``, ``sequential`` or ``loop``."""
    if node.multi is not None:
        return "sequential" if node.multi.sequential else "parallel"
    return "loop" if "standardLoop" in node.properties else ""


def target_flow(
    source: Process, target: Process, elements: Mapping[str, str], flow_id: str, taken: Mapping[str, str]
) -> str | None:
    """Return the flow into a target's join that stands for the one by which a token has arrived, None without one.

    In this order: the flow with the same id; the one from the element that stands for its source; the only one that
    can be reached from there (something was drawn in between); the only one left. ``taken`` are other flows' targets.
    """
    flow = source.flows[flow_id]
    join = target.nodes[elements[flow.target]]
    free = [other for other in join.incoming if other not in taken.values()]
    if flow_id in free:
        return flow_id
    came_from = elements.get(flow.source, "")
    direct = [other for other in free if target.flows[other].source == came_from]
    reach = Reach(target)
    behind = [other for other in free if came_from in reach.upstream(other, join.id)]
    for candidates in (direct[:1], behind, free):
        if len(candidates) == 1:
            return candidates[0]
    return None


def within(process: Process, scope_id: str, outer_id: str) -> list[str] | None:
    """Return the scopes from just inside ``outer_id`` down to ``scope_id``, None when it does not lie inside."""
    path: list[str] = []
    at = scope_id
    while at != outer_id:
        if at not in process.nodes:
            return None
        path.append(at)
        at = process.nodes[at].parent
    return path[::-1]


def _same_type(source: Node, target: Node | None) -> bool:
    return target is not None and source.type == target.type


def _title(node: Node) -> tuple[str, str]:
    return node.type, node.name or ""


def _blocked(rule: str, source_id: str, target_id: str, sentence: str) -> Finding:
    return Finding("blocked", rule, source_id, target_id, sentence)
