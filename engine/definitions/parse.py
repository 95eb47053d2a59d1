"""Reads BPMN 2.0 XML into a :class:`Definition`: securely, with the line of everything, and leaving nothing out.

What cannot be executed is kept as it is drawn, for :mod:`engine.definitions.lint` to refuse with its place; only
what cannot be read at all is refused here.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from lxml import etree

from engine.definitions.collaboration import (
    correlations,
    read_collaboration,
    with_messages_of_flows,
    with_own_messages,
)
from engine.definitions.data import DataNames, initial_values, with_data
from engine.definitions.elements import (
    RootElements,
    attributes_of,
    children,
    event_definitions,
    local_name,
    mappings,
    multi_instance,
    properties_of,
    scripts_of,
    text_of,
)
from engine.definitions.errors import RefusedDiagram
from engine.definitions.model import Definition, Flow, LintFinding, Node, Process
from engine.definitions.vocabulary import BPMN, NO_TOKENS, SCOPES

MAX_BYTES = 8 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 60

_OTHER_FORMATS = {
    "http://www.omg.org/spec/BPMN/2009": (" BPMN 2.0 的草案版", "a draft of BPMN 2.0"),
    "http://schema.omg.org/spec/BPMN/2.0": (" BPMN 2.0 的草案版", "a draft of BPMN 2.0"),
    "http://bpmn.org": (" BPMN 1.x", "BPMN 1.x"),
    "http://stp.eclipse.org/bpmn": (" BPMN 1.x", "BPMN 1.x"),
    "http://www.wfmc.org": (" XPDL", "XPDL"),
    "http://jbpm.org": (" jPDL", "jPDL"),
    "http://schemas.xmlsoap.org/ws/2003/03/business-process": (" BPEL", "BPEL"),
    "http://docs.oasis-open.org/wsbpel": (" BPEL", "BPEL"),
    "http://www.omg.org/spec/DMN": ("决策表（DMN）", "a decision (DMN)"),
    "https://www.omg.org/spec/DMN": ("决策表（DMN）", "a decision (DMN)"),
    "http://www.omg.org/spec/CMMN": (" CMMN", "CMMN"),
    "http://www.w3.org/1999/xhtml": ("网页", "a web page"),
    "http://www.w3.org/2000/svg": ("图片", "a picture"),
    "definitions": ("没有命名空间的 definitions", "definitions without a namespace"),
    "mxfile": (" draw.io 图", "a draw.io drawing"),
    "html": ("网页", "a web page"),
    "svg": ("图片", "a picture"),
}
"""Formats that come instead of BPMN 2.0, by how their namespace begins, or by the root where there is none."""

_XPATH_OR_FEEL = re.compile(r"feel|xpath", re.IGNORECASE)


def parse_diagram(content: bytes, filename: str = "") -> Definition:
    """Parse a diagram file.

    Raises :class:`RefusedDiagram` for what is not a readable BPMN diagram: not XML, a document type or entities,
    more than 8 MB or 50,000 elements, no process, an id used twice.
    """
    root = read_document(content, filename)
    reader = _Reader(root, filename)
    processes = {process.id: process for process in map(reader.process, children(root, "process"))}
    if not processes:
        reader.refuse("no-process", root, "图里没有流程 / There is no process", "画一个流程 / Draw a process")
    if reader.findings:
        raise RefusedDiagram(reader.findings[0].message, reader.findings)
    collaboration = read_collaboration(root, reader.roots)
    processes = with_own_messages(with_messages_of_flows(processes, collaboration))
    return Definition(sha256(content).hexdigest(), processes, content, collaboration)


def read_document(content: bytes, filename: str = "") -> Any:
    """Parse XML without entities, document types, network access or unbounded size; return the root element.

    Raises :class:`RefusedDiagram` for what is no BPMN 2.0 document.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable(
            "too-large", 0, f"文件超过 {MAX_BYTES >> 20} MB / The file is larger than {MAX_BYTES >> 20} MB", filename
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _not_xml(content, error, filename) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        message = "不接受文档类型声明和实体 / Document types and entities are not accepted"
        raise _unreadable("document-type", 1, message, filename)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise _unreadable("too-large", 0, "元素超过 50,000 个 / More than 50,000 elements", filename)
    if root.tag != f"{{{BPMN}}}definitions":
        raise _unreadable("not-bpmn", 1, _what_it_is(root), filename)
    return root


def _not_xml(content: bytes, error: Exception, filename: str) -> RefusedDiagram:
    if not content.strip():
        return _unreadable("not-xml", 0, "文件是空的 / The file is empty", filename)
    line = getattr(error, "lineno", 0) or 0
    if "Excessive depth" in str(error):
        return _unreadable("too-deep", line, "嵌套超过 255 层 / More than 255 elements are nested", filename)
    return _unreadable("not-xml", line, f"不是有效的 XML：{getattr(error, 'msg', error)} / Not XML", filename)


def _what_it_is(root: Any) -> str:
    """Say what a document is that is not BPMN 2.0, as far as its namespace or its root tells."""
    namespace, _, tag = root.tag.rpartition("}")
    for start, (name, english) in _OTHER_FORMATS.items():
        if namespace[1:].startswith(start) or (not namespace and tag == start):
            return f"这是{name}，不是 BPMN 2.0 文件 / This is {english}, not BPMN 2.0"
    if namespace[1:] == BPMN:
        return f"最外层是 {tag}，应是 definitions / The outermost element is {tag} instead of definitions"
    return f"不是 BPMN 2.0 文件，最外层是 {tag} / Not BPMN 2.0: the outermost element is {tag}"


def _unreadable(rule: str, line: int, message: str, filename: str) -> RefusedDiagram:
    advice = "用 BPMN 编辑器重新导出 / Export it again from a BPMN editor"
    return RefusedDiagram(message, [LintFinding(rule, "error", None, None, line, message, advice, filename)])


class _Reader:
    """Reads the processes of one document, collecting what stands against reading it."""

    def __init__(self, root: Any, filename: str) -> None:
        self.filename = filename
        self.findings: list[LintFinding] = []
        self.root = root
        self.roots = RootElements(root)
        self.names = DataNames(root)
        self._made_up = 0
        self._seen: set[str] = set()

    def refuse(self, rule: str, element: Any, message: str, advice: str) -> None:
        self.findings.append(
            LintFinding(
                rule,
                "error",
                element.get("id"),
                element.get("name"),
                element.sourceline or 0,
                message,
                advice,
                self.filename,
            )
        )

    def process(self, element: Any) -> Process:
        """Read one process with everything inside."""
        process_id = self._identify(element, "process")
        nodes: dict[str, Node] = {}
        flows: dict[str, Flow] = {}
        associations: list[tuple[str, str]] = []
        scopes: dict[str, Any] = {}
        for scope, parent in self._scopes(element, process_id):
            scopes[parent] = scope
            for child in scope:
                if local_name(child) == "association":
                    associations.append((child.get("sourceRef") or "", child.get("targetRef") or ""))
                if local_name(child) == "sequenceFlow":
                    flow = self._flow(child)
                    flows[flow.id] = flow
                elif _is_flow_node(child):
                    node = self._node(child, parent)
                    nodes[node.id] = node
        self._connect(nodes, flows)
        self._assign_handlers(nodes, associations)
        self._assign_lanes(element, nodes)
        return Process(
            id=process_id,
            name=element.get("name"),
            executable=element.get("isExecutable") != "false",
            line=element.sourceline or 0,
            nodes=nodes,
            flows=flows,
            attributes=attributes_of(element),
            documentation=text_of(element, "documentation"),
            initial=initial_values(scopes),
            correlations=correlations(self.root, element, self.roots),
        )

    def _scopes(self, element: Any, scope_id: str, depth: int = 0) -> Iterator[tuple[Any, str]]:
        if depth > MAX_DEPTH:
            self.refuse("too-deep", element, "子流程嵌套过深 / Subprocesses are nested too deep", "简化 / Simplify")
            return
        yield element, scope_id
        for child in element:
            if local_name(child) in SCOPES:
                if not child.get("id"):
                    self._made_up += 1
                    child.set("id", f"scope_{self._made_up}")
                yield from self._scopes(child, child.get("id"), depth + 1)

    def _identify(self, element: Any, word: str) -> str:
        """Return the element's id; one that has none, or another's, gets one of its own: scopes stay a tree."""
        identifier = element.get("id")
        if not identifier:
            self._made_up += 1
            identifier = f"{word}_{self._made_up}"
            element.set("id", identifier)
        if identifier in self._seen:
            self.refuse(
                "duplicate-id",
                element,
                f"编号“{identifier}”用了两次 / The id {identifier} is used twice",
                "给每个元素不同的编号 / Give every element its own id",
            )
            self._made_up += 1
            identifier = f"{identifier}_{self._made_up}"
            element.set("id", identifier)
        self._seen.add(identifier)
        return str(identifier)

    def _flow(self, element: Any) -> Flow:
        condition = next(iter(children(element, "conditionExpression")), None)
        text = None
        if condition is not None:
            text = (condition.text or "").strip() or None
            language = condition.get("language")
            if language and not _XPATH_OR_FEEL.search(language):
                self.refuse(
                    "condition-language",
                    element,
                    f"不支持条件语言 {language} / Conditions in {language} are not executed",
                    "改用 FEEL / Write it in FEEL",
                )
        return Flow(
            id=self._identify(element, "flow"),
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            name=element.get("name"),
            condition=text,
            line=element.sourceline or 0,
        )

    def _node(self, element: Any, parent: str) -> Node:
        inputs, outputs, extra = mappings(element)
        attributes = attributes_of(element)
        node = Node(
            id=self._identify(element, "node"),
            type=local_name(element),
            name=element.get("name"),
            line=element.sourceline or 0,
            parent=parent,
            attributes=attributes,
            properties={**properties_of(element, attributes), **extra},
            inputs=inputs,
            outputs=outputs,
            events=event_definitions(element, self.roots),
            multi=multi_instance(element),
            scripts=scripts_of(element),
        )
        return with_data(node, element, self.names)

    @staticmethod
    def _connect(nodes: dict[str, Node], flows: dict[str, Flow]) -> None:
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in flows.values():
            outgoing.setdefault(flow.source, []).append(flow.id)
            incoming.setdefault(flow.target, []).append(flow.id)
        for node_id, node in nodes.items():
            nodes[node_id] = replace(
                node, incoming=tuple(incoming.get(node_id, ())), outgoing=tuple(outgoing.get(node_id, ()))
            )

    @staticmethod
    def _assign_handlers(nodes: dict[str, Node], associations: list[tuple[str, str]]) -> None:
        """Note on compensation boundary events the activity that their association leads to."""
        for source, target in associations:
            node = nodes.get(source)
            if node is None or target not in nodes or node.type != "boundaryEvent":
                continue
            if any(event.kind == "compensate" for event in node.events):
                nodes[source] = replace(node, properties={**node.properties, "compensatedBy": target})

    @staticmethod
    def _assign_lanes(element: Any, nodes: dict[str, Node]) -> None:
        """Note the innermost lane of each node; what lies in none is in that of the subprocess around it."""
        for lane in element.iter(f"{{{BPMN}}}lane"):
            for reference in children(lane, "flowNodeRef"):
                node_id = (reference.text or "").strip()
                if node_id in nodes:
                    nodes[node_id] = replace(nodes[node_id], lane=lane.get("name") or lane.get("id"))
        for node_id, node in nodes.items():
            lane, scope = node.lane, nodes.get(node.parent)
            while lane is None and scope is not None:
                lane, scope = scope.lane, nodes.get(scope.parent)
            if lane != node.lane:
                nodes[node_id] = replace(node, lane=lane)


def _is_flow_node(element: Any) -> bool:
    """Say whether this may hold a token; unknown BPMN elements count, so that the lint sees and refuses them."""
    tag = local_name(element)
    return element.tag.startswith(f"{{{BPMN}}}") and tag not in NO_TOKENS and not tag.endswith("EventDefinition")
