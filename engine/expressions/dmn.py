"""Reads DMN 1.1 to 1.5: decisions and what they require, business knowledge models, decision services, types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.expressions.boxed import Function, Logic, types_of
from engine.expressions.boxed_reader import needed_logic_in, read_function
from engine.expressions.dmn_xml import RefusedDecision, child, children, root_of, text_of, type_of
from engine.wording import say

__all__ = ["DecisionDefinition", "Drawing", "InputData", "Knowledge", "RefusedDecision", "Service", "read_dmn"]

BUILT_IN_TYPES = frozenset(
    {"number", "integer", "long", "double", "string", "boolean", "date", "dateTime", "dateAndTime", "time", "duration"}
    | {"dayTimeDuration", "yearMonthDuration", "date and time", "days and time duration", "years and months duration"}
    | {"Any", "any", "context", "function", "range", "list", "collection", "map", "object", "json"}
)
"""FEEL's types, and what the editors in use write for them."""

DEEPEST = 100
"""Requirements from a decision down to its last one."""


@dataclass(frozen=True, slots=True)
class InputData:
    """What a decision is given: a process variable of this name."""

    id: str
    name: str
    line: int = 0
    type: str = ""


@dataclass(frozen=True, slots=True)
class DecisionDefinition:
    """One decision: its logic, the name and type of its answer, and what it requires."""

    id: str
    name: str
    variable: str
    logic: Logic
    line: int = 0
    type: str = ""
    inputs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a function that decisions may call."""

    id: str
    name: str
    function: Function
    line: int = 0
    type: str = ""
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions under one name, which may be called like a function (DMN 1.5, 6.3.9)."""

    id: str
    name: str
    inputs: tuple[str, ...]
    given: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class ItemType:
    """An item definition; without a ``base`` its components make it up."""

    name: str
    line: int = 0
    base: str = ""
    collection: bool = False
    allowed: str = ""
    components: tuple["ItemType", ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a DMN file holds, by id; types by name."""

    decisions: Mapping[str, DecisionDefinition]
    knowledge: Mapping[str, Knowledge] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    inputs: Mapping[str, InputData] = field(default_factory=dict)
    types: Mapping[str, ItemType] = field(default_factory=dict)


def read_dmn(content: bytes) -> Drawing:
    """Read a DMN file. Raises RefusedDecision with the place of what cannot be executed."""
    root = root_of(content)
    namespace = root.get("namespace") or ""
    decisions = [_decision(node, namespace) for node in children(root, "decision")]
    knowledge = [_knowledge(node, namespace) for node in children(root, "businessKnowledgeModel")]
    services = [_service(node, namespace) for node in children(root, "decisionService")]
    inputs = [_input_data(node) for node in children(root, "inputData")]
    types = [_item_type(node) for node in children(root, "itemDefinition")]
    if not decisions:
        raise RefusedDecision(say("DMN 文件中没有决策。"))
    ids = [one.id for group in (decisions, knowledge, services, inputs) for one in group]
    for one in ids:
        if ids.count(one) > 1:
            raise RefusedDecision(say("编号“{value}”在 DMN 文件中出现了两次。", value=one))
    drawing = Drawing(
        {one.id: one for one in decisions},
        {one.id: one for one in knowledge},
        {one.id: one for one in services},
        {one.id: one for one in inputs},
        {one.name: one for one in types},
    )
    _check_requirements(drawing)
    _check_types(drawing)
    return drawing


def _identified(node: Any, word: str) -> tuple[str, str]:
    """Return an element's id and the name that its value goes by."""
    name = node.get("name") or node.get("id") or ""
    identifier = node.get("id") or ""
    if not identifier:
        raise RefusedDecision(
            say("{word}“{name}”没有标识（id），第 {line} 行。", word=word, name=name, line=node.sourceline)
        )
    variable = child(node, "variable")
    return identifier, (variable.get("name") if variable is not None else None) or name


def _links(node: Any, group: str, link: str, namespace: str) -> tuple[str, ...]:
    parts = [found for requirement in children(node, group) for found in children(requirement, link)]
    return tuple(_reference(part, namespace) for part in parts)


def _reference(link: Any, namespace: str) -> str:
    place, _, identifier = (link.get("href") or "").rpartition("#")
    if place not in ("", namespace):
        raise RefusedDecision(
            say(
                "引用了别的 DMN 文件（{place}）：请放在同一个文件里，第 {line} 行。",
                place=place,
                line=link.sourceline,
            )
        )
    return str(identifier)


def _decision(node: Any, namespace: str) -> DecisionDefinition:
    identifier, variable = _identified(node, say("决策"))
    name = node.get("name") or identifier
    return DecisionDefinition(
        id=identifier,
        name=name,
        variable=variable,
        logic=needed_logic_in(node, say("决策“{name}”", name=name), node.sourceline),
        line=node.sourceline,
        type=type_of(child(node, "variable")),
        inputs=_links(node, "informationRequirement", "requiredInput", namespace),
        requires=_links(node, "informationRequirement", "requiredDecision", namespace),
        knowledge=_links(node, "knowledgeRequirement", "requiredKnowledge", namespace),
    )


def _knowledge(node: Any, namespace: str) -> Knowledge:
    identifier, name = _identified(node, say("业务知识模型"))
    logic = child(node, "encapsulatedLogic")
    if logic is None:
        raise RefusedDecision(
            say("业务知识模型“{name}”没有可以执行的表达式，第 {line} 行。", name=name, line=node.sourceline)
        )
    return Knowledge(
        id=identifier,
        name=name,
        function=read_function(logic, say("业务知识模型“{name}”", name=name)),
        line=node.sourceline,
        type=type_of(logic),
        requires=_links(node, "knowledgeRequirement", "requiredKnowledge", namespace),
    )


def _service(node: Any, namespace: str) -> Service:
    identifier, name = _identified(node, say("决策服务"))
    inputs, given, outputs = (
        tuple(_reference(link, namespace) for link in children(node, tag))
        for tag in ("inputData", "inputDecision", "outputDecision")
    )
    if not outputs:
        raise RefusedDecision(say("决策服务“{name}”没有输出决策，第 {line} 行。", name=name, line=node.sourceline))
    return Service(identifier, name, inputs, given, outputs, node.sourceline)


def _input_data(node: Any) -> InputData:
    identifier, name = _identified(node, say("输入数据"))
    return InputData(identifier, name, node.sourceline, type_of(child(node, "variable")))


def _item_type(node: Any) -> ItemType:
    allowed = text_of(child(node, "typeConstraint")) or text_of(child(node, "allowedValues"))
    return ItemType(
        name=node.get("name") or "",
        line=node.sourceline,
        base=type_of(node),
        collection=node.get("isCollection") == "true",
        allowed=allowed,
        components=tuple(_item_type(inner) for inner in children(node, "itemComponent")),
    )


def _check_requirements(drawing: Drawing) -> None:
    """Refuse requirements that lead nowhere or in a circle (DMN 1.5, 6.2.3: the graph is acyclic)."""
    for decision in drawing.decisions.values():
        _check_known(say("决策“{name}”", name=decision.name), decision.line, decision.inputs, drawing.inputs)
        _check_known(say("决策“{name}”", name=decision.name), decision.line, decision.requires, drawing.decisions)
        _check_known(say("决策“{name}”", name=decision.name), decision.line, decision.knowledge, _callable(drawing))
    for model in drawing.knowledge.values():
        _check_known(say("业务知识模型“{name}”", name=model.name), model.line, model.requires, _callable(drawing))
    for service in drawing.services.values():
        place = say("决策服务“{name}”", name=service.name)
        _check_known(place, service.line, service.inputs, drawing.inputs)
        _check_known(place, service.line, (*service.given, *service.outputs), drawing.decisions)
    done: set[str] = set()
    for identifier in (*drawing.decisions, *drawing.knowledge, *drawing.services):
        _visit(drawing, identifier, (), done)


def _check_types(drawing: Drawing) -> None:
    """Refuse types that are neither built in nor defined: their values would not be checked."""
    known = BUILT_IN_TYPES | set(drawing.types)
    used = [
        (say("决策“{name}”", name=one.name), one.line, [one.type, *types_of(one.logic)])
        for one in drawing.decisions.values()
    ]
    used += [
        (say("业务知识模型“{name}”", name=one.name), one.line, types_of(one)) for one in drawing.knowledge.values()
    ]
    used += [(say("输入数据“{name}”", name=one.name), one.line, [one.type]) for one in drawing.inputs.values()]
    used += [(say("类型“{name}”", name=one.name), one.line, _bases(one)) for one in drawing.types.values()]
    for place, line, names in used:
        for name in names:
            if name and name not in known:
                raise RefusedDecision(
                    say("{place}用到了没有定义的类型“{name}”，第 {line} 行。", place=place, name=name, line=line)
                )


def _bases(one: ItemType) -> list[str]:
    return [one.base, *(base for inner in one.components for base in _bases(inner))]


def _callable(drawing: Drawing) -> Mapping[str, object]:
    return {**drawing.knowledge, **drawing.services}


def _check_known(place: str, line: int, links: tuple[str, ...], known: Mapping[str, object]) -> None:
    for link in links:
        if link not in known:
            raise RefusedDecision(
                say("{place}依赖的“{link}”不在文件中，第 {line} 行。", place=place, link=link, line=line)
            )


def _visit(drawing: Drawing, identifier: str, above: tuple[str, ...], done: set[str]) -> None:
    if identifier in done:
        return
    one = drawing.decisions.get(identifier) or drawing.knowledge.get(identifier) or drawing.services[identifier]
    if identifier in above or len(above) > DEEPEST:
        raise RefusedDecision(say("“{name}”的依赖关系成环或过深，第 {line} 行。", name=one.name, line=one.line))
    below = one.outputs if isinstance(one, Service) else one.requires
    further = one.knowledge if isinstance(one, DecisionDefinition) else ()
    for link in (*below, *further):
        # A function may call itself; whether it ends is a matter of its parameters.
        if link != identifier or not isinstance(one, Knowledge):
            _visit(drawing, link, (*above, identifier), done)
    done.add(identifier)
