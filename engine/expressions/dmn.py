"""Reads DMN 1.1 to 1.5: decision tables, literal expressions, requirements, business knowledge models."""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.errors import DubanError

LARGEST = 2 << 20
MOST_RULES = 5_000
POLICIES = {"UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"}
AGGREGATIONS = {"SUM", "MIN", "MAX", "COUNT"}
FEEL_NAMES = {"", "feel"}


class RefusedDecision(DubanError):
    """A DMN file that cannot be executed as drawn."""

    code = "decision-refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions."""

    label: str
    expression: str
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; ``allowed`` lists its values from the highest priority down."""

    name: str
    label: str
    allowed: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a unary test per input, an expression per output."""

    id: str
    tests: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class DecisionDefinition:
    """One decision: a table or a literal expression, the decisions it needs and the name its answer goes by."""

    id: str
    name: str
    variable: str
    logic: Table | str
    requires: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a FEEL function that decisions may call."""

    id: str
    name: str
    source: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a DMN file holds."""

    decisions: dict[str, DecisionDefinition] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)


def read_dmn(content: bytes) -> Drawing:
    """Read a DMN file. Raises RefusedDecision with the place of what cannot be executed."""
    root = _root(content)
    drawing = Drawing()
    for node in _children(root, "decision"):
        decision = _decision(node)
        drawing.decisions[decision.id] = decision
    for node in _children(root, "businessKnowledgeModel"):
        model = _knowledge(node)
        drawing.knowledge[model.id] = model
    if not drawing.decisions:
        raise RefusedDecision("DMN 文件中没有决策。")
    return drawing


def _root(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise RefusedDecision(f"DMN 文件过大：最多 {LARGEST >> 20} MB。")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Any = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedDecision(f"DMN 文件不是有效的 XML：{error}") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise RefusedDecision("DMN 文件不得含有 DOCTYPE 或实体声明。")
    name = etree.QName(root)
    if name.localname != "definitions" or "/DMN/" not in (name.namespace or ""):
        raise RefusedDecision("这不是 DMN 1.1–1.5 文件。")
    return root


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _child(node: Any, name: str) -> Any:
    found = _children(node, name) if node is not None else []
    return found[0] if found else None


def _text(node: Any) -> str:
    content = _child(node, "text")
    return (content.text or "").strip() if content is not None else ""


def _feel(node: Any, place: str) -> None:
    language = (node.get("expressionLanguage") or "").rstrip("/").rsplit("/", 1)[-1].lower() if node is not None else ""
    known = language in FEEL_NAMES or language.startswith("feel") or language[:4].isdigit()
    if not known:
        raise RefusedDecision(f"{place}：只支持 FEEL 表达式，不支持“{language}”。")


def _required(node: Any, group: str, link: str) -> tuple[str, ...]:
    links = [found for requirement in _children(node, group) for found in _children(requirement, link)]
    return tuple((found.get("href") or "").rsplit("#", 1)[-1] for found in links)


def _decision(node: Any) -> DecisionDefinition:
    identifier = node.get("id") or ""
    name = node.get("name") or identifier
    if not identifier:
        raise RefusedDecision(f"决策“{name}”没有标识（id），第 {node.sourceline} 行。")
    variable = _child(node, "variable")
    table, literal = _child(node, "decisionTable"), _child(node, "literalExpression")
    if table is None and literal is None:
        raise RefusedDecision(f"决策“{name}”既没有决策表也没有表达式，第 {node.sourceline} 行。")
    _feel(literal, f"决策“{name}”")
    return DecisionDefinition(
        id=identifier,
        name=name,
        variable=(variable.get("name") if variable is not None else None) or name,
        logic=_table(table, name) if table is not None else _text(literal),
        requires=_required(node, "informationRequirement", "requiredDecision"),
        knowledge=_required(node, "knowledgeRequirement", "requiredKnowledge"),
    )


def _knowledge(node: Any) -> Knowledge:
    name = node.get("name") or node.get("id") or ""
    logic = _child(node, "encapsulatedLogic")
    body = _child(logic, "literalExpression")
    if body is None:
        raise RefusedDecision(f"业务知识模型“{name}”只支持 FEEL 表达式，第 {node.sourceline} 行。")
    _feel(body, f"业务知识模型“{name}”")
    parameters = ", ".join(parameter.get("name") or "" for parameter in _children(logic, "formalParameter"))
    source = f"function({parameters}) {_text(body)}"
    return Knowledge(node.get("id") or name, name, source, _required(node, "knowledgeRequirement", "requiredKnowledge"))


def _table(node: Any, name: str) -> Table:
    policy = (node.get("hitPolicy") or "UNIQUE").upper()
    aggregation = (node.get("aggregation") or "").upper()
    if policy not in POLICIES or aggregation not in AGGREGATIONS | {""}:
        raise RefusedDecision(f"决策表“{name}”的命中策略“{policy} {aggregation}”无法识别，第 {node.sourceline} 行。")
    inputs = tuple(_input(column, name, n) for n, column in enumerate(_children(node, "input"), 1))
    outputs = tuple(_output(column) for column in _children(node, "output"))
    rules = tuple(_rule(row) for row in _children(node, "rule"))
    if not outputs:
        raise RefusedDecision(f"决策表“{name}”没有输出列，第 {node.sourceline} 行。")
    if len(outputs) > 1 and len({output.name for output in outputs} - {""}) < len(outputs):
        raise RefusedDecision(f"决策表“{name}”的各输出列必须有互不相同的名称。")
    if len(rules) > MOST_RULES:
        raise RefusedDecision(f"决策表“{name}”的规则过多：最多 {MOST_RULES} 条。")
    for number, rule in enumerate(rules, 1):
        if len(rule.tests) != len(inputs) or len(rule.results) != len(outputs):
            raise RefusedDecision(f"决策表“{name}”第 {number} 行的单元格数与列数不符。")
    return Table(policy, aggregation if policy == "COLLECT" else "", inputs, outputs, rules)


def _input(node: Any, name: str, number: int) -> Input:
    expression = _child(node, "inputExpression")
    _feel(expression, f"决策表“{name}”第 {number} 个输入列")
    text = _text(expression)
    if not text:
        raise RefusedDecision(f"决策表“{name}”第 {number} 个输入列没有表达式，第 {node.sourceline} 行。")
    return Input(node.get("label") or text, text, _text(_child(node, "inputValues")))


def _output(node: Any) -> Output:
    name = node.get("name") or ""
    return Output(
        name, node.get("label") or name, _text(_child(node, "outputValues")), _text(_child(node, "defaultOutputEntry"))
    )


def _rule(node: Any) -> Rule:
    tests = tuple(_text(cell) for cell in _children(node, "inputEntry"))
    results = tuple(_text(cell) for cell in _children(node, "outputEntry"))
    return Rule(node.get("id") or "", tests, results)
